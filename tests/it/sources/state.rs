use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use origin_probe::origin::Origin;
use origin_probe::sources::{
    Effect, Found, FoundOrigin, Part, PartUpdate, SourceName, SourceState, SourceUpdate,
};

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn found(names: &[&str]) -> PartUpdate {
    let origin = |name: &&str| FoundOrigin {
        line: None,
        origin: Arc::new(Origin::with_defaults(format!("{name}.example").parse().unwrap())),
        is_last_good: false,
    };
    PartUpdate::Read(Found { origins: names.iter().map(origin).collect(), ..Found::default() })
}

fn failed() -> PartUpdate {
    PartUpdate::Failed("no".to_owned())
}

fn parts(parts: Vec<(&str, PartUpdate)>) -> SourceUpdate {
    SourceUpdate::Parts(
        parts.into_iter().map(|(n, update)| Part { name: n.into(), update }).collect(),
    )
}

/// Returns the domains in use.
fn in_use(state: &SourceState) -> Vec<String> {
    let origins = state.parts.values().flat_map(|part| &part.found.origins);
    origins.map(|found| found.origin.domain().to_string()).collect()
}

#[test]
fn the_last_good_list_of_each_part_stays_in_use() {
    let mut state = SourceState::new(SourceName::files("*.yaml"));
    assert!(!state.is_good(), "it has not been polled");
    // The update, its effect, the domains then in use, and the start of the failure.
    for (second, update, effect, expected, failing) in [
        (1, parts(vec![("a", found(&["x"])), ("b", failed())]), Effect::Other, &["x"][..], Some(1)),
        (
            2,
            parts(vec![("a", PartUpdate::Unchanged), ("b", failed())]),
            Effect::Same,
            &["x"],
            Some(1),
        ),
        (
            3,
            parts(vec![("a", failed()), ("b", found(&["y"]))]),
            Effect::Other,
            &["x", "y"],
            Some(3),
        ),
        (
            4,
            parts(vec![("a", PartUpdate::Unchanged), ("b", PartUpdate::Unchanged)]),
            Effect::Same,
            &["x", "y"],
            Some(3),
        ),
        (
            5,
            parts(vec![("a", found(&[])), ("b", PartUpdate::Unchanged)]),
            Effect::Other,
            &["y"],
            None,
        ),
        (6, SourceUpdate::Failed("gone".to_owned()), Effect::Same, &["y"], Some(6)),
        (7, SourceUpdate::Failed("gone".to_owned()), Effect::Same, &["y"], Some(6)),
        (
            8,
            parts(vec![("a", PartUpdate::Unchanged), ("b", PartUpdate::Unchanged)]),
            Effect::Same,
            &["y"],
            None,
        ),
        (9, parts(vec![("a", PartUpdate::Unchanged)]), Effect::Other, &[], None),
    ] {
        assert_eq!(state.take(update, at(second)), effect, "{second}");
        let expected: Vec<String> = expected.iter().map(|n| format!("{n}.example")).collect();
        assert_eq!(in_use(&state), expected, "{second}");
        assert_eq!(state.failures().next().map(|f| f.since), failing.map(at), "{second}");
        let good_since = if failing.is_none() { Some(at(second)) } else { state.last_success };
        assert_eq!(state.last_success, good_since, "{second}");
    }
    state.still_good(at(10));
    assert_eq!(state.last_success, Some(at(10)));
    state.take(SourceUpdate::Failed("gone".to_owned()), at(11));
    state.still_good(at(12));
    assert_eq!(state.last_success, Some(at(10)));
}
