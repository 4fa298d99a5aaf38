//! Tag filters for distributions.

use std::collections::BTreeMap;

use crate::config::error_kind::{ErrorKind, Kind, Shown};
use crate::config::read::Place;
use crate::config::scalar::printable_text;
use crate::config::value::{List, Scalar};

/// A required tag and its accepted values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    pub key: Box<str>,
    /// Empty: any value.
    pub values: Vec<Box<str>>,
}

impl TagFilter {
    /// Returns whether one of `tags`, given as keys and values, matches.
    pub fn is_met<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        let is_wanted = |value: &str| {
            self.values.is_empty() || self.values.iter().any(|wanted| **wanted == *value)
        };
        tags.into_iter().any(|(key, value)| *key == *self.key && is_wanted(value))
    }
}

/// The tags as written: each key with its values.
pub(super) type Tags = BTreeMap<String, List<TagValue>>;

/// A value of a tag; `*` for any value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagValue(String);

impl Scalar for TagValue {
    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let text = printable_text(text)?;
        match text.contains('*') && text != ANY {
            true => Err(not_a_pattern(text)),
            false => Ok(Self(text.to_owned())),
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

/// Reads `tags: {stage: prod, team: [shop, web], monitored: "*"}`; all of them are required.
/// Returns the filters, and the tags as written.
pub(super) fn tags(mapping: &Place<'_>) -> (Vec<TagFilter>, Tags) {
    let (mut filters, mut written) = (Vec::new(), Tags::new());
    for (key, at) in mapping.entries() {
        if key.is_empty() || key.len() > LONGEST_KEY {
            at.error(ErrorKind::TooLong { length: key.len(), limit: LONGEST_KEY });
            continue;
        }
        let values: List<TagValue> = match at.is_list() {
            true => at.read(),
            false => at.scalar().into_iter().collect(),
        };
        let mut texts: Vec<Box<str>> = values.valid().map(|value| (*value.0).into()).collect();
        if at.is_empty_list() {
            let wanted = "a value, a list of values or \"*\"".to_owned();
            at.error(ErrorKind::WrongKind { found: Kind::List, wanted });
        } else if texts.iter().map(|text| &**text).eq([ANY]) {
            texts.clear();
        } else if texts.iter().any(|text| **text == *ANY) {
            at.error(not_a_pattern(ANY));
        }
        filters.push(TagFilter { key: key.into(), values: texts });
        written.insert(key.to_owned(), values);
    }
    // In the order in which they are shown.
    filters.sort_by(|one: &TagFilter, other| one.key.cmp(&other.key));
    (filters, written)
}

fn not_a_pattern(text: &str) -> ErrorKind {
    let (wanted, valid) = ("a valid tag value", "`*` alone to match any value");
    ErrorKind::Malformed { value: Shown::of(text), wanted, valid }
}

/// The valid values, for the reference.
pub(super) const VALID: &str =
    "names of at most 128 bytes; values: `*` alone to match any value; at most 128 bytes";
const ANY: &str = "*";
/// CloudFront API, `Tag`.
const LONGEST_KEY: usize = 128;
