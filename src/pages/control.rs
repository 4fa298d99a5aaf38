//! What the pages may ask of the daemon behind them.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::config::Config;
use crate::probe::Prober;

/// The daemon, as the pages see it: its clock, and what is in use now. What is handed out stays
/// valid after a reload, but is no longer what the daemon uses.
pub trait Control: fmt::Debug + Send + Sync {
    /// Reads the wall clock.
    fn now(&self) -> Timestamp;

    /// Returns the configuration in use.
    fn config(&self) -> Arc<Config>;

    /// Returns what probes over real sockets.
    fn prober(&self) -> Arc<Prober>;

    /// Reads the configuration again and uses it, all or nothing, even if the future is dropped.
    /// AWS is asked again at most once in five minutes.
    ///
    /// # Errors
    /// When anything is wrong with it; then everything stays as it was.
    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, NotReloaded>>;

    /// Returns why the configuration that was read last is not in use; `None` when it is.
    fn refusal(&self) -> Option<Arc<Refusal>>;

    /// Returns how it stands with each source of origins besides the configuration.
    fn sources(&self) -> Vec<SourceStatus>;
}

/// How it stands with one source of origins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceStatus {
    pub name: String,
    /// How many origins it adds.
    pub origins: usize,
    /// When what is in use was last known to be all there is; `None` before that ever was.
    pub last_success: Option<Timestamp>,
    /// Since when something cannot be read; `None` when everything can.
    pub failing_since: Option<Timestamp>,
    /// What cannot be read, each with its reason.
    pub failures: Vec<String>,
    /// What it names and what cannot be used, each with its place: the first of `problem_count`.
    pub problems: Vec<String>,
    pub problem_count: usize,
}

/// The outcome of a reload by request, besides reading the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// Every source of origins is asked again.
    Everything,
    /// AWS was asked a short time ago, and is asked again by a request from this instant on.
    WithoutAws { until: Timestamp },
}

/// Why a request has reloaded nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReloaded {
    Refused(Arc<Refusal>),
    /// As many requests as may wait do so already.
    Busy,
    /// The daemon is ending.
    Ending,
}

/// A configuration that was read and is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub at: Timestamp,
    /// Everything that is wrong, a line each.
    pub reason: String,
}
