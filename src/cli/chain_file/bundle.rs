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

#[cfg(test)]
mod tests {
    use super::{BundleOrder, in_order};

    #[test]
    fn what_is_no_certificate_keeps_the_order_found() {
        let found: [&[u8]; 2] = [b"one", b"two"];
        let kept = (vec![b"one".to_vec(), b"two".to_vec()], BundleOrder::AsFound);
        assert_eq!(in_order(&found, &[]), kept);
    }

    #[cfg(feature = "demo")]
    #[test]
    fn the_end_entity_comes_first_and_strangers_last() {
        use crate::demo::pki::{Authority, AuthorityOptions, EndEntity, Window};
        use crate::origin::DomainName;

        use super::MOST;

        let now: jiff::Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let window = || Window::days(-9..90, now);
        let root = Authority::root("Root", window()).unwrap();
        let options = AuthorityOptions::default();
        let upper = root.intermediate("Upper", window(), &options).unwrap();
        let lower = upper.intermediate("Lower", window(), &options).unwrap();
        let stranger = Authority::root("Lower", window()).unwrap().der();
        let issue = |name| lower.issue(&EndEntity::new(&[name], window())).unwrap().der;
        let (shop, other) = (issue("shop.example"), issue("other.example"));
        let (root, upper, lower) = (root.der(), upper.der(), lower.der());
        let names: Vec<DomainName> = vec!["other.example".parse().unwrap()];
        for (story, found, wanted, expected) in [
            (
                "a chain",
                vec![&root, &lower, &shop, &upper],
                &[][..],
                vec![&shop, &lower, &upper, &root],
            ),
            ("a namesake", vec![&stranger, &lower, &shop], &[], vec![&shop, &lower, &stranger]),
            ("two names", vec![&shop, &lower, &other], &names, vec![&other, &lower, &shop]),
            ("authorities alone", vec![&root, &upper, &lower], &[], vec![&lower, &upper, &root]),
            ("one", vec![&upper], &[], vec![&upper]),
        ] {
            let found: Vec<&[u8]> = found.iter().map(|der| der.as_slice()).collect();
            let wanted: Vec<&DomainName> = wanted.iter().collect();
            let expected: Vec<Vec<u8>> = expected.into_iter().cloned().collect();
            assert_eq!(
                in_order(&found, &wanted),
                (expected, BundleOrder::FromEndEntity),
                "{story}"
            );
        }
        let many = vec![lower.as_slice(); MOST + 1];
        assert_eq!(in_order(&many, &[]).1, BundleOrder::AsFound);
    }
}
