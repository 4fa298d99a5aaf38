//! Every origin's latest report, for those who show them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;

use crate::origin::Origin;

use super::Report;

/// The origins of this process and their latest reports. Readers never wait for writers.
#[derive(Debug)]
pub struct Reports {
    entries: ArcSwap<Vec<Arc<Entry>>>,
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
}

impl Reports {
    /// Returns a store without any report yet.
    pub fn new(origins: impl IntoIterator<Item = Arc<Origin>>) -> Self {
        let entries = origins.into_iter().map(|origin| Arc::new(Entry::new(origin))).collect();
        Self { entries: ArcSwap::from_pointee(entries) }
    }

    /// Returns every origin, in the order given: those of this moment, whatever is replaced later.
    pub fn entries(&self) -> Arc<Vec<Arc<Entry>>> {
        self.entries.load_full()
    }

    /// Replaces all origins at once: what is not among `entries` is gone with the next look.
    pub fn replace(&self, entries: Vec<Arc<Entry>>) {
        self.entries.store(Arc::new(entries));
    }
}
