//! The address refuses connections on the origin's port.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::connection_remedy;
use super::doubt;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "connection-refused",
    title: "The origin refuses connections on its HTTPS port",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-on-specified-ports"),
    remedy: "Start the server, make it listen on the origin's HTTPS port, or correct the port in the distribution's origin settings.",
    explanation: "Nothing listens on the port, or a firewall rejects the connection. CloudFront tries as often as ConnectionAttempts says and gives up.",
    repair: &repair::LISTEN,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::ConnectionRefused { .. } = facts.endpoint.failure.as_ref()? else {
        return None;
    };
    let port = facts.observation.origin.https_port;
    let detail = format!("{} port {port}: {failure}", facts.endpoint.address);
    let doubt = doubt::of_tcp_failure(facts.observation);
    let violation = Violation::new(detail).with_doubt(doubt);
    Some(match doubt {
        Some(Doubt::OtherAddressesAnswer) => connection_remedy::for_dead_address(
            facts.observation,
            facts.endpoint.address,
            violation,
        ),
        _ => connection_remedy::for_s3_website(facts.observation, violation),
    })
}
