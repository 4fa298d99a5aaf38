//! How far an instant lies from the present, in words.

use jiff::Timestamp;

/// Returns the distance from `now` to `at` in the largest unit of which there are at least two:
/// `in 9 days`, `in 47 hours`, `3 minutes ago`, `now`. What is left over is cut off.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let distance = seconds.unsigned_abs();
    let (count, unit) = UNITS
        .iter()
        .map(|(length, unit)| (distance / length, *unit))
        .find(|(count, _)| *count >= 2)
        .unwrap_or((distance, "second"));
    let plural = if count == 1 { "" } else { "s" };
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {count} {unit}{plural}"),
        _ => format!("{count} {unit}{plural} ago"),
    }
}

const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::Timestamp;

    use super::relative;

    #[test]
    fn the_largest_unit_that_counts_at_least_two_is_used() {
        let now: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        for (seconds, words) in [
            (0, "now"),
            (1, "in 1 second"),
            (-1, "1 second ago"),
            (119, "in 119 seconds"),
            (120, "in 2 minutes"),
            (7_199, "in 119 minutes"),
            (7_200, "in 2 hours"),
            (-18_000, "5 hours ago"),
            (172_799, "in 47 hours"),
            (172_800, "in 2 days"),
            (10 * 86_400 - 1, "in 9 days"),
            (-3 * 86_400, "3 days ago"),
            (400 * 86_400, "in 400 days"),
        ] {
            assert_eq!(relative(now + SignedDuration::from_secs(seconds), now), words);
        }
    }

    #[test]
    fn the_ends_of_time_are_bearable() {
        assert_eq!(relative(Timestamp::MAX, Timestamp::MIN), "in 7304481 days");
        assert_eq!(relative(Timestamp::MIN, Timestamp::MAX), "7304481 days ago");
    }
}
