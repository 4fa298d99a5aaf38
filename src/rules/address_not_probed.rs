//! An address could not be reached for a reason on the prober's side.

use crate::cloudfront::Page;
use crate::observation::Failure;
use crate::observation::NotProbed;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::UndecidedReason;
use super::finding::Violation;
use super::remedy::ProberSetting;
use super::remedy::Remedy;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "address-not-probed",
    title: "An address could not be probed from here",
    effect: Effect::Notice,
    basis: Basis::Inferred,
    status: None,
    citation: Page::ORIGIN_SETTINGS,
    remedy: "Give the prober the missing network (a cluster without IPv6 is common), or probe this origin from elsewhere.",
    explanation: "CloudFront may take any address of the origin; what this one would say is not known.",
    repair: &repair::PROBERS_NETWORK,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NotProbed { reason } = facts.endpoint.failure.as_ref()? else {
        return None;
    };
    let violation = Violation::new(format!("{} was not probed: {failure}", facts.endpoint.address));
    let violation = match reason {
        NotProbed::NotAllowed { .. } => violation.with_remedy(
            Remedy::from("Allow this address with ")
                .setting(ProberSetting::AllowedNetworks)
                .text(", or write the origin into the configuration file."),
        ),
        _ => violation,
    };
    // Where another address was judged the origin keeps that verdict.
    if facts.observation.endpoints.iter().any(crate::observation::Endpoint::was_probed) {
        return Some(violation);
    }
    let why = match reason {
        NotProbed::NoRoute { .. } | NotProbed::NotAllowed { .. } => {
            UndecidedReason::NoRouteFromHere
        }
        NotProbed::OutOfTime | NotProbed::OwnFailure { .. } => UndecidedReason::ProberOverloaded,
    };
    Some(violation.with_doubt(Some(Doubt::Prober(why))))
}
