//! What a report remembers of the verdicts before.

use std::sync::Arc;

use jiff::SignedDuration;
use origin_probe::observation::Observation;
use origin_probe::report::{History, Report, VerdictPeriod};
use origin_probe::rules::RuleId;
use origin_probe::verdict::Answer;

use super::stage::{Pki, endpoint, failed, now, refusal, seen};

/// Reports on one probe after the other, a minute apart: true is healthy, false refuses.
fn watched(probes: impl IntoIterator<Item = bool>) -> Report {
    let sound = Pki::new().sound();
    let mut latest: Option<Report> = None;
    for (minute, is_healthy) in probes.into_iter().enumerate() {
        let at = now() + SignedDuration::from_mins(minute as i64);
        let endpoint = match is_healthy {
            true => endpoint(1, sound.clone()),
            false => failed(1, refusal()),
        };
        let probe = Observation { started_at: at, ..seen(vec![endpoint]) };
        latest = Some(Report::new(
            latest.as_ref().map(|latest: &Report| &latest.brief),
            Arc::new(probe),
            at,
        ));
    }
    latest.unwrap()
}

#[test]
fn an_origin_that_never_changed_has_one_period() {
    let report = watched([true; 5]);
    let only: Vec<&VerdictPeriod> = report.brief.history.latest_first().collect();
    assert_eq!(only.len(), 1);
    assert_eq!((only[0].since(), only[0].probes), (now(), 5));
}

#[test]
fn a_change_begins_a_new_period_with_its_causes() {
    let report = watched([true, true, false, false, false]);
    let all: Vec<&VerdictPeriod> = report.brief.history.latest_first().collect();
    let causes: Vec<RuleId> = all[0].causes().map(|rule| rule.id).collect();
    assert_eq!(causes, [RuleId::ConnectionRefused]);
    assert_eq!((all[0].answer, all[0].status, all[0].probes), (Answer::Fails, Some(502), 3));
    assert_eq!(all[0].since(), now() + SignedDuration::from_mins(2));
    assert_eq!((all[1].answer, all[1].status, all[1].probes), (Answer::Answers, None, 2));
    assert_eq!(all[1].causes().count(), 0);
}

#[test]
fn a_restless_origin_keeps_the_latest_sixteen_changes() {
    let report = watched((0..100).map(|n| n % 2 == 0));
    let all: Vec<&VerdictPeriod> = report.brief.history.latest_first().collect();
    assert_eq!(all.len(), 17);
    assert!(report.brief.history.is_cut());
    assert!(all.is_sorted_by(|later, earlier| later.since() > earlier.since()));
    assert_eq!(all[0].since(), now() + SignedDuration::from_mins(99));
}

#[test]
fn the_same_probe_judged_again_is_not_counted_twice() {
    let first = watched([true]);
    let again = Report::new(Some(&first.brief), Arc::clone(&first.observation), now());
    assert_eq!(again.brief.history.latest_first().next().unwrap().probes, 1);
}

#[test]
fn a_period_with_room_for_128_rules_takes_48_bytes() {
    assert!(size_of::<VerdictPeriod>() <= 48, "{}", size_of::<VerdictPeriod>());
    assert!(size_of::<History>() <= 64, "{}", size_of::<History>());
}
