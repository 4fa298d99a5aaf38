//! The distinct chains that an origin's endpoints served.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::chain::{ChainFacts, Keeping, Path, Served};
use crate::verdict::Verdict;

use super::Report;
use super::view::failing_endpoints;

/// One chain and the endpoints that served it.
#[derive(Debug)]
pub struct ServedChain<'a> {
    pub chain: &'a ChainFacts,
    /// The positions of the endpoints that served it.
    pub endpoints: Vec<usize>,
    /// Whether any of these endpoints fails.
    pub fails: bool,
}

impl ServedChain<'_> {
    /// Returns whether the whole chain was kept.
    pub fn is_kept(&self) -> bool {
        self.chain.keeping == Keeping::Kept
    }

    /// Returns whether the bytes of at least one entry were kept.
    pub fn has_bytes(&self) -> bool {
        self.is_kept() || self.chain.certificates().any(|(_, own)| !own.der().is_empty())
    }
}

/// Returns each distinct chain of the latest probe: those of endpoints that fail by `verdict`
/// first, otherwise in endpoint order.
pub fn served_chains<'a>(report: &'a Report, verdict: &Verdict) -> Vec<ServedChain<'a>> {
    let failing = failing_endpoints(verdict);
    let mut chains: Vec<ServedChain<'_>> = Vec::new();
    for (position, endpoint) in report.observation.endpoints.iter().enumerate() {
        let Some(chain) = endpoint.chain.as_deref() else { continue };
        let fails = failing.contains(&position);
        match chains.iter_mut().find(|known| is_same(known.chain, chain)) {
            Some(known) => {
                known.endpoints.push(position);
                known.fails |= fails;
            }
            None => chains.push(ServedChain { chain, endpoints: vec![position], fails }),
        }
    }
    chains.sort_by_key(|chain| !chain.fails);
    chains
}

/// Returns the path that matters at the instant `at`: the valid one that expires last, or if none
/// is valid, the one that expires last.
pub(super) fn path_that_counts(chain: &ChainFacts, at: Timestamp) -> Option<&Path> {
    chain
        .best_paths()
        .max_by_key(|path| (path.is_in_time(at), path.not_after, Reverse(path.certificates.len())))
}

pub(super) fn is_same(one: &ChainFacts, other: &ChainFacts) -> bool {
    let is_same = |(one, other): (&Served, &Served)| match (one, other) {
        (Served::Certificate(one), Served::Certificate(other)) => one.sha256 == other.sha256,
        (one, other) => one == other,
    };
    std::ptr::eq(one, other)
        || (one.count == other.count && one.served.iter().zip(&other.served).all(is_same))
}
