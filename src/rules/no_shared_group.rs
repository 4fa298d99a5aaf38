//! The server and CloudFront have no key exchange group in common.

use crate::cloudfront::{POST_QUANTUM_GROUPS, Page};
use crate::observation::Failure;

use super::finding::{Doubt, Violation};
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NoSharedGroup,
    name: "no-shared-group",
    since: "0.1.0",
    title: "The origin supports no key exchange group that CloudFront offers",
    class: Class::FAILS,
    citation: Page::CIPHERS,
    remedy: "Enable secp256r1 (prime256v1) or x25519 on the server (nginx: ssl_ecdh_curve).",
    explanation: "CloudFront offers the groups secp256r1, x25519 and secp384r1. It does not offer secp521r1, x448 or finite-field groups. AWS does not document whether CloudFront offers ML-KEM hybrid groups to origins.",
    repair: Topic::Groups,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NoSharedGroup { taken, .. } =
        facts.endpoint.handshake.failure.as_ref()?
    else {
        return None;
    };
    let is_post_quantum = POST_QUANTUM_GROUPS.iter().any(|group| *group.name == **taken);
    Some(
        Violation::new(format!(
            "{}: {failure}; CloudFront offers secp256r1, x25519 and secp384r1",
            facts.endpoint.address
        ))
        .with_doubt(is_post_quantum.then_some(Doubt::Undocumented)),
    )
}
