//! One fleet of what is configured and of what all sources give.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use crate::distribution::Derivation;
use crate::origin::Origin;
use crate::origin::OriginKey;
use crate::origin::Shard;

use super::Place;
use super::Problem;
use super::Problems;
use super::Record;
use super::SourceName;

/// What the configuration file says.
#[derive(Clone, Copy, Debug)]
pub struct Configured<'a> {
    /// The origins that this process looks after.
    pub origins: &'a [Arc<Origin>],
    /// Every origin of the file, those of other shards and those that are not to be probed
    /// included: no source may bring them back.
    pub keys: &'a HashSet<OriginKey>,
}

/// What is to be looked after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// The configured ones first, then those of each source.
    pub origins: Vec<Arc<Origin>>,
    /// The distributions of which any origin is looked after, each once.
    pub distributions: Vec<Arc<Derivation>>,
    pub shares: Vec<Share>,
}

/// What one source adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    pub source: SourceName,
    /// How many of the origins.
    pub origins: usize,
    /// What it names and what cannot be used, or not beside the others.
    pub problems: Problems,
    /// Those of the problems that come of what the others name.
    pub collisions: Problems,
}

/// Puts together what `shard` looks after. Where an origin is named twice the configured one counts,
/// or else the one that comes first; the last valid form of a group gives way to what is read.
pub fn gather(configured: Configured<'_>, records: &[Record], shard: Shard) -> Gathered {
    let mut gathered = Gathered { origins: configured.origins.to_vec(), ..Gathered::default() };
    let mut taken: HashSet<&str> = HashSet::new();
    let mut seen: HashMap<&OriginKey, (&SourceName, Place)> = HashMap::new();
    let mut left = MOST_ORIGINS;
    let found = || records.iter().flat_map(|at| at.parts.values()).flat_map(|at| &at.found.origins);
    let last_good: HashSet<&OriginKey> =
        found().filter(|at| at.is_last_good).map(|at| &at.origin.key).collect();
    let read = found().filter(|at| !at.is_last_good).map(|at| &at.origin.key);
    let read_elsewhere: HashSet<&OriginKey> = read.filter(|key| last_good.contains(key)).collect();
    for record in records {
        let mut share = Share::of(record);
        let mut too_many = None;
        for (name, part) in &record.parts {
            let before = share.origins;
            for found in &part.found.origins {
                let (origin, key) = (&found.origin, &found.origin.key);
                let place = || Place { part: Arc::clone(name), line: found.line };
                if configured.keys.contains(key) {
                    share.collisions.add(|| Problem { place: place(), what: configured_too(key) });
                    continue;
                }
                if found.is_last_good && read_elsewhere.contains(key) {
                    continue;
                }
                if let Some((source, first)) = seen.get(key) {
                    share.collisions.add(|| Problem {
                        place: place(),
                        what: named_twice(key, source, first, &record.source),
                    });
                    continue;
                }
                seen.insert(key, (&record.source, place()));
                if !shard.takes(origin) {
                    continue;
                }
                if left == 0 {
                    too_many.get_or_insert_with(place);
                    continue;
                }
                left -= 1;
                share.origins += 1;
                gathered.origins.push(Arc::clone(origin));
            }
            if share.origins > before
                && let Some(distribution) = &part.found.distribution
                && taken.insert(&distribution.distribution)
            {
                gathered.distributions.push(Arc::clone(distribution));
            }
        }
        if let Some(place) = too_many {
            let what = format!(
                "with this, more than {MOST_ORIGINS} origins are found, the most that one process \
                 takes of all sources; divide them among several processes with --shard"
            );
            share.collisions.add(|| Problem { place, what });
        }
        share.problems.append(&share.collisions);
        gathered.shares.push(share);
    }
    gathered
}

impl Share {
    fn of(record: &Record) -> Self {
        let mut problems = Problems::default();
        for part in record.parts.values() {
            problems.append(&part.found.problems);
        }
        let source = record.source.clone();
        Self { source, origins: 0, problems, collisions: Problems::default() }
    }
}

/// How many origins of all sources one process looks after: that is what it is made for, and what
/// is found is nobody's to decide here.
pub const MOST_ORIGINS: usize = 100_000;

fn configured_too(key: &OriginKey) -> String {
    let OriginKey { id, domain, .. } = key;
    format!(
        "`{id}` with domain {domain} stands in the configuration file, which counts; take away one \
         of the two, or give this one another id"
    )
}

