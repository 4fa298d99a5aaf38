//! An address could not be reached for a reason on the prober's side.

use crate::cloudfront::Page;
use crate::observation::Failure;
use crate::observation::NotProbed;

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
    id: "address-not-probed",
    title: "An address could not be probed from here",
    effect: Effect::Notice,
    basis: Basis::Inferred,
    status: None,
    citation: Page::ORIGIN_SETTINGS,
    remedy: "Give the prober the missing network (a cluster without IPv6 is common), or probe this origin from elsewhere.",
    explanation: "CloudFront may take any address of the origin; what this one would say is not known. A server name that was judged at another address keeps that verdict; one that was judged nowhere, or whose address could not be probed because the prober ran out of files, ports or memory, is undecided.",
    repair: &repair::PROBERS_NETWORK,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NotProbed { reason } = facts.endpoint.failure.as_ref()? else {
        return None;
    };
    // Where the server name was judged at another address it keeps that verdict: see `verdict`.
    let why = match reason {
        NotProbed::NoRoute { .. } | NotProbed::NotAllowed { .. } => {
            UndecidedReason::NoRouteFromHere
        }
        NotProbed::OutOfTime => doubt::out_of_time(facts.observation),
        NotProbed::OwnFailure { .. } => UndecidedReason::OwnFailure,
    };
    let remedy = match (reason, why) {
        (NotProbed::NotAllowed { .. }, _) => Some(
            Remedy::from("Allow this address with ")
                .setting(ProberSetting::AllowedNetworks)
                .text(", or write the origin into the configuration file."),
        ),
        (_, UndecidedReason::OwnFailure) => doubt::own_remedy(facts.observation),
        (_, UndecidedReason::ScrapeTimeoutTooShort) => Some(
            Remedy::from("Make the scrape timeout longer than ConnectionAttempts times ConnectionTimeout and ")
                .setting(ProberSetting::HandshakeTimeout)
                .text(" together, or these shorter."),
        ),
        (_, UndecidedReason::NotEnoughTime) => Some(
            Remedy::from("Make ")
                .setting(ProberSetting::Deadline)
                .text(" longer than DNS, ConnectionAttempts times ConnectionTimeout and ")
                .setting(ProberSetting::HandshakeTimeout)
                .text(" together. Where many origins share the address, raise ")
                .setting(ProberSetting::PerAddress)
                .text("."),
        ),
        _ => None,
    };
    let violation = Violation::new(format!("{} was not probed: {failure}", facts.endpoint.address))
        .with_doubt(Some(Doubt::Prober(why)));
    Some(match remedy {
        Some(remedy) => violation.with_remedy(remedy),
        None => violation,
    })
}
