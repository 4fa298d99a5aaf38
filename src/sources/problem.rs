//! The entries of a source that cannot be used, with the reasons.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::chain::{printable_lines, quoted};

/// One entry that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// The message: what is wrong and how to correct it, escaped. A string, because each source
    /// has its own error type.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A position in a source: the part, and the line if the part has lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub part: Arc<str>,
    /// Counted from 1.
    pub line: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", shown_part(&self.part)),
            None => f.write_str(&shown_part(&self.part)),
        }
    }
}

/// Returns a part's name, a path or an ID, for display. Unusual names are quoted.
fn shown_part(part: &str) -> Cow<'_, str> {
    match part.contains(['=', '"']) {
        true => Cow::Owned(quoted(part)),
        false => printable_lines(part),
    }
}

/// A list of problems. All are counted, but only the first ones are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    count: usize,
}

impl Problems {
    /// Adds a problem. `problem` is called only if the result will be kept.
    pub fn add(&mut self, problem: impl FnOnce() -> Problem) {
        self.count += 1;
        if self.kept.len() < MOST_PROBLEMS {
            self.kept.push(problem());
        }
    }

    /// Counts `more` problems without keeping them.
    pub fn add_unkept(&mut self, more: usize) {
        self.count += more;
    }

    pub fn append(&mut self, others: &Self) {
        let room = MOST_PROBLEMS - self.kept.len();
        self.kept.extend(others.kept.iter().take(room).cloned());
        self.count += others.count;
    }

    /// Returns the first [`MOST_PROBLEMS`] problems.
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// Returns the total number of problems, including those that are not kept.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// The maximum number of problems kept per part of a source. A file of garbage has millions.
pub const MOST_PROBLEMS: usize = 1_000;
