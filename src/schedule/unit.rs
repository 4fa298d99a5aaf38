//! Units of origins that are probed together, and their state between probes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::observation::Sample;
use crate::origin::Origin;
use crate::probe::{ProbeOptions, SharedConnections};
use crate::report::{Entry, Memory, Report};
use crate::resolve::Freshness;

use super::admission::Standing;

/// One entry of the timetable: an origin, or several origins that share connections.
#[derive(Debug)]
pub(super) struct Unit {
    /// Never empty.
    pub(super) members: Vec<Member>,
    /// The shortest interval of the members, because they share connections.
    pub(super) interval: Duration,
    pub(super) turn: Turn,
    pub(super) phase: Phase,
    /// When to probe after the running probe.
    pub(super) next: Next,
}

/// When the next probe of a unit takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    OnTheInterval,
    Confirmation,
}

/// Whether the probes of a unit are already spread over the interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The next probe is part of a round with many other units.
    InARound,
    Steady,
}

/// The state of a unit between two probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    DueAt(Instant),
    RunningSince(Instant),
}

/// The state of one origin between probes.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) entry: Arc<Entry>,
    /// An unconfirmed failure.
    pub(super) held: Option<Arc<Report>>,
    /// Allocated only while there is something to remember.
    pub(super) memory: Option<Box<Memory>>,
    pub(super) hung: Box<[IpAddr]>,
    pub(super) lookup_hung: bool,
    pub(super) next_target: usize,
    /// Whether the origin has been probed, with any result.
    pub(super) was_probed: bool,
}

impl Turn {
    /// Returns when the running probe began; `now` if none is running.
    pub(super) fn began(self, now: Instant) -> Instant {
        match self {
            Self::RunningSince(began) => began,
            Self::DueAt(_) => now,
        }
    }
}

impl Unit {
    pub(super) fn new(members: Vec<Member>, due: Instant, pace: Phase) -> Self {
        let interval = members.iter().map(|member| member.entry.origin.interval).min();
        Self {
            members,
            interval: interval.unwrap_or(Duration::MAX),
            turn: Turn::DueAt(due),
            phase: pace,
            next: Next::OnTheInterval,
        }
    }

    /// Tells readers when the next probe is due.
    pub(super) fn tell(&self, due: Option<Timestamp>) {
        self.members.iter().for_each(|member| member.entry.plan(due));
    }

    /// Returns whether a probe may wait for a timeout.
    pub(super) fn priority(&self) -> Standing {
        let may_hang =
            |member: &Member| !member.was_probed || member.lookup_hung || !member.hung.is_empty();
        if self.members.iter().any(may_hang) { Standing::MayHang } else { Standing::Prompt }
    }

    /// Returns the origin and the probe options of each member.
    pub(super) fn errands(&self) -> Vec<(Arc<Origin>, ProbeOptions)> {
        let shared = (self.members.len() > 1).then(Arc::<SharedConnections>::default);
        self.members.iter().map(|member| member.options(shared.clone())).collect()
    }

    /// Returns the further connections of the members at these positions.
    pub(super) fn errands_of_samples(
        &self,
        members: &[usize],
        samples: Vec<Vec<Sample>>,
    ) -> Vec<(Arc<Origin>, ProbeOptions)> {
        let shared = (members.len() > 1).then(Arc::<SharedConnections>::default);
        let members = members.iter().filter_map(|place| self.members.get(*place));
        let errand = |(member, samples): (&Member, Vec<Sample>)| {
            let options = ProbeOptions { samples, shared: shared.clone(), ..Default::default() };
            (Arc::clone(&member.entry.origin), options)
        };
        members.zip(samples).map(errand).collect()
    }
}

impl Member {
    pub(super) fn new(entry: Arc<Entry>) -> Self {
        Self {
            entry,
            held: None,
            memory: None,
            hung: Box::default(),
            lookup_hung: false,
            next_target: 0,
            was_probed: false,
        }
    }

    fn remembered(&self) -> Vec<IpAddr> {
        let Some(memory) = &self.memory else { return Vec::new() };
        let last = match &self.held {
            Some(held) => Some(Arc::clone(&held.observation)),
            None => self.entry.kept().map(|kept| kept.observation(&self.entry.origin)),
        };
        memory.remembered(last.as_deref())
    }

    fn options(&self, shared: Option<Arc<SharedConnections>>) -> (Arc<Origin>, ProbeOptions) {
        let origin = &self.entry.origin;
        let freshness = match self.held {
            Some(_) => Freshness::Anew,
            None => Freshness::NotOlderThan(origin.interval),
        };
        let options = ProbeOptions {
            freshness,
            first_target: self.next_target,
            remembered: self.remembered(),
            hung: self.hung.clone(),
            shared,
            ..ProbeOptions::default()
        };
        (Arc::clone(origin), options)
    }
}
