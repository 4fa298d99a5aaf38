use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::origin::{Origin, OriginKey, Shard};
use origin_probe::sources::{
    Configured, Found, FoundOrigin, Gathered, Part, PartUpdate, SourceName, SourceState,
    SourceUpdate, gather,
};

fn origin(id: &str) -> Arc<Origin> {
    let mut origin = Origin::with_defaults("a.example".parse().unwrap());
    origin.key.id = id.into();
    Arc::new(origin)
}

/// Returns a source whose parts have these origins, one per line.
fn state(name: &str, parts: &[(&str, &[&str])]) -> SourceState {
    let mut state = SourceState::new(SourceName::files(name));
    let part = |(name, ids): &(&str, &[&str])| {
        let origins = ids.iter().zip(1..);
        let found = origins.map(|(id, line)| FoundOrigin {
            line: Some(line),
            origin: origin(id),
            is_last_good: false,
        });
        let news = PartUpdate::Read(Found { origins: found.collect(), ..Found::default() });
        Part { name: (*name).into(), update: news }
    };
    state.take(SourceUpdate::Parts(parts.iter().map(part).collect()), Timestamp::UNIX_EPOCH);
    state
}

fn ids(gathered: &Gathered) -> Vec<&str> {
    gathered.origins.iter().map(|origin| &*origin.key.id).collect()
}

fn problems(gathered: &Gathered) -> Vec<String> {
    let shares = gathered.shares.iter();
    shares.flat_map(|share| share.problems.kept()).map(ToString::to_string).collect()
}

#[test]
fn the_configured_origin_counts_and_then_the_first() {
    let configured = [origin("mine")];
    let other = [origin("mine"), origin("off")];
    let keys: HashSet<OriginKey> = other.iter().map(|origin| origin.key.clone()).collect();
    let states = [
        state("x", &[("x/1", &["mine", "a", "a"]), ("x/2", &["b", "a"])]),
        state("y", &[("y/1", &["c", "off", "b"])]),
    ];
    let configured = Configured { origins: &configured, keys: &keys };
    let gathered = gather(configured, &states, Shard::WHOLE);
    assert_eq!(ids(&gathered), ["mine", "a", "b", "c"]);
    let counts: Vec<usize> = gathered.shares.iter().map(|share| share.origins).collect();
    assert_eq!(counts, [2, 1]);
    let configured = "with domain a.example, also in the configuration file, which takes \
                      precedence; remove one of them or use another id";
    let first = "with domain a.example, first defined at";
    let twice = "give each origin of a domain its own id";
    assert_eq!(
        problems(&gathered),
        [
            format!("x/1:1: duplicate origin `mine` {configured}"),
            format!("x/1:3: duplicate origin `a` {first} x/1:2; {twice}"),
            format!("x/2:2: duplicate origin `a` {first} x/1:2; {twice}"),
            format!("y/1:2: duplicate origin `off` {configured}"),
            format!("y/1:3: duplicate origin `b` {first} x/2:1 of file:x; {twice}"),
        ]
    );
}

#[test]
fn what_an_invalid_group_said_last_gives_way_to_what_is_read() {
    let with = |id: &str, interval: u64, is_last_good: bool| {
        let mut origin = Origin::with_defaults("a.example".parse().unwrap());
        origin.key.id = id.into();
        origin.interval = Duration::from_secs(interval);
        FoundOrigin { line: Some(1), origin: Arc::new(origin), is_last_good }
    };
    let state = |source: &str, origins: &[(&str, Vec<FoundOrigin>)]| {
        let mut state = SourceState::new(SourceName::files(source));
        let part = |(name, origins): &(&str, Vec<FoundOrigin>)| Part {
            name: (*name).into(),
            update: PartUpdate::Read(Found { origins: origins.clone(), ..Found::default() }),
        };
        state.take(SourceUpdate::Parts(origins.iter().map(part).collect()), Timestamp::UNIX_EPOCH);
        state
    };
    let states = [
        state(
            "x",
            &[
                ("a.yaml", vec![with("moved", 1, true), with("far", 1, true)]),
                ("b.yaml", vec![with("moved", 2, false), with("kept", 1, true)]),
                ("c.yaml", vec![with("kept", 2, true)]),
            ],
        ),
        state("y", &[("d.yaml", vec![with("far", 2, false)])]),
    ];
    let keys = HashSet::new();
    let gathered = gather(Configured { origins: &[], keys: &keys }, &states, Shard::WHOLE);
    let used = gathered.origins.iter().map(|at| (&*at.key.id, at.interval.as_secs()));
    assert_eq!(used.collect::<Vec<_>>(), [("moved", 2), ("kept", 1), ("far", 2)]);
    assert_eq!(
        problems(&gathered),
        ["c.yaml:1: duplicate origin `kept` with domain a.example, first defined at b.yaml:1; \
          give each origin of a domain its own id"]
    );
}

#[test]
fn shards_divide_what_is_found() {
    let names: Vec<String> = (0..40).map(|n| format!("o{n}")).collect();
    let mut state = SourceState::new(SourceName::files("x"));
    let found = names.iter().map(|name| FoundOrigin {
        line: None,
        origin: Arc::new(Origin::with_defaults(format!("{name}.example").parse().unwrap())),
        is_last_good: false,
    });
    let found = Found { origins: found.collect(), ..Found::default() };
    let part = Part { name: "x".into(), update: PartUpdate::Read(found) };
    state.take(SourceUpdate::Parts(vec![part]), Timestamp::UNIX_EPOCH);
    let (states, keys) = ([state], HashSet::new());
    let configured = Configured { origins: &[], keys: &keys };
    let mut all = Vec::new();
    for ordinal in 0..3 {
        let shard = Shard::new(ordinal, 3).unwrap();
        let gathered = gather(configured, &states, shard);
        assert_eq!(gathered.origins.len(), gathered.shares[0].origins);
        assert!(!gathered.origins.is_empty());
        all.extend(ids(&gathered).into_iter().map(str::to_owned));
    }
    all.sort_unstable();
    let mut expected: Vec<String> = names.iter().map(|name| format!("{name}.example")).collect();
    expected.sort_unstable();
    assert_eq!(all, expected);
}
