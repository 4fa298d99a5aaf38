//! The server ends the connection instead of finishing the handshake.

use crate::cloudfront::Page;
use crate::observation::ClientCertificate;
use crate::observation::Failure;
use crate::observation::Refusal;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::likely_causes::likely_causes;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "connection-closed",
    title: "The origin closes the connection during the handshake",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-on-specified-ports"),
    remedy: "Find the entry for this moment in the server's log. Likely causes: no certificate or route for the server name, a proxy without a healthy backend, a listener that expects the PROXY protocol, a limit on connections.",
    explanation: "The server accepts the connection and closes or resets it before the handshake is complete, without an alert. Servers do this where they have no certificate for the server name (Node.js, Java HttpsServer, IIS), where routing by server name (SNI) has no entry for it (HAProxy, nginx, Envoy), where a proxy in TCP mode has no healthy backend, and where a listener expects the PROXY protocol (nginx, HAProxy, Envoy), which CloudFront does not send.",
    repair: &repair::CLOSED,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let failure = endpoint.failure.as_ref()?;
    let (Failure::ClosedBeforeServerHello { ending } | Failure::ClosedDuringHandshake { ending }) =
        failure
    else {
        return None;
    };
    // Reported by its own rule.
    if endpoint.client_certificate == ClientCertificate::Required {
        return None;
    }
    let server_name = &facts.observation.target_of(endpoint)?.server_name;
    let remedy = likely_causes(Refusal::Ended(*ending), server_name);
    Some(Violation::new(format!("{}: {failure}", endpoint.address)).with_remedy(remedy))
}
