//! The key usage of a certificate on every path forbids its role.

use jiff::Timestamp;

use crate::chain::KeyUsageFault;
use crate::chain::PathFault;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::refused_path::RefusedPath;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "key-usage-violated",
    title: "The key usage of a certificate forbids its role",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Have the certificate reissued with the key usage that its role needs: digitalSignature for a server, keyCertSign for a CA.",
    explanation: "The TLS library that AWS publishes refuses an issuer whose key usage lacks keyCertSign, a server certificate with none of digitalSignature, keyEncipherment and keyAgreement, and a path length in a certificate that is not a CA. An empty private key usage period, which RFC 3280 forbids, counts as well. Many other clients do not look. Amazon does not document it.",
    repair: &repair::REISSUE,
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
        KeyUsageFault::AnchorMayNotSign => "the key usage of the trust anchor lacks keyCertSign",
        KeyUsageFault::AnchorIsNoCa => "the certificate of the trust anchor lacks the CA flag",
        KeyUsageFault::NoServing => {
            "the end entity's key usage has none of digitalSignature, keyEncipherment and keyAgreement"
        }
        KeyUsageFault::NetscapeType => {
            "the end entity's netscape certificate type leaves TLS servers out"
        }
        KeyUsageFault::PathLengthWithoutCa => "a certificate that is not a CA has a path length",
        KeyUsageFault::EmptyKeyPeriod => {
            "a certificate in it has a private key usage period without a beginning and an end, which RFC 3280 forbids"
        }
    }
}
