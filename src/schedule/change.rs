//! Changes the origins of a running scheduler, and starts new rounds.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::impact::Audience;
use crate::origin::OriginKey;
use crate::report::{Entry, Kept};

use super::blindness::Blindness;
use super::fleet::Fleet;
use super::handle::{Change, Command, ProbeNow};
use super::timetable::{Spread, UnitId};
use super::unit::{Phase, Turn, Unit};
use super::{Changes, NextRound, Scheduler};

impl Scheduler {
    /// Starts a new round if the wall clock has jumped, because all verdicts depend on the clock.
    pub(super) fn look_at_the_clock(&mut self) {
        if let Some(by) = self.clock_watch.look(self.clock.now(), Instant::now()) {
            warn!(seconds = by.as_secs(), "wall clock jumped; probing all origins again");
            self.telemetry.clock_jumped();
            self.begin_a_round();
        }
    }

    /// Carries out a command, and sends back the result.
    pub(super) fn apply(&mut self, command: Command) {
        match command {
            Command::Change(change) => self.change(*change),
            // The receiver may be gone.
            Command::ProbeNow { key, done } => drop(done.send(self.probe_now(&key))),
        }
    }

    /// Makes the next probe of an origin due now.
    fn probe_now(&mut self, key: &OriginKey) -> ProbeNow {
        let now = Instant::now();
        self.requests.retain(|_, at| now.saturating_duration_since(*at) < BETWEEN_REQUESTS);
        if let Some(at) = self.requests.get(key) {
            return ProbeNow::TooSoon((*at + BETWEEN_REQUESTS).saturating_duration_since(now));
        }
        let has = |unit: &Unit| unit.members.iter().any(|m| m.entry.origin.key == *key);
        let Some((id, unit)) = self.units.iter_mut().find(|(_, unit)| has(unit)) else {
            return ProbeNow::Unknown;
        };
        if let Turn::RunningSince(_) = unit.turn {
            return ProbeNow::IsRunning;
        }
        unit.turn = Turn::DueAt(now);
        self.timetable.add(*id, now);
        self.requests.insert(key.clone(), now);
        ProbeNow::Begins
    }

    fn change(&mut self, change: Change) {
        let Change { fleet, probe, start_rate, round, done } = change;
        self.admission.resize(probe.concurrency());
        self.probe = probe;
        self.start_rate = start_rate;
        let changes = self.look_after(fleet);
        if round == NextRound::AtOnce {
            self.begin_a_round();
        }
        // The receiver may be gone.
        let _ = done.send(changes);
    }

    /// Replaces the origins by `fleet`. Unchanged origins keep their history and schedule.
    pub(super) fn look_after(&mut self, fleet: Fleet) -> Changes {
        let moment = Instant::now();
        let before = std::mem::take(&mut self.units);
        let mut succession = fleet.succeed(before, moment, self.clock.now());
        self.units = std::mem::take(&mut succession.kept);
        let units = &self.units;
        self.admission.abort_unless(|id| units.contains_key(&id));
        let is_due = |due, id| units.get(&id).is_some_and(|unit| unit.turn == Turn::DueAt(due));
        self.timetable.retain(is_due);
        self.admission.retain(is_due);
        let anew = std::mem::take(&mut succession.anew);
        let spread = Spread::new(moment, self.start_rate);
        let mut slot = 0;
        for (members, due) in anew {
            let (due, pace) = match due {
                Some(due) => (due, Phase::Steady),
                None => {
                    slot += 1;
                    (spread.slot(slot - 1), Phase::InARound)
                }
            };
            self.next_unit += 1;
            let id = UnitId(self.next_unit);
            self.timetable.add(id, due);
            let unit = Unit::new(members, due, pace);
            unit.tell(self.clock.at(due));
            self.units.insert(id, unit);
        }
        self.show(succession.entries(), fleet.audiences);
        succession.changes
    }

    fn show(&mut self, entries: Vec<Arc<Entry>>, audiences: Vec<Audience>) {
        let keys: HashSet<&OriginKey> = entries.iter().map(|entry| &entry.origin.key).collect();
        self.prober_health.keep(&keys);
        let latest: Vec<Arc<Kept>> = entries.iter().filter_map(|entry| entry.kept()).collect();
        self.blindness = Blindness::of(latest.iter().map(|kept| &kept.brief), &self.telemetry);
        self.telemetry.looks_after(entries.len());
        self.first_round.awaits(self.units.values().flat_map(|unit| &unit.members));
        self.reports.replace(entries, audiences);
    }

    /// Reschedules every unit that is not being probed, starting now.
    pub(super) fn begin_a_round(&mut self) {
        let spread = Spread::new(Instant::now(), self.start_rate);
        self.timetable.retain(|_, _| false);
        self.admission.retain(|_, _| false);
        for (position, (id, unit)) in self.units.iter_mut().enumerate() {
            if let Turn::DueAt(_) = unit.turn {
                let due = spread.slot(position);
                unit.turn = Turn::DueAt(due);
                unit.phase = Phase::InARound;
                unit.tell(self.clock.at(due));
                self.timetable.add(*id, due);
            }
        }
    }
}

/// The minimum time between two requests to probe the same origin.
const BETWEEN_REQUESTS: Duration = Duration::from_secs(10);
