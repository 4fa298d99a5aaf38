//! The result of one read of a source.

use std::sync::Arc;

use crate::config::TargetGroup;
use crate::distribution::Derivation;
use crate::origin::Origin;

use super::Problems;

/// The result of one read of a source.
///
/// A source consists of parts that are read independently: files, or the distributions of an
/// account.
#[derive(Debug)]
pub enum SourceUpdate {
    /// The current parts. Other parts are removed with their origins.
    Parts(Vec<Part>),
    /// The parts could not be listed, for this reason. Everything stays in use.
    Failed(String),
}

/// One part of a source.
#[derive(Debug)]
pub struct Part {
    /// The unique name within the source, shown in messages: a path or an ID.
    pub name: Arc<str>,
    pub update: PartUpdate,
}

/// The result of reading a part.
#[derive(Debug)]
pub enum PartUpdate {
    /// The part has not changed since it was last read, with or without success.
    Unchanged,
    /// The part was read. Its origins replace the previous ones.
    Read(Found),
    /// The part could not be read, for this reason. Its last content stays in use.
    Failed(String),
}

/// The content of a part of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub origins: Vec<FoundOrigin>,
    /// The distribution that the origins were derived from, if any.
    pub distribution: Option<Arc<Derivation>>,
    /// The entries that cannot be used.
    pub problems: Problems,
    /// The groups of the origins in file order; empty for a source without groups.
    pub groups: Vec<TargetGroup>,
}

/// An origin and its position in its part.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundOrigin {
    /// Counted from 1; `None` if the part has no lines.
    pub line: Option<u32>,
    pub origin: Arc<Origin>,
    /// Whether the origin was kept from the last valid form of its group.
    pub is_last_good: bool,
}
