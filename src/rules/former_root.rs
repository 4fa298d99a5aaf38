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

/// Returns for each way to a former root its intermediates; nothing where the chain ends in none.
pub(super) fn issuers(chain: &ChainFacts) -> impl Iterator<Item = Vec<&Certificate>> {
    ways(chain).map(|(_, way)| {
        let above = way.certificates.iter().skip(1);
        above.filter_map(|p| chain.certificate(*p)).filter(|c| !c.is_self_signed).collect()
    })
}

/// Returns the first instant at which the former root of the chain has ended.
pub(super) fn turning_point(chain: &ChainFacts) -> Option<Timestamp> {
    of(chain)?.not_after.checked_add(SignedDuration::from_secs(1)).ok()
}

fn is_end(last: &Certificate, root: &FormerRoot) -> bool {
    if last.is_self_signed {
        is_same_name(last.subject.as_str(), root.subject)
            && last.key_sha256_hex() == root.key_sha256
    } else {
        is_same_name(last.issuer.as_str(), root.subject)
    }
}

/// Compares names in printable form without regard to case and runs of spaces (RFC 5280 §7.1).
fn is_same_name(one: &str, other: &str) -> bool {
    let mut other = other.split_whitespace();
    let same = |word: &str| other.next().is_some_and(|next| next.eq_ignore_ascii_case(word));
    one.split_whitespace().all(same) && other.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::is_same_name;

    #[test]
    fn names_of_former_roots_are_compared_without_case_and_runs_of_spaces() {
        let root = "C=US, O=GeoTrust Inc., CN=GeoTrust Global CA";
        for (name, same) in [
            (root, true),
            ("C=us, O=GEOTRUST  Inc., CN=GeoTrust Global CA ", true),
            ("C=US, O=GeoTrust Inc., CN=GeoTrust Global", false),
            ("C=US, O=GeoTrust Inc., CN=GeoTrust Global CA 2", false),
        ] {
            assert_eq!(is_same_name(name, root), same, "{name}");
        }
    }
}
