//! `/api/v1/origins/{id}`: which origin an address means.

use std::sync::Arc;

use thiserror::Error;

use crate::config::Excerpt;
use crate::origin::OriginKey;
use crate::report::Entry;

use super::super::address;
use super::super::query;
use super::super::question::Row;

/// One origin, by as much of its key as it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    id: String,
    /// Empty for an origin of none; `None` for whichever.
    distribution: Option<String>,
    domain: Option<String>,
    /// The position of the first endpoint that is shown.
    pub(super) endpoints_after: usize,
}

/// What is wrong with the parameters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum BadAddress {
    #[error("the query is not percent-encoded UTF-8; write it as ?distribution=E2EXAMPLE1ABCD")]
    NotDecodable,
    #[error("{name} is no parameter; there are distribution, domain and endpoints_after")]
    Unknown { name: Excerpt },
    #[error("{name} is given twice; give it once")]
    Twice { name: Excerpt },
    #[error(
        "endpoints_after: {value} is not a number of endpoints; write 0 to {MOST_ENDPOINTS}, such as ?endpoints_after=200"
    )]
    NoPosition { value: Excerpt },
}

/// What was found.
#[derive(Debug)]
pub(super) enum Lookup {
    One(Box<Row>),
    None,
    /// The addresses that tell them apart.
    Several(Vec<String>),
}

impl Asked {
    /// Reads what stands in an address besides the id.
    pub(super) fn read(id: String, query: &str) -> Result<Self, BadAddress> {
        let mut asked = Self { id, distribution: None, domain: None, endpoints_after: 0 };
        let mut endpoints_after = None;
        for pair in query::pairs(query).ok_or(BadAddress::NotDecodable)? {
            let name = Excerpt::of(&pair.name);
            let place = match &*pair.name {
                "distribution" => &mut asked.distribution,
                "domain" => &mut asked.domain,
                "endpoints_after" => &mut endpoints_after,
                _ => return Err(BadAddress::Unknown { name }),
            };
            if place.replace(pair.value).is_some() {
                return Err(BadAddress::Twice { name });
            }
        }
        if let Some(value) = endpoints_after {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let position = value.parse().ok().filter(|at| digits && *at <= MOST_ENDPOINTS);
            let no_position = || BadAddress::NoPosition { value: Excerpt::of(&value) };
            asked.endpoints_after = position.ok_or_else(no_position)?;
        }
        Ok(asked)
    }

    /// Looks for it.
    pub(super) fn find(&self, entries: &[Arc<Entry>]) -> Lookup {
        let mut found = entries.iter().filter(|entry| self.is(&entry.origin.key));
        match (found.next(), found.next()) {
            (None, _) => Lookup::None,
            (Some(one), None) => Lookup::One(Box::new(Row::new(one))),
            (Some(one), Some(other)) => {
                let all = [one, other].into_iter().chain(found).take(MOST_CANDIDATES);
                Lookup::Several(all.map(|entry| address::of_json(&entry.origin.key)).collect())
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

/// More cannot be looked through.
const MOST_CANDIDATES: usize = 100;

/// More than an origin can have: 64 addresses for each of ten thousand server names.
pub(super) const MOST_ENDPOINTS: usize = 1_000_000;
