//! The memory budget for the certificate chains of all origins.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock};

use super::memory_limit;

/// The memory that chains may use beyond what is always kept for each origin.
#[derive(Debug)]
pub struct ChainBudget {
    /// In bytes.
    limit: AtomicUsize,
    used: AtomicUsize,
    not_kept: AtomicUsize,
}

impl ChainBudget {
    /// Returns the budget of this process: 128 MiB, or a quarter of the memory limit if that is
    /// less.
    pub fn of_process() -> Arc<Self> {
        static BUDGET: LazyLock<Arc<ChainBudget>> =
            LazyLock::new(|| Arc::new(ChainBudget::new(default_limit())));
        Arc::clone(&BUDGET)
    }

    pub fn new(limit: usize) -> Self {
        let (used, not_kept) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { limit: AtomicUsize::new(limit), used, not_kept }
    }

    /// Sets the limit in bytes; `None` is the default. Chains that are already kept stay until they
    /// are replaced.
    pub fn set_limit(&self, limit: Option<usize>) {
        self.limit.store(limit.unwrap_or_else(default_limit), Relaxed);
    }

    pub fn limit(&self) -> usize {
        self.limit.load(Relaxed)
    }

    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Returns how many of the chains that are still known were read but not kept.
    pub fn not_kept(&self) -> usize {
        self.not_kept.load(Relaxed)
    }

    /// Adds to the bytes in use, even beyond the limit; [`ChainBudget::give_back`] removes them.
    pub fn take(&self, bytes: usize) {
        self.used.fetch_add(bytes, Relaxed);
    }

    pub fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Relaxed);
    }

    pub fn count_not_kept(&self) {
        self.not_kept.fetch_add(1, Relaxed);
    }

    /// Undoes [`ChainBudget::count_not_kept`].
    pub fn forget_not_kept(&self) {
        self.not_kept.fetch_sub(1, Relaxed);
    }
}

fn default_limit() -> usize {
    let quarter = memory_limit().map_or(u64::MAX, |limit| limit / 4);
    usize::try_from(quarter.min(MOST)).unwrap_or(usize::MAX)
}

const MOST: u64 = 128 << 20;
