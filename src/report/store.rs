//! Stores every origin's latest report for all outputs.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;

use crate::impact::{Audience, Impact};
use crate::origin::{Origin, OriginKey};

use super::distribution::Distributions;
use super::snapshot::Snapshots;
use super::{DistributionReports, Kept, Report, Snapshot, advised};

/// The origins of this process and their latest reports. Readers never block on writers.
#[derive(Debug)]
pub struct Reports {
    shown: ArcSwap<Published>,
    snapshots: Snapshots,
}

/// The origins at one moment, unaffected by later replacements, and their viewers.
#[derive(Debug)]
pub struct Published {
    entries: Arc<Vec<Arc<Entry>>>,
    distributions: Distributions,
}

/// One origin, with its report once it has been probed.
#[derive(Debug)]
pub struct Entry {
    pub origin: Arc<Origin>,
    latest: ArcSwapOption<Kept>,
    /// When the next probe is due, as Unix time in milliseconds; `i64::MIN` if that is not known.
    next_probe: AtomicI64,
}

impl Entry {
    /// Returns an entry without a report.
    pub fn new(origin: Arc<Origin>) -> Self {
        Self { origin, latest: ArcSwapOption::empty(), next_probe: AtomicI64::new(i64::MIN) }
    }

    /// Returns when the next probe is due; `None` if none is planned, as while one is running.
    pub fn next_probe(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.next_probe.load(Relaxed)).ok()
    }

    /// Sets when the next probe is due.
    pub fn plan(&self, at: Option<Timestamp>) {
        self.next_probe.store(at.map_or(i64::MIN, Timestamp::as_millisecond), Relaxed);
    }

    /// Returns the latest report as it is kept; `None` before the first probe has ended.
    pub fn kept(&self) -> Option<Arc<Kept>> {
        self.latest.load_full()
    }

    /// Returns the latest report, which is rebuilt for the caller; `None` before the first probe has
    /// ended.
    pub fn latest(&self) -> Option<Arc<Report>> {
        self.kept().map(|kept| kept.report(&self.origin))
    }

    /// Replaces the report.
    pub fn publish(&self, report: &Report) {
        self.latest.store(Some(Arc::new(report.into())));
    }

    /// Drops the report.
    pub fn forget(&self) {
        self.latest.store(None);
    }
}

impl Reports {
    /// Returns a store without reports.
    pub fn new(origins: impl IntoIterator<Item = Arc<Origin>>) -> Self {
        Self::with_audiences(origins, Vec::new())
    }

    /// Returns a store without reports, with the viewers of origins that belong to distributions.
    pub fn with_audiences(
        origins: impl IntoIterator<Item = Arc<Origin>>,
        audiences: Vec<Audience>,
    ) -> Self {
        let entries = origins.into_iter().map(|origin| Arc::new(Entry::new(origin))).collect();
        let shown = ArcSwap::from_pointee(Published::new(entries, audiences));
        Self { shown, snapshots: Snapshots::default() }
    }

    /// Returns the current origins, in the order given.
    pub fn entries(&self) -> Arc<Vec<Arc<Entry>>> {
        Arc::clone(&self.shown.load().entries)
    }

    /// Returns the current origins with their viewers.
    pub fn shown(&self) -> Arc<Published> {
        self.shown.load_full()
    }

    /// Returns the current origins with their viewers and reports.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.take(self.shown())
    }

    /// Replaces all origins and their viewers at once; origins that are not among them disappear
    /// for the next reader.
    pub fn replace(&self, entries: Vec<Arc<Entry>>, audiences: Vec<Audience>) {
        self.shown.store(Arc::new(Published::new(entries, audiences)));
    }
}

impl Published {
    fn new(entries: Vec<Arc<Entry>>, audiences: Vec<Audience>) -> Self {
        let distributions = Distributions::new(&entries, audiences);
        Self { entries: Arc::new(entries), distributions }
    }

    /// Returns every origin, in the order given.
    pub fn entries(&self) -> &Arc<Vec<Arc<Entry>>> {
        &self.entries
    }

    /// Returns the distributions, in the order given.
    pub fn distributions(&self) -> &[DistributionReports] {
        self.distributions.all()
    }

    /// Returns a distribution by its id.
    pub fn distribution(&self, id: &str) -> Option<&DistributionReports> {
        self.distributions.find(id)
    }

    /// Returns the impact on each path pattern of a distribution by the latest reports; empty for
    /// an unknown distribution.
    pub fn impacts(&self, distribution: &str) -> Vec<Impact> {
        let known = self.distribution(distribution);
        known.map(|known| known.impacts(&self.entries)).unwrap_or_default()
    }

    /// Returns an origin's latest report, with the distribution's part added to each remedy.
    pub fn latest(&self, entry: &Entry) -> Option<Arc<Report>> {
        Some(self.advised(entry.latest()?))
    }

    /// Returns a report with the distribution's part added to each remedy.
    pub fn advised(&self, report: Arc<Report>) -> Arc<Report> {
        let Some(distribution) = self.distribution(&report.origin.key.distribution) else {
            return report;
        };
        let latest = |key: &OriginKey| distribution.latest(key, &self.entries);
        advised(report, distribution.audience(), &latest)
    }
}
