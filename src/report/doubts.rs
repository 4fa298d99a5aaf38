//! Explains why a verdict is undecided.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::observation::{Endpoint, Failure};
use crate::rules::UndecidedReason;
use crate::verdict::Finding;

use super::Report;

/// Returns each reason why the verdict is undecided, with its explanation as part of a sentence.
pub fn doubts(report: &Report) -> Vec<(UndecidedReason, String)> {
    let reasons = &report.verdict.conclusion.undecided_reasons;
    reasons.iter().map(|reason| (*reason, doubt(*reason, report))).collect()
}

fn doubt(reason: UndecidedReason, report: &Report) -> String {
    match reason {
        UndecidedReason::Undocumented => undocumented(report),
        UndecidedReason::NoRouteFromHere => {
            let unreached = |endpoint: &&Endpoint| !endpoint.was_probed();
            let (some, all) = counted(report, unreached);
            format!("the prober has no route to {some} of {}", addresses(all))
        }
        UndecidedReason::OwnFailure => match report.observation.own_failure() {
            Some(failure) => failure.to_string(),
            None => reason.facts().explanation.to_owned(),
        },
        reason => reason.facts().explanation.to_owned(),
    }
}

/// Explains what is undocumented: first addresses that accept no connections while others do, then
/// everything else by its rule.
fn undocumented(report: &Report) -> String {
    let is_meant =
        |finding: &&Finding| finding.undecided_reason == Some(UndecidedReason::Undocumented);
    let (dead, others): (Vec<&Finding>, Vec<&Finding>) =
        report.verdict.findings.iter().filter(is_meant).partition(|f| f.counts_as_failing);
    let mut parts = Vec::new();
    if !dead.is_empty() {
        let failed = |refused: bool| {
            move |endpoint: &&Endpoint| match endpoint.handshake.failure {
                Some(Failure::ConnectionRefused { .. }) => refused,
                Some(Failure::ConnectionTimedOut { .. }) => !refused,
                _ => false,
            }
        };
        let (refuse, all) = counted(report, failed(true));
        let (silent, _) = counted(report, failed(false));
        let verb = |count: usize, one: &'static str, several: &'static str| {
            if count == 1 { one } else { several }
        };
        let addresses = addresses(all);
        let what = match (refuse, silent) {
            (0, silent) => {
                format!("{silent} of {addresses} {} not answer", verb(silent, "does", "do"))
            }
            (refuse, 0) => {
                format!("{refuse} of {addresses} {}", verb(refuse, "refuses", "refuse"))
            }
            (refuse, silent) => format!(
                "{refuse} of {addresses} {} and {silent} {} not answer",
                verb(refuse, "refuses", "refuse"),
                verb(silent, "does", "do")
            ),
        };
        parts.push(format!("{what}; AWS does not document whether CloudFront tries the others"));
    }
    let mut titles: Vec<String> = Vec::new();
    for finding in others {
        let title = lower(finding.rule.title);
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    if !titles.is_empty() {
        let titles = titles.join(", and ");
        parts.push(format!("{titles}; AWS does not document what CloudFront does then"));
    }
    parts.join("; ")
}

/// Returns how many addresses have an endpoint that satisfies `holds`, and how many there are.
fn counted(report: &Report, holds: impl Fn(&&Endpoint) -> bool) -> (usize, usize) {
    let endpoints = &report.observation.endpoints;
    let all: BTreeSet<IpAddr> = endpoints.iter().map(|endpoint| endpoint.address).collect();
    let some: BTreeSet<IpAddr> =
        endpoints.iter().filter(holds).map(|endpoint| endpoint.address).collect();
    (some.len(), all.len())
}

fn addresses(count: usize) -> String {
    if count == 1 { "1 address".to_owned() } else { format!("{count} addresses") }
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
