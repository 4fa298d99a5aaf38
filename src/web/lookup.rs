//! Resolves the origin that a URL names, for pages and the API, and builds URLs of an origin.

use std::sync::Arc;

use crate::origin::{ALIKE, OriginKey, likeness};
use crate::report::Entry;

use super::address::encoded;
use super::query::Pair;

/// One origin, by as much of its key as necessary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OriginQuery {
    pub(super) id: String,
    /// Empty for an origin without a distribution; `None` for any.
    distribution: Option<String>,
    domain: Option<String>,
}

/// The result of a lookup.
#[derive(Debug)]
pub(super) enum Lookup {
    One(Arc<Entry>),
    /// Several origins have this id; a distribution or a domain is needed to distinguish them.
    Several(Vec<Arc<Entry>>),
    None,
}

impl OriginQuery {
    /// Uses the last `distribution` and `domain` of the parameters.
    pub(super) fn new(id: String, parameters: &[Pair]) -> Self {
        let value = |name: &str| {
            let pair = parameters.iter().rev().find(|pair| pair.name == name);
            pair.map(|pair| pair.value.clone())
        };
        Self { id, distribution: value("distribution"), domain: value("domain") }
    }

    /// Finds the origin.
    pub(super) fn look_up(&self, entries: &[Arc<Entry>]) -> Lookup {
        let mut found = entries.iter().filter(|entry| self.is(&entry.origin.key));
        match (found.next(), found.next()) {
            (None, _) => Lookup::None,
            (Some(one), None) => Lookup::One(Arc::clone(one)),
            (Some(one), Some(other)) => {
                let all = [one, other].into_iter().chain(found);
                Lookup::Several(all.take(CHOICES).cloned().collect())
            }
        }
    }

    fn is(&self, key: &OriginKey) -> bool {
        let is_domain = |domain: &String| domain.eq_ignore_ascii_case(key.domain.as_str());
        *self.id == *key.id
            && self.distribution.as_ref().is_none_or(|wanted| **wanted == *key.distribution)
            && self.domain.as_ref().is_none_or(is_domain)
    }
}

/// Returns the origins whose id, domain or distribution is most similar to `id`.
pub(super) fn near(entries: &[Arc<Entry>], id: &str) -> Vec<Arc<Entry>> {
    let scored = entries.iter().map(|entry| {
        let key = &entry.origin.key;
        let names = [&*key.id, key.domain.as_str(), &*key.distribution];
        (names.map(|name| likeness(id, name)).into_iter().fold(0.0, f64::max), entry)
    });
    let mut near: Vec<(f64, &Arc<Entry>)> =
        scored.filter(|(likeness, _)| *likeness >= ALIKE).collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(NEAR).map(|(_, entry)| Arc::clone(entry)).collect()
}

/// Returns the unique URL of an origin's page.
pub(super) fn full_href(key: &OriginKey) -> String {
    format!("/origins/{}{}", encoded(&key.id), query(key))
}

/// Returns the download URL of the chain with this number, counted from 1.
pub(super) fn chain_href(key: &OriginKey, number: usize) -> String {
    let chain = if number == 1 { String::new() } else { format!("&chain={number}") };
    format!("/origins/{}/chain.pem{}{chain}", encoded(&key.id), query(key))
}

fn query(key: &OriginKey) -> String {
    let (distribution, domain) = (encoded(&key.distribution), encoded(key.domain.as_str()));
    format!("?distribution={distribution}&domain={domain}")
}

const NEAR: usize = 8;
/// A longer list is not readable.
const CHOICES: usize = 100;
