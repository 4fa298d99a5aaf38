//! Origins that are probed together, and what is remembered of each between probes.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::origin::Origin;
use crate::probe::Errand;
use crate::probe::Freshness;
use crate::probe::SharedConnections;
use crate::report::Entry;
use crate::report::Report;

use super::admission::Standing;

/// One entry of the timetable: an origin, or several that have connections in common.
#[derive(Debug)]
pub(super) struct Unit {
    /// Never empty.
    pub(super) members: Vec<Member>,
    /// The shortest of the members': a connection in common is made for all of them.
    pub(super) interval: Duration,
    pub(super) turn: Turn,
    pub(super) pace: Pace,
}

/// Whether a unit's turns lie anywhere in the interval already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Its next probe is one of a round that many begin together.
    InARound,
    Steady,
}

/// Where a unit stands between two probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    DueAt(Instant),
    RunningSince(Instant),
}

/// What is remembered of one origin between probes.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) entry: Arc<Entry>,
    /// A failure that waits for its confirmation.
    pub(super) held: Option<Arc<Report>>,
    pub(super) hung: BTreeSet<IpAddr>,
    pub(super) lookup_hung: bool,
    pub(super) next_target: usize,
    pub(super) probed: Probed,
}

/// Whether an origin has been probed, well or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probed {
    NotYet,
    Once,
}

impl Unit {
    pub(super) fn new(members: Vec<Member>, due: Instant, pace: Pace) -> Self {
        let interval = members.iter().map(|member| member.entry.origin.interval).min();
        Self { members, interval: interval.unwrap_or(Duration::MAX), turn: Turn::DueAt(due), pace }
    }

    /// Tells whether a probe of it may wait for silence.
    pub(super) fn standing(&self) -> Standing {
        let may_hang = |member: &Member| {
            member.probed == Probed::NotYet || member.lookup_hung || !member.hung.is_empty()
        };
        if self.members.iter().any(may_hang) { Standing::MayHang } else { Standing::Prompt }
    }

    /// Returns what each member's probe is told.
    pub(super) fn errands(&self) -> Vec<(Arc<Origin>, Errand)> {
        let shared = (self.members.len() > 1).then(Arc::<SharedConnections>::default);
        self.members.iter().map(|member| member.errand(shared.clone())).collect()
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
            probed: Probed::NotYet,
        }
    }

    fn errand(&self, shared: Option<Arc<SharedConnections>>) -> (Arc<Origin>, Errand) {
        let origin = &self.entry.origin;
        let freshness = match self.held {
            Some(_) => Freshness::Anew,
            None => Freshness::NotOlderThan(origin.interval),
        };
        let errand = Errand {
            address: None,
            freshness,
            first_target: self.next_target,
            hung: self.hung.clone(),
            shared,
            ..Errand::default()
        };
        (Arc::clone(origin), errand)
    }
}
