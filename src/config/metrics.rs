//! The metric families that a scrape returns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::error_kind::{ErrorKind, Shown};
use crate::config::file_pattern::starred;
use crate::config::scalar::Choice;
use crate::config::value::{Given, List, Scalar};
use crate::metrics::{Selection, families, is_essential};
use crate::origin::nearest;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Metrics {
    /// Families to return. `essential`: those that the [alerts](alerts.md) need.
    set: Given<FamilySet>,
    /// Families to return in addition to those of `set`.
    allow: List<FamilyPattern>,
    /// Families to leave out, even if they are in `allow`.
    deny: List<FamilyPattern>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { set: FamilySet::All.into(), allow: List::default(), deny: List::default() }
    }
}

impl Metrics {
    pub(super) fn selection(&self) -> Option<Selection> {
        let set = self.set.0?;
        Some(Selection::of(|name| {
            let is_in = |list: &List<FamilyPattern>| list.valid().any(|each| each.matches(name));
            let is_in_set = set == FamilySet::All || is_essential(name);
            !is_in(&self.deny) && (is_in(&self.allow) || is_in_set)
        }))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FamilySet {
    All,
    Essential,
}

impl Choice for FamilySet {
    const SPELLINGS: &'static [(&'static str, Self)] =
        &[("all", Self::All), ("essential", Self::Essential)];
}

/// A pattern that matches at least one family.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FamilyPattern(String);

impl FamilyPattern {
    fn matches(&self, name: &str) -> bool {
        starred(&self.0).is_some_and(|pattern| pattern.is_match(name))
    }
}

impl Scalar for FamilyPattern {
    const KIND: &'static str = "metric family";
    const WANTED: &'static str = "a metric family such as cloudfront_origin_info";
    const VALID: &'static str = "such as cloudfront_origin_info or cloudfront_origin_certificate_*";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let pattern = Self(text.to_owned());
        match families().any(|family| pattern.matches(family.name)) {
            true => Ok(pattern),
            false => Err(ErrorKind::UnknownFamily { value: Shown::of(text), meant: meant(text) }),
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

/// Returns the family whose name is nearest to a name, or begins nearest to a pattern.
fn meant(text: &str) -> Option<&'static str> {
    let names = || families().map(|family| family.name);
    let Some((start, _)) = text.split_once('*') else { return nearest(text, names()) };
    let beginning = nearest(start, names().filter_map(|name| name.get(..start.len())))?;
    names().find(|name| name.starts_with(beginning))
}
