//! The tenants of a multi-tenant distribution, and the parameters in its origin domains.

use super::issue::IssueKind;

/// A parameter that a distribution declares (API, `ParameterDefinition`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterDefinition {
    pub name: Box<str>,
    pub default_value: Option<Box<str>>,
}

/// A tenant of a distribution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenant {
    pub id: Box<str>,
    pub distribution_id: Box<str>,
    pub is_enabled: bool,
    /// The active domains.
    pub domains: Vec<Box<str>>,
    /// Names and values; `None` if the source does not contain them, like
    /// `list-distribution-tenants`.
    pub parameters: Option<Vec<(Box<str>, Box<str>)>>,
}

impl Tenant {
    fn value(&self, name: &str) -> Option<&str> {
        let parameters = self.parameters.iter().flatten();
        parameters.into_iter().find(|(given, _)| **given == *name).map(|(_, value)| &**value)
    }
}

/// Returns whether a text contains a parameter.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// Replaces the `{{parameters}}` in a text with the values of the tenant, or else the defaults.
/// Braces in a value are not expanded again.
pub(super) fn expand(
    text: &str,
    tenant: Option<&Tenant>,
    definitions: &[ParameterDefinition],
) -> Result<String, IssueKind> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        expanded.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            return Err(IssueKind::ParameterNotClosed { value: text.into() });
        };
        let name = name.trim();
        let by_default = || {
            let definition = definitions.iter().find(|definition| *definition.name == *name);
            definition.and_then(|definition| definition.default_value.as_deref())
        };
        match tenant.and_then(|tenant| tenant.value(name)).or_else(by_default) {
            Some(value) => expanded.push_str(value),
            None => {
                return Err(IssueKind::ParameterWithoutValue {
                    name: name.into(),
                    tenant: tenant.map(|tenant| tenant.id.clone()),
                    others: 0,
                });
            }
        }
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}
