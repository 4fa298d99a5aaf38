//! How long one handshake may take.

use std::time::Duration;

use tokio::time::Instant;

/// The time that one handshake has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// When the handshake is given up.
    pub(super) until: Instant,
    /// When everything is given up.
    pub(super) deadline: Instant,
    /// Whether the deadline leaves less than a handshake is meant to have.
    pub(super) is_shortened: bool,
}

impl Patience {
    /// Returns what is left for a handshake that begins now.
    pub(super) fn from_now(timeout: Duration, deadline: Instant) -> Self {
        let meant = Instant::now() + timeout;
        Self { until: meant.min(deadline), deadline, is_shortened: deadline < meant }
    }
}
