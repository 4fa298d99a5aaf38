//! Whether a chain without a path would have one if a root had not left Mozilla's list.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::ChainFacts;
use crate::chain::Gap;
use crate::chain::Way;
use crate::cloudfront::FormerRoot;
use crate::cloudfront::former_roots;

/// Returns the former root in which the chain ends; of several the one that lasts longest.
pub(super) fn of(chain: &ChainFacts) -> Option<&'static FormerRoot> {
    ways(chain).map(|(root, _)| root).max_by_key(|root| root.not_after)
}

/// Returns the ways that lead to a former root, each with that root.
///
/// Served, it is known by its name and key; not served, by its name alone, which is what the last
/// certificate says of its issuer.
pub(super) fn ways(chain: &ChainFacts) -> impl Iterator<Item = (&'static FormerRoot, &Way)> {
    let is_below_something = chain.gap != Some(Gap::EndEntitySelfSigned);
    let ways = chain.ways.iter().filter(move |_| is_below_something);
    ways.filter_map(|way| {
        let last = chain.certificate(way.end()?)?;
        former_roots().iter().find(|root| is_end(last, root)).map(|root| (root, way))
    })
}

/// Returns for each way to a former root the positions of its intermediates; nothing where the
/// chain ends in none.
pub(super) fn issuers(chain: &ChainFacts) -> impl Iterator<Item = Vec<usize>> {
    let is_root = |position: &usize| chain.certificate(*position).is_some_and(|c| c.is_self_signed);
    ways(chain).map(move |(_, way)| {
        let above = way.certificates.iter().skip(1);
        above.copied().filter(|position| !is_root(position)).collect()
    })
}

/// Returns the first instant at which the former root of the chain has ended.
pub(super) fn turning_point(chain: &ChainFacts) -> Option<Timestamp> {
    of(chain)?.not_after.checked_add(SignedDuration::from_secs(1)).ok()
}

fn is_end(last: &Certificate, root: &FormerRoot) -> bool {
    if last.is_self_signed {
        root.has_name(last.subject.as_str()) && last.key_sha256_hex() == root.key_sha256
    } else {
        root.has_name(last.issuer.as_str())
    }
}
