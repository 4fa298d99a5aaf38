//! Merges the same finding at several endpoints into one, with the places where it was found.

use std::cmp::Reverse;
use std::net::IpAddr;

use crate::distribution::listed;
use crate::observation::Observation;
use crate::verdict::Finding;

/// Findings that differ only in their place.
#[derive(Debug)]
pub struct Merged<'a> {
    /// The first of them, which represents all.
    pub finding: &'a Finding,
    /// The positions of their endpoints; empty for the origin as a whole.
    endpoints: Vec<usize>,
}

/// Merges findings with the same text: most severe first, otherwise in rule order.
pub fn merge(findings: &[Finding]) -> Vec<Merged<'_>> {
    let mut all: Vec<Merged<'_>> = Vec::new();
    for finding in findings {
        let position = all.iter().position(|merged| says_the_same(merged.finding, finding));
        let merged = match position {
            Some(position) => &mut all[position],
            None => all.push_mut(Merged { finding, endpoints: Vec::new() }),
        };
        merged.endpoints.extend(finding.endpoint);
    }
    all.sort_by_key(|merged| Reverse(merged.finding.effect));
    all
}

fn says_the_same(one: &Finding, other: &Finding) -> bool {
    one.rule.id == other.rule.id
        && one.effect == other.effect
        && one.detail == other.detail
        && one.remedy == other.remedy
        && one.endpoint.is_some() == other.endpoint.is_some()
}

impl Merged<'_> {
    /// Returns where it was found, if that distinguishes it from other places and its text does not
    /// contain them already: `at 192.0.2.1; for www.example.com`. `None` if it was found
    /// everywhere.
    pub fn places(&self, observation: &Observation) -> Option<String> {
        let detail = &self.finding.detail;
        let groups = self.groups(observation);
        let named: usize = groups.iter().map(|group| group.targets.len()).sum();
        let names_differ = groups.len() > 1 || named < observation.origin.targets.len();
        let places: Vec<String> = groups
            .iter()
            .filter_map(|group| {
                let names: Vec<String> = group
                    .targets
                    .iter()
                    .filter_map(|target| observation.origin.targets.get(*target))
                    .map(|target| target.server_name.to_string())
                    .collect();
                let addresses: Vec<String> =
                    group.addresses.iter().map(ToString::to_string).collect();
                let is_said = |texts: &[String]| texts.iter().all(|text| detail.contains(text));
                let say_names = names_differ && !is_said(&names);
                let say_addresses = !group.is_everywhere && !is_said(&addresses);
                match (say_names, say_addresses) {
                    (true, true) => {
                        Some(format!("for {} at {}", listed(&names), listed(&addresses)))
                    }
                    (true, false) => Some(format!("for {}", listed(&names))),
                    (false, true) => Some(format!("at {}", listed(&addresses))),
                    (false, false) => None,
                }
            })
            .collect();
        (!places.is_empty()).then(|| places.join("; "))
    }

    /// Returns the server names, grouped by the addresses where each has the finding.
    fn groups(&self, observation: &Observation) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for target in 0..observation.origin.targets.len() {
            let of_target = || {
                let endpoints = observation.endpoints.iter().enumerate();
                endpoints.filter(move |(_, endpoint)| endpoint.target == target)
            };
            let addresses: Vec<IpAddr> = of_target()
                .filter(|(position, _)| self.endpoints.contains(position))
                .map(|(_, endpoint)| endpoint.address)
                .collect();
            if addresses.is_empty() {
                continue;
            }
            let is_everywhere = addresses.len() == of_target().count();
            match groups.iter_mut().find(|group| group.addresses == addresses) {
                Some(group) => group.targets.push(target),
                None => groups.push(Group { targets: vec![target], addresses, is_everywhere }),
            }
        }
        groups
    }
}

/// Server names with a finding at the same addresses.
#[derive(Debug)]
struct Group {
    targets: Vec<usize>,
    addresses: Vec<IpAddr>,
    /// Whether these are all the addresses probed under these names.
    is_everywhere: bool,
}
