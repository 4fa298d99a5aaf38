//! Units of origins that are probed together, and their state between probes.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::origin::Origin;
use crate::probe::{ProbeOptions, SharedConnections};
use crate::report::{Entry, Report};
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
    pub(super) hung: BTreeSet<IpAddr>,
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
        }
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
}

impl Member {
    pub(super) fn new(entry: Arc<Entry>) -> Self {
        Self {
            entry,
            held: None,
            hung: BTreeSet::new(),
            lookup_hung: false,
            next_target: 0,
            was_probed: false,
        }
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
            hung: self.hung.clone(),
            shared,
            ..ProbeOptions::default()
        };
        (Arc::clone(origin), options)
    }
}
