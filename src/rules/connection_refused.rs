//! The address refuses connections on the origin's port.

use crate::cloudfront::Page;
use crate::observation::Failure;
use crate::origin::OriginSetting;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic, ViewerError, connection_remedy, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ConnectionRefused,
    name: "connection-refused",
    since: "0.1.0",
    title: "The origin refuses connections on its HTTPS port",
    class: Class::FAILS.with(ViewerError::ConnectionRefused).on(OriginSetting::HttpsPort),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-on-specified-ports"),
    remedy: "Start the server, make it listen on the origin's HTTPS port, or correct the port in the distribution's origin settings.",
    explanation: "Nothing listens on the port, or a firewall rejects the connection. CloudFront makes as many attempts as ConnectionAttempts allows, and then returns 502.",
    repair: Topic::Listen,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::ConnectionRefused { .. } = facts.endpoint.handshake.failure.as_ref()?
    else {
        return None;
    };
    let port = facts.observation.origin.https_port;
    let detail = format!("{} port {port}: {failure}", facts.endpoint.address);
    let violation = Violation::new(detail).with_doubt(doubt::of_tcp_failure(facts.observation));
    Some(connection_remedy::add(facts, violation))
}
