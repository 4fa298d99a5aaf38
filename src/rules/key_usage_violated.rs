//! The key usage of a certificate on every path forbids its role.

use jiff::Timestamp;

use crate::chain::{KeyUsageFault, PathFault};
use crate::cloudfront::Page;

use super::finding::Violation;
use super::refused_path::RefusedPath;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::KeyUsageViolated,
    name: "key-usage-violated",
    since: "0.1.0",
    title: "The key usage of a certificate forbids its role",
    class: Class::MAY_FAIL,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Have the certificate reissued with the key usage that its role needs: digitalSignature for a server, keyCertSign for a CA.",
    explanation: "AWS's TLS library (s2n-tls) refuses an issuer whose key usage lacks keyCertSign. It refuses a server certificate whose key usage has none of digitalSignature, keyEncipherment and keyAgreement. It also refuses a path length in a certificate that is not a CA, and an empty private key usage period, which RFC 3280 forbids. Many other clients do not check this. AWS does not document what CloudFront does: request a page through CloudFront to find out whether viewers get 502.",
    repair: Topic::Reissue,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let refused = RefusedPath::of(view.chain)?;
    let PathFault::KeyUsage(fault) = refused.fault else { return None };
    Some(Violation::new(refused.detail(what(*fault))))
}

fn what(fault: KeyUsageFault) -> &'static str {
    match fault {
        KeyUsageFault::NoCertificateSigning => "the key usage of an issuer lacks keyCertSign",
        KeyUsageFault::AnchorMayNotSign => "the key usage of the root lacks keyCertSign",
        KeyUsageFault::AnchorIsNoCa => "the root certificate lacks the CA flag",
        KeyUsageFault::NoServing => {
            "the end-entity certificate's key usage has none of digitalSignature, keyEncipherment and keyAgreement"
        }
        KeyUsageFault::NetscapeType => {
            "the end-entity certificate's Netscape certificate type excludes TLS servers"
        }
        KeyUsageFault::PathLengthWithoutCa => "a certificate that is not a CA has a path length",
        KeyUsageFault::EmptyKeyPeriod => {
            "a certificate in it has a private key usage period without a start and an end, which RFC 3280 forbids"
        }
    }
}
