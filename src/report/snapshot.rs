//! The reports at one moment, for responses that traverse all origins several times.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::ArcSwapOption;

use crate::impact::BehaviorOutlook;

use super::{DistributionReports, Kept, Published};

/// The origins and their reports at one moment. Only the latest two snapshots in use hold reports,
/// so that slow readers do not keep one generation after another in memory. An older snapshot shows
/// the current reports on each access.
#[derive(Debug)]
pub struct Snapshot {
    shown: Arc<Published>,
    reports: ArcSwapOption<Reported>,
}

/// The reports at that moment and their impact on viewers.
#[derive(Debug)]
struct Reported {
    /// One for each of the entries.
    latest: Vec<Option<Arc<Kept>>>,
    /// One for each of the distributions.
    behaviors: Vec<Arc<[BehaviorOutlook]>>,
}

/// The snapshots in use by responses, oldest first.
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<VecDeque<Weak<Snapshot>>>);

impl Snapshots {
    /// Takes a snapshot. If there are too many, the oldest ones drop their reports.
    pub(super) fn take(&self, shown: Arc<Published>) -> Arc<Snapshot> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|each| each.strong_count() > 0);
        while recent.len() >= MOST {
            if let Some(oldest) = recent.pop_front().and_then(|oldest| oldest.upgrade()) {
                oldest.reports.store(None);
            }
        }
        let reports = ArcSwapOption::from_pointee(Reported::of(&shown));
        let snapshot = Arc::new(Snapshot { shown, reports });
        recent.push_back(Arc::downgrade(&snapshot));
        snapshot
    }
}

impl Snapshot {
    /// Returns the origins and distributions.
    pub fn shown(&self) -> &Published {
        &self.shown
    }

    /// Calls `use_them` with the reports of a range of entries, one for each.
    pub fn with_latest<T>(
        &self,
        entries: Range<usize>,
        use_them: impl FnOnce(&[Option<Arc<Kept>>]) -> T,
    ) -> T {
        if let Some(reported) = &*self.reports.load() {
            return use_them(reported.latest.get(entries).unwrap_or_default());
        }
        let entries = self.shown.entries().get(entries).unwrap_or_default();
        use_them(&entries.iter().map(|entry| entry.kept()).collect::<Vec<_>>())
    }

    /// Returns the outlook of each behavior of the distribution at `position`.
    pub fn behaviors(&self, position: usize) -> Option<Arc<[BehaviorOutlook]>> {
        match &*self.reports.load() {
            Some(reported) => reported.behaviors.get(position).map(Arc::clone),
            None => {
                let entries = self.shown.entries();
                let distribution = self.shown.distributions().get(position)?;
                Some(distribution.behaviors(|at| entries.get(at)?.kept()))
            }
        }
    }
}

impl Reported {
    fn of(shown: &Published) -> Self {
        let latest: Vec<Option<Arc<Kept>>> =
            shown.entries().iter().map(|entry| entry.kept()).collect();
        let behaviors = |each: &DistributionReports| each.behaviors(|at| latest.get(at)?.clone());
        let behaviors = shown.distributions().iter().map(behaviors).collect();
        Self { latest, behaviors }
    }
}

/// Prometheus often runs in pairs that scrape the same targets.
const MOST: usize = 2;
