//! The server ends the connection instead of finishing the handshake.

use crate::cloudfront::Page;
use crate::observation::{ClientCertificate, Failure, Refusal};

use super::finding::Violation;
use super::likely_causes::likely_causes;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ConnectionClosed,
    name: "connection-closed",
    since: "0.1.0",
    title: "The origin closes the connection during the handshake",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("origin-not-responding-on-specified-ports"),
    remedy: "Find the reason in the server's log. Likely causes: no certificate or route for the server name, a proxy without a healthy backend, a listener that expects the PROXY protocol, or a connection limit.",
    explanation: "The server accepts the connection, but closes or resets it before the handshake is complete, without an alert. Common causes are a missing certificate for the server name (Node.js, Java HttpsServer, IIS) and a missing route for that name in SNI routing (HAProxy, nginx, Envoy). Others are a proxy in TCP mode without a healthy backend, and a listener that expects the PROXY protocol (nginx, HAProxy, Envoy), which CloudFront does not send.",
    repair: Topic::Closed,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let failure = endpoint.handshake.failure.as_ref()?;
    let (Failure::ClosedBeforeServerHello { ending } | Failure::ClosedDuringHandshake { ending }) =
        failure
    else {
        return None;
    };
    // Reported by client-certificate-required.
    if endpoint.handshake.client_certificate == ClientCertificate::Required {
        return None;
    }
    let server_name = &facts.observation.target_of(endpoint)?.server_name;
    let remedy = likely_causes(Refusal::Ended(*ending), server_name);
    Some(Violation::new(format!("{}: {failure}", endpoint.address)).with_remedy(remedy))
}
