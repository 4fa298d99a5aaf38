//! The address does not answer on the origin's port.

use crate::cloudfront::Page;
use crate::observation::Failure;
use crate::origin::OriginSetting;

use super::finding::{Doubt, Violation};
use super::remedy::{ProberSetting, Remedy};
use super::undecided_reason::UndecidedReason;
use super::{Check, Class, Facts, Rule, RuleId, Topic, ViewerError, connection_remedy, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ConnectionTimedOut,
    name: "connection-timed-out",
    since: "0.1.0",
    title: "The origin does not answer on its HTTPS port",
    class: Class::FAILS.with(ViewerError::GatewayTimeout).on(OriginSetting::HttpsPort),
    citation: Page::GATEWAY_TIMEOUT,
    remedy: "Allow CloudFront in the firewall or security group, or bring the host back up. CloudFront's managed prefix lists are com.amazonaws.global.cloudfront.origin-facing (IPv4) and com.amazonaws.global.ipv6.cloudfront.origin-facing (IPv6).",
    explanation: "A firewall drops the connection, or the host is down. CloudFront makes as many attempts as ConnectionAttempts allows, waits for ConnectionTimeout each time, and then returns 504. If no address of the origin has ever answered this prober, the verdict is undecided, because the firewall may allow only CloudFront.",
    repair: Topic::Admit,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::ConnectionTimedOut { .. } = facts.endpoint.handshake.failure.as_ref()?
    else {
        return None;
    };
    let port = facts.observation.origin.https_port;
    let detail = format!("{} port {port}: {failure}", facts.endpoint.address);
    let doubt = doubt::of_silence(facts.observation, facts.endpoint);
    let violation = Violation::new(detail).with_doubt(doubt);
    Some(connection_remedy::add(facts, match doubt {
        Some(Doubt::Prober(UndecidedReason::NeverReachedFromHere)) => violation.with_remedy(
            Remedy::from("Allow this prober's address in the origin's firewall, or set ")
                .setting(ProberSetting::NotReachableFromHere)
                .text(" (only DNS is judged) or ")
                .setting(ProberSetting::ReachableFromHere)
                .text(" (this failure counts). No address has ever answered this prober, so the firewall may allow only CloudFront."),
        ),
        _ => violation,
    }))
}
