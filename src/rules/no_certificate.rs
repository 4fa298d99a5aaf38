//! The server sends no certificate.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NoCertificate,
    name: "no-certificate",
    since: "0.1.0",
    title: "The origin sends no certificate",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Configure a certificate and its intermediates for this site.",
    explanation: "CloudFront cannot verify an origin that sends no certificate.",
    repair: Topic::InstallOne,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    facts.failure(|failure| matches!(failure, Failure::NoCertificate))
}
