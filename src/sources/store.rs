//! The shared state of all sources.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::telemetry::Telemetry;

use super::{Effect, Problem, SourceName, SourceState, SourceUpdate};

/// The states of all sources, in the order of the configuration.
#[derive(Debug)]
pub struct SourceStore {
    states: Mutex<Vec<SourceState>>,
    /// Counts the updates that may change the fleet.
    changes: watch::Sender<u64>,
    telemetry: Arc<Telemetry>,
}

impl SourceStore {
    /// Returns a store without sources.
    pub fn new(telemetry: Arc<Telemetry>) -> Self {
        Self { states: Mutex::default(), changes: watch::Sender::new(0), telemetry }
    }

    /// Sets the sources, each with the time between two reads. Existing sources keep their state;
    /// others are removed with their origins.
    pub fn expect(&self, sources: &[(SourceName, Duration)]) {
        let mut states = self.lock();
        let mut before: BTreeMap<SourceName, SourceState> =
            states.drain(..).map(|state| (state.source.clone(), state)).collect();
        for (source, interval) in sources {
            self.telemetry.sources().expect(source.as_str(), *interval);
            let state = before.remove(source);
            states.push(state.unwrap_or_else(|| SourceState::new(source.clone())));
        }
        for source in before.keys() {
            self.telemetry.sources().forget(source.as_str());
        }
        drop(states);
        self.note_change();
    }

    /// Returns the state of every source.
    pub fn states(&self) -> Vec<SourceState> {
        self.lock().clone()
    }

    /// Returns whether every source has delivered something, including a failure.
    pub fn has_polled_all(&self) -> bool {
        self.lock().iter().all(|state| state.is_polled)
    }

    /// Returns whether every source has been read at least in part.
    pub fn has_read_all(&self) -> bool {
        self.lock().iter().all(SourceState::was_read)
    }

    /// Returns a receiver that changes whenever the fleet may have changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Applies an update from `source`. Sources that are no longer expected are ignored.
    pub(super) fn take(&self, source: &SourceName, update: SourceUpdate, at: Timestamp) {
        let mut states = self.lock();
        let Some(state) = states.iter_mut().find(|state| state.source == *source) else {
            return;
        };
        let before = state.clone();
        let effect = state.take(update, at);
        let is_first = !before.is_polled || before.was_read() != state.was_read();
        tell_failures(&before, state);
        tell_problems(&before, state);
        self.telemetry.sources().record_read(source.as_str());
        match state.is_good() {
            true => self.telemetry.sources().record_refresh(source.as_str(), at),
            false => self.telemetry.sources().failed(source.as_str()),
        }
        drop(states);
        if effect == Effect::Other || is_first {
            self.note_change();
        }
    }

    pub(super) fn nothing_new(&self, source: &SourceName, at: Timestamp) {
        let mut states = self.lock();
        if let Some(state) = states.iter_mut().find(|state| state.source == *source) {
            state.still_good(at);
            if state.is_good() {
                self.telemetry.sources().record_refresh(source.as_str(), at);
            }
        }
    }

    fn note_change(&self) {
        self.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SourceState>> {
        // Updates replace a state atomically, so the data behind a poisoned lock is valid.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs new or changed failures, and the recovery of the source.
fn tell_failures(before: &SourceState, now: &SourceState) {
    let known: Vec<&str> = before.failures().map(|failure| failure.reason.as_str()).collect();
    for failure in now.failures().filter(|failure| !known.contains(&failure.reason.as_str())) {
        warn!(source = %now.source, error = %failure.reason, "source not readable");
    }
    if !known.is_empty() && now.is_good() {
        info!(source = %now.source, "source readable again");
    }
}

/// Logs the problems of parts that have changed.
fn tell_problems(before: &SourceState, now: &SourceState) {
    let (mut told, mut more, mut parts) = (0, 0, 0);
    for (name, part) in &now.parts {
        let problems = &part.found.problems;
        let known = before.parts.get(name).map(|part| &part.found.problems);
        if known == Some(problems) {
            continue;
        }
        let first: Vec<&Problem> = problems.kept().iter().take(MOST_TOLD - told).collect();
        told += first.len();
        for problem in &first {
            warn!(source = %now.source, error = %problem, "source entry not usable");
        }
        if problems.count() > first.len() {
            more += problems.count() - first.len();
            parts += 1;
        }
    }
    if more > 0 {
        warn!(source = %now.source, parts, more, "more source entries not usable");
    }
}

/// The maximum number of problems logged per update. The status page shows more.
const MOST_TOLD: usize = 50;

/// Delivers the updates of a source to the store.
#[derive(Clone, Debug)]
pub struct SourceHandle {
    source: SourceName,
    store: Arc<SourceStore>,
    clock: fn() -> Timestamp,
}

impl SourceHandle {
    /// Returns the handle of `source`. `clock` returns the time of each update.
    pub fn new(source: SourceName, store: Arc<SourceStore>, clock: fn() -> Timestamp) -> Self {
        Self { source, store, clock }
    }

    /// Delivers the result of a read.
    pub fn deliver(&self, update: SourceUpdate) {
        self.store.take(&self.source, update, (self.clock)());
    }

    /// Records that nothing has changed since the last delivery.
    pub fn nothing_new(&self) {
        self.store.nothing_new(&self.source, (self.clock)());
    }
}
