//! Server and CloudFront have no key exchange group in common.

use crate::cloudfront::POST_QUANTUM_GROUPS;
use crate::cloudfront::Page;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "no-shared-group",
    title: "The origin takes no key exchange group that CloudFront offers",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::CIPHERS,
    remedy: "Enable secp256r1 (prime256v1) or x25519 on the server (nginx: ssl_ecdh_curve).",
    explanation: "CloudFront offers the groups secp256r1, x25519 and secp384r1; no secp521r1, no x448, no finite-field groups. Whether it offers hybrids with ML-KEM to origins is not documented.",
    repair: &repair::GROUPS,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NoSharedGroup { taken, .. } = facts.endpoint.failure.as_ref()? else {
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
