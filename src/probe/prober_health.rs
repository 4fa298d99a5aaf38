//! The health of the prober itself, as shown by all probes of a process together.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::chain::{ChainFacts, MissingIssuer};
use crate::observation::{
    Elsewhere, Endpoint, Failure, Interception, NameserverState, Observation, ProberState,
    Resolution, Transport,
};
use crate::origin::OriginKey;

/// Distinguishes the prober's own problems from the origins'. Every observation is first noted and
/// then assessed.
#[derive(Debug, Default)]
pub struct ProberHealth {
    /// By a keyed hash of the origin's key, which is a third as large: among 250,000 origins, the
    /// chance that two share one is one in 600 million.
    known: HashMap<u64, Known>,
    hashes: RandomState,
    /// When a connection to an origin was last established; the two latest, of different origins.
    reached: Latest,
    /// Addresses of previously reachable origins that could not be reached since any was; none is
    /// added once there are enough.
    in_vain: HashSet<IpAddr>,
    /// When a nameserver last answered a query over a transport; the two latest about different
    /// domains.
    answered: HashMap<(Option<SocketAddr>, Transport), Latest>,
    /// The untrusted issuers, with the domains that present them.
    unknown_issuers: HashMap<Box<str>, HashMap<OriginKey, Box<str>>>,
    /// How many origins serve a chain that ends at a trust anchor.
    trusted: usize,
}

/// The facts about one origin.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// When a connection to its port was last established, in microseconds since 1970.
    last_reached: i64,
    port: u16,
    was_reached: bool,
    /// Whether a connection was attempted.
    was_tried: bool,
    is_trusted: bool,
}

/// The two latest events of different origins, so that at least one is of another origin.
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

impl Known {
    fn reached_at(&self, port: u16) -> Option<Timestamp> {
        let is_of_this_port = self.was_reached && self.port == port;
        is_of_this_port.then(|| Timestamp::from_microsecond(self.last_reached).ok()).flatten()
    }
}

impl ProberHealth {
    /// Records the result of one probe.
    pub fn note(&mut self, observation: &Observation, at: Instant) {
        let key = &observation.origin.key;
        if let Some(resolution) = &observation.resolution {
            self.note_answers(key, resolution, at);
        }
        let port = observation.origin.https_port;
        let known = self.known.entry(self.hashes.hash_one(key)).or_default();
        known.was_tried |= observation.endpoints.iter().any(was_tried);
        if observation.was_reached() {
            self.reached.note(key, at);
            (known.was_reached, known.port) = (true, port);
            known.last_reached = observation.started_at.as_microsecond();
            self.in_vain.clear();
        } else if known.reached_at(port).is_some() && self.in_vain.len() < ENOUGH_IN_VAIN {
            let tried = observation.endpoints.iter().filter(|endpoint| was_tried(endpoint));
            self.in_vain.extend(tried.map(|endpoint| endpoint.address));
        }
        self.note_issuers(observation);
    }

    /// Returns the state of the prober for one observation, which must have been noted.
    ///
    /// `event_loop_late` is the worst delay of the event loop during the probe.
    pub fn assess(
        &self,
        observation: &Observation,
        event_loop_late: Duration,
        at: Instant,
    ) -> ProberState {
        let origin = &observation.origin;
        let interval = origin.interval;
        let since = |intervals: u32| at.checked_sub(interval * intervals);
        let own = self.hashes.hash_one(&origin.key);
        let others = self.known.iter().filter(|(key, known)| **key != own && known.was_tried);
        let fresh = at.checked_sub(self.silence_of_the_blind(interval));
        let elsewhere = if self.reached.of_another_since(&origin.key, fresh) {
            Elsewhere::Reached
        } else if others.take(ENOUGH_OTHERS).count() < ENOUGH_OTHERS {
            Elsewhere::TooFewOthers
        } else {
            Elsewhere::NothingReached
        };
        ProberState {
            last_reached: self
                .known
                .get(&own)
                .and_then(|known| known.reached_at(origin.https_port)),
            elsewhere,
            nameserver: self.nameserver(observation, since(1)),
            event_loop_late,
            interception: self.interception(observation),
            time_limit: observation.prober.time_limit,
        }
    }

    /// Returns how long nothing may be reached before the prober is the more likely cause: two
    /// intervals, in which every other origin was probed, or less once many previously reachable
    /// addresses failed in a row. Their number alone does not suffice: the origins that are probed
    /// in that time may be few, and really down.
    fn silence_of_the_blind(&self, interval: Duration) -> Duration {
        match self.in_vain.len() >= ENOUGH_IN_VAIN {
            true => SHORTEST_SILENCE.min(interval * 2),
            false => interval * 2,
        }
    }

