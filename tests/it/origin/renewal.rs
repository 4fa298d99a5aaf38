use jiff::{SignedDuration, Timestamp};
use origin_probe::origin::RenewalPolicy;

#[test]
fn the_thresholds_follow_the_lifetime() {
    let not_after: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    for (lifetime_days, warning_hours, critical_hours) in [
        (398, 21 * 24, 7 * 24),
        (200, 21 * 24, 7 * 24),
        (90, 21 * 24, 7 * 24),
        (47, 282, 112),
        (6, 36, 14),
    ] {
        let not_before = not_after - SignedDuration::from_hours(lifetime_days * 24);
        let instants = RenewalPolicy::default().instants(not_before, not_after);
        assert_eq!(not_after.duration_since(instants.warning).as_hours(), warning_hours);
        assert_eq!(not_after.duration_since(instants.critical).as_hours(), critical_hours);
    }
}

#[test]
fn a_certificate_that_ends_before_it_begins_is_due_at_its_end() {
    let begin: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let end: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
    assert_eq!(RenewalPolicy::default().instants(begin, end).warning, end);
}
