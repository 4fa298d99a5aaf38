//! How many probes are made on request: at once, and in a second.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::refusal::Refusal;

/// What all requests of a process share.
#[derive(Debug)]
pub(in super::super) struct Limits {
    places: Arc<Semaphore>,
    pace: Pace,
    /// Until when the probes let in so far keep to the pace.
    taken_until: Mutex<Option<Instant>>,
}

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// The time from one to the next in the long run.
    pub(super) interval: Duration,
    /// How many may come at once after a pause.
    pub(super) burst: u32,
}

/// A probe's place among those that run; ends when dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(AT_ONCE, PACE)
    }
}

impl Limits {
    pub(super) fn new(at_once: usize, pace: Pace) -> Self {
        let places = Arc::new(Semaphore::new(at_once));
        Self { places, pace, taken_until: Mutex::new(None) }
    }

    /// Lets one more probe in at the instant `now`, or says why not.
    pub(super) fn take(&self, now: Instant) -> Result<Place, Refusal> {
        // What gets no place must not count for the pace.
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(Refusal::TooManyAtOnce);
        };
        let mut taken_until = self.taken_until.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = taken_until.map_or(now, |until| until.max(now));
        let ahead = begins.saturating_duration_since(now);
        let room = self.pace.interval * self.pace.burst.saturating_sub(1);
        if let Some(wait) = ahead.checked_sub(room).filter(|wait| !wait.is_zero()) {
            return Err(Refusal::TooOften { wait });
        }
        *taken_until = Some(begins + self.pace.interval);
        Ok(Place { _permit: permit })
    }
}

/// A few hundred targets, each a handful of which are slow.
const AT_ONCE: usize = 64;
/// 50 a second: three thousand targets that are scraped every minute.
const PACE: Pace = Pace { interval: Duration::from_millis(20), burst: 100 };

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Limits;
    use super::Pace;
    use super::Refusal;

    #[test]
    fn after_a_burst_there_is_one_for_each_interval() {
        let limits = Limits::new(9, Pace { interval: Duration::from_secs(2), burst: 3 });
        let start = Instant::now();
        let take = |after: u64| limits.take(start + Duration::from_secs(after)).map(drop);
        assert_eq!([take(0), take(0), take(0)], [Ok(()), Ok(()), Ok(())]);
        assert_eq!(take(0), Err(Refusal::TooOften { wait: Duration::from_secs(2) }));
        assert_eq!(take(1), Err(Refusal::TooOften { wait: Duration::from_secs(1) }));
        assert_eq!([take(2), take(4)], [Ok(()), Ok(())]);
        assert_eq!(take(4), Err(Refusal::TooOften { wait: Duration::from_secs(2) }));
        // A pause gives the burst back, and no more than that.
        assert_eq!([take(99), take(99), take(99)], [Ok(()), Ok(()), Ok(())]);
        assert!(take(99).is_err());
    }

    #[test]
    fn a_place_is_free_again_when_its_probe_ends() {
        let limits = Limits::new(2, Pace { interval: Duration::from_secs(1), burst: 9 });
        let now = Instant::now();
        let (first, _second) = (limits.take(now).unwrap(), limits.take(now).unwrap());
        assert_eq!(limits.take(now).map(drop), Err(Refusal::TooManyAtOnce));
        drop(first);
        assert_eq!(limits.take(now).map(drop), Ok(()));
    }
}
