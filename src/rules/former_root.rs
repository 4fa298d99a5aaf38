//! Chains that would have a path if a root had not left Mozilla's list.

use jiff::{SignedDuration, Timestamp};

use crate::chain::{Certificate, ChainFacts, DeadEnd, MissingIssuer};
use crate::cloudfront::{FormerRoot, former_roots};

/// Returns the former root in which the chain ends; of several, the one that expires last.
pub(super) fn of(chain: &ChainFacts) -> Option<&'static FormerRoot> {
    dead_ends(chain).map(|(root, _)| root).max_by_key(|root| root.not_after)
}

/// Returns the dead ends that lead to a former root, each with that root.
///
/// A served root is recognized by its name and key; one that is not served only by its name, as the
/// issuer of the last certificate.
pub(super) fn dead_ends(
    chain: &ChainFacts,
) -> impl Iterator<Item = (&'static FormerRoot, &DeadEnd)> {
    let is_below_something = chain.missing_issuer != Some(MissingIssuer::EndEntitySelfSigned);
    let ways = chain.dead_ends.iter().filter(move |_| is_below_something);
    ways.filter_map(|dead_end| {
        let last = chain.certificate(dead_end.end()?)?;
        former_roots().iter().find(|root| is_end(last, root)).map(|root| (root, dead_end))
    })
}

/// Returns, for each dead end at a former root, the positions of its intermediates; nothing if the
/// chain ends in no former root.
pub(super) fn issuers(chain: &ChainFacts) -> impl Iterator<Item = Vec<usize>> {
    let is_root = |position: &usize| chain.certificate(*position).is_some_and(|c| c.is_self_signed);
    dead_ends(chain).map(move |(_, dead_end)| {
        let above = dead_end.certificates.iter().skip(1);
        above.copied().filter(|position| !is_root(position)).collect()
    })
}

/// Returns the first instant at which the former root of the chain has expired.
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
