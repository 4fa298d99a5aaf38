//! The address does not answer connections on the origin's port at all.

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
use super::finding::UndecidedReason;
use super::finding::Violation;
use super::remedy::ProberSetting;
use super::remedy::Remedy;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "connection-timed-out",
    title: "The origin does not answer on its HTTPS port",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(504),
    citation: Page::GATEWAY_TIMEOUT,
    remedy: "Admit CloudFront in the firewall or security group (the managed prefix list com.amazonaws.global.cloudfront.origin-facing), or bring the host back.",
    explanation: "A firewall drops the connection, or the host is down. CloudFront waits ConnectionTimeout, ConnectionAttempts times, and answers 504.",
    repair: &repair::ADMIT,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::ConnectionTimedOut { .. } = facts.endpoint.failure.as_ref()? else {
        return None;
    };
    let port = facts.observation.origin.https_port;
    let detail = format!("{} port {port}: {failure}", facts.endpoint.address);
    let doubt = doubt::of_silence(facts.observation, facts.endpoint);
    let violation = Violation::new(detail).with_doubt(doubt);
    Some(match doubt {
        Some(Doubt::OtherAddressesAnswer) => connection_remedy::for_dead_address(
            facts.observation,
            facts.endpoint.address,
            violation,
        ),
        Some(Doubt::Prober(UndecidedReason::NeverReachedFromHere)) => {
            let remedy = Remedy::from("Nothing has ever answered from here, so the origin may admit only CloudFront: admit this prober's address, or set ")
                .setting(ProberSetting::NotReachableFromHere)
                .text(" (then only DNS is judged) or ")
                .setting(ProberSetting::ReachableFromHere)
                .text(" (then this counts).");
            connection_remedy::for_s3_website(facts.observation, violation.with_remedy(remedy))
        }
        _ => connection_remedy::for_s3_website(facts.observation, violation),
    })
}
