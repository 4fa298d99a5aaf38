//! What all probes of a process together say about the prober itself.

use std::collections::HashMap;
use std::collections::HashSet;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::chain::ChainFacts;
use crate::chain::Gap;
use crate::observation::Elsewhere;
use crate::observation::Endpoint;
use crate::observation::Failure;
use crate::observation::Interception;
use crate::observation::NameserverState;
use crate::observation::Observation;
use crate::observation::ProberState;
use crate::observation::Resolution;
use crate::observation::Transport;
use crate::origin::OriginKey;

/// The memory that tells the prober's own trouble from the origins'. Every observation is noted
/// first and then attested to.
#[derive(Debug, Default)]
pub struct Wellbeing {
    /// Origins to which a connection was tried.
    tried: HashSet<OriginKey>,
    /// When a connection to an origin last came up; the two latest, of different origins.
    reached: Latest,
    last_reached: HashMap<(OriginKey, u16), Timestamp>,
    /// Addresses of origins that could be reached before, tried in vain since any was reached; none is
    /// added once they are enough.
    in_vain: HashSet<IpAddr>,
    /// When a nameserver last answered a question over a transport; the two latest about different
    /// domains.
    answered: HashMap<(Option<SocketAddr>, Transport), Latest>,
    /// The issuers that nobody trusts, by the domains that present them.
    unknown_issuers: HashMap<Box<str>, HashMap<OriginKey, Box<str>>>,
    trusted: HashSet<OriginKey>,
}

/// The two latest events of different origins: whichever origin asks, one of them is another's.
#[derive(Debug, Default)]
struct Latest {
    events: Vec<(OriginKey, Instant)>,
}

impl Latest {
    fn note(&mut self, key: &OriginKey, at: Instant) {
        self.events.retain(|(known, _)| known != key);
        self.events.insert(0, (key.clone(), at));
        self.events.truncate(2);
    }

    fn of_another_since(&self, key: &OriginKey, since: Option<Instant>) -> bool {
        let recent = |at: &Instant| since.is_none_or(|since| *at >= since);
        self.events.iter().any(|(known, at)| known != key && recent(at))
    }
}

impl Wellbeing {
    /// Takes in what one probe brought home.
    pub fn note(&mut self, observation: &Observation, at: Instant) {
        let key = &observation.origin.key;
        if let Some(resolution) = &observation.resolution {
            self.note_answers(key, resolution, at);
        }
        if observation.endpoints.iter().any(was_tried) {
            self.tried.insert(key.clone());
        }
        let place = (key.clone(), observation.origin.https_port);
        if observation.was_reached() {
            self.reached.note(key, at);
            self.last_reached.insert(place, observation.started_at);
            self.in_vain.clear();
        } else if self.last_reached.contains_key(&place) && self.in_vain.len() < ENOUGH_IN_VAIN {
            let tried = observation.endpoints.iter().filter(|endpoint| was_tried(endpoint));
            self.in_vain.extend(tried.map(|endpoint| endpoint.address));
        }
        self.note_issuers(observation);
    }

    /// Returns the state of the prober for one observation, which must have been noted.
    ///
    /// `event_loop_late` is by how much the event loop was late while it was made.
    pub fn attest(
        &self,
        observation: &Observation,
        event_loop_late: Duration,
        at: Instant,
    ) -> ProberState {
        let origin = &observation.origin;
        let interval = origin.interval;
        let since = |intervals: u32| at.checked_sub(interval * intervals);
        let others = self.tried.iter().filter(|key| **key != origin.key).take(ENOUGH_OTHERS);
        let fresh = at.checked_sub(self.silence_of_the_blind(interval));
        let elsewhere = if self.reached.of_another_since(&origin.key, fresh) {
            Elsewhere::Reached
        } else if others.count() < ENOUGH_OTHERS {
            Elsewhere::TooFewOthers
        } else {
            Elsewhere::NothingReached
        };
        ProberState {
            last_reached: self.last_reached.get(&(origin.key.clone(), origin.https_port)).copied(),
            elsewhere,
            nameserver: self.nameserver(observation, since(1)),
            event_loop_late,
            interception: self.interception(observation),
            time_limit: observation.prober.time_limit,
        }
    }

    /// Returns for how long nothing may have been reached until the prober is the likelier cause: two
    /// intervals, in which every other origin had its turn, and less once many addresses were tried in
    /// vain, one after the other, that could be reached before. It must not be less for their number
    /// alone: those whose turn it is may be few, and down in truth.
    fn silence_of_the_blind(&self, interval: Duration) -> Duration {
        match self.in_vain.len() >= ENOUGH_IN_VAIN {
            true => SHORTEST_SILENCE.min(interval * 2),
            false => interval * 2,
        }
    }

