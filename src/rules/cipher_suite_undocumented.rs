//! The negotiated cipher suite is only in the security policy that AWS publishes.

use crate::cloudfront::{CIPHER_SUITES, Page, Source, Version};

use super::finding::Violation;
use super::{Basis, Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CipherSuiteUndocumented,
    name: "cipher-suite-undocumented",
    since: "0.1.0",
    title: "The origin chooses a cipher suite that CloudFront's documentation does not list",
    class: Class::NOTICE.by(Basis::Measured),
    citation: Page::CIPHERS,
    remedy: "Enable a cipher suite from CloudFront's list, and put it before this one in the server's order. Enabling TLS 1.3 is enough. If the server supports only TLS 1.2, enable TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (ECDSA certificate) or TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (RSA certificate).",
    explanation: "The suite is in the security policy that AWS publishes for CloudFront's connections to origins, but not in CloudFront's documentation. It works as long as CloudFront uses that policy.",
    repair: Topic::Suites,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let tls = endpoint.handshake.tls.as_ref()?;
    // CloudFront documents TLS 1.3, but not its suites.
    if endpoint.handshake.failure.is_some() || tls.version == Version::Tls1_3.as_str() {
        return None;
    }
    let suite = CIPHER_SUITES.iter().find(|suite| *suite.name == *tls.cipher_suite)?;
    (suite.source == Source::PublishedPolicy)
        .then(|| Violation::new(format!("{} chose {}", endpoint.address, suite.name)))
}
