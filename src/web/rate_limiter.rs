//! The rate limit of requests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Admits a burst of requests, and then one per interval (the generic cell rate algorithm, whose
/// only state is one instant).
#[derive(Debug)]
pub(super) struct RateLimiter {
    interval: Duration,
    /// How far requests may run ahead of the rate.
    ahead: Duration,
    /// When the next request would be due at the configured rate.
    next: Mutex<Option<Instant>>,
}

impl RateLimiter {
    /// Returns a limit of one request per `interval`, with bursts of up to `burst` requests.
    pub(super) fn new(interval: Duration, burst: u32) -> Self {
        let ahead = interval.saturating_mul(burst.max(1) - 1);
        Self { interval, ahead, next: Mutex::new(None) }
    }

    /// Admits one request.
    ///
    /// # Errors
    /// Returns the time to wait if requests arrive too fast; a rejected request does not count.
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

    use super::RateLimiter;

    #[test]
    fn a_burst_may_come_at_once_and_then_one_each_interval() {
        let second = Duration::from_secs(1);
        let (pace, start) = (RateLimiter::new(second, 3), Instant::now());
        let admitted = |at| (0..5).filter(|_| pace.admit(at).is_ok()).count();
        assert_eq!(admitted(start), 3);
        assert_eq!(pace.admit(start), Err(second));
        assert_eq!(admitted(start + second), 1);
        assert_eq!(admitted(start + second * 3), 2);
        assert_eq!(admitted(start + second * 100), 3);
    }

    #[test]
    fn without_a_burst_one_may_come() {
        let (pace, start) = (RateLimiter::new(Duration::from_millis(100), 0), Instant::now());
        assert_eq!(pace.admit(start), Ok(()));
        assert_eq!(pace.admit(start), Err(Duration::from_millis(100)));
    }
}
