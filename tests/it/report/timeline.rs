use jiff::Timestamp;

use origin_probe::report::{ChainPicture, Event, EventKind, Timeline};

use super::sample::{Sample, now};

fn timeline(not_after: &str, first_failure: Option<Timestamp>) -> Timeline {
    let failure = first_failure.map(|at| Event { kind: EventKind::FirstFailure, at });
    let report = Sample::of("www.shop.example").serving_until("192.0.2.1", not_after).report();
    let chain = report.observation.endpoints[0].chain.clone().unwrap();
    let picture = ChainPicture::new(&chain, now());
    let policy = report.origin.renewal;
    Timeline::new(&chain, &picture, &policy, failure, now()).unwrap()
}

#[test]
fn the_window_holds_the_end_entity_and_what_is_to_come() {
    let first_failure = "2027-01-01T00:00:00Z".parse().unwrap();
    let line = timeline("2026-12-31T23:59:59Z", Some(first_failure));
    let events: Vec<(EventKind, String)> =
        line.events.iter().map(|event| (event.kind, event.at.to_string())).collect();
    let at = |text: &str| text.to_owned();
    assert_eq!(
        events,
        [
            (EventKind::Today, at("2026-11-24T00:00:00Z")),
            (EventKind::RenewalWarning, at("2026-12-10T23:59:59Z")),
            (EventKind::RenewalCritical, at("2026-12-24T23:59:59Z")),
            (EventKind::FirstFailure, at("2027-01-01T00:00:00Z")),
        ]
    );
    for event in &line.events {
        assert!(line.shows(event.at), "{event:?}");
    }
    let bar = &line.bars[0];
    assert!(line.shows(bar.not_after) && line.shows(bar.not_before.unwrap()));
    assert!(bar.is_in_time && bar.is_on_the_way && bar.warning.is_some());
    // The intermediate is valid for years beyond the window.
    assert_eq!(line.place(line.bars[1].not_after), 1.0);
    assert_eq!(line.bars[1].warning, None);
    let labels: Vec<&str> = line.ticks.iter().map(|tick| tick.label.as_str()).collect();
    assert_eq!(labels, ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026", "Jan 2027"]);
}

#[test]
fn places_run_from_the_beginning_to_the_end() {
    let line = timeline("2026-12-31T23:59:59Z", None);
    assert_eq!(line.place(line.from), 0.0);
    assert_eq!(line.place(line.to), 1.0);
    assert_eq!(line.place(Timestamp::MIN), 0.0);
    assert_eq!(line.place(Timestamp::MAX), 1.0);
    let events: Vec<f64> = line.events.iter().map(|event| line.place(event.at)).collect();
    assert!(events.is_sorted(), "{events:?}");
}

#[test]
fn a_chain_that_has_ended_says_when_and_not_when_it_was_late() {
    let line = timeline("2026-11-01T23:59:59Z", Some(now()));
    let kinds: Vec<EventKind> = line.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::ChainEnd, EventKind::FirstFailure, EventKind::Today]);
    assert_eq!(line.events[0].at, line.bars[0].not_after);
}

#[test]
fn what_is_centuries_away_does_not_stretch_the_window() {
    let line = timeline("9999-12-30T00:00:00Z", Some(Timestamp::MAX));
    assert!(line.to.as_second() - now().as_second() < 4 * 366 * 86_400);
    assert!(!line.ticks.is_empty() && line.ticks.len() <= 6);
    let past = timeline("1851-01-01T00:00:00Z", None);
    assert!(past.shows(now()) && !past.bars[0].is_in_time);
}
