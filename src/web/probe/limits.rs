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
        let places = Arc::new(Semaphore::new(AT_ONCE));
        Self { places, rate_limiter: RateLimiter::new(INTERVAL, BURST) }
    }
}

impl Limits {
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
