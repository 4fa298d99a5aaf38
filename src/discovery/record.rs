//! What is known of one source: the last good list of each part, and why the last look failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::origin::share_equal;

use super::Found;
use super::News;
use super::Reading;
use super::SourceName;
use super::groups;
use super::groups::with_last_good;

/// What is known of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub source: SourceName,
    pub parts: BTreeMap<Arc<str>, PartRecord>,
    /// Why the last look told nothing at all.
    pub failure: Option<Failure>,
    /// When everything that is in use was last known to be all there is; `None` before that ever
    /// was.
    pub last_success: Option<Timestamp>,
    pub heard: Heard,
}

/// What is known of one part of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartRecord {
    /// What is in use; empty where it could never be read.
    pub found: Arc<Found>,
    /// When that was read.
    pub read_at: Option<Timestamp>,
    /// Why it could not be read since.
    pub failure: Option<Failure>,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Since when it has been failing, for whatever reasons.
    pub since: Timestamp,
    /// What is wrong, in the words of the last failure.
    pub reason: String,
}

/// Whether a source has delivered anything yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    NotYet,
    /// Well or not.
    Once,
}

/// Whether what is in use is another than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Same,
    Other,
}

impl Record {
    /// Returns the record of a source that has not been looked at.
    pub fn new(source: SourceName) -> Self {
        Self {
            source,
            parts: BTreeMap::new(),
            failure: None,
            last_success: None,
            heard: Heard::NotYet,
        }
    }

    /// Returns every failure of the last look, each with its reason.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.failure.iter().chain(self.parts.values().filter_map(|part| part.failure.as_ref()))
    }

    /// Tells whether everything that is in use is all there is.
    pub fn is_good(&self) -> bool {
        self.heard == Heard::Once && self.failures().next().is_none()
    }

    /// Tells whether there ever was something to use: all there is, if only that it is nothing, or
    /// one part of it.
    pub fn was_read(&self) -> bool {
        self.last_success.is_some() || self.parts.values().any(|part| part.read_at.is_some())
    }

    /// Takes in what a look at `at` has brought.
    pub fn take(&mut self, reading: Reading, at: Timestamp) -> Effect {
        let mut effect = Effect::Same;
        match reading {
            Reading::Failed(reason) => fail(&mut self.failure, reason, at),
            Reading::Parts(parts) => {
                self.failure = None;
                let mut before = std::mem::take(&mut self.parts);
                for part in parts {
                    let mut record = before.remove(&part.name).unwrap_or_default();
                    match part.news {
                        News::Unchanged => {}
                        News::Failed(reason) => fail(&mut record.failure, reason, at),
                        News::Read(found) => {
                            effect = Effect::Other;
                            let mut found = with_last_good(found, &record.found);
                            let before = record.found.origins.iter().map(|found| &found.origin);
                            share_equal(found.origins.iter_mut().map(|f| &mut f.origin), before);
                            match groups::complaint(&part.name, &found) {
                                Some(reason) => fail(&mut record.failure, reason, at),
                                None => record.failure = None,
                            }
                            record.found = Arc::new(found);
                            record.read_at = Some(at);
                        }
                    }
                    self.parts.insert(part.name, record);
                }
                if !before.is_empty() {
                    effect = Effect::Other;
                }
            }
        }
        self.heard = Heard::Once;
        self.still_good(at);
        effect
    }

    /// Notes that nothing had changed at `at`.
    pub fn still_good(&mut self, at: Timestamp) {
        if self.is_good() {
            self.last_success = Some(at);
        }
    }
}

fn fail(failure: &mut Option<Failure>, reason: String, at: Timestamp) {
    let since = failure.as_ref().map_or(at, |failure| failure.since);
    *failure = Some(Failure { since, reason });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;
    use jiff::Timestamp;

    use super::Effect;
    use super::Record;
    use crate::discovery::Found;
    use crate::discovery::FoundOrigin;
    use crate::discovery::News;
    use crate::discovery::Part;
    use crate::discovery::Reading;
    use crate::discovery::SourceName;
    use crate::origin::Origin;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    fn found(names: &[&str]) -> News {
        let origin = |name: &&str| FoundOrigin {
            line: None,
            origin: Arc::new(Origin::with_defaults(format!("{name}.example").parse().unwrap())),
            is_last_good: false,
        };
        News::Read(Found { origins: names.iter().map(origin).collect(), ..Found::default() })
    }

    fn failed() -> News {
        News::Failed("no".to_owned())
    }

    fn parts(parts: Vec<(&str, News)>) -> Reading {
        Reading::Parts(parts.into_iter().map(|(n, news)| Part { name: n.into(), news }).collect())
    }

    /// Returns the domains in use.
    fn in_use(record: &Record) -> Vec<String> {
        let origins = record.parts.values().flat_map(|part| &part.found.origins);
        origins.map(|found| found.origin.domain().to_string()).collect()
    }

    #[test]
    fn the_last_good_list_of_each_part_stays_in_use() {
        let mut record = Record::new(SourceName::files("*.yaml"));
        assert!(!record.is_good(), "nothing has been heard");
        // What is delivered, what it changes, what is in use then, and since when it fails.
        for (second, reading, effect, expected, failing) in [
            (
                1,
                parts(vec![("a", found(&["x"])), ("b", failed())]),
                Effect::Other,
                &["x"][..],
                Some(1),
            ),
            (
                2,
                parts(vec![("a", News::Unchanged), ("b", failed())]),
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
                parts(vec![("a", News::Unchanged), ("b", News::Unchanged)]),
                Effect::Same,
                &["x", "y"],
                Some(3),
            ),
            (
                5,
                parts(vec![("a", found(&[])), ("b", News::Unchanged)]),
                Effect::Other,
                &["y"],
                None,
            ),
            (6, Reading::Failed("gone".to_owned()), Effect::Same, &["y"], Some(6)),
            (7, Reading::Failed("gone".to_owned()), Effect::Same, &["y"], Some(6)),
            (
                8,
                parts(vec![("a", News::Unchanged), ("b", News::Unchanged)]),
                Effect::Same,
                &["y"],
                None,
            ),
            (9, parts(vec![("a", News::Unchanged)]), Effect::Other, &[], None),
        ] {
            assert_eq!(record.take(reading, at(second)), effect, "{second}");
            let expected: Vec<String> = expected.iter().map(|n| format!("{n}.example")).collect();
            assert_eq!(in_use(&record), expected, "{second}");
            assert_eq!(record.failures().next().map(|f| f.since), failing.map(at), "{second}");
            let good_since = if failing.is_none() { Some(at(second)) } else { record.last_success };
            assert_eq!(record.last_success, good_since, "{second}");
        }
        record.still_good(at(10));
        assert_eq!(record.last_success, Some(at(10)));
        record.take(Reading::Failed("gone".to_owned()), at(11));
        record.still_good(at(12));
        assert_eq!(record.last_success, Some(at(10)));
    }
}
