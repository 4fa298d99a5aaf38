//! Whether a chain without a path would have one if a root had not left Mozilla's list.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::ChainFacts;
use crate::chain::Gap;
use crate::cloudfront::FormerRoot;
use crate::cloudfront::former_roots;

/// Returns the former root in which the chain ends.
///
/// Served, it is known by its name and key; not served, by its name alone, which is what the last
/// certificate says of its issuer.
pub(super) fn of(chain: &ChainFacts) -> Option<&'static FormerRoot> {
    match chain.gap.as_ref()? {
        Gap::SelfSignedIssuer { position } => {
            let served = chain.certificate(*position)?;
            former_roots().iter().find(|root| is_it(served, root))
        }
        Gap::IssuerNotServed { position, .. } => {
            let last = chain.certificate(*position)?;
            former_roots().iter().find(|root| last.issuer.as_str() == root.subject)
        }
        Gap::EndEntitySelfSigned => None,
    }
}

/// Returns each intermediate below a former root as a way of its own; nothing where the chain ends
/// in none.
pub(super) fn issuers(chain: &ChainFacts) -> Vec<Vec<&Certificate>> {
    if of(chain).is_none() {
        return Vec::new();
    }
    let is_issuer = |position: usize| {
        chain.related.get(position) == Some(&true) && chain.end_entity != Some(position)
    };
    chain
        .certificates()
        .filter(|(position, certificate)| is_issuer(*position) && !certificate.is_self_signed)
        .map(|(_, certificate)| vec![certificate])
        .collect()
}

/// Returns the first instant at which the former root of the chain has ended.
pub(super) fn turning_point(chain: &ChainFacts) -> Option<Timestamp> {
    of(chain)?.not_after.checked_add(SignedDuration::from_secs(1)).ok()
}

fn is_it(certificate: &Certificate, root: &FormerRoot) -> bool {
    certificate.subject.as_str() == root.subject && certificate.key_sha256_hex() == root.key_sha256
}
