//! The state of one source: the last good content of each part, and the failures of the last read.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::origin::share_equal;

use super::groups::with_last_good;
use super::{Found, PartUpdate, SourceUpdate, groups};

/// The state of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceState {
    pub source: SourceName,
    pub parts: BTreeMap<Arc<str>, PartState>,
    /// The failure of the last read as a whole.
    pub failure: Option<Failure>,
    /// When the content in use was last known to be complete and current; `None` if it never was.
    pub last_success: Option<Timestamp>,
    /// Whether the source has delivered anything yet, including a failure.
    pub is_polled: bool,
}

/// The state of one part of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartState {
    /// The content in use; empty if the part could never be read.
    pub found: Arc<Found>,
    /// When the content was read.
    pub read_at: Option<Timestamp>,
    /// The failure of later reads.
    pub failure: Option<Failure>,
}

/// Why a source or a part could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The time of the first of the consecutive failures, which may have different reasons.
    pub since: Timestamp,
    /// The message of the last failure.
    pub reason: String,
}

/// Whether an update changed the content in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Same,
    Other,
}

impl SourceState {
    /// Returns the state of a source that has not been read.
    pub fn new(source: SourceName) -> Self {
        Self { source, parts: BTreeMap::new(), failure: None, last_success: None, is_polled: false }
    }

    /// Returns all failures of the last read.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.failure.iter().chain(self.parts.values().filter_map(|part| part.failure.as_ref()))
    }

    /// Returns whether the content in use is complete and current.
    pub fn is_good(&self) -> bool {
        self.is_polled && self.failures().next().is_none()
    }

    /// Returns whether the source, even if empty, or one of its parts has ever been read.
    pub fn was_read(&self) -> bool {
        self.last_success.is_some() || self.parts.values().any(|part| part.read_at.is_some())
    }

    /// Applies the update from a read at `at`.
    pub fn take(&mut self, update: SourceUpdate, at: Timestamp) -> Effect {
        let mut effect = Effect::Same;
        match update {
            SourceUpdate::Failed(reason) => fail(&mut self.failure, reason, at),
            SourceUpdate::Parts(parts) => {
                self.failure = None;
                let mut before = std::mem::take(&mut self.parts);
                for part in parts {
                    let mut state = before.remove(&part.name).unwrap_or_default();
                    match part.update {
                        PartUpdate::Unchanged => {}
                        PartUpdate::Failed(reason) => fail(&mut state.failure, reason, at),
                        PartUpdate::Read(found) => {
                            effect = Effect::Other;
                            let mut found = with_last_good(found, &state.found);
                            let before = state.found.origins.iter().map(|found| &found.origin);
                            share_equal(found.origins.iter_mut().map(|f| &mut f.origin), before);
                            match groups::complaint(&part.name, &found) {
                                Some(reason) => fail(&mut state.failure, reason, at),
                                None => state.failure = None,
                            }
                            state.found = Arc::new(found);
                            state.read_at = Some(at);
                        }
                    }
                    self.parts.insert(part.name, state);
                }
                if !before.is_empty() {
                    effect = Effect::Other;
                }
            }
        }
        self.is_polled = true;
        self.still_good(at);
        effect
    }

    /// Records that nothing had changed at `at`.
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

/// The name of a source in the `source` label of metrics, in logs and on pages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(Arc<str>);

impl SourceName {
    /// Returns the name of a source of files, from the pattern as written.
    pub fn files(pattern: &str) -> Self {
        Self(format!("file:{pattern}").into())
    }

    /// Returns the name of an account, from its name in the configuration.
    pub fn cloudfront(name: &str) -> Self {
        Self(format!("cloudfront:{name}").into())
    }

    /// Returns the label value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
