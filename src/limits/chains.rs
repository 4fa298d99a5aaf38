//! How much memory the certificate chains of all origins may take.

use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::memory_limit;

/// The memory that chains may take beyond what is always kept of each origin.
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

    /// Returns a budget of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        let (used, not_kept) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { limit: AtomicUsize::new(limit), used, not_kept }
    }

    /// Sets the limit in bytes; `None` is the default. Chains that are kept stay until they
    /// are replaced.
    pub fn set_limit(&self, limit: Option<usize>) {
        self.limit.store(limit.unwrap_or_else(default_limit), Relaxed);
    }

    /// Returns the limit in bytes.
    pub fn limit(&self) -> usize {
        self.limit.load(Relaxed)
    }

    /// Returns the bytes in use.
    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Returns how many chains were read and not kept, of those that are still known.
    pub fn not_kept(&self) -> usize {
        self.not_kept.load(Relaxed)
    }

    /// Takes bytes, whether there are any left or not; [`ChainBudget::give_back`] ends it.
    pub fn take(&self, bytes: usize) {
        self.used.fetch_add(bytes, Relaxed);
    }

    /// Gives bytes back.
    pub fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Relaxed);
    }

    /// Counts a chain that is not kept.
    pub fn count_not_kept(&self) {
        self.not_kept.fetch_add(1, Relaxed);
    }

    /// Ends the counting of one.
    pub fn forget_not_kept(&self) {
        self.not_kept.fetch_sub(1, Relaxed);
    }
}

fn default_limit() -> usize {
    let quarter = memory_limit().map_or(u64::MAX, |limit| limit / 4);
    usize::try_from(quarter.min(MOST)).unwrap_or(usize::MAX)
}

const MOST: u64 = 128 << 20;
