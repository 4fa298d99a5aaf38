//! What a source names and what cannot be used, and why.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::chain::printable_lines;
use crate::chain::quoted;

/// One thing that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// What is wrong and what would be right, fit to be shown. Each source has its own errors; here
    /// only their words are wanted.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Where something stands: a part of a source, and a line of it where it has lines.
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

/// A path, an id or our own words: only what cannot be any of them is quoted.
fn shown_part(part: &str) -> Cow<'_, str> {
    match part.contains(['=', '"']) {
        true => Cow::Owned(quoted(part)),
        false => printable_lines(part),
    }
}

/// Problems, of which the first are kept and all are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    count: usize,
}

impl Problems {
    /// Adds one; `problem` is not asked for when it would not be kept.
    pub fn add(&mut self, problem: impl FnOnce() -> Problem) {
        self.count += 1;
        if self.kept.len() < MOST_PROBLEMS {
            self.kept.push(problem());
        }
    }

    /// Counts `more` of which nothing is known but that they are there.
    pub fn add_unkept(&mut self, more: usize) {
        self.count += more;
    }

    /// Adds all of `others`.
    pub fn append(&mut self, others: &Self) {
        let room = MOST_PROBLEMS - self.kept.len();
        self.kept.extend(others.kept.iter().take(room).cloned());
        self.count += others.count;
    }

    /// Returns the first of them.
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// Returns how many there are, kept or not.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// How many problems of one part of a source are kept: a file of garbage has millions.
pub const MOST_PROBLEMS: usize = 1_000;
