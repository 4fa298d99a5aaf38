//! How fast requests may come.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

/// Lets a number of requests through at once, and then one each interval (the generic cell rate
/// algorithm: one instant is all that is kept).
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// How far ahead of the pace requests may run.
    ahead: Duration,
    /// When the next request would come if all came at the pace.
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// Returns a pace of one request an `interval`, `burst` of which may come at once.
    pub(super) fn new(interval: Duration, burst: u32) -> Self {
        let ahead = interval.saturating_mul(burst.max(1) - 1);
        Self { interval, ahead, next: Mutex::new(None) }
    }

    /// Lets one request through.
    ///
    /// # Errors
    /// Returns how long to wait when requests come too fast; such a one does not count.
    pub(super) fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let due = next.map_or(now, |next| next.max(now));
        let early = due.saturating_duration_since(now);
        if early > self.ahead {
            return Err(early - self.ahead);
        }
        *next = Some(due + self.interval);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    #[test]
    fn a_burst_may_come_at_once_and_then_one_each_interval() {
        let second = Duration::from_secs(1);
        let (pace, start) = (Pace::new(second, 3), Instant::now());
        let admitted = |at| (0..5).filter(|_| pace.admit(at).is_ok()).count();
        assert_eq!(admitted(start), 3);
        assert_eq!(pace.admit(start), Err(second));
        assert_eq!(admitted(start + second), 1);
        assert_eq!(admitted(start + second * 3), 2);
        assert_eq!(admitted(start + second * 100), 3);
    }

    #[test]
    fn without_a_burst_one_may_come() {
        let (pace, start) = (Pace::new(Duration::from_millis(100), 0), Instant::now());
        assert_eq!(pace.admit(start), Ok(()));
        assert_eq!(pace.admit(start), Err(Duration::from_millis(100)));
    }
}
