//! The chain as a list, for whoever prints it: what was served, in its order, where it breaks off,
//! and where it should lead.

mod entries;

use std::time::Duration;

use jiff::Timestamp;

use crate::observation::Observation;

use super::Part;
use super::Report;
use super::Role;
use super::chains::ServedChain;
use super::chains::served_chains;
use super::outcome::described;

/// One served chain as it is to be drawn, top down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainListing {
    /// Where it is served, as far as another one is served elsewhere: `at 192.0.2.1`.
    pub places: Option<String>,
    pub entries: Vec<ListingEntry>,
}

/// A served certificate, one that should have been, or the anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingEntry {
    /// Its place in the served list, counted from 1; `None` for what was not served.
    pub number: Option<usize>,
    pub joint: Joint,
    /// The subject, printable.
    pub name: String,
    /// What is to be said of it, its validity first.
    pub remarks: Vec<Part>,
}

/// How an entry hangs together with those above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// Nothing stands above it.
    First,
    /// It certifies one of them.
    Certifies,
    /// It certifies none of them, and should.
    Broken,
    /// It has nothing to do with them.
    Beside,
    /// It would certify the one above, but is not there.
    Missing,
    /// It is the trust anchor above everything.
    Anchor,
}

impl ChainListing {
    /// Tells whether something in it is not as it should be.
    pub fn shows_a_fault(&self) -> bool {
        self.entries.iter().any(|entry| {
            matches!(entry.joint, Joint::Broken | Joint::Missing)
                || entry.remarks.iter().any(|r| matches!(r.role, Role::Bad | Role::Doubtful))
        })
    }
}

/// Returns each distinct chain that the origin serves, at most three, those that fail first.
///
/// An origin that will fail not later than `within` from `now` is drawn as it will be then.
pub fn chain_listings(
    report: &Report,
    now: Timestamp,
    within: Option<Duration>,
) -> Vec<ChainListing> {
    let (verdict, at) = described(report, now, within);
    let chains = served_chains(report, &verdict);
    let listing = |served: &ServedChain<'_>| {
        let is_forgotten = verdict.findings.iter().any(|finding| {
            finding.endpoint.is_some_and(|at| served.endpoints.contains(&at))
                && finding.rule.id == "intermediate-missing"
        });
        ChainListing {
            places: (chains.len() > 1).then(|| places(served, &report.observation)),
            entries: entries::entries(served.chain, is_forgotten, at, now),
        }
    };
    chains.iter().take(MOST_LISTINGS).map(listing).collect()
}

/// Returns the addresses, and the server names where other names get another chain.
fn places(served: &ServedChain<'_>, observation: &Observation) -> String {
    let mut addresses: Vec<String> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for endpoint in served.endpoints.iter().filter_map(|at| observation.endpoints.get(*at)) {
        let address = endpoint.address.to_string();
        let target = observation.target_of(endpoint);
        let name = target.map(|target| target.server_name.to_string()).unwrap_or_default();
        for (text, list) in [(address, &mut addresses), (name, &mut names)] {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
    let at = format!("at {}", listed(&addresses));
    match names.len() < observation.origin.targets.len() {
        true => format!("{at} for {}", listed(&names)),
        false => at,
    }
}

fn listed(texts: &[String]) -> String {
    match texts.split_at_checked(MOST_LISTED) {
        Some((shown, rest)) if !rest.is_empty() => {
            format!("{} and {} more", shown.join(", "), rest.len())
        }
        _ => texts.join(", "),
    }
}

/// An origin of many addresses may serve as many chains; these are enough to compare.
const MOST_LISTINGS: usize = 3;
const MOST_LISTED: usize = 4;
