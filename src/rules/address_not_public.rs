//! The origin domain resolves to an address that is not on the internet.

use crate::cloudfront::Page;
use crate::cloudfront::Reach;
use crate::cloudfront::reach;
use crate::observation::Failure;
use crate::observation::Resolution;
use crate::observation::View;

use super::Check;
use super::Facts;
use super::Rule;
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
    id: "address-not-public",
    title: "The origin domain resolves to an address that is not on the internet",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(504),
    citation: Page::GATEWAY_TIMEOUT,
    remedy: "Point the origin domain at a public address, or use a VPC origin.",
    explanation: "CloudFront reaches a custom origin over the public internet; from there a private address leads nowhere.",
    repair: &repair::NOT_PUBLIC,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let Some(Failure::NotPublic { kind }) = facts.endpoint.failure else { return None };
    let resolution = facts.observation.resolution.as_ref();
    let violation = Violation::new(format!(
        "{} resolves to {}, which is {kind}",
        facts.observation.origin.domain(),
        facts.endpoint.address
    ));
    if let Some(doubt) = doubt::of_second_view(facts.observation) {
        let violation = violation.with_doubt(Some(doubt));
        return Some(match doubt::own_remedy(facts.observation) {
            Some(remedy) => violation.with_remedy(remedy),
            None => violation,
        });
    }
    // The public may see another address than a cluster's or a VPC's own DNS.
    let is_unconfirmed = |first: &Resolution| match first.confirmation.as_deref() {
        Some(second) => second.failures().any(|(_, failure)| !failure.is_answer()),
        None => true,
    };
    let is_private_view = resolution.is_some_and(|r| r.view == View::System && is_unconfirmed(r));
    if !is_private_view {
        return Some(match reach(facts.endpoint.address) {
            // Nothing that could be written there would lead to it.
            Reach::Forbidden(_) => violation
                .with_remedy("Point the origin domain at a public address, or use a VPC origin."),
            Reach::NotPublic(_) | Reach::Public => violation.with_remedy(
                Remedy::from("Point the origin domain at a public address, use a VPC origin, or, if CloudFront can reach the address after all, list its network under ")
                    .setting(ProberSetting::AssumePublic)
                    .text("."),
            ),
        });
    }
    Some(
        violation.with_doubt(Some(Doubt::Prober(UndecidedReason::PrivateView))).with_remedy(
            Remedy::from("This is the view of the system's resolver; set ")
                .setting(ProberSetting::ConfirmWith)
                .text(" to a public resolver to learn what CloudFront sees."),
        ),
    )
}
