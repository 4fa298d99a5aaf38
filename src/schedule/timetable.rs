//! When each origin's next probe is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;

/// The due times of all origins: one heap, not a timer each.
#[derive(Debug, Default)]
pub(super) struct Timetable {
    due: BinaryHeap<Reverse<(Instant, usize)>>,
}

impl Timetable {
    /// Spreads the first probes of `intervals.len()` origins, beginning at `start`.
    pub(super) fn starting_at(start: Instant, intervals: &[Duration], start_rate: u32) -> Self {
        let mut timetable = Self::default();
        let count = intervals.len();
        for (origin, interval) in intervals.iter().enumerate() {
            let slot = spread(*interval, count, start_rate).div_f64(count.max(1) as f64);
            let within = rand::rng().random_range(0.0..1.0);
            timetable.add(origin, start + slot.mul_f64(origin as f64 + within));
        }
        timetable
    }

    /// Enters one probe.
    pub(super) fn add(&mut self, origin: usize, at: Instant) {
        self.due.push(Reverse((at, origin)));
    }

    /// Returns when the next probe is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out one probe that is due at `now`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(Instant, usize)> {
        if self.next()? > now {
            return None;
        }
        self.due.pop().map(|Reverse(due)| due)
    }
}

/// Over how long first probes are spread: min(interval, 30 s), but no faster than `start_rate` a
/// second.
fn spread(interval: Duration, count: usize, start_rate: u32) -> Duration {
    let by_rate = Duration::from_secs_f64(count as f64 / f64::from(start_rate.max(1)));
    interval.min(FIRST_ROUND).max(by_rate)
}

/// Returns the time until the next regular probe: the interval, give or take a tenth, so that
/// origins do not fall into step.
pub(super) fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(rand::rng().random_range(0.9..=1.1))
}

/// Returns the time until a failure is confirmed: a few seconds, in which a server that restarts
/// is back.
pub(super) fn until_confirmation(interval: Duration) -> Duration {
    Duration::from_secs_f64(rand::rng().random_range(3.0..=6.0)).min(interval)
}

const FIRST_ROUND: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Timetable;
    use super::jittered;
    use super::spread;

    #[test]
    fn first_probes_are_spread_over_the_interval_or_by_the_start_rate() {
        let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
        assert_eq!(spread(minute, 10, 500), Duration::from_secs(30));
        assert_eq!(spread(second * 10, 10, 500), second * 10);
        assert_eq!(spread(minute, 100_000, 500), second * 200);
    }

    #[test]
    fn every_origin_is_due_once_and_within_the_spread() {
        let start = Instant::now();
        let intervals = [Duration::from_secs(10); 100];
        let mut timetable = Timetable::starting_at(start, &intervals, 500);
        assert_eq!(timetable.take_due(start - Duration::from_millis(1)), None);
        let mut seen = BTreeSet::new();
        let end = start + Duration::from_secs(10);
        while let Some((at, origin)) = timetable.take_due(end) {
            assert!(at >= start && at < end);
            assert!(seen.insert(origin));
        }
        assert_eq!(seen.len(), 100);
    }

    #[test]
    fn the_jitter_is_a_tenth_either_way() {
        for _ in 0..1000 {
            let next = jittered(Duration::from_secs(100));
            assert!((90..=110).contains(&next.as_secs()), "{next:?}");
        }
    }
}
