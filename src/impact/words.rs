//! The impact on viewers, in sentences.

use crate::distribution::{listed, printable};
use crate::origin::DomainName;

use super::{Coverage, Impact, ImpactDoubt, Outlook, ViewerProtocol};

/// Returns a sentence without a final period for each impact other than normal service.
pub fn sentences(impacts: &[Impact]) -> Vec<String> {
    impacts.iter().filter_map(|impact| sentence(impact, impacts)).collect()
}

fn sentence(impact: &Impact, all: &[Impact]) -> Option<String> {
    let same = |other: &&Impact| {
        other.viewer_protocol != impact.viewer_protocol
            && other.path_pattern == impact.path_pattern
            && other.hosts == impact.hosts
    };
    let by_other_protocol = all.iter().find(same);
    let is_said_already = impact.viewer_protocol == ViewerProtocol::Http
        && by_other_protocol.is_some_and(|other| says_the_same(other, impact));
    if is_said_already {
        return None;
    }
    let differs = by_other_protocol.is_some_and(|other| !says_the_same(other, impact));
    let viewers = match (differs, impact.viewer_protocol) {
        (false, _) => "viewers",
        (true, ViewerProtocol::Http) => "http viewers",
        (true, ViewerProtocol::Https) => "https viewers",
    };
    let path = printable(&impact.path_pattern);
    let viewers = format!("{viewers} of {path}{}", on(&impact.hosts));
    let primary = printable(&impact.primary.id);
    let secondary = impact.secondary.as_ref().map(|place| printable(&place.id));
    let status = impact.status.map_or_else(|| "an error".to_owned(), |status| status.to_string());
    let said = match (impact.outlook, secondary) {
        (Outlook::NotApplicable | Outlook::Answers, _) => return None,
        (Outlook::Fails, None) => format!("{viewers} will get {status}: origin {primary} fails"),
        (Outlook::Fails, Some(other)) => {
            let why = match impact.failover == Some(Coverage::None) {
                true => format!(
                    "{primary} fails, and CloudFront does not fail over to {other} for this failure"
                ),
                false => format!("origins {primary} and {other} both fail"),
            };
            format!("{viewers} will get {status}: {why}")
        }
        (Outlook::AtRisk, other) => format!(
            "{viewers} would get {status} if {primary} failed, because {} fails",
            other.unwrap_or_default()
        ),
        (Outlook::Degraded, other) => {
            let others = impact.other_methods_status.map_or(String::new(), |status| {
                format!("; requests with methods other than GET, HEAD and OPTIONS get {status}")
            });
            let other = other.unwrap_or_default();
            format!("{viewers} are served only by {other}: {primary} fails{others}")
        }
        (Outlook::Undecided, other) => {
            let why = doubt(impact.doubt, &primary, &other.unwrap_or_default());
            format!("{viewers} may get an error: {why}")
        }
    };
    let unaffected = by_other_protocol.filter(|other| {
        differs && matches!(other.outlook, Outlook::NotApplicable | Outlook::Answers)
    });
    let unaffected = unaffected
        .map(|other| format!("; {} viewers are not affected", other.viewer_protocol.as_str()))
        .unwrap_or_default();
    let dynamic = match impact.is_dynamic {
        true => ", unless an edge function chooses another origin",
        false => "",
    };
    Some(format!("{said}{unaffected}{dynamic}"))
}

fn says_the_same(one: &Impact, other: &Impact) -> bool {
    (one.outlook, one.status, one.doubt) == (other.outlook, other.status, other.doubt)
}

fn doubt(doubt: Option<ImpactDoubt>, primary: &str, secondary: &str) -> String {
    match doubt {
        Some(ImpactDoubt::FailoverUndocumented) => format!(
            "{primary} fails, and AWS does not document whether CloudFront fails over to {secondary} for this failure; it does with the failover criteria 502, 503 and 504"
        ),
        Some(ImpactDoubt::Secondary) => {
            format!("{primary} fails, and the secondary origin {secondary} is undecided")
        }
        Some(ImpactDoubt::NotDerived) => {
            format!("not every origin of these requests could be derived ({primary})")
        }
        Some(ImpactDoubt::Primary) | None => format!("origin {primary} is undecided"),
    }
}

fn on(hosts: &[DomainName]) -> String {
    let names: Vec<&str> = hosts.iter().map(DomainName::as_str).collect();
    if names.is_empty() { String::new() } else { format!(" on {}", listed(&names)) }
}
