//! The origin domain resolves to an address that is not on the public internet.

use crate::cloudfront::{Page, Reach, reach};
use crate::observation::{Failure, Resolution, View};
use crate::origin::OriginSetting;

use super::finding::{Doubt, Violation};
use super::remedy::{ProberSetting, Remedy};
use super::undecided_reason::UndecidedReason;
use super::{Check, Class, Facts, Rule, RuleId, Topic, ViewerError, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::AddressNotPublic,
    name: "address-not-public",
    since: "0.1.0",
    title: "The origin domain resolves to an address that is not on the public internet",
    class: Class::FAILS
        .with(ViewerError::GatewayTimeout)
        .on(OriginSetting::OriginDomain)
        .of_http_too(),
    citation: Page::GATEWAY_TIMEOUT,
    remedy: "Point the origin domain to a public address, or use a VPC origin.",
    explanation: "CloudFront reaches a custom origin over the public internet. A private address cannot be reached over the internet.",
    repair: Topic::NotPublic,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let Some(Failure::NotPublic { kind }) = &facts.endpoint.handshake.failure else { return None };
    let resolution = facts.observation.resolution.as_ref();
    let violation = Violation::new(format!(
        "{} resolves to {}, which is {kind}",
        facts.observation.origin.domain(),
        facts.endpoint.address
    ));
    if let Some(doubt) = doubt::of_second_view(facts.observation) {
        let remedy = doubt::own_remedy(facts.observation);
        return Some(violation.with_doubt(Some(doubt)).with_any_remedy(remedy));
    }
    // Public DNS may return another address than the DNS of a cluster or a VPC.
    let is_unconfirmed = |first: &Resolution| match first.confirmation.as_deref() {
        Some(second) => second.failures().any(|(_, failure)| !failure.is_answer()),
        None => true,
    };
    let is_private_view = resolution.is_some_and(|r| r.view == View::System && is_unconfirmed(r));
    if !is_private_view {
        return Some(match reach(facts.endpoint.address) {
            // No setting would make this address reachable.
            Reach::Forbidden(_) => violation
                .with_remedy("Point the origin domain to a public address, or use a VPC origin."),
            Reach::NotPublic(_) | Reach::Public => violation.with_remedy(
                Remedy::from("Point the origin domain to a public address, or use a VPC origin. If CloudFront can reach the address after all, declare its network public with ")
                    .setting(ProberSetting::AssumePublic)
                    .text("."),
            ),
        });
    }
    Some(
        violation.with_doubt(Some(Doubt::Prober(UndecidedReason::PrivateView))).with_remedy(
            Remedy::from("Set ")
                .setting(ProberSetting::ConfirmWith)
                .text(" to a public resolver to get the addresses that CloudFront uses. This address comes from the system's resolver."),
        ),
    )
}
