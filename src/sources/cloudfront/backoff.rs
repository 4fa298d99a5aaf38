//! The time until the next refresh: with jitter, sooner after a failure, later when throttled.

use std::time::Duration;

use rand::RngExt;

use crate::origin::Shard;
use crate::telemetry::ApiFault;

/// Counts consecutive failed refreshes by cause.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    throttled: u32,
    failed: u32,
}

impl Backoff {
    /// Returns the delay before the first refresh, which is random if there are several shards, so
    /// that they do not call the API at the same time.
    pub(super) fn first(shard: Shard) -> Duration {
        match shard.shards() {
            1 => Duration::ZERO,
            _ => LATEST_START.mul_f64(rand::rng().random_range(0.0..1.0)),
        }
    }

    /// Returns the delay after a refresh with the interval `refresh` and the failure `worst`.
    pub(super) fn after(&mut self, refresh: Duration, worst: Option<ApiFault>) -> Duration {
        let wait = self.without_jitter(refresh, worst);
        wait.mul_f64(rand::rng().random_range(0.9..1.1))
    }

    fn without_jitter(&mut self, refresh: Duration, worst: Option<ApiFault>) -> Duration {
        match worst {
            None => {
                *self = Self::default();
                refresh
            }
            Some(ApiFault::Throttled) => {
                self.failed = 0;
                self.throttled = (self.throttled + 1).min(MOST_DOUBLINGS);
                (refresh * 2_u32.pow(self.throttled)).min(LONGEST.max(refresh))
            }
            Some(_) => {
                self.throttled = 0;
                let wait = SOONEST * 2_u32.pow(self.failed);
                self.failed = (self.failed + 1).min(MOST_DOUBLINGS);
                wait.min(refresh)
            }
        }
    }
}

const LATEST_START: Duration = Duration::from_secs(15);
const SOONEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(6 * 3_600);
const MOST_DOUBLINGS: u32 = 10;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;
    use crate::origin::Shard;
    use crate::telemetry::ApiFault;

    #[test]
    fn throttling_makes_refreshes_rarer_and_other_failures_are_tried_again_soon() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let mut pace = Backoff::default();
        for (worst, expected) in [
            (None, minutes(15)),
            (Some(ApiFault::Throttled), minutes(30)),
            (Some(ApiFault::Throttled), minutes(60)),
            (Some(ApiFault::Throttled), minutes(120)),
            (Some(ApiFault::Throttled), minutes(240)),
            (Some(ApiFault::Throttled), minutes(360)),
            (Some(ApiFault::NoCredentials), Duration::from_secs(30)),
            (Some(ApiFault::TimedOut), minutes(1)),
            (Some(ApiFault::TimedOut), minutes(2)),
            (Some(ApiFault::TimedOut), minutes(4)),
            (Some(ApiFault::TimedOut), minutes(8)),
            (Some(ApiFault::TimedOut), minutes(15)),
            (None, minutes(15)),
            (Some(ApiFault::TimedOut), Duration::from_secs(30)),
        ] {
            assert_eq!(pace.without_jitter(minutes(15), worst), expected, "{worst:?}");
        }
    }

    #[test]
    fn every_wait_has_its_own_jitter() {
        let mut pace = Backoff::default();
        let refresh = Duration::from_secs(1_000);
        let waits: Vec<Duration> = (0..100).map(|_| pace.after(refresh, None)).collect();
        assert!(waits.iter().all(|wait| (900..=1_100).contains(&wait.as_secs())), "{waits:?}");
        assert!(waits.iter().any(|wait| *wait != waits[0]));
        assert_eq!(Backoff::first(Shard::WHOLE), Duration::ZERO);
        let several = Shard::new(1, 2).unwrap();
        assert!(Backoff::first(several) < Duration::from_secs(15));
    }
}
