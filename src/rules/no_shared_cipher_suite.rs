//! Server and CloudFront have no cipher suite in common.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "no-shared-cipher-suite",
    title: "The origin takes no cipher suite that CloudFront offers",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::CIPHERS,
    remedy: "Enable a suite of CloudFront's list on the server: best are TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 for an ECDSA certificate, and TLS 1.3.",
    explanation: "CloudFront offers elliptic curves with AES in GCM or CBC mode, and static RSA with AES, 3DES or RC4. It offers no finite-field Diffie-Hellman (DHE), no CCM, no Camellia or ARIA, and ChaCha20 in TLS 1.3 only.",
    repair: &repair::SUITES,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NoSharedCipherSuite { .. } = facts.endpoint.failure.as_ref()? else {
        return None;
    };
    Some(Violation::new(format!("{}: {failure}", facts.endpoint.address)))
}
