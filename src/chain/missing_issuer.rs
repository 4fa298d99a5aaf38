//! Where a chain fails to reach a trust anchor, and what distinguishes a forgotten intermediate
//! from a private CA.

use std::net::IpAddr;

use super::anchors::TrustAnchors;
use super::certificate::Certificate;
use super::links::MAX_LINKED;
use super::path::DeadEnd;
use super::signature::Signatures;

/// Why no path from the end entity reaches a trust anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingIssuer {
    /// The end entity is signed with its own key.
    EndEntitySelfSigned,
    /// The chain ends in a served self-signed certificate that is not a trust anchor.
    SelfSignedIssuer { position: usize, kin: Option<Kin> },
    /// The certificate at `position` names an issuer, by name and key id, whose key has not signed
    /// it: a served certificate, or `None` for a trust anchor.
    SignatureInvalid { position: usize, issuer: Option<usize> },
    /// The issuer of the certificate at `position` is neither served nor a trust anchor.
    IssuerNotServed { position: usize, sign: Option<PublicSign> },
}

/// A trust anchor of the organization that an untrusted root names as its own: the root may be a
/// new root of that CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kin {
    pub anchor: Box<str>,
    /// Whether the chain also has a CA Issuers URL with a public host, like a public chain.
    pub has_public_address: bool,
}

/// Evidence that the missing issuer belongs to a public hierarchy, so that a certificate was left
/// out rather than issued by a private CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicSign {
    /// The certificate contains a download URL for its issuer's certificate, on a public host.
    CaIssuers { url: Box<str> },
    /// Another served CA certificate does reach an anchor: it is left over from an older issuer, or
    /// the certificate between them is missing.
    ServedCaReachesAnchor { position: usize },
}

/// Finds the missing issuer of a chain without any path.
pub(super) fn find(
    served: &[Option<&Certificate>],
    end_entity: usize,
    related: &[bool],
    dead_ends: &[DeadEnd],
    anchors: &TrustAnchors,
    signatures: &Signatures,
) -> Option<MissingIssuer> {
    let at = |position: usize| served.get(position).copied().flatten();
    if at(end_entity)?.is_self_signed {
        return Some(MissingIssuer::EndEntitySelfSigned);
    }
    let is_related = |position: usize| related.get(position) == Some(&true);
    let related_self_signed = (0..served.len())
        .find(|position| is_related(*position) && at(*position).is_some_and(|c| c.is_self_signed));
    if let Some(position) = related_self_signed {
        let root = at(position)?;
        let has_public_address = || {
            let certificates = (0..served.len()).filter(|one| is_related(*one)).filter_map(at);
            certificates.flat_map(|c| &c.ca_issuers).any(|url| is_on_a_public_name(url))
        };
        let kin = root
            .is_ca
            .then(|| anchors.of_organization(&root.listed_organization()?))
            .flatten()
            .map(|anchor| Kin { anchor, has_public_address: has_public_address() });
        return Some(MissingIssuer::SelfSignedIssuer { position, kin });
    }
    if let Some(invalid) =
        dead_ends.iter().filter_map(DeadEnd::end).find_map(|end| not_signed(served, end, anchors))
    {
        return Some(invalid);
    }
    let ends = || dead_ends.iter().filter_map(DeadEnd::end);
    let with_address = ends().find_map(|position| {
        let url = at(position)?.ca_issuers.iter().find(|url| is_on_a_public_name(url))?;
        Some((position, PublicSign::CaIssuers { url: url.clone() }))
    });
    if let Some((position, sign)) = with_address {
        return Some(MissingIssuer::IssuerNotServed { position, sign: Some(sign) });
    }
    let reaches_anchor = |certificate: &Certificate| {
        anchors.has_own(certificate)
            || anchors
                .named(&certificate.issuer)
                .any(|anchor| signatures.signed_with(certificate.der(), &anchor.spki()))
    };
    let sign = (0..served.len())
        .find(|position| at(*position).is_some_and(|c| c.is_ca && reaches_anchor(c)))
        .map(|position| PublicSign::ServedCaReachesAnchor { position });
    Some(MissingIssuer::IssuerNotServed { position: ends().next().unwrap_or(end_entity), sign })
}

/// Looks for an issuer of the certificate at `position` that matches by name and key id. If the
/// chain ends there, its signature has been found invalid.
fn not_signed(
    served: &[Option<&Certificate>],
    position: usize,
    anchors: &TrustAnchors,
) -> Option<MissingIssuer> {
    let certificate = served.get(position).copied().flatten().filter(|c| !c.is_self_signed)?;
    let key_id = certificate.profile.authority_key.id.as_deref()?;
    let fits = |issuer: &Certificate| {
        issuer.sha256 != certificate.sha256
            && certificate.issuer.matches(&issuer.subject)
            && issuer.ids().key_id == Some(key_id)
    };
    let issuer = served.iter().take(MAX_LINKED).position(|issuer| issuer.is_some_and(fits));
    let is_anchor = || {
        let mut own = anchors.named(&certificate.issuer).flat_map(|anchor| anchor.certificates());
        own.any(|own| own.has_key_id(key_id))
    };
    (issuer.is_some() || is_anchor())
        .then_some(MissingIssuer::SignatureInvalid { position, issuer })
}

/// Returns whether an http(s) URL has a host that may be public.
fn is_on_a_public_name(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let Some((_, top)) = host.rsplit_once('.') else { return false };
    host.parse::<IpAddr>().is_err()
        && !host.starts_with('[')
        && !top.is_empty()
        && !PRIVATE_TOP_LABELS.iter().any(|private| top.eq_ignore_ascii_case(private))
        && !host.to_ascii_lowercase().ends_with(".home.arpa")
}

/// Top-level labels that never lead to a public host: RFC 6761, RFC 6762, ICANN's `.internal`
/// (2024), and RFC 6762 appendix G for the customary ones.
const PRIVATE_TOP_LABELS: [&str; 11] = [
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
    "test",
];

#[cfg(test)]
mod tests {
    use super::is_on_a_public_name;

    #[test]
    fn only_a_dotted_name_outside_private_top_labels_is_public() {
        for (url, public) in [
            ("http://r3.i.lencr.org/", true),
            ("http://crt.rootca1.amazontrust.com:80/rootca1.cer", true),
            ("https://user@pki.example.com/a?b", true),
            ("http://pki.corp.internal/ca.der", false),
            ("http://pki/ca.der", false),
            ("http://192.0.2.1/ca.der", false),
            ("http://[2001:db8::1]/ca.der", false),
            ("http://ca.home.arpa/x", false),
            ("http://ca.LOCAL./x", false),
            ("ldap:ca", false),
        ] {
            assert_eq!(is_on_a_public_name(url), public, "{url}");
        }
    }
}
