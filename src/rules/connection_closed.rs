//! The server ends the connection instead of finishing the handshake.

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
    id: "connection-closed",
    title: "The origin closes the connection during the handshake",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-on-specified-ports"),
    remedy: "Look at the server's own log for this moment: a listener without a certificate, a proxy without a backend, or a limit on connections are the usual causes.",
    explanation: "The server takes the connection and ends it before the handshake is over, without saying why.",
    repair: &repair::CLOSED,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure = facts.endpoint.failure.as_ref()?;
    matches!(
        failure,
        Failure::ClosedBeforeServerHello { .. } | Failure::ClosedDuringHandshake { .. }
    )
    .then(|| Violation::new(format!("{}: {failure}", facts.endpoint.address)))
}
