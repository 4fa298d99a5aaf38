//! Certificate order of PKCS #7 bundles, which are unordered sets.

use crate::chain::{Certificate, ChainFacts, TrustAnchors};
use crate::origin::DomainName;

/// How the certificates of a bundle were ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BundleOrder {
    /// From the end entity upwards; unrelated certificates come last.
    FromEndEntity,
    /// As found, because the bundle is too large or contains an invalid certificate.
    AsFound,
}

impl BundleOrder {
    /// Returns the explanation for the user.
    pub(super) fn note(self) -> &'static str {
        match self {
            Self::FromEndEntity => {
                "PKCS#7 has no order: certificates were checked from the end entity upwards; install them in that order"
            }
            Self::AsFound => "PKCS#7 has no order: certificates were checked in the order found",
        }
    }
}

/// Sorts the certificates of a bundle into the order in which a server that imports it sends them.
pub(super) fn in_order(found: &[&[u8]], names: &[&DomainName]) -> (Vec<Vec<u8>>, BundleOrder) {
    let parsed: Option<Vec<Certificate>> =
        found.iter().take(MOST).map(|der| Certificate::parse(der).ok()).collect();
    let Some(parsed) = parsed.filter(|_| found.len() <= MOST) else {
        return (found.iter().map(|der| der.to_vec()).collect(), BundleOrder::AsFound);
    };
    let mut left: Vec<&Certificate> = parsed.iter().collect();
    let mut order = vec![left.remove(end_entity(&left, names))];
    while !left.is_empty() {
        // Prefer an issuer of the latest certificate, then issuers of earlier ones.
        let next = order.iter().rev().find_map(|lower| left.iter().position(|c| issues(c, lower)));
        order.push(left.remove(next.unwrap_or(0)));
    }
    (
        order.iter().map(|certificate| certificate.der().to_vec()).collect(),
        BundleOrder::FromEndEntity,
    )
}

/// Returns the position of the end-entity certificate: one that matches one of `names`, otherwise
/// one that issued none of the others, preferably not a CA.
fn end_entity(bundle: &[&Certificate], names: &[&DomainName]) -> usize {
    let is_for_a_name = |certificate: &&Certificate| {
        !certificate.is_ca && names.iter().any(|n| certificate.finds_host(n.as_str()).is_some())
    };
    let issued_none = |certificate: &&Certificate| {
        bundle.iter().all(|other| {
            other.sha256 == certificate.sha256 || !other.issuer.matches(&certificate.subject)
        })
    };
    let first = |is_it: &dyn Fn(&&Certificate) -> bool| bundle.iter().position(is_it);
    first(&is_for_a_name)
        .or_else(|| first(&|certificate| !certificate.is_ca && issued_none(certificate)))
        .or_else(|| first(&issued_none))
        .unwrap_or(0)
}

/// Returns whether `upper` issued `lower`, as decided by the `chain` module.
fn issues(upper: &Certificate, lower: &Certificate) -> bool {
    if !lower.issuer.matches(&upper.subject) {
        return false;
    }
    let pair = ChainFacts::analyse(&[lower.der(), upper.der()], &TrustAnchors::none());
    pair.end_entity == Some(0) && pair.related.get(1) == Some(&true)
}

/// A larger set is not a chain, and checking the signature of each pair would be expensive.
const MOST: usize = 32;
