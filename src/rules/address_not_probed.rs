//! The prober itself could not probe an address.

use crate::cloudfront::Page;
use crate::observation::{Failure, NotProbed};

use super::finding::{Doubt, Violation};
use super::remedy::{ProberSetting, Remedy};
use super::undecided_reason::UndecidedReason;
use super::{Check, Class, Facts, Rule, RuleId, Topic, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::AddressNotProbed,
    name: "address-not-probed",
    since: "0.1.0",
    title: "An address could not be probed",
    class: Class::NOTICE,
    citation: Page::ORIGIN_SETTINGS,
    remedy: "Give the prober a route to the address (many clusters have no IPv6), or probe this origin from a machine that has one.",
    explanation: "CloudFront may use any address of the origin, and the state of this one is unknown. A server name that was judged at another address keeps that verdict. A server name that was not judged at any address is undecided. If the prober ran out of file descriptors, ports or memory, a server name at the skipped address is undecided in any case.",
    repair: Topic::ProbersNetwork,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NotProbed { reason } = facts.endpoint.handshake.failure.as_ref()? else {
        return None;
    };
    // A server name that was judged at another address keeps that verdict: see `verdict`.
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
                .text(", or add the origin to the configuration file."),
        ),
        (_, UndecidedReason::OwnFailure) => doubt::own_remedy(facts.observation),
        (_, UndecidedReason::ScrapeTimeoutTooShort) => Some(
            Remedy::from("Make the scrape timeout longer than ConnectionAttempts times ConnectionTimeout plus ")
                .setting(ProberSetting::HandshakeTimeout)
                .text(", or shorten these timeouts."),
        ),
        (_, UndecidedReason::NotEnoughTime) => Some(
            Remedy::from("Make ")
                .setting(ProberSetting::Deadline)
                .text(" longer than the sum of DNS, ConnectionAttempts times ConnectionTimeout, and ")
                .setting(ProberSetting::HandshakeTimeout)
                .text(". If many origins share the address, raise ")
                .setting(ProberSetting::PerAddress)
                .text("."),
        ),
        _ => None,
    };
    let violation = Violation::new(format!("{} was not probed: {failure}", facts.endpoint.address));
    Some(violation.with_doubt(Some(Doubt::Prober(why))).with_any_remedy(remedy))
}
