//! The distance of an instant from the present, in words.

use jiff::Timestamp;

/// Returns the distance from `now` to `at` in the largest unit with a count of at least two: `in 9
/// days`, `in 47 hours`, `3 minutes ago`, `now`. Days are the difference of the dates in UTC, so
/// that they agree with a date shown next to them. The remainder of other units is cut off.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let distance = seconds.unsigned_abs();
    let (count, unit) = match distance {
        0..120 => (distance, "second"),
        120..7_200 => (distance / 60, "minute"),
        7_200..172_800 => (distance / 3_600, "hour"),
        _ => (day(at).abs_diff(day(now)), "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {count} {unit}{plural}"),
        _ => format!("{count} {unit}{plural} ago"),
    }
}

/// Returns the number of the day in UTC.
fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}
