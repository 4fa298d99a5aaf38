//! The readiness of this process.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The state behind `/-/ready`.
#[derive(Debug)]
pub struct Readiness {
    /// `None` if the process is ready.
    reason: Mutex<Option<NotReady>>,
}

impl Readiness {
    /// Records that the process is ready: the configuration is loaded, the listener is bound, and
    /// the first round of probes is complete or has timed out.
    ///
    /// Has no effect during shutdown.
    pub fn ready(&self) {
        self.change(None);
    }

    /// Records why the process is not ready.
    ///
    /// Has no effect during shutdown.
    pub fn not_ready(&self, reason: NotReady) {
        self.change(Some(reason));
    }

    /// Returns why the process is not ready; `None` if it is.
    pub fn reason(&self) -> Option<NotReady> {
        *self.lock()
    }

    fn change(&self, to: Option<NotReady>) {
        let mut reason = self.lock();
        if *reason != Some(NotReady::ShuttingDown) {
            *reason = to;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<NotReady>> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of a process that has just started.
impl Default for Readiness {
    fn default() -> Self {
        Self { reason: Mutex::new(Some(NotReady::ConfigNotLoaded)) }
    }
}

/// Why this process is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    ConfigNotLoaded,
    /// A source of origins has not been read yet, and the time limit has not expired.
    SourceNotRead,
    /// Not every origin has been probed once, and the time limit has not expired.
    FirstRoundNotDone,
    ShuttingDown,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConfigNotLoaded => "the configuration is not loaded yet",
            Self::SourceNotRead => "a source of origins has not been read yet",
            Self::FirstRoundNotDone => "the first round of probes is not complete yet",
            Self::ShuttingDown => "shutting down",
        })
    }
}
