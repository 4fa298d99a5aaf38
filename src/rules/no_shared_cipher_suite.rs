//! The server and CloudFront have no cipher suite in common.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NoSharedCipherSuite,
    name: "no-shared-cipher-suite",
    since: "0.1.0",
    title: "The origin supports no cipher suite that CloudFront offers",
    class: Class::FAILS,
    citation: Page::CIPHERS,
    remedy: "Enable a cipher suite from CloudFront's list on the server. Enabling TLS 1.3 is enough. If the server supports only TLS 1.2, enable TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (ECDSA certificate) or TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (RSA certificate).",
    explanation: "CloudFront offers ECDHE with AES in GCM or CBC mode, and static RSA with AES, 3DES or RC4. It offers ChaCha20 in TLS 1.3 only. It does not offer finite-field Diffie-Hellman (DHE), CCM, Camellia or ARIA.",
    repair: Topic::Suites,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    facts.failure(|failure| matches!(failure, Failure::NoSharedCipherSuite { .. }))
}
