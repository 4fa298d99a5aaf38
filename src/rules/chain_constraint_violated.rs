//! Every path to a trust anchor breaks a rule of RFC 5280 §6 that time does not heal.

use jiff::Timestamp;

use crate::chain::PathFault;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::refused_path::RefusedPath;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "chain-constraint-violated",
    title: "The chain breaks a constraint of its issuers",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Have the certificate reissued for server authentication by an issuer that may certify this name.",
    explanation: "An issuer may be limited in what it certifies: whether it is a CA at all, how many stand below it, for which names and which purpose. A certificate outside those limits is invalid. Where only the TLS library that AWS publishes refuses (an authority key identifier with another issuer or serial number, a common name outside the permitted names), or a name cannot be compared, the verdict is undecided.",
    repair: &repair::REISSUE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let refused = RefusedPath::of(view.chain)?;
    let what = what(refused.fault)?;
    let doubt = refused.fault.is_in_doubt().then_some(Doubt::Undocumented);
    Some(Violation::new(refused.detail(what)).with_doubt(doubt))
}

/// Returns the fault in words; `None` for what another rule reports.
fn what(fault: &PathFault) -> Option<&'static str> {
    Some(match fault {
        PathFault::IssuerIsNoCa => "an issuer in it is not a CA",
        PathFault::PathLength | PathFault::PathLengthOfSelfIssued => {
            "it has more intermediates than an issuer allows"
        }
        PathFault::NameConstraint => "a name lies outside what an issuer may certify",
        PathFault::ExtendedKeyUsage => {
            "a certificate in it may not be used for server authentication"
        }
        PathFault::CriticalExtension => "a certificate in it has an unknown critical extension",
        PathFault::Distrusted => "a key in it is distrusted by Mozilla",
        PathFault::RepeatedExtension => "a certificate in it has an extension twice",
        PathFault::SignatureAlgorithms => {
            "a certificate in it names its signature's algorithm twice and differently"
        }
        // AWS's library refuses what follows; RFC 5280 does not, or not in every case.
        PathFault::AuthorityKey => {
            "the authority key identifier of a certificate in it names another issuer or serial number"
        }
        PathFault::CommonNameConstraint => {
            "a common name that looks like a host name lies outside what an issuer may certify"
        }
        PathFault::NameNotComparable => {
            "a name in it cannot be compared with its issuer's constraints"
        }
        PathFault::MalformedExtension => "a certificate in it has a malformed extension",
        PathFault::AnchorCriticalExtension => {
            "the certificate of the trust anchor has an unknown critical extension"
        }
        PathFault::AnchorMalformed => "the certificate of the trust anchor is malformed",
        // AWS's library takes it; that of this program verifies nothing older.
        PathFault::Version => "a certificate in it is older than X.509 version 3",
        PathFault::KeyUsage(_) => return None,
    })
}
