//! Limits probes on request: how many at once, and how many per second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::refusal::Refusal;
use crate::web::rate_limiter::RateLimiter;

/// The limits that all requests of a process share.
#[derive(Debug)]
pub(in super::super) struct Limits {
    places: Arc<Semaphore>,
    rate_limiter: RateLimiter,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(AT_ONCE, RateLimiter::new(INTERVAL, BURST))
    }
}

impl Limits {
    pub(super) fn new(at_once: usize, pace: RateLimiter) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), rate_limiter: pace }
    }

    /// Admits one more probe at the instant `now`, until the permit is dropped, or returns why not.
    pub(super) fn take(&self, now: Instant) -> Result<OwnedSemaphorePermit, Refusal> {
        // A request without a free slot must not count towards the rate limit.
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(Refusal::TooManyAtOnce);
        };
        self.rate_limiter.admit(now).map_err(|wait| Refusal::TooOften { wait })?;
        Ok(permit)
    }
}

/// Enough for a few hundred targets, some of them slow.
const AT_ONCE: usize = 64;
/// 50 per second: three thousand targets scraped every minute.
const INTERVAL: Duration = Duration::from_millis(20);
const BURST: u32 = 100;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Limits, RateLimiter, Refusal};

    #[test]
    fn after_a_burst_there_is_one_for_each_interval() {
        let limits = Limits::new(9, RateLimiter::new(Duration::from_secs(2), 3));
        let start = Instant::now();
        let take = |after: u64| limits.take(start + Duration::from_secs(after)).map(drop);
        assert_eq!([take(0), take(0), take(0)], [Ok(()), Ok(()), Ok(())]);
        assert_eq!(take(0), Err(Refusal::TooOften { wait: Duration::from_secs(2) }));
        assert_eq!(take(1), Err(Refusal::TooOften { wait: Duration::from_secs(1) }));
        assert_eq!([take(2), take(4)], [Ok(()), Ok(())]);
        assert_eq!(take(4), Err(Refusal::TooOften { wait: Duration::from_secs(2) }));
        // A pause restores the burst, but not more.
        assert_eq!([take(99), take(99), take(99)], [Ok(()), Ok(()), Ok(())]);
        assert!(take(99).is_err());
    }

    #[test]
    fn a_place_is_free_again_when_its_probe_ends() {
        let limits = Limits::new(2, RateLimiter::new(Duration::from_secs(1), 9));
        let now = Instant::now();
        let (first, _second) = (limits.take(now).unwrap(), limits.take(now).unwrap());
        assert_eq!(limits.take(now).map(drop), Err(Refusal::TooManyAtOnce));
        drop(first);
        assert_eq!(limits.take(now).map(drop), Ok(()));
    }
}
