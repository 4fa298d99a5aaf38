use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::activity::{CLOSING, IDLE, SILENT, STALLED};
use super::{Answer, Place, Places};

/// Takes a slot for 192.0.2.`host`.
fn take(places: &Arc<Places>, host: u8, now: Instant) -> Answer {
    places.take_now(IpAddr::from([192, 0, 2, host]).into(), now, false)
}

fn taken(places: &Arc<Places>, host: u8, now: Instant) -> Place {
    match take(places, host, now) {
        Answer::Taken(place) => place,
        other => panic!("{other:?}"),
    }
}

/// Returns the positions of the connections that lose their slots to a new one, in order.
fn losers(places: &Arc<Places>, held: &[Place], host: u8, mut now: Instant) -> Vec<usize> {
    let mut losers = Vec::new();
    for _ in held {
        assert!(matches!(take(places, host, now), Answer::Later));
        let displaced = |place: &Place| place.activity.is_displaced();
        let new = (0..held.len()).find(|at| displaced(&held[*at]) && !losers.contains(at));
        losers.extend(new);
        now += CLOSING;
    }
    losers
}

#[test]
fn the_connection_that_is_idle_for_longest_loses_its_place() {
    let (places, start) = (Arc::new(Places::new(3)), Instant::now());
    let held = [0, 1, 2].map(|number| taken(&places, 1, start + IDLE * number));
    held[0].activity.begin(start);
    held[0].activity.end();
    assert!(held[0].activity.written(start + IDLE * 3));
    let now = start + IDLE * 4;
    assert!(matches!(take(&places, 1, now), Answer::Later), "it keeps the slot until closed");
    assert_eq!(held.each_ref().map(|place| place.activity.is_displaced()), [false, true, false]);
    assert!(matches!(take(&places, 1, now), Answer::Later), "no other is displaced meanwhile");
    assert_eq!(held.each_ref().map(|place| place.activity.is_displaced()), [false, true, false]);
    let [_first, second, _third] = held;
    drop(second);
    taken(&places, 1, now);
}

#[test]
fn a_request_in_progress_keeps_its_place_while_its_client_reads() {
    let (places, start) = (Arc::new(Places::new(1)), Instant::now());
    let place = taken(&places, 1, start);
    let newcomer = |now| take(&places, 2, now);
    place.activity.begin(start);
    assert!(!place.activity.written(start), "its body is not complete");
    newcomer(start + STALLED * 9);
    place.activity.stall(start);
    newcomer(start + STALLED / 2);
    place.activity.advance(start);
    newcomer(start + STALLED);
    place.activity.stall(start + STALLED);
    newcomer(start + STALLED);
    assert!(!place.activity.is_displaced());
    newcomer(start + STALLED * 2);
    assert!(place.activity.is_displaced());
}

#[test]
fn a_newcomer_displaces_the_least_useful_of_the_address_that_holds_most() {
    let (places, start) = (Arc::new(Places::new(8)), Instant::now());
    let greedy: Vec<_> = (0..6).map(|_| taken(&places, 1, start)).collect();
    let others = [taken(&places, 2, start), taken(&places, 3, start)];
    let [served, stalled, guessing, idle, partial, _] = &greedy[..] else { panic!() };
    for place in [served, stalled, guessing, idle] {
        place.activity.begin(start);
    }
    stalled.activity.stall(start);
    guessing.activity.wait(start);
    idle.activity.end();
    idle.activity.written(start);
    partial.activity.hear(start + SILENT);
    assert_eq!(losers(&places, &greedy, 4, start + SILENT), [5, 3, 4, 2, 1, 0]);
    assert!(others.iter().all(|place| !place.activity.is_displaced()));
}

#[test]
fn a_newcomer_of_the_address_that_holds_most_displaces_none_of_another() {
    let (places, start) = (Arc::new(Places::new(4)), Instant::now());
    let other = taken(&places, 2, start);
    let greedy: Vec<_> = (0..3).map(|_| taken(&places, 1, start)).collect();
    greedy.iter().for_each(|place| place.activity.begin(start));
    let client = IpAddr::from([192, 0, 2, 1]).into();
    let much_later = start + IDLE * 9;
    assert!(matches!(places.take_now(client, much_later, false), Answer::Later));
    assert!(matches!(places.take_now(client, much_later, true), Answer::Never));
    assert!(!other.activity.is_displaced());
    // A waiting connection is served before idle ones of its own address.
    greedy[1].activity.end();
    greedy[1].activity.written(much_later);
    assert!(matches!(places.take_now(client, much_later, false), Answer::Later));
    assert!(!greedy[1].activity.is_displaced());
    assert!(matches!(places.take_now(client, much_later, true), Answer::Later));
    assert!(greedy[1].activity.is_displaced());
}

#[test]
fn one_of_many_that_say_nothing_loses_its_place_sooner_than_one_of_few() {
    for (host, grace) in [(1, SILENT), (2, IDLE)] {
        let (places, start) = (Arc::new(Places::new(4)), Instant::now());
        let held = [1, 1, 1, host].map(|host| taken(&places, host, start));
        let none = |now| {
            take(&places, 1, now);
            held.iter().all(|place| !place.activity.is_displaced())
        };
        assert!(none(start + grace - Duration::from_millis(1)), "{host}");
        assert!(!none(start + grace), "{host}");
    }
}

#[test]
fn a_client_that_stops_reading_at_the_end_of_a_response_is_stalled_again_in_the_next() {
    let (places, start) = (Arc::new(Places::new(1)), Instant::now());
    let place = taken(&places, 1, start);
    place.activity.begin(start);
    place.activity.stall(start);
    place.activity.begin(start);
    place.activity.stall(start);
    take(&places, 2, start + STALLED);
    assert!(place.activity.is_displaced());
}
