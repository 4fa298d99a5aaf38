//! What the pages may ask of the daemon behind them.

use std::fmt;
use std::sync::Arc;

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
}
