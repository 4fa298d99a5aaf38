//! How many probes run at once, and which of those that are due starts next.

use std::collections::HashMap;
use std::collections::VecDeque;

use tokio::task::AbortHandle;
use tokio::task::Id;
use tokio::time::Instant;

use super::timetable::UnitId;

/// What a unit may do to the others that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its last probe ended without a wait for silence.
    Prompt,
    /// It waited for silence last time, or was never probed.
    MayHang,
}

/// A probe of one unit that runs.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) unit: UnitId,
    standing: Standing,
    /// How many origins it probes at once.
    width: usize,
    abort: AbortHandle,
}

/// Lets units that are due start in the order in which they became due, as long as there is room.
///
/// A quarter of the room is kept for units that did not hang last time, so that any number of
/// hanging origins delays no other.
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
    /// Returns room for the probes that keep `concurrency` sockets busy.
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

    /// Changes the room; probes that run go on.
    pub(super) fn resize(&mut self, concurrency: usize) {
        self.most = most(concurrency);
    }

    /// Returns how many origins of a unit are probed at once; a large unit must not need so much
    /// room that it could never start.
    pub(super) fn width(&self, origins: usize) -> usize {
        origins.clamp(1, self.reserve())
    }

    /// Puts a unit that is due behind the others of its standing.
    pub(super) fn enqueue(&mut self, due: Instant, unit: UnitId, standing: Standing) {
        self.queue(standing).push_back((due, unit));
    }

    /// Drops the units that wait and that `is_due` does not know any more.
    pub(super) fn retain(&mut self, mut is_due: impl FnMut(Instant, UnitId) -> bool) {
        for standing in [Standing::Prompt, Standing::MayHang] {
            self.queue(standing).retain(|(due, unit)| is_due(*due, *unit));
            self.queue(standing).shrink_to_fit();
        }
    }

    /// Takes out the unit that starts next; `None` where none waits or there is no room for it.
    ///
    /// `origins_of` returns how many origins a unit has; `None` where it is not due any more.
    pub(super) fn next(
        &mut self,
        origins_of: impl Fn(Instant, UnitId) -> Option<usize>,
    ) -> Option<(Instant, UnitId, Standing)> {
        let mut heads = [Standing::Prompt, Standing::MayHang].map(|standing| {
            let queue = self.queue(standing);
            loop {
                let (due, unit) = *queue.front()?;
                match origins_of(due, unit) {
                    Some(origins) => return Some((due, unit, standing, origins)),
                    None => queue.pop_front(),
                };
            }
        });
        heads.sort_by_key(|head| head.map(|(due, ..)| due));
        for (due, unit, standing, origins) in heads.into_iter().flatten() {
            let width = self.width(origins);
            if standing == Standing::MayHang
                && self.running_that_may_hang + width > self.most - self.reserve()
            {
                continue;
            }
            // Whatever became due later waits with it, so that a large unit gets its room.
            if self.running + width > self.most {
                return None;
            }
            self.queue(standing).pop_front();
            return Some((due, unit, standing));
        }
        None
    }

    /// Notes that a unit is being probed, `width` of its origins at once.
    pub(super) fn start(
        &mut self,
        unit: UnitId,
        standing: Standing,
        width: usize,
        abort: AbortHandle,
    ) {
        self.running += width;
        if standing == Standing::MayHang {
            self.running_that_may_hang += width;
        }
        self.flights.insert(abort.id(), Flight { unit, standing, width, abort });
    }

    /// Notes that a probe has ended, and returns which unit's it was.
    pub(super) fn end(&mut self, task: Id) -> Option<UnitId> {
        let Flight { unit, standing, width, .. } = self.flights.remove(&task)?;
        self.running = self.running.saturating_sub(width);
        if standing == Standing::MayHang {
            self.running_that_may_hang = self.running_that_may_hang.saturating_sub(width);
        }
        Some(unit)
    }

    /// Aborts the probes of units that `is_kept` does not know any more. Each holds its room until
    /// its task has ended.
    pub(super) fn abort_unless(&self, is_kept: impl Fn(UnitId) -> bool) {
        for flight in self.flights.values().filter(|flight| !is_kept(flight.unit)) {
            flight.abort.abort();
        }
    }

    fn reserve(&self) -> usize {
        self.most / 4
    }

    fn queue(&mut self, standing: Standing) -> &mut VecDeque<(Instant, UnitId)> {
        match standing {
            Standing::Prompt => &mut self.prompt,
            Standing::MayHang => &mut self.may_hang,
        }
    }
}

fn most(concurrency: usize) -> usize {
    concurrency.saturating_add(WITHOUT_SOCKET)
}

/// How many probes run beyond the number of sockets: those that resolve a name need none.
const WITHOUT_SOCKET: usize = 64;
