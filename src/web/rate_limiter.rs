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
        let start = Instant::now();
        for (interval, burst, requests) in [
            (1000, 3, &[(0, 3, 1000), (1000, 1, 1000), (3000, 2, 1000), (100_000, 3, 1000)][..]),
            (
                2000,
                3,
                &[
                    (0, 3, 2000),
                    (1000, 0, 1000),
                    (2000, 1, 2000),
                    (4000, 1, 2000),
                    (99_000, 3, 2000),
                ],
            ),
            // Without a burst one may come.
            (100, 0, &[(0, 1, 100)]),
        ] {
            let pace = RateLimiter::new(Duration::from_millis(interval), burst);
            for (at, admitted, wait) in requests {
                let now = start + Duration::from_millis(*at);
                assert_eq!((0..5).filter(|_| pace.admit(now).is_ok()).count(), *admitted, "{at}");
                assert_eq!(pace.admit(now), Err(Duration::from_millis(*wait)), "{at}");
            }
        }
    }
}
