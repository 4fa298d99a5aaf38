use jiff::{SignedDuration, Timestamp};
use origin_probe::report::relative;

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
        (10 * 86_400, "in 10 days"),
        (-2 * 86_400 - 1, "3 days ago"),
        (-3 * 86_400, "3 days ago"),
        (400 * 86_400, "in 400 days"),
    ] {
        assert_eq!(relative(now + SignedDuration::from_secs(seconds), now), words);
    }
}

#[test]
fn days_are_the_difference_of_the_dates() {
    for (at, now, words) in [
        ("2026-12-10T00:07:03Z", "2026-11-30T00:07:04Z", "in 10 days"),
        ("2026-12-31T23:59:59Z", "2026-11-24T00:00:00Z", "in 37 days"),
        ("2026-11-20T00:07:05Z", "2026-11-30T00:07:04Z", "10 days ago"),
        ("2026-12-03T00:00:00Z", "2026-11-30T23:59:59Z", "in 3 days"),
        ("2026-12-02T23:59:58Z", "2026-11-30T23:59:59Z", "in 47 hours"),
        ("1969-12-20T23:59:59Z", "1970-01-01T00:00:00Z", "12 days ago"),
    ] {
        assert_eq!(relative(at.parse().unwrap(), now.parse().unwrap()), words);
    }
}

#[test]
fn the_ends_of_time_are_bearable() {
    assert_eq!(relative(Timestamp::MAX, Timestamp::MIN), "in 7304481 days");
    assert_eq!(relative(Timestamp::MIN, Timestamp::MAX), "7304481 days ago");
}