    /// Forgets all origins but `keys`.
    pub fn keep(&mut self, keys: &HashSet<&OriginKey>) {
        let kept: HashSet<u64> = keys.iter().map(|key| self.hashes.hash_one(key)).collect();
        self.known.retain(|key, _| kept.contains(key));
        self.known.shrink_to_fit();
        self.trusted = self.known.values().filter(|known| known.is_trusted).count();
        for domains in self.unknown_issuers.values_mut() {
            domains.retain(|key, _| keys.contains(key));
        }
        self.unknown_issuers.retain(|_, domains| !domains.is_empty());
    }

    fn note_answers(&mut self, key: &OriginKey, resolution: &Resolution, at: Instant) {
        for answer in &resolution.answers {
            let is_answer = answer.outcome.as_ref().err().is_none_or(|failure| failure.is_answer());
            // A cached answer says nothing about the nameserver now.
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
                // It is not always known which one was silent. Then any that answers will do.
                let is_same = failed.is_none() || failed == *nameserver;
                is_same && *over == transport && latest.of_another_since(key, since)
            })
        };
        let mut unanswered = resolution.unanswered().peekable();
        // Otherwise, the probe's own query for the root decides.
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
        let mut is_trusted = false;
        for chain in chains {
            is_trusted |= !chain.paths.is_empty();
            if let Some(issuer) = unknown_issuer(chain) {
                let domain = registrable(key.domain.as_str());
                self.unknown_issuers.entry(issuer).or_default().insert(key.clone(), domain);
            }
        }
        self.unknown_issuers.retain(|_, domains| !domains.is_empty());
        let known = self.known.entry(self.hashes.hash_one(key)).or_default();
        let was_trusted = std::mem::replace(&mut known.is_trusted, is_trusted);
        self.trusted = self.trusted + usize::from(is_trusted) - usize::from(was_trusted);
    }

    fn interception(&self, observation: &Observation) -> Interception {
        if self.trusted > 0 {
            return Interception::NotSuspected;
        }
        let mut issuers = observation.chains().filter_map(|(_, chain)| unknown_issuer(chain));
        let suspected = issuers.find_map(|issuer| {
            let domains: HashSet<&str> =
                self.unknown_issuers.get(&issuer)?.values().map(|domain| &**domain).collect();
            let domains = domains.len();
            (domains >= ENOUGH_OTHERS).then_some(Interception::Suspected { issuer, domains })
        });
        suspected.unwrap_or_default()
    }
}

/// Returns whether a failed resolution may be the nameserver's fault rather than the domain's, so
/// that another query to it is worthwhile.
pub fn may_be_the_nameservers_fault(observation: &Observation) -> bool {
    observation.resolution.as_ref().is_some_and(|resolution| {
        resolution.addresses().next().is_none() && resolution.unanswered().next().is_some()
    })
}

/// Three others, or three domains: two may be a coincidence.
const ENOUGH_OTHERS: usize = 3;

/// If a quarter of the addresses are healthy, this many failures in a row happen by chance once in
/// 300 times. Addresses count, not origins, because origins behind one load balancer fail together.
const ENOUGH_IN_VAIN: usize = 20;

/// Less than this may be a hiccup, however many addresses there are.
const SHORTEST_SILENCE: Duration = Duration::from_secs(30);

fn was_tried(endpoint: &Endpoint) -> bool {
    endpoint.was_probed() && !matches!(endpoint.handshake.failure, Some(Failure::NotPublic { .. }))
}

/// Returns the issuer at which a chain ends, unless it is the end entity itself.
fn unknown_issuer(chain: &ChainFacts) -> Option<Box<str>> {
    let position = match chain.missing_issuer.as_ref()? {
        MissingIssuer::SelfSignedIssuer { position, .. }
        | MissingIssuer::SignatureInvalid { position, .. }
        | MissingIssuer::IssuerNotServed { position, .. } => *position,
        MissingIssuer::EndEntitySelfSigned => return None,
    };
    Some(chain.certificate(position)?.issuer.as_str().into())
}

/// Returns the registrable domain (public suffix and one label), or the whole name if there is
/// none.
fn registrable(name: &str) -> Box<str> {
    psl::domain_str(name).unwrap_or(name).into()
}

#[cfg(test)]
mod tests {
    use super::registrable;

    #[test]
    fn the_registrable_domain_is_one_label_below_the_public_suffix() {
        assert_eq!(&*registrable("a.b.example.co.uk"), "example.co.uk");
        assert_eq!(&*registrable("www.example.com"), "example.com");
        assert_eq!(&*registrable("com"), "com");
    }
}
