//! Other origins while the scheduler runs, and rounds that begin anew.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::time::Instant;
use tracing::warn;

use crate::origin::OriginKey;
use crate::report::Audience;
use crate::report::Entry;
use crate::report::Report;

use super::Changes;
use super::NextRound;
use super::Scheduler;
use super::blindness::Blindness;
use super::fleet::Fleet;
use super::orders::Order;
use super::timetable::Spread;
use super::timetable::UnitId;
use super::unit::Pace;
use super::unit::Turn;
use super::unit::Unit;

impl Scheduler {
    /// Begins a new round where the wall clock has jumped: nothing that was judged by it holds.
    pub(super) fn look_at_the_clock(&mut self) {
        if let Some(by) = self.clock_watch.look(self.clock.now(), Instant::now()) {
            warn!(seconds = by.as_secs(), "the wall clock has jumped; every origin is probed anew");
            self.telemetry.clock_jumped();
            self.begin_a_round();
        }
    }

    /// Does as it is told, and tells what that changed.
    pub(super) fn obey(&mut self, order: Order) {
        let Order { fleet, probe, start_rate, round, done } = order;
        self.admission.resize(probe.concurrency());
        self.probe = probe;
        self.start_rate = start_rate;
        let changes = self.look_after(fleet);
        if round == NextRound::AtOnce {
            self.begin_a_round();
        }
        // Whoever asked may have gone away.
        let _ = done.send(changes);
    }

    /// Makes `fleet` what is watched; whoever stays keeps memory and turn.
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
                Some(due) => (due, Pace::Steady),
                None => {
                    slot += 1;
                    (spread.slot(slot - 1), Pace::InARound)
                }
            };
            self.next_unit += 1;
            let id = UnitId(self.next_unit);
            self.timetable.add(id, due);
            self.units.insert(id, Unit::new(members, due, pace));
        }
        self.show(succession.entries(), fleet.audiences);
        succession.changes
    }

    fn show(&mut self, entries: Vec<Arc<Entry>>, audiences: Vec<Audience>) {
        let keys: HashSet<&OriginKey> = entries.iter().map(|entry| &entry.origin.key).collect();
        self.wellbeing.keep(|key| keys.contains(key));
        let latest: Vec<Arc<Report>> = entries.iter().filter_map(|entry| entry.latest()).collect();
        self.blindness = Blindness::of(latest.iter().map(|report| &**report), &self.telemetry);
        self.telemetry.looks_after(entries.len());
        self.first_round.awaits(self.units.values().flat_map(|unit| &unit.members));
        self.reports.replace(entries, audiences);
    }

    /// Gives every unit that is not being probed a new turn, beginning now.
    pub(super) fn begin_a_round(&mut self) {
        let spread = Spread::new(Instant::now(), self.start_rate);
        self.timetable.retain(|_, _| false);
        self.admission.retain(|_, _| false);
        for (position, (id, unit)) in self.units.iter_mut().enumerate() {
            if let Turn::DueAt(_) = unit.turn {
                let due = spread.slot(position);
                unit.turn = Turn::DueAt(due);
                unit.pace = Pace::InARound;
                self.timetable.add(*id, due);
            }
        }
    }
}
