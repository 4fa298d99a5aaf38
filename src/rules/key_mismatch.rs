//! The server does not hold the key of the certificate it serves.

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
    id: "key-mismatch",
    title: "The server's key does not belong to the served certificate",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Install the certificate and the key that were made together; after a renewal both files change.",
    explanation: "The handshake is signed with a key that none of the served certificates names, so the server cannot prove that the certificate is its own.",
    repair: &repair::KEY_PAIR,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::SignatureWrong = facts.endpoint.failure.as_ref()? else { return None };
    Some(Violation::new(format!("{}: {failure}", facts.endpoint.address)))
}
