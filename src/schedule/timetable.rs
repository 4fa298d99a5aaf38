//! When each unit's next probe is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;

/// The id of a unit, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct UnitId(pub(super) u64);

/// The due times of all units, in one heap instead of a timer for each.
///
/// When a unit is rescheduled or removed, its old entry stays in the heap. The caller detects such
/// entries when they are due.
#[derive(Debug, Default)]
pub(super) struct Timetable {
    due: BinaryHeap<Reverse<(Instant, UnitId)>>,
}

impl Timetable {
    /// Adds the due time of a unit.
    pub(super) fn add(&mut self, unit: UnitId, at: Instant) {
        self.due.push(Reverse((at, unit)));
    }

    /// Drops the due times for which `holds` returns false.
    pub(super) fn retain(&mut self, holds: impl Fn(Instant, UnitId) -> bool) {
        self.due.retain(|Reverse((at, unit))| holds(*at, *unit));
        self.due.shrink_to_fit();
    }

    /// Returns when the next probe is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }

    /// Removes and returns one entry that is due at `now`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(Instant, UnitId)> {
        if self.next()? > now {
            return None;
        }
        self.due.pop().map(|Reverse(due)| due)
    }
}

/// The instants at which probes begin. Starting probes in batches saves CPU: for a single probe,
/// waking a thread with cold caches costs as much as the handshake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beats {
    first: Instant,
}

impl Beats {
    /// Returns the beats from `first` on.
    pub(super) fn from(first: Instant) -> Self {
        Self { first }
    }

    /// Returns the first beat at or after `at`.
    pub(super) fn not_before(self, at: Instant) -> Instant {
        let since = at.saturating_duration_since(self.first);
        let over = since.as_nanos() % BEAT.as_nanos();
        if over == 0 {
            return at;
        }
        let over = Duration::from_nanos(u64::try_from(over).unwrap_or_default());
        at + BEAT.saturating_sub(over)
    }
}

/// The time between two beats, and the maximum delay of a probe after its due time. At 300 probes
/// per second, 15 begin together: enough to save most wake-ups, and few enough that their
/// handshakes do not delay each other.
const BEAT: Duration = Duration::from_millis(50);

/// Spreads the first probes of a round over time, to avoid a burst.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    start: Instant,
    start_rate: u32,
}

impl Spread {
    /// Spreads probes from `start` on, `start_rate` per second.
    pub(super) fn new(start: Instant, start_rate: u32) -> Self {
        Self { start, start_rate: start_rate.max(1) }
    }

    /// Returns the time of the probe at `position`.
    pub(super) fn slot(&self, position: usize) -> Instant {
        let within = rand::rng().random_range(0.0..1.0);
        self.start
            + Duration::from_secs_f64((position as f64 + within) / f64::from(self.start_rate))
    }
}

/// Returns the time from the first probe of a round to the next one: a random part of the interval,
/// so that the probes are spread over the whole interval from then on.
pub(super) fn scattered(interval: Duration) -> Duration {
    interval.mul_f64(rand::rng().random_range(0.1..=1.0))
}

/// Returns the time until the next regular probe: the interval with 10 % jitter either way, so that
/// probes of different origins do not synchronize.
pub(super) fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(rand::rng().random_range(0.9..=1.1))
}

/// Returns the delay until the probe that confirms a failure: a few seconds, enough for a server to
/// restart.
pub(super) fn until_confirmation(interval: Duration) -> Duration {
    Duration::from_secs_f64(rand::rng().random_range(3.0..=6.0)).min(interval)
}

/// Returns how many probes were missed while one was `late`.
pub(super) fn missed(late: Duration, interval: Duration) -> u64 {
    (late.as_secs_f64() / interval.as_secs_f64().max(f64::MIN_POSITIVE)) as u64
}

/// A lookup that takes this long has waited for a nameserver that does not respond.
pub(super) const LONG_LOOKUP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{BEAT, Beats, Spread, Timetable, UnitId, jittered, missed, scattered};

    #[test]
    fn first_probes_begin_one_after_the_other_at_the_rate() {
        let start = Instant::now();
        let spread = Spread::new(start, 100);
        for position in 0..500_u32 {
            let from = start + Duration::from_millis(10) * position;
            let at = spread.slot(position as usize);
            assert!(at >= from && at <= from + Duration::from_millis(10), "{position}");
        }
    }

    #[test]
    fn probes_are_taken_out_when_they_are_due_and_in_order() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut timetable = Timetable::default();
        for (unit, seconds) in [(1, 3), (2, 1), (3, 2)] {
            timetable.add(UnitId(unit), at(seconds));
        }
        assert_eq!(timetable.take_due(start), None);
        assert_eq!(timetable.next(), Some(at(1)));
        assert_eq!(timetable.take_due(at(2)), Some((at(1), UnitId(2))));
        assert_eq!(timetable.take_due(at(2)), Some((at(2), UnitId(3))));
        assert_eq!(timetable.take_due(at(2)), None);
        assert_eq!(timetable.take_due(at(9)), Some((at(3), UnitId(1))));
        assert_eq!(timetable.next(), None);
    }

    #[test]
    fn a_probe_waits_for_the_next_beat() {
        let first = Instant::now();
        let beats = Beats::from(first);
        let one = Duration::from_nanos(1);
        for (at, beat) in [
            (first - one, first - one),
            (first, first),
            (first + one, first + BEAT),
            (first + BEAT, first + BEAT),
            (first + BEAT + one, first + BEAT * 2),
            (first + BEAT * 1000 - one, first + BEAT * 1000),
        ] {
            assert_eq!(beats.not_before(at), beat, "{:?}", at - first);
        }
    }

    #[test]
    fn every_interval_that_passed_is_a_probe_missed() {
        let second = Duration::from_secs(1);
        assert_eq!(missed(Duration::from_millis(1), second * 10), 0);
        assert_eq!(missed(second * 9, second * 10), 0);
        assert_eq!(missed(second * 25, second * 10), 2);
    }

    #[test]
    fn the_jitter_is_a_tenth_either_way_and_wide_after_a_first_probe() {
        for _ in 0..1000 {
            let next = jittered(Duration::from_secs(100));
            assert!((90..=110).contains(&next.as_secs()), "{next:?}");
            let next = scattered(Duration::from_secs(100));
            assert!((10..=100).contains(&next.as_secs()), "{next:?}");
        }
    }
}
