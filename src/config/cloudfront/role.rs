//! The role that is assumed in an account, and the secret word that its owner may ask for.

use std::fmt;

use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::tree::Node;

use super::given;

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `arn:aws:iam::123456789012:role/name`
    pub arn: Box<str>,
    pub external_id: Option<ExternalId>,
}

/// What the role's trust policy asks for (IAM guide, `id_roles_common-scenarios_third-party`);
/// shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalId(Box<str>);

impl ExternalId {
    /// Returns the text, for AWS only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

pub(super) fn role(section: &Section<'_>) -> Option<Role> {
    let arn = given(section, "role_arn", role_arn);
    let external_id = given(section, "external_id", external_id);
    if external_id.is_some() && !section.has("role_arn") {
        section.complain("external_id", Fault::ExternalIdOfNoRole);
    }
    arn.map(|arn| Role { arn, external_id })
}

fn role_arn(node: &Node<'_>) -> Result<Box<str>, Fault> {
    let wanted = "role; write its ARN, such as arn:aws:iam::123456789012:role/origin-probe";
    let text = scalar::label_value(node)?;
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let is_role = match parts.as_slice() {
        ["arn", partition, "iam", "", account, role] => {
            partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && role.len() > ROLE.len()
                && role.starts_with(ROLE)
        }
        _ => false,
    };
    match is_role {
        true => Ok(text.into()),
        false => Err(Fault::Malformed { value: Excerpt::of(&text), wanted }),
    }
}

const ROLE: &str = "role/";

/// Reads an external id (STS reference, `AssumeRole`, "ExternalId").
fn external_id(node: &Node<'_>) -> Result<ExternalId, Fault> {
    let wanted = "an external id: 2 to 1224 letters, digits and _+=,.@:/-";
    let text = scalar::secret_text(node)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
    match (2..=1_224).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(ExternalId(text.into())),
        false => Err(Fault::MalformedSecret { wanted }),
    }
}
