//! The server sends no certificate at all.

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
    id: "no-certificate",
    title: "The origin sends no certificate",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Configure a certificate and its intermediates for this site.",
    explanation: "Without a certificate there is nothing CloudFront could trust.",
    repair: &repair::INSTALL_ONE,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NoCertificate = facts.endpoint.failure.as_ref()? else { return None };
    Some(Violation::new(format!("{}: {failure}", facts.endpoint.address)))
}
