//! The handshake begins and never ends.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::doubt;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "handshake-timed-out",
    title: "The origin does not finish the handshake in time",
    effect: Effect::Fails,
    basis: Basis::Inferred,
    status: Some(504),
    citation: Page::GATEWAY_TIMEOUT,
    remedy: "Look at the server's load and at what stands between: a full accept queue, a proxy that waits for its backend, or a packet filter that lets small packets through and drops large ones.",
    explanation: "The connection comes up, but the TLS handshake does not come to an end. CloudFront waits as for any answer and gives up.",
    repair: &repair::SLOW,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::HandshakeTimedOut { .. } = facts.endpoint.failure.as_ref()? else {
        return None;
    };
    let detail = format!("{}: {failure}", facts.endpoint.address);
    Some(Violation::new(detail).with_doubt(doubt::of_timeout(facts.observation)))
}
