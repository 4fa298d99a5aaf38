//! The server does not have the private key of the certificate that it serves.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::KeyMismatch,
    name: "key-mismatch",
    since: "0.1.0",
    title: "The server's private key does not belong to the served certificate",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Install the private key that belongs to the certificate. If the last renewal replaced only one of the two files, replace the other as well.",
    explanation: "The handshake is signed with a key that does not belong to any served certificate. The server therefore cannot prove that the certificate is its own.",
    repair: Topic::KeyPair,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    facts.failure(|failure| matches!(failure, Failure::SignatureWrong))
}
