//! Why a verdict is undecided, in words.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::observation::Endpoint;
use crate::observation::Failure;
use crate::rules::UndecidedReason;
use crate::verdict::Finding;

use super::Report;

/// Returns each reason for which the verdict is undecided, with the fact behind it as part of a
/// sentence.
pub fn doubts(report: &Report) -> Vec<(UndecidedReason, String)> {
    let reasons = &report.verdict.conclusion.undecided_reasons;
    reasons.iter().map(|reason| (*reason, doubt(*reason, report))).collect()
}

fn doubt(reason: UndecidedReason, report: &Report) -> String {
    match reason {
        UndecidedReason::Undocumented => undocumented(report),
        UndecidedReason::NegotiationUnsettled => {
            "the handshake failed in a way that may be the limit of the prober's TLS library".into()
        }
        UndecidedReason::NeverReachedFromHere => {
            "no address has ever answered from here, so the origin may admit only CloudFront".into()
        }
        UndecidedReason::NoRouteFromHere => {
            let unreached = |endpoint: &&Endpoint| !endpoint.was_probed();
            let (some, all) = counted(report, unreached);
            format!("the prober has no route to {some} of {}", addresses(all))
        }
        UndecidedReason::PrivateView => {
            "the system's nameserver gave a private address, and public DNS may give another".into()
        }
        UndecidedReason::ResolverSilent => {
            "the prober's nameserver answered no other question either".into()
        }
        UndecidedReason::ProberBlind => {
            "the prober reached no other origin either, so its own network may be down".into()
        }
        UndecidedReason::ProberOverloaded => {
            "the prober was too busy to measure timeouts".into()
        }
        UndecidedReason::OwnFailure => match report.observation.own_failure() {
            Some(failure) => failure.to_string(),
            None => "an earlier probe failed on the prober's own side".into(),
        },
        UndecidedReason::NotEnoughTime => {
            "the probe had less time than the configured timeouts, so silence proves nothing".into()
        }
        UndecidedReason::ScrapeTimeoutTooShort => {
            "the scrape timeout ended the probe before its own timeouts".into()
        }
        UndecidedReason::InterceptionSuspected => {
            "origins of different domains serve the same unknown issuer, so a proxy near the prober \
             may replace certificates"
                .into()
        }
        UndecidedReason::NotProbedYet => "its first probe has not ended".into(),
        UndecidedReason::PolicyUnknown => {
            "the contents of the policy that may forward Host are not known, so the name that \
             CloudFront sends is not known"
                .into()
        }
    }
}

/// Says what Amazon does not: about addresses that take no connections beside others that do, and
/// about everything else by its rule.
fn undocumented(report: &Report) -> String {
    let is_meant =
        |finding: &&Finding| finding.undecided_reason == Some(UndecidedReason::Undocumented);
    let (dead, others): (Vec<&Finding>, Vec<&Finding>) =
        report.verdict.findings.iter().filter(is_meant).partition(|f| f.counts_as_failing);
    let mut parts = Vec::new();
    if !dead.is_empty() {
        let failed = |refused: bool| {
            move |endpoint: &&Endpoint| match endpoint.failure {
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
        parts.push(format!("{what}; Amazon does not say whether CloudFront tries the others"));
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
        parts.push(format!("{titles}; Amazon does not say what CloudFront does then"));
    }
    parts.join("; ")
}

/// Returns how many addresses have an endpoint of which something holds, and how many there are.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::observation::Failure;
    use crate::rules::UndecidedReason;

    use super::super::Report;
    use super::super::sample::Sample;
    use super::doubt;
    use super::doubts;

    fn words(report: &Report) -> Vec<String> {
        doubts(report).into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn dead_addresses_are_counted_by_how_they_fail() {
        let refused = Failure::ConnectionRefused { attempts: 3 };
        let silent = Failure::ConnectionTimedOut { attempts: 3, timeout: Duration::from_secs(10) };
        let shop = || Sample::of("www.shop.example").serving("192.0.2.1");
        let tries = "Amazon does not say whether CloudFront tries the others";
        for (sample, expected) in [
            (
                shop().serving("192.0.2.2").failing("192.0.2.3", &refused),
                "1 of 3 addresses refuses",
            ),
            (
                shop().failing("192.0.2.2", &refused).failing("192.0.2.3", &refused),
                "2 of 3 addresses refuse",
            ),
            (shop().failing("192.0.2.2", &silent), "1 of 2 addresses does not answer"),
            (
                shop().failing("192.0.2.2", &silent).failing("192.0.2.3", &refused),
                "1 of 3 addresses refuses and 1 does not answer",
            ),
        ] {
            assert_eq!(words(&sample.report()), [format!("{expected}; {tries}")]);
        }
    }

    #[test]
    fn every_reason_has_words_of_its_own() {
        let report = Sample::of("www.shop.example").serving("192.0.2.1").report();
        let mut all: Vec<String> =
            UndecidedReason::ALL.into_iter().skip(1).map(|reason| doubt(reason, &report)).collect();
        let count = all.len();
        assert!(all.iter().all(|words| words.len() > 20 && !words.ends_with('.')), "{all:?}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
