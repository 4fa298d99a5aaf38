//! Every origin's latest report, for those who show them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;

use crate::impact::Audience;
use crate::impact::Impact;
use crate::origin::Origin;
use crate::origin::OriginKey;

use super::DistributionReports;
use super::Report;
use super::Snapshot;
use super::advised;
use super::distribution::Distributions;
use super::snapshot::Snapshots;

/// The origins of this process and their latest reports. Readers never wait for writers.
#[derive(Debug)]
pub struct Reports {
    shown: ArcSwap<Shown>,
    snapshots: Snapshots,
}

/// The origins of one moment, whatever is replaced later, and the viewers that they are there for.
#[derive(Debug)]
pub struct Shown {
    entries: Arc<Vec<Arc<Entry>>>,
    distributions: Distributions,
}

/// One origin, and its report once it has been probed.
#[derive(Debug)]
pub struct Entry {
    pub origin: Arc<Origin>,
    latest: ArcSwapOption<Report>,
}

impl Entry {
    /// Returns an origin of which there is no report yet.
    pub fn new(origin: Arc<Origin>) -> Self {
        Self { origin, latest: ArcSwapOption::empty() }
    }

    /// Returns the latest report; `None` before the first probe has ended.
    pub fn latest(&self) -> Option<Arc<Report>> {
        self.latest.load_full()
    }

    /// Replaces the report.
    pub fn publish(&self, report: Arc<Report>) {
        self.latest.store(Some(report));
    }

    /// Drops the report.
    pub fn forget(&self) {
        self.latest.store(None);
    }
}

impl Reports {
    /// Returns a store without any report yet.
    pub fn new(origins: impl IntoIterator<Item = Arc<Origin>>) -> Self {
        Self::with_audiences(origins, Vec::new())
    }

    /// Returns the same, with the viewers of those origins that stand in distributions.
    pub fn with_audiences(
        origins: impl IntoIterator<Item = Arc<Origin>>,
        audiences: Vec<Audience>,
    ) -> Self {
        let entries = origins.into_iter().map(|origin| Arc::new(Entry::new(origin))).collect();
        let shown = ArcSwap::from_pointee(Shown::new(entries, audiences));
        Self { shown, snapshots: Snapshots::default() }
    }

    /// Returns every origin, in the order given: those of this moment.
    pub fn entries(&self) -> Arc<Vec<Arc<Entry>>> {
        Arc::clone(&self.shown.load().entries)
    }

    /// Returns the same with the viewers.
    pub fn shown(&self) -> Arc<Shown> {
        self.shown.load_full()
    }

    /// Returns the same with the reports of this moment.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.take(self.shown())
    }

    /// Replaces all origins at once, and their viewers: what is not among them is gone with the
    /// next look.
    pub fn replace(&self, entries: Vec<Arc<Entry>>, audiences: Vec<Audience>) {
        self.shown.store(Arc::new(Shown::new(entries, audiences)));
    }
}

impl Shown {
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

    /// Returns what viewers of a distribution get of each path pattern, by the latest reports;
    /// nothing for a distribution that is not known.
    pub fn impacts(&self, distribution: &str) -> Vec<Impact> {
        let known = self.distribution(distribution);
        known.map(|known| known.impacts(&self.entries)).unwrap_or_default()
    }

    /// Returns an origin's latest report, its remedies with what the distribution has to do with
    /// each.
    pub fn latest(&self, entry: &Entry) -> Option<Arc<Report>> {
        Some(self.advised(entry.latest()?))
    }

    /// Returns a report, its remedies with what the distribution has to do with each.
    pub fn advised(&self, report: Arc<Report>) -> Arc<Report> {
        let Some(distribution) = self.distribution(&report.origin.key.distribution) else {
            return report;
        };
        let latest = |key: &OriginKey| distribution.latest(key, &self.entries);
        advised(report, distribution.audience(), &latest)
    }
}
