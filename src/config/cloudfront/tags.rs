//! Which tags a distribution must have to count.

use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::tree::Node;
use crate::config::tree::Value;

/// One tag, and the values of which it must have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    pub key: Box<str>,
    /// Empty: any value.
    pub values: Vec<Box<str>>,
}

impl TagFilter {
    /// Tells whether one of these tags, keys and values, is it.
    pub fn is_met<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        let is_wanted = |value: &str| {
            self.values.is_empty() || self.values.iter().any(|wanted| **wanted == *value)
        };
        tags.into_iter().any(|(key, value)| *key == *self.key && is_wanted(value))
    }
}

/// Reads `tags: {stage: prod, team: [shop, web], monitored: "*"}`; all must be met.
pub(super) fn tags(section: &Section<'_>) -> Vec<TagFilter> {
    let mut tags = Vec::new();
    section.each_entry("tags", |key, node| {
        if key.is_empty() || key.len() > LONGEST_KEY {
            return Err(Fault::TooLong { length: key.len(), limit: LONGEST_KEY });
        }
        tags.push(TagFilter { key: key.into(), values: values(node)? });
        Ok(())
    });
    tags
}

fn values(node: &Node<'_>) -> Result<Vec<Box<str>>, Fault> {
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if items.is_empty() {
        let wanted = "a value, a list of values, or \"*\" for any";
        return Err(Fault::WrongKind { found: node.kind(), wanted });
    }
    let mut values = Vec::new();
    for item in items {
        let value = scalar::label_value(item)?;
        if value == "*" && items.len() == 1 {
            return Ok(Vec::new());
        }
        if value.contains('*') {
            let wanted = "value of a tag; `*` stands alone, for any value";
            return Err(Fault::Malformed { value: Excerpt::of(&value), wanted });
        }
        values.push(value.into());
    }
    Ok(values)
}

/// CloudFront API, `Tag`.
const LONGEST_KEY: usize = 128;
