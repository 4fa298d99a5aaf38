//! The facts that one probe collects, without judgement.

mod endpoint;
mod failure;
mod packed;
mod prober;
mod resolution;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use endpoint::{
    ClientCertificate, Endpoint, Engine, Handshake, KeyProof, ListedVersions, Sample, TlsParameters,
};
pub use failure::{AnsweredName, Ending, Failure, NotProbed, Refusal, alert_name};
pub use packed::PackedObservation;
pub use prober::{Elsewhere, Interception, NameserverState, OwnFailure, ProberState, TimeLimit};
pub use resolution::{
    ChainLength, CompetingAliases, Family, FamilyAnswer, Resolution, ResolutionFailure,
    ResolvedAddress, Transport, View,
};

use crate::chain::ChainFacts;
use crate::origin::{Origin, Target};

/// Everything that one probe of one origin found.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    pub origin: Arc<Origin>,
    /// The start of the probe.
    pub started_at: Timestamp,
    /// `None` for an origin that is not judged ([`Origin::is_judged`]), or whose address was given
    /// on the command line.
    pub resolution: Option<Resolution>,
    /// One for each address and server name.
    pub endpoints: Vec<Endpoint>,
    pub prober: ProberState,
    /// The duration of the DNS lookups.
    pub resolve_time: Duration,
    pub duration: Duration,
}

impl Observation {
    /// Returns an observation without results.
    pub fn new(origin: Arc<Origin>, started_at: Timestamp) -> Self {
        Self {
            origin,
            started_at,
            resolution: None,
            endpoints: Vec::new(),
            prober: ProberState::default(),
            resolve_time: Duration::ZERO,
            duration: Duration::ZERO,
        }
    }

    /// Returns the target of an endpoint of this observation.
    pub fn target_of(&self, endpoint: &Endpoint) -> Option<&Target> {
        self.origin.targets.get(endpoint.target)
    }

    /// Returns each address and server name once, with the outcome that counts, and its position.
    pub fn places(&self) -> impl Iterator<Item = (usize, &Endpoint)> {
        self.endpoints.iter().enumerate().filter(|(_, endpoint)| !endpoint.is_other_outcome)
    }

    /// Returns every chain that was read, with the endpoint that served it.
    pub fn chains(&self) -> impl Iterator<Item = (&Endpoint, &Arc<ChainFacts>)> {
        self.endpoints.iter().filter_map(|e| e.chain.as_ref().map(|chain| (e, chain)))
    }

    /// Returns the endpoints grouped by target, in the order of the origin's targets.
    pub fn by_target(&self) -> Vec<Vec<&Endpoint>> {
        let mut by_target = vec![Vec::new(); self.origin.targets.len()];
        for endpoint in &self.endpoints {
            if let Some(of_target) = by_target.get_mut(endpoint.target) {
                of_target.push(endpoint);
            }
        }
        by_target
    }

    /// Returns the addresses that occupied a socket without answering. An address that is in
    /// `before` stays if this probe had no time to learn more about it.
    pub fn hung_addresses(&self, before: &[IpAddr]) -> Box<[IpAddr]> {
        let hung = |e: &&Endpoint| e.hung() || (e.ran_out_of_time() && before.contains(&e.address));
        let hung: BTreeSet<IpAddr> =
            self.endpoints.iter().filter(hung).map(|e| e.address).collect();
        hung.into_iter().collect()
    }

    /// Returns the target with which the next probe begins, if this one began with `first`.
    pub fn next_target(&self, first: usize) -> usize {
        let all = self.origin.targets.len().max(1);
        let probed: BTreeSet<usize> = self.endpoints.iter().map(|e| e.target).collect();
        if probed.len() >= all { 0 } else { (first + probed.len()) % all }
    }

    /// Copies the endpoints of server names that this probe left out, because one probe covers only
    /// so many, from an earlier observation.
    pub fn carry_over(&mut self, earlier: &Self) {
        let probed: BTreeSet<usize> = self.endpoints.iter().map(|e| e.target).collect();
        if probed.is_empty() || probed.len() >= self.origin.targets.len() {
            return;
        }
        let left_out = earlier.endpoints.iter().filter(|e| {
            !probed.contains(&e.target) && self.endpoints.iter().any(|now| now.address == e.address)
        });
        let left_out: Vec<Endpoint> = left_out.cloned().collect();
        self.endpoints.extend(left_out);
    }

    /// Returns the first failure of this process or machine; DNS comes before endpoints.
    pub fn own_failure(&self) -> Option<OwnFailure<'_>> {
        let mut views = self.resolution.iter().flat_map(|r| [Some(r), r.confirmation.as_deref()]);
        let of_dns = views.find_map(|view| {
            view?.failures().find_map(|(_, failure)| match failure {
                ResolutionFailure::NotAsked { shortage: shortage @ Some(_), detail } => {
                    Some(OwnFailure { shortage: *shortage, detail })
                }
                _ => None,
            })
        });
        // The rest was copied from an earlier probe.
        let mut endpoints = self.endpoints.iter().filter(|e| e.probed_at == self.started_at);
        of_dns.or_else(|| endpoints.find_map(|endpoint| endpoint.handshake.failure.as_ref()?.own()))
    }

    /// Returns whether a TCP connection to any endpoint was established.
    pub fn was_reached(&self) -> bool {
        self.endpoints.iter().any(Endpoint::was_reached)
    }
}
