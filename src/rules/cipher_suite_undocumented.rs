//! The negotiated cipher suite is one that only AWS's published policy has.

use crate::cloudfront::CIPHER_SUITES;
use crate::cloudfront::Page;
use crate::cloudfront::Source;
use crate::cloudfront::Version;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "cipher-suite-undocumented",
    title: "The origin chooses a cipher suite that Amazon's page does not list",
    effect: Effect::Notice,
    basis: Basis::Measured,
    status: None,
    citation: Page::CIPHERS,
    remedy: "Enable a suite of CloudFront's page before it in the server's order: best are TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 and TLS 1.3.",
    explanation: "The suite stands in the security policy that AWS publishes for CloudFront's connections to origins, but not on CloudFront's page. It works as long as CloudFront uses that policy.",
    repair: &repair::SUITES,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let tls = endpoint.tls.as_ref()?;
    // That TLS 1.3 is spoken is documented, if not with which suites.
    if endpoint.failure.is_some() || tls.version == Version::Tls1_3.as_str() {
        return None;
    }
    let suite = CIPHER_SUITES.iter().find(|suite| *suite.name == *tls.cipher_suite)?;
    (suite.source == Source::PublishedPolicy)
        .then(|| Violation::new(format!("{} chose {}", endpoint.address, suite.name)))
}
