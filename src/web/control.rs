//! The pages' interface to the daemon.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::config::Config;
use crate::origin::OriginKey;
use crate::probe::Prober;
use crate::schedule::ProbeNow;

/// The daemon's clock and current state. Returned values stay valid after a reload, but are then no
/// longer current.
pub trait Control: fmt::Debug + Send + Sync {
    /// Reads the wall clock.
    fn now(&self) -> Timestamp;

    /// Returns the configuration in use.
    fn config(&self) -> Arc<Config>;

    /// Returns the prober in use.
    fn prober(&self) -> Arc<Prober>;

    /// Reads the configuration again and applies it completely or not at all, even if the future is
    /// dropped. Requests AWS again at most once every five minutes.
    ///
    /// # Errors
    /// If anything in the configuration is wrong; the previous state is then unchanged.
    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, NotReloaded>>;

    /// Probes an origin at once; `None` if the daemon is shutting down.
    fn probe_now(&self, key: OriginKey) -> BoxFuture<'_, Option<ProbeNow>>;

    /// Returns why the last configuration read is not in use; `None` if it is.
    fn refusal(&self) -> Option<Arc<Refusal>>;

    /// Returns the state of each source of origins besides the configuration.
    fn sources(&self) -> Vec<SourceStatus>;
}

/// The state of one source of origins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceStatus {
    pub name: String,
    /// How many origins it adds.
    pub origins: usize,
    /// When the data in use was last known to be complete; `None` if it never was.
    pub last_success: Option<Timestamp>,
    /// Since when some data cannot be read; `None` if everything can.
    pub failing_since: Option<Timestamp>,
    /// The data that cannot be read, each with its reason.
    pub failures: Vec<String>,
    /// The entries that cannot be used, each with its location: the first of `problem_count`.
    pub problems: Vec<String>,
    pub problem_count: usize,
}

impl SourceStatus {
    /// Returns whether everything was read and can be used.
    pub fn is_in_use(&self) -> bool {
        self.failing_since.is_none() && self.problem_count == 0
    }
}

/// The outcome of a reload by request, in addition to reading the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// Every source of origins is refreshed.
    Everything,
    /// AWS was queried recently; requests may query it again from this instant on.
    WithoutAws { until: Timestamp },
}

/// Why a request did not reload anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReloaded {
    Refused(Arc<Refusal>),
    /// The maximum number of requests is already waiting.
    Busy,
    /// The daemon is shutting down.
    Ending,
}

/// A configuration that was read and rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub at: Timestamp,
    /// Everything that is wrong, one line each.
    pub reason: String,
}
