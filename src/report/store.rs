//! Every origin's latest report, for those who show them.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::origin::Origin;

use super::Report;

/// The origins of this process and their latest reports. Readers never wait for writers.
#[derive(Debug)]
pub struct Reports {
    entries: Vec<Entry>,
}

/// One origin, and its report once it has been probed.
#[derive(Debug)]
pub struct Entry {
    pub origin: Arc<Origin>,
    latest: ArcSwapOption<Report>,
}

impl Entry {
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
        let entry = |origin| Entry { origin, latest: ArcSwapOption::empty() };
        Self { entries: origins.into_iter().map(entry).collect() }
    }

    /// Returns every origin, in the order given.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