    /// Forgets the origins that are not to be kept: nobody looks after them any more.
    pub fn keep(&mut self, keep: impl Fn(&OriginKey) -> bool) {
        self.tried.retain(|key| keep(key));
        self.last_reached.retain(|(key, _), _| keep(key));
        self.trusted.retain(|key| keep(key));
        for domains in self.unknown_issuers.values_mut() {
            domains.retain(|key, _| keep(key));
        }
        self.unknown_issuers.retain(|_, domains| !domains.is_empty());
    }

    fn note_answers(&mut self, key: &OriginKey, resolution: &Resolution, at: Instant) {
        for answer in &resolution.answers {
            let is_answer = match &answer.outcome {
                Ok(_) => true,
                Err(failure) => failure.is_answer(),
            };
            // What was kept from earlier says nothing of the nameserver now.
            if is_answer && answer.age.is_zero() {
                let asked = (answer.nameserver, answer.transport);
                self.answered.entry(asked).or_default().note(key, at);
            }
        }
    }

    fn nameserver(&self, observation: &Observation, since: Option<Instant>) -> NameserverState {
        let Some(resolution) = &observation.resolution else {
            return observation.prober.nameserver;
        };
        let key = &observation.origin.key;
        let answers = |(failed, transport): (Option<SocketAddr>, Transport)| {
            self.answered.iter().any(|((nameserver, over), latest)| {
                // Which one was silent is not always known; then any that answers will do.
                let is_same = failed.is_none() || failed == *nameserver;
                is_same && *over == transport && latest.of_another_since(key, since)
            })
        };
        let mut unanswered = resolution.unanswered().peekable();
        // What the probe itself has found out by asking for the root stands otherwise.
        match unanswered.peek().is_some() && unanswered.all(answers) {
            true => NameserverState::Answers,
            false => observation.prober.nameserver,
        }
    }

    fn note_issuers(&mut self, observation: &Observation) {
        let key = &observation.origin.key;
        let mut chains = observation.chains().map(|(_, chain)| chain).peekable();
        if chains.peek().is_none() {
            return;
        }
        for domains in self.unknown_issuers.values_mut() {
            domains.remove(key);
        }
        self.trusted.remove(key);
        for chain in chains {
            if !chain.paths.is_empty() {
                self.trusted.insert(key.clone());
            }
            if let Some(issuer) = unknown_issuer(chain) {
                let domain = registrable(key.domain.as_str());
                self.unknown_issuers.entry(issuer).or_default().insert(key.clone(), domain);
            }
        }
        self.unknown_issuers.retain(|_, domains| !domains.is_empty());
    }

    fn interception(&self, observation: &Observation) -> Interception {
        if !self.trusted.is_empty() {
            return Interception::NotSuspected;
        }
        let suspected = observation
            .chains()
            .filter_map(|(_, chain)| unknown_issuer(chain))
            .filter_map(|issuer| {
                let domains: HashSet<&str> =
                    self.unknown_issuers.get(&issuer)?.values().map(|domain| &**domain).collect();
                (domains.len() >= ENOUGH_OTHERS).then_some((issuer, domains.len()))
            })
            .next();
        match suspected {
            Some((issuer, domains)) => Interception::Suspected { issuer, domains },
            None => Interception::NotSuspected,
        }
    }
}

/// Tells whether a failure to resolve may be the nameserver's rather than the domain's, so that it
/// is worth asking it something else.
pub fn may_be_the_nameservers_fault(observation: &Observation) -> bool {
    observation.resolution.as_ref().is_some_and(|resolution| {
        resolution.addresses().next().is_none() && resolution.unanswered().next().is_some()
    })
}

/// Three others, or three domains: two may be a coincidence.
const ENOUGH_OTHERS: usize = 3;

/// So many addresses in a row, and not one reached, is no chance while a quarter of them is well: once
/// in 300 times. Origins behind one load balancer fail together, so that addresses count, not origins.
const ENOUGH_IN_VAIN: usize = 20;

/// However many addresses there are, so much may be a hiccup.
const SHORTEST_SILENCE: Duration = Duration::from_secs(30);

fn was_tried(endpoint: &Endpoint) -> bool {
    endpoint.was_probed() && !matches!(endpoint.failure, Some(Failure::NotPublic { .. }))
}

/// Returns the issuer at which a chain breaks off, unless it is the end entity itself.
fn unknown_issuer(chain: &ChainFacts) -> Option<Box<str>> {
    let position = match chain.gap.as_ref()? {
        Gap::SelfSignedIssuer { position, .. } | Gap::SignatureInvalid { position, .. } => {
            *position
        }
        Gap::IssuerNotServed { position, .. } => *position,
        Gap::EndEntitySelfSigned => return None,
    };
    Some(chain.certificate(position)?.issuer.as_str().into())
}

/// Returns the registrable domain (public suffix and one label), or the whole name where there is
/// none.
fn registrable(name: &str) -> Box<str> {
    psl::domain_str(name).unwrap_or(name).into()
}

#[cfg(test)]
mod tests;
