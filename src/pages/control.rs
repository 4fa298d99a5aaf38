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

    /// Reads the configuration again and uses it, all or nothing.
    ///
    /// # Errors
    /// When anything is wrong with it; then everything stays as it was.
    fn reload(&self) -> BoxFuture<'_, Result<(), Arc<Refusal>>>;

    /// Returns why the configuration that was read last is not in use; `None` when it is.
    fn refusal(&self) -> Option<Arc<Refusal>>;
}

/// A configuration that was read and is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub at: Timestamp,
    /// Everything that is wrong, a line each.
    pub reason: String,
}
