//! Combines the configured origins and those of all sources into one fleet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::distribution::Derivation;
use crate::origin::{Origin, OriginKey, Shard};

use super::{Place, Problem, Problems, SourceName, SourceState};

/// The origins in the configuration file.
#[derive(Clone, Copy, Debug)]
pub struct Configured<'a> {
    /// The origins of this shard.
    pub origins: &'a [Arc<Origin>],
    /// All origins of the file, including disabled ones and those of other shards. Sources cannot
    /// add them again.
    pub keys: &'a HashSet<OriginKey>,
}

/// The fleet of one shard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// The configured origins first, then those of each source.
    pub origins: Vec<Arc<Origin>>,
    /// The distributions of the origins, without duplicates.
    pub distributions: Vec<Arc<Derivation>>,
    pub shares: Vec<Contribution>,
}

/// The contribution of one source to the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    pub source: SourceName,
    /// The number of origins.
    pub origins: usize,
    /// All entries of the source that cannot be used, including `collisions`.
    pub problems: Problems,
    /// The entries that conflict with the configuration or other entries.
    pub collisions: Problems,
}

/// Returns the fleet of `shard`.
///
/// If an origin is defined several times, the configuration file takes precedence, then the first
/// source. Origins kept from the last valid form of a group have the lowest precedence.
pub fn gather(configured: Configured<'_>, states: &[SourceState], shard: Shard) -> Gathered {
    let mut gathered = Gathered { origins: configured.origins.to_vec(), ..Gathered::default() };
    let mut taken: HashSet<&str> = HashSet::new();
    let mut seen: HashMap<&OriginKey, (&SourceName, Place)> = HashMap::new();
    let mut left = MOST_ORIGINS;
    let found = || states.iter().flat_map(|at| at.parts.values()).flat_map(|at| &at.found.origins);
    let last_good: HashSet<&OriginKey> =
        found().filter(|at| at.is_last_good).map(|at| &at.origin.key).collect();
    let read = found().filter(|at| !at.is_last_good).map(|at| &at.origin.key);
    let read_elsewhere: HashSet<&OriginKey> = read.filter(|key| last_good.contains(key)).collect();
    for state in states {
        let mut share = Contribution::of(state);
        let mut too_many = None;
        for (name, part) in &state.parts {
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
                        what: named_twice(key, source, first, &state.source),
                    });
                    continue;
                }
                seen.insert(key, (&state.source, place()));
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
                "more than {MOST_ORIGINS} origins in all sources, and the rest is ignored; divide \
                 the origins among several processes with --shard"
            );
            share.collisions.add(|| Problem { place, what });
        }
        share.problems.append(&share.collisions);
        gathered.shares.push(share);
    }
    gathered
}

impl Contribution {
    fn of(state: &SourceState) -> Self {
        let mut problems = Problems::default();
        for part in state.parts.values() {
            problems.append(&part.found.problems);
        }
        let source = state.source.clone();
        Self { source, origins: 0, problems, collisions: Problems::default() }
    }
}

/// The maximum number of origins from all sources per process. It protects the process, because
/// the size of external sources is not under its control.
pub const MOST_ORIGINS: usize = 250_000;

fn configured_too(key: &OriginKey) -> String {
    let OriginKey { id, domain, .. } = key;
    format!(
        "duplicate origin `{id}` with domain {domain}, also in the configuration file, which takes \
         precedence; remove one of them or use another id"
    )
}

fn named_twice(key: &OriginKey, source: &SourceName, first: &Place, here: &SourceName) -> String {
    let OriginKey { id, domain, .. } = key;
    let of_source = if source == here { String::new() } else { format!(" of {source}") };
    format!(
        "duplicate origin `{id}` with domain {domain}, first defined at {first}{of_source}; give \
         each origin of a domain its own id"
    )
}
