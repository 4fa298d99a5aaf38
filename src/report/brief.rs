//! The facts of every origin's latest report that a scrape, the list of origins and the next probe
//! need. They take a few hundred bytes.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use smallvec::SmallVec;

use crate::observation::{Endpoint, Family, Observation, TlsParameters};
use crate::verdict::{CompactVerdict, Share, Verdict};

use super::facts::Moment;
use super::{History, TargetFacts};

/// The part of a report that does not describe single endpoints.
#[derive(Clone, Debug)]
pub struct Brief {
    pub verdict: CompactVerdict,
    /// One for each of the origin's targets.
    pub targets: SmallVec<[TargetFacts; 1]>,
    /// The results of each target's endpoints, in the same order.
    pub(super) connections: SmallVec<[ConnectionFacts; 1]>,
    /// The changes of the verdict since this process started to monitor the origin.
    pub history: History,
    /// Whether this process or its machine was an obstacle.
    pub has_own_failure: bool,
    pub(super) probed_at: Moment,
    pub(super) judged_at: Moment,
    pub(super) first_failure: Option<Moment>,
    pub(super) failing_since: Option<Moment>,
    pub(super) failing_by_date: Option<Moment>,
    failing_addresses: u32,
    judged_addresses: u32,
    /// The number of IPv4 and IPv6 addresses; [`UNKNOWN`] if there are none and the family was not
    /// queried.
    addresses: [u32; 2],
    resolve_time: Microseconds,
}

/// How the endpoints of one target were connected to.
#[derive(Clone, Debug)]
pub struct ConnectionFacts {
    /// The parameters of the first endpoint that negotiated any.
    pub tls: Option<Arc<TlsParameters>>,
    /// At the slowest address.
    connect_time: Microseconds,
    /// At the slowest address.
    handshake_time: Microseconds,
}

/// A duration of up to an hour; [`UNKNOWN`] for none.
#[derive(Clone, Copy, Debug)]
struct Microseconds(u32);

const UNKNOWN: u32 = u32::MAX;

impl Brief {
    /// Collects the facts of one probe. The facts that earlier probes left behind are added by
    /// [`Report::judged`](super::Report::judged).
    pub(super) fn new(
        observation: &Observation,
        verdict: &Verdict,
        targets: SmallVec<[TargetFacts; 1]>,
        history: History,
        now: Timestamp,
    ) -> Self {
        let Share { failing, judged } = addresses(observation, verdict);
        let by_target = observation.by_target();
        let resolve_time = observation.resolution.as_ref().map(|_| observation.resolve_time);
        Self {
            verdict: verdict.into(),
            targets,
            connections: by_target.iter().map(|endpoints| ConnectionFacts::of(endpoints)).collect(),
            history,
            has_own_failure: observation.own_failure().is_some(),
            probed_at: observation.started_at.into(),
            judged_at: now.into(),
            first_failure: None,
            failing_since: None,
            failing_by_date: None,
            failing_addresses: number(failing),
            judged_addresses: number(judged),
            addresses: [Family::Ipv4, Family::Ipv6].map(|family| count(observation, family)),
            resolve_time: resolve_time.into(),
        }
    }

    /// Returns when the probe began.
    pub fn probed_at(&self) -> Timestamp {
        self.probed_at.into()
    }

    /// Returns the earliest instant at which the origin fails: the start of the current failure, or
    /// else the predicted one.
    pub fn first_failure(&self) -> Option<Timestamp> {
        self.first_failure.map(Into::into)
    }

    /// Returns since when it has been failing continuously, as far as this process knows.
    pub fn failing_since(&self) -> Option<Timestamp> {
        self.failing_since.map(Into::into)
    }

    /// Returns the date in a certificate at which that failure began, if such a date is the cause.
    pub fn failing_by_date(&self) -> Option<Timestamp> {
        self.failing_by_date.map(Into::into)
    }

