//! How many probes are made on request: at once, and in a second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::refusal::Refusal;
use crate::pages::pace::Pace;

/// What all requests of a process share.
#[derive(Debug)]
pub(in super::super) struct Limits {
    places: Arc<Semaphore>,
    pace: Pace,
}

/// A probe's place among those that run; ends when dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(AT_ONCE, Pace::new(INTERVAL, BURST))
    }
}

impl Limits {
    pub(super) fn new(at_once: usize, pace: Pace) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), pace }
    }

    /// Lets one more probe in at the instant `now`, or says why not.
    pub(super) fn take(&self, now: Instant) -> Result<Place, Refusal> {
        // What gets no place must not count for the pace.
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(Refusal::TooManyAtOnce);
        };
        self.pace.admit(now).map_err(|wait| Refusal::TooOften { wait })?;
        Ok(Place { _permit: permit })
    }
}

/// A few hundred targets, each a handful of which are slow.
const AT_ONCE: usize = 64;
/// 50 a second: three thousand targets that are scraped every minute.
const INTERVAL: Duration = Duration::from_millis(20);
const BURST: u32 = 100;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Limits;
    use super::Pace;
    use super::Refusal;

    #[test]
    fn after_a_burst_there_is_one_for_each_interval() {
        let limits = Limits::new(9, Pace::new(Duration::from_secs(2), 3));
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
        let limits = Limits::new(2, Pace::new(Duration::from_secs(1), 9));
        let now = Instant::now();
        let (first, _second) = (limits.take(now).unwrap(), limits.take(now).unwrap());
        assert_eq!(limits.take(now).map(drop), Err(Refusal::TooManyAtOnce));
        drop(first);
        assert_eq!(limits.take(now).map(drop), Ok(()));
    }
}
