//! Limits how many probes run concurrently, and selects the next one to start.

use std::collections::{HashMap, VecDeque};

use tokio::task::{AbortHandle, Id};
use tokio::time::Instant;

use super::timetable::UnitId;

/// Whether a unit may delay the others that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its last probe did not wait for a timeout.
    Prompt,
    /// Its last probe waited for a timeout, or it was never probed.
    MayHang,
}

/// A running probe of one unit.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) unit: UnitId,
    priority: Standing,
    /// How many origins it probes concurrently.
    width: usize,
    abort: AbortHandle,
}

/// Starts due units in the order in which they became due, as long as there is capacity.
///
/// A quarter of the capacity is reserved for units that did not hang last time, so that hanging
/// origins do not delay the others, however many there are.
#[derive(Debug)]
pub(super) struct Admission {
    most: usize,
    prompt: VecDeque<(Instant, UnitId)>,
    may_hang: VecDeque<(Instant, UnitId)>,
    flights: HashMap<Id, Flight>,
    running: usize,
    running_that_may_hang: usize,
}

impl Admission {
    /// Creates capacity for the probes that keep `concurrency` sockets busy.
    pub(super) fn new(concurrency: usize) -> Self {
        Self {
            most: most(concurrency),
            prompt: VecDeque::new(),
            may_hang: VecDeque::new(),
            flights: HashMap::new(),
            running: 0,
            running_that_may_hang: 0,
        }
    }

    /// Changes the capacity. Running probes continue.
    pub(super) fn resize(&mut self, concurrency: usize) {
        self.most = most(concurrency);
    }

    /// Returns how many origins of a unit are probed concurrently. This is limited, because a unit
    /// that needs more than the capacity could never start.
    pub(super) fn width(&self, origins: usize) -> usize {
        origins.clamp(1, self.reserve())
    }

    /// Adds a due unit at the end of the queue of its priority.
    pub(super) fn enqueue(&mut self, due: Instant, unit: UnitId, priority: Standing) {
        self.queue(priority).push_back((due, unit));
    }

    /// Drops waiting units for which `is_due` returns false.
    pub(super) fn retain(&mut self, mut is_due: impl FnMut(Instant, UnitId) -> bool) {
        for priority in [Standing::Prompt, Standing::MayHang] {
            self.queue(priority).retain(|(due, unit)| is_due(*due, *unit));
            self.queue(priority).shrink_to_fit();
        }
    }

    /// Removes and returns the unit to start next; `None` if no unit waits or the capacity is used
    /// up.
    ///
    /// `origins_of` returns the number of origins of a unit; `None` if it is no longer due.
    pub(super) fn next(
        &mut self,
        origins_of: impl Fn(Instant, UnitId) -> Option<usize>,
    ) -> Option<(Instant, UnitId, Standing)> {
        let mut heads = [Standing::Prompt, Standing::MayHang].map(|priority| {
            let queue = self.queue(priority);
            loop {
                let (due, unit) = *queue.front()?;
                match origins_of(due, unit) {
                    Some(origins) => return Some((due, unit, priority, origins)),
                    None => queue.pop_front(),
                };
            }
        });
        heads.sort_by_key(|head| head.map(|(due, ..)| due));
        for (due, unit, priority, origins) in heads.into_iter().flatten() {
            let width = self.width(origins);
            if priority == Standing::MayHang
                && self.running_that_may_hang + width > self.most - self.reserve()
            {
                continue;
            }
            // Units that became due later wait, too, so that a large unit gets its capacity.
            if self.running + width > self.most {
                return None;
            }
            self.queue(priority).pop_front();
            return Some((due, unit, priority));
        }
        None
    }

    /// Records that a unit is being probed, `width` of its origins concurrently.
    pub(super) fn start(
        &mut self,
        unit: UnitId,
        priority: Standing,
        width: usize,
        abort: AbortHandle,
    ) {
        self.running += width;
        if priority == Standing::MayHang {
            self.running_that_may_hang += width;
        }
        self.flights.insert(abort.id(), Flight { unit, priority, width, abort });
    }

    /// Records that a probe has ended, and returns its unit.
    pub(super) fn end(&mut self, task: Id) -> Option<UnitId> {
        let Flight { unit, priority, width, .. } = self.flights.remove(&task)?;
        self.running = self.running.saturating_sub(width);
        if priority == Standing::MayHang {
            self.running_that_may_hang = self.running_that_may_hang.saturating_sub(width);
        }
        Some(unit)
    }

    /// Aborts the probes of units for which `is_kept` returns false. Each uses capacity until its
    /// task has ended.
    pub(super) fn abort_unless(&self, is_kept: impl Fn(UnitId) -> bool) {
        for flight in self.flights.values().filter(|flight| !is_kept(flight.unit)) {
            flight.abort.abort();
        }
    }

    fn reserve(&self) -> usize {
        self.most / 4
    }

    fn queue(&mut self, priority: Standing) -> &mut VecDeque<(Instant, UnitId)> {
        match priority {
            Standing::Prompt => &mut self.prompt,
            Standing::MayHang => &mut self.may_hang,
        }
    }
}

fn most(concurrency: usize) -> usize {
    concurrency.saturating_add(WITHOUT_SOCKET)
}

/// How many more probes than sockets may run: a probe that resolves a name needs no socket.
const WITHOUT_SOCKET: usize = 64;