    /// Returns when a chain was last read, over all targets.
    pub fn chain_read_at(&self) -> Option<Timestamp> {
        let read = self.targets.iter().filter_map(|facts| Some(facts.chain.as_ref()?.read_at));
        read.max().map(Into::into)
    }

    /// Returns the number of failing and of judged addresses. An address counts once, even if
    /// several server names fail there.
    pub fn addresses(&self) -> Share {
        Share { failing: self.failing_addresses as usize, judged: self.judged_addresses as usize }
    }

    /// Returns how many addresses of one family the origin has; `None` if there are none and the
    /// family was not queried.
    pub fn addresses_of(&self, family: Family) -> Option<u32> {
        let [ipv4, ipv6] = self.addresses;
        let count = if family == Family::Ipv4 { ipv4 } else { ipv6 };
        Some(count).filter(|count| *count != UNKNOWN)
    }

    /// Returns the duration of the DNS lookups.
    pub fn resolve_time(&self) -> Option<Duration> {
        self.resolve_time.into()
    }
}

impl ConnectionFacts {
    fn of(endpoints: &[&Endpoint]) -> Self {
        let handshakes = || endpoints.iter().map(|endpoint| &endpoint.handshake);
        Self {
            tls: handshakes().find_map(|handshake| handshake.tls.as_ref()).map(shared),
            connect_time: handshakes().filter_map(|each| each.connect_time).max().into(),
            handshake_time: handshakes().filter_map(|each| each.handshake_time).max().into(),
        }
    }

    /// Returns the time until the TCP connection was established, at the slowest address.
    pub fn connect_time(&self) -> Option<Duration> {
        self.connect_time.into()
    }

    /// Returns the time until the handshake completed or failed, at the slowest address.
    pub fn handshake_time(&self) -> Option<Duration> {
        self.handshake_time.into()
    }
}

impl From<Option<Duration>> for Microseconds {
    fn from(duration: Option<Duration>) -> Self {
        let longest = UNKNOWN - 1;
        let number = |duration: Duration| u32::try_from(duration.as_micros()).unwrap_or(longest);
        Self(duration.map_or(UNKNOWN, |duration| number(duration).min(longest)))
    }
}

impl From<Microseconds> for Option<Duration> {
    fn from(Microseconds(number): Microseconds) -> Self {
        (number != UNKNOWN).then(|| Duration::from_micros(number.into()))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(UNKNOWN - 1)
}

fn addresses(observation: &Observation, verdict: &Verdict) -> Share {
    let endpoints = observation.endpoints.iter();
    let judged: BTreeSet<IpAddr> =
        endpoints.filter(|each| each.was_probed()).map(|each| each.address).collect();
    let failing: BTreeSet<IpAddr> =
        verdict.failing_findings().filter_map(|finding| finding.address).collect();
    Share { failing: failing.len(), judged: judged.len() }
}

fn count(observation: &Observation, family: Family) -> u32 {
    let endpoints = observation.endpoints.iter().map(|endpoint| endpoint.address);
    let own: BTreeSet<IpAddr> = endpoints.filter(|each| Family::of(*each) == family).collect();
    let mut asked = observation.resolution.iter().flat_map(|resolution| &resolution.answers);
    match own.is_empty() && asked.all(|answer| answer.family != family) {
        true => UNKNOWN,
        false => number(own.len()),
    }
}

/// Returns parameters that all origins with the same ones share.
fn shared(parameters: &TlsParameters) -> Arc<TlsParameters> {
    let mut known = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = known.get(parameters) {
        return Arc::clone(same);
    }
    if known.len() >= MANY {
        known.retain(|each| Arc::strong_count(each) > 1);
    }
    let own = Arc::new(parameters.clone());
    known.insert(Arc::clone(&own));
    own
}

static SHARED: LazyLock<Mutex<HashSet<Arc<TlsParameters>>>> = LazyLock::new(Mutex::default);

/// From so many on, those that no origin uses any more are dropped first.
const MANY: usize = 64;
