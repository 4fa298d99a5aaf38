//! Every path to a root breaks a rule of RFC 5280 §6 that does not depend on time.

use jiff::Timestamp;

use crate::chain::PathFault;
use crate::cloudfront::Page;

use super::finding::{Doubt, Violation};
use super::refused_path::RefusedPath;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ChainConstraintViolated,
    name: "chain-constraint-violated",
    since: "0.1.0",
    title: "The chain violates a constraint of its issuers",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Have the certificate reissued for server authentication by an issuer that is allowed to certify this name.",
    explanation: "An issuer's certificate limits what the issuer is allowed to certify: whether it is a CA at all, how many CAs there can be below it, and which names and purposes are permitted. A certificate outside these limits is invalid. The verdict is undecided if a name cannot be compared, or if only AWS's TLS library (s2n-tls) refuses the chain. Examples are an authority key identifier with another issuer or serial number, and a common name outside the permitted names.",
    repair: Topic::Reissue,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let refused = RefusedPath::of(view.chain)?;
    let what = what(refused.fault)?;
    let doubt = refused.fault.is_in_doubt().then_some(Doubt::Undocumented);
    Some(Violation::new(refused.detail(what)).with_doubt(doubt))
}

/// Returns the fault in words; `None` if another rule reports it.
fn what(fault: &PathFault) -> Option<&'static str> {
    Some(match fault {
        PathFault::IssuerIsNoCa => "an issuer in it is not a CA",
        PathFault::PathLength | PathFault::PathLengthOfSelfIssued => {
            "it has more intermediates than an issuer allows"
        }
        PathFault::NameConstraint => "an issuer in it is not allowed to certify one of the names",
        PathFault::ExtendedKeyUsage => {
            "a certificate in it is not permitted for server authentication"
        }
        PathFault::CriticalExtension => "a certificate in it has an unknown critical extension",
        PathFault::Distrusted => "Mozilla distrusts a key in it",
        PathFault::RepeatedExtension => "a certificate in it has the same extension twice",
        PathFault::SignatureAlgorithms => {
            "a certificate in it names two different signature algorithms"
        }
        // s2n-tls refuses the following; RFC 5280 does not, or not in every case.
        PathFault::AuthorityKey => {
            "the authority key identifier of a certificate in it names another issuer or serial number"
        }
        PathFault::CommonNameConstraint => {
            "an issuer in it is not allowed to certify a common name that looks like a host name"
        }
        PathFault::NameNotComparable => {
            "a name in it cannot be compared with its issuer's constraints"
        }
        PathFault::MalformedExtension => "a certificate in it has a malformed extension",
        PathFault::AnchorCriticalExtension => {
            "the root certificate has an unknown critical extension"
        }
        PathFault::AnchorMalformed => "the root certificate is malformed",
        // s2n-tls accepts it; the library of this program verifies only version 3.
        PathFault::Version => "a certificate in it is older than X.509 version 3",
        PathFault::KeyUsage(_) => return None,
    })
}
