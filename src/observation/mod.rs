//! The facts that one probe can bring home; no opinion.

mod alert;
mod endpoint;
mod failure;
mod prober;
mod resolution;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use alert::alert_name;
pub use endpoint::ClientCertificate;
pub use endpoint::Endpoint;
pub use endpoint::Engine;
pub use endpoint::KeyProof;
pub use endpoint::ListedVersions;
pub use endpoint::TlsParameters;
pub use failure::AnsweredName;
pub use failure::Ending;
pub use failure::Failure;
pub use failure::NotProbed;
pub use failure::Refusal;
pub use prober::Elsewhere;
pub use prober::Interception;
pub use prober::NameserverState;
pub use prober::OwnFailure;
pub use prober::ProberState;
pub use prober::TimeLimit;
pub use resolution::ChainLength;
pub use resolution::CompetingAliases;
pub use resolution::Family;
pub use resolution::FamilyAnswer;
pub use resolution::Resolution;
pub use resolution::ResolutionFailure;
pub use resolution::ResolvedAddress;
pub use resolution::Transport;
pub use resolution::View;

use crate::chain::ChainFacts;
use crate::origin::Origin;
use crate::origin::Target;

/// Everything that one probe of one origin brought home.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    pub origin: Arc<Origin>,
    /// When the probe began.
    pub started_at: Timestamp,
    /// What DNS said; `None` for an origin that is not judged ([`Origin::is_judged`]), or whose
    /// address was given by hand.
    pub resolution: Option<Resolution>,
    /// One for each address and server name.
    pub endpoints: Vec<Endpoint>,
    pub prober: ProberState,
    /// How long the lookups took, and the whole probe.
    pub resolve_time: Duration,
    pub duration: Duration,
}

impl Observation {
    /// Returns what a probe of `origin` knows at its beginning.
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

    /// Returns every chain read, with the endpoint that served it.
    pub fn chains(&self) -> impl Iterator<Item = (&Endpoint, &Arc<ChainFacts>)> {
        self.endpoints.iter().filter_map(|e| e.chain.as_ref().map(|chain| (e, chain)))
    }

    /// Returns the endpoints of each of the origin's targets.
    pub fn by_target(&self) -> Vec<Vec<&Endpoint>> {
        let mut by_target = vec![Vec::new(); self.origin.targets.len()];
        for endpoint in &self.endpoints {
            if let Some(of_target) = by_target.get_mut(endpoint.target) {
                of_target.push(endpoint);
            }
        }
        by_target
    }

    /// Returns the addresses that kept a socket busy without an answer. Those that did `before` stay
    /// among them where there was no time to learn more.
    pub fn hung_addresses(&self, before: &BTreeSet<IpAddr>) -> BTreeSet<IpAddr> {
        let hung = |e: &&Endpoint| e.hung() || (e.ran_out_of_time() && before.contains(&e.address));
        self.endpoints.iter().filter(hung).map(|e| e.address).collect()
    }

    /// Returns where the next probe is to begin among the targets, if this one began at `first`.
    pub fn next_target(&self, first: usize) -> usize {
        let all = self.origin.targets.len().max(1);
        let probed: BTreeSet<usize> = self.endpoints.iter().map(|e| e.target).collect();
        if probed.len() >= all { 0 } else { (first + probed.len()) % all }
    }

    /// Takes over what an earlier probe saw of server names that this one left out because there
    /// are more than a probe takes.
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

    /// Returns the first failure of this process or machine in this probe, of DNS before endpoints.
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
        // Others were carried over from an earlier probe.
        let mut endpoints = self.endpoints.iter().filter(|e| e.probed_at == self.started_at);
        of_dns.or_else(|| endpoints.find_map(|endpoint| endpoint.failure.as_ref()?.own()))
    }

    /// Tells whether any endpoint was reached by TCP.
    pub fn was_reached(&self) -> bool {
        self.endpoints.iter().any(Endpoint::was_reached)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::Endpoint;
    use super::Failure;
    use super::NotProbed;
    use super::Observation;
    use crate::origin::Origin;

    #[test]
    fn an_address_that_hung_does_so_until_something_else_is_known() {
        let address = IpAddr::from([192, 0, 2, 1]);
        let (hung, well) = (BTreeSet::from([address]), BTreeSet::new());
        let missed = || Failure::NotProbed { reason: NotProbed::OutOfTime };
        let waited = Duration::from_secs(10);
        for (failure, connect_time, before, expected) in [
            (None, Some(waited), &hung, &well),
            (Some(Failure::ConnectionRefused { attempts: 3 }), None, &hung, &well),
            (Some(Failure::HandshakeTimedOut { waited, received: 0 }), Some(waited), &well, &hung),
            // It waited for a socket, or its connection was cut short.
            (Some(missed()), None, &hung, &hung),
            (Some(missed()), None, &well, &well),
            // Its handshake was cut short.
            (Some(missed()), Some(waited), &well, &hung),
        ] {
            let endpoint = Endpoint {
                failure: failure.clone(),
                connect_time,
                ..Endpoint::new(address, 0, Timestamp::UNIX_EPOCH)
            };
            let observation = Observation {
                endpoints: vec![endpoint],
                ..Observation::new(
                    Arc::new(Origin::with_defaults("a.example".parse().unwrap())),
                    Timestamp::UNIX_EPOCH,
                )
            };
            assert_eq!(observation.hung_addresses(before), *expected, "{failure:?} {before:?}");
        }
    }
}