fn named_twice(key: &OriginKey, source: &SourceName, first: &Place, here: &SourceName) -> String {
    let OriginKey { id, domain, .. } = key;
    let of_source = if source == here { String::new() } else { format!(" of {source}") };
    format!(
        "`{id}` with domain {domain} stands at {first}{of_source} already, which counts; give each \
         origin of a domain its own id"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::Configured;
    use super::Gathered;
    use super::gather;
    use crate::discovery::Found;
    use crate::discovery::FoundOrigin;
    use crate::discovery::News;
    use crate::discovery::Part;
    use crate::discovery::Reading;
    use crate::discovery::Record;
    use crate::discovery::SourceName;
    use crate::origin::Origin;
    use crate::origin::OriginKey;
    use crate::origin::Shard;

    fn origin(id: &str) -> Arc<Origin> {
        let mut origin = Origin::with_defaults("a.example".parse().unwrap());
        origin.key.id = id.into();
        Arc::new(origin)
    }

    /// Returns a source whose parts have these origins, one a line.
    fn record(name: &str, parts: &[(&str, &[&str])]) -> Record {
        let mut record = Record::new(SourceName::files(name));
        let part = |(name, ids): &(&str, &[&str])| {
            let origins = ids.iter().zip(1..);
            let found = origins.map(|(id, line)| FoundOrigin {
                line: Some(line),
                origin: origin(id),
                is_last_good: false,
            });
            let news = News::Read(Found { origins: found.collect(), ..Found::default() });
            Part { name: (*name).into(), news }
        };
        record.take(Reading::Parts(parts.iter().map(part).collect()), Timestamp::UNIX_EPOCH);
        record
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
        let records = [
            record("x", &[("x/1", &["mine", "a", "a"]), ("x/2", &["b", "a"])]),
            record("y", &[("y/1", &["c", "off", "b"])]),
        ];
        let configured = Configured { origins: &configured, keys: &keys };
        let gathered = gather(configured, &records, Shard::WHOLE);
        assert_eq!(ids(&gathered), ["mine", "a", "b", "c"]);
        let counts: Vec<usize> = gathered.shares.iter().map(|share| share.origins).collect();
        assert_eq!(counts, [2, 1]);
        let configured = "stands in the configuration file, which counts; take away one of the \
                          two, or give this one another id";
        let twice = "already, which counts; give each origin of a domain its own id";
        assert_eq!(
            problems(&gathered),
            [
                format!("x/1:1: `mine` with domain a.example {configured}"),
                format!("x/1:3: `a` with domain a.example stands at x/1:2 {twice}"),
                format!("x/2:2: `a` with domain a.example stands at x/1:2 {twice}"),
                format!("y/1:2: `off` with domain a.example {configured}"),
                format!("y/1:3: `b` with domain a.example stands at x/2:1 of file:x {twice}"),
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
        let record = |source: &str, origins: &[(&str, Vec<FoundOrigin>)]| {
            let mut record = Record::new(SourceName::files(source));
            let part = |(name, origins): &(&str, Vec<FoundOrigin>)| Part {
                name: (*name).into(),
                news: News::Read(Found { origins: origins.clone(), ..Found::default() }),
            };
            record.take(Reading::Parts(origins.iter().map(part).collect()), Timestamp::UNIX_EPOCH);
            record
        };
        let records = [
            record(
                "x",
                &[
                    ("a.yaml", vec![with("moved", 1, true), with("far", 1, true)]),
                    ("b.yaml", vec![with("moved", 2, false), with("kept", 1, true)]),
                    ("c.yaml", vec![with("kept", 2, true)]),
                ],
            ),
            record("y", &[("d.yaml", vec![with("far", 2, false)])]),
        ];
        let keys = HashSet::new();
        let gathered = gather(Configured { origins: &[], keys: &keys }, &records, Shard::WHOLE);
        let used = gathered.origins.iter().map(|at| (&*at.key.id, at.interval.as_secs()));
        assert_eq!(used.collect::<Vec<_>>(), [("moved", 2), ("kept", 1), ("far", 2)]);
        assert_eq!(
            problems(&gathered),
            ["c.yaml:1: `kept` with domain a.example stands at b.yaml:1 already, which counts; \
              give each origin of a domain its own id"]
        );
    }

    #[test]
    fn shards_divide_what_is_found() {
        let names: Vec<String> = (0..40).map(|n| format!("o{n}")).collect();
        let mut record = Record::new(SourceName::files("x"));
        let found = names.iter().map(|name| FoundOrigin {
            line: None,
            origin: Arc::new(Origin::with_defaults(format!("{name}.example").parse().unwrap())),
            is_last_good: false,
        });
        let found = Found { origins: found.collect(), ..Found::default() };
        let part = Part { name: "x".into(), news: News::Read(found) };
        record.take(Reading::Parts(vec![part]), Timestamp::UNIX_EPOCH);
        let (records, keys) = ([record], HashSet::new());
        let configured = Configured { origins: &[], keys: &keys };
        let mut all = Vec::new();
        for ordinal in 0..3 {
            let shard = Shard::new(ordinal, 3).unwrap();
            let gathered = gather(configured, &records, shard);
            assert_eq!(gathered.origins.len(), gathered.shares[0].origins);
            assert!(!gathered.origins.is_empty());
            all.extend(ids(&gathered).into_iter().map(str::to_owned));
        }
        all.sort_unstable();
        let mut expected: Vec<String> =
            names.iter().map(|name| format!("{name}.example")).collect();
        expected.sort_unstable();
        assert_eq!(all, expected);
    }
}
