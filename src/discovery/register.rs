//! What is known of all sources, for those who use it and those who show it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tracing::info;
use tracing::warn;

use crate::telemetry::Telemetry;

use super::Effect;
use super::Heard;
use super::Problem;
use super::Reading;
use super::Record;
use super::SourceName;

/// The records of all sources, in the order of the configuration.
#[derive(Debug)]
pub struct Register {
    records: Mutex<Vec<Record>>,
    /// Counts the deliveries that may change what is to be looked after.
    changes: watch::Sender<u64>,
    telemetry: Arc<Telemetry>,
}

impl Register {
    /// Returns a register without sources.
    pub fn new(telemetry: Arc<Telemetry>) -> Self {
        Self { records: Mutex::default(), changes: watch::Sender::new(0), telemetry }
    }

    /// Makes these the sources, each with the time between two looks at it. One that was among them
    /// before keeps its record; what others gave is gone.
    pub fn expect(&self, sources: &[(SourceName, Duration)]) {
        let mut records = self.lock();
        let mut before: BTreeMap<SourceName, Record> =
            records.drain(..).map(|record| (record.source.clone(), record)).collect();
        for (source, interval) in sources {
            self.telemetry.sources().expect(source.as_str(), *interval);
            let record = before.remove(source);
            records.push(record.unwrap_or_else(|| Record::new(source.clone())));
        }
        for source in before.keys() {
            self.telemetry.sources().forget(source.as_str());
        }
        drop(records);
        self.note_change();
    }

    /// Returns what is known of every source.
    pub fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// Tells whether every source has delivered something, well or not.
    pub fn has_heard_all(&self) -> bool {
        self.lock().iter().all(|record| record.heard == Heard::Once)
    }

    /// Tells whether every source could be read, be it in part.
    pub fn has_read_all(&self) -> bool {
        self.lock().iter().all(Record::was_read)
    }

    /// Returns what changes whenever another fleet may have to be gathered.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Takes in what `source` has delivered; one that is not expected any longer is not heard.
    pub(super) fn take(&self, source: &SourceName, reading: Reading, at: Timestamp) {
        let mut records = self.lock();
        let Some(record) = records.iter_mut().find(|record| record.source == *source) else {
            return;
        };
        let before = record.clone();
        let effect = record.take(reading, at);
        let is_first = before.heard == Heard::NotYet || before.was_read() != record.was_read();
        tell_failures(&before, record);
        tell_problems(&before, record);
        self.telemetry.sources().read(source.as_str());
        match record.is_good() {
            true => self.telemetry.sources().is_good(source.as_str(), at),
            false => self.telemetry.sources().failed(source.as_str()),
        }
        drop(records);
        if effect == Effect::Other || is_first {
            self.note_change();
        }
    }

    pub(super) fn nothing_new(&self, source: &SourceName, at: Timestamp) {
        let mut records = self.lock();
        if let Some(record) = records.iter_mut().find(|record| record.source == *source) {
            record.still_good(at);
            if record.is_good() {
                self.telemetry.sources().is_good(source.as_str(), at);
            }
        }
    }

    fn note_change(&self) {
        self.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        // A record is replaced as a whole or not at all.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs what has begun to fail, fails otherwise, or is well again.
fn tell_failures(before: &Record, now: &Record) {
    let known: Vec<&str> = before.failures().map(|failure| failure.reason.as_str()).collect();
    for failure in now.failures().filter(|failure| !known.contains(&failure.reason.as_str())) {
        warn!(
            source = %now.source,
            "origins could not be read, what was read before stays in use: {}",
            failure.reason
        );
    }
    if !known.is_empty() && now.is_good() {
        info!(source = %now.source, "origins can be read again");
    }
}

/// Logs what cannot be used of the parts that have been read anew.
fn tell_problems(before: &Record, now: &Record) {
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
            warn!(source = %now.source, "{problem}");
        }
        if problems.count() > first.len() {
            more += problems.count() - first.len();
            parts += 1;
        }
    }
    if more > 0 {
        warn!(source = %now.source, parts, more, "more is amiss");
    }
}

/// How many lines one delivery is worth in the log; the status page has more.
const MOST_TOLD: usize = 50;
