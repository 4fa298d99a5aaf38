//! The wall clock, and detection of clock jumps.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The clock of the scheduler: the system clock, or a replacement for tests.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Returns the system clock.
    pub fn of_the_system() -> Self {
        Self::new(now)
    }

    /// Returns a clock that calls `read`.
    pub fn new(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Returns the time, to the microsecond, as reports keep it: a verdict that is judged again as
    /// of then is the same.
    pub(super) fn now(&self) -> Timestamp {
        let now = (self.0)();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Returns the wall clock's time at `instant`.
    pub(super) fn at(&self, instant: Instant) -> Option<Timestamp> {
        let ahead = instant.saturating_duration_since(Instant::now());
        self.now().checked_add(ahead).ok()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}

/// The wall clock, read in `schedule`, `daemon` and `cli` only.
#[allow(clippy::disallowed_methods)]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// Compares the wall clock with the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    last: Option<(Timestamp, Instant)>,
}

impl ClockWatch {
    /// Returns how far the wall clock has diverged from the monotonic clock since the last call, if
    /// that is a jump.
    ///
    /// System suspend counts as a jump, because the monotonic clock stops meanwhile.
    pub(super) fn look(&mut self, wall: Timestamp, monotonic: Instant) -> Option<SignedDuration> {
        let (wall_before, before) = self.last.replace((wall, monotonic))?;
        let passed = SignedDuration::try_from(monotonic.saturating_duration_since(before)).ok()?;
        let by = wall.duration_since(wall_before).checked_sub(passed)?;
        (by.unsigned_abs() > JUMP).then_some(by)
    }
}

/// A larger step invalidates certificate dates and failure times. Smaller steps are normal time
/// synchronization.
const JUMP: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};
    use tokio::time::Instant;

    use super::ClockWatch;

    #[test]
    fn more_than_a_minute_either_way_is_a_jump() {
        let (wall, monotonic) = (Timestamp::UNIX_EPOCH, Instant::now());
        for (wall_passed, passed, jump) in [
            (1, 1, None),
            (61, 1, None),
            (62, 1, Some(61)),
            (-59, 1, None),
            (-60, 1, Some(-61)),
            (86_401, 1, Some(86_400)),
            (600, 600, None),
        ] {
            let mut watch = ClockWatch::default();
            assert_eq!(watch.look(wall, monotonic), None);
            let later = monotonic + Duration::from_secs(passed);
            let found = watch.look(wall + SignedDuration::from_secs(wall_passed), later);
            assert_eq!(found, jump.map(SignedDuration::from_secs), "{wall_passed} in {passed}");
        }
    }

    #[test]
    fn a_jump_is_told_once() {
        let (wall, monotonic) = (Timestamp::UNIX_EPOCH, Instant::now());
        let mut watch = ClockWatch::default();
        let second = |n| (wall + SignedDuration::from_secs(n), monotonic + Duration::from_secs(1));
        watch.look(wall, monotonic);
        assert!(watch.look(second(3600).0, second(0).1).is_some());
        assert_eq!(watch.look(second(3601).0, second(0).1 + Duration::from_secs(1)), None);
    }
}
