//! The readiness of this process.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

/// The state behind `/-/ready`. Readers and writers never block each other.
#[derive(Debug)]
pub struct Readiness {
    /// [`READY`], or a reason's position in [`NotReady::ALL`].
    state: AtomicU8,
}

impl Readiness {
    /// Returns the state of a process that has just started.
    pub fn new() -> Self {
        Self { state: AtomicU8::new(NotReady::ConfigNotLoaded as u8) }
    }

    /// Records that the process is ready: the configuration is loaded, the listener is bound, and
    /// the first round of probes is complete or has timed out.
    ///
    /// Has no effect during shutdown.
    pub fn ready(&self) {
        self.change(READY);
    }

    /// Records why the process is not ready.
    ///
    /// Has no effect during shutdown.
    pub fn not_ready(&self, reason: NotReady) {
        self.change(reason as u8);
    }

    /// Returns why the process is not ready; `None` if it is.
    pub fn reason(&self) -> Option<NotReady> {
        NotReady::ALL.get(usize::from(self.state.load(Ordering::Acquire))).copied()
    }

    fn change(&self, to: u8) {
        let unless_shutting_down = |state| (state != NotReady::ShuttingDown as u8).then_some(to);
        // Fails only during shutdown, as intended.
        let _ = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, unless_shutting_down);
    }
}

impl Default for Readiness {
    fn default() -> Self {
        Self::new()
    }
}

/// Why this process is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NotReady {
    ConfigNotLoaded,
    /// A source of origins has not been read yet, and the time limit has not expired.
    SourceNotRead,
    /// Not every origin has been probed once, and the time limit has not expired.
    FirstRoundNotDone,
    ShuttingDown,
}

impl NotReady {
    /// Every reason, at the index of its discriminant.
    const ALL: [Self; 4] =
        [Self::ConfigNotLoaded, Self::SourceNotRead, Self::FirstRoundNotDone, Self::ShuttingDown];
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

/// No reason has this number.
const READY: u8 = u8::MAX;

#[cfg(test)]
mod tests {
    use super::{NotReady, Readiness};

    #[test]
    fn every_reason_is_given_back_as_noted() {
        for reason in NotReady::ALL {
            let readiness = Readiness::new();
            readiness.not_ready(reason);
            assert_eq!(readiness.reason(), Some(reason));
        }
    }

    #[test]
    fn a_process_begins_unready_and_becomes_ready() {
        let readiness = Readiness::new();
        assert_eq!(readiness.reason(), Some(NotReady::ConfigNotLoaded));
        readiness.ready();
        assert_eq!(readiness.reason(), None);
        readiness.not_ready(NotReady::FirstRoundNotDone);
        assert_eq!(readiness.reason(), Some(NotReady::FirstRoundNotDone));
    }

    #[test]
    fn shutting_down_is_final() {
        let readiness = Readiness::new();
        readiness.not_ready(NotReady::ShuttingDown);
        readiness.ready();
        readiness.not_ready(NotReady::FirstRoundNotDone);
        assert_eq!(readiness.reason(), Some(NotReady::ShuttingDown));
    }
}
