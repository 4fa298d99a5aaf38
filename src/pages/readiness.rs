//! Whether this process may be relied on yet, or still.

use std::fmt;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;

/// What `/-/ready` answers. Readers and writers never wait for each other.
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

    /// Notes that everything is in place: the configuration is loaded, the listener is bound, and
    /// the first round is done or has had its time.
    ///
    /// A process that is shutting down stays so.
    pub fn ready(&self) {
        self.change(READY);
    }

    /// Notes what is missing.
    ///
    /// A process that is shutting down stays so.
    pub fn not_ready(&self, reason: NotReady) {
        self.change(reason as u8);
    }

    /// Returns what is missing; `None` when ready.
    pub fn reason(&self) -> Option<NotReady> {
        NotReady::ALL.get(usize::from(self.state.load(Ordering::Acquire))).copied()
    }

    fn change(&self, to: u8) {
        let unless_shutting_down = |state| (state != NotReady::ShuttingDown as u8).then_some(to);
        // Refused only while shutting down, which is meant.
        let _ = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, unless_shutting_down);
    }
}

impl Default for Readiness {
    fn default() -> Self {
        Self::new()
    }
}

/// Why nothing should be asked of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NotReady {
    ConfigNotLoaded,
    /// A source of origins has not been read yet, and not enough time has passed to go without.
    SourceNotRead,
    /// Not every origin has been probed once, and not enough time has passed to go without.
    FirstRoundNotDone,
    ShuttingDown,
}

impl NotReady {
    /// Every reason, each at the position of its number.
    const ALL: [Self; 4] =
        [Self::ConfigNotLoaded, Self::SourceNotRead, Self::FirstRoundNotDone, Self::ShuttingDown];
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConfigNotLoaded => "the configuration is not loaded yet",
            Self::SourceNotRead => "a source of origins has not been read yet",
            Self::FirstRoundNotDone => "the first round of probes is not done yet",
            Self::ShuttingDown => "shutting down",
        })
    }
}

/// No reason has this number.
const READY: u8 = u8::MAX;

#[cfg(test)]
mod tests {
    use super::NotReady;
    use super::Readiness;

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
