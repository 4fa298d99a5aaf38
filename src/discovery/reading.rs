//! What one look at a source brings home.

use std::sync::Arc;

use crate::distribution::Derivation;
use crate::origin::Origin;

use super::Problems;
use super::groups::FoundGroup;

/// One look at a source.
///
/// A source consists of parts that can be read or not each for itself: files, or the distributions
/// of an account. One that is read as a whole has a single part.
#[derive(Debug)]
pub enum Reading {
    /// The parts that there are now. One that is not among them is gone with its origins.
    Parts(Vec<Part>),
    /// It could not be told which parts there are, for this reason: everything stays in use.
    Failed(String),
}

/// One part of a source.
#[derive(Debug)]
pub struct Part {
    /// Tells it from the other parts of the source, and stands in messages: a path, an id.
    pub name: Arc<str>,
    pub news: News,
}

/// What a look at a part gave.
#[derive(Debug)]
pub enum News {
    /// It is as it was, well or not: it was not read again.
    Unchanged,
    /// It was read; what is not among the origins is gone.
    Read(Found),
    /// It could not be read, for this reason: what it gave last stays in use.
    Failed(String),
}

/// What a part of a source gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub origins: Vec<FoundOrigin>,
    /// The distribution that the origins were derived from, where they were.
    pub distribution: Option<Arc<Derivation>>,
    /// What it names besides and cannot be used.
    pub problems: Problems,
    /// The groups of the origins, in the order of the file; empty for a source without groups.
    pub groups: Vec<FoundGroup>,
}

/// An origin, and where in its part it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundOrigin {
    /// Counted from 1; `None` in what has no lines.
    pub line: Option<u32>,
    pub origin: Arc<Origin>,
    /// Whether it is not as the part says now, but as its group said when it was last valid.
    pub is_last_good: bool,
}
