//! A key that a file may have.

/// A key as the reader knows it, and what it means. What it takes and its default are not told
/// here: `tests/reference.rs` asks the reader for them, and writes `deploy/docs/configuration.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    /// For those who write the file: one or more sentences of Markdown.
    pub meaning: &'static str,
}

pub(super) const fn key(name: &'static str, meaning: &'static str) -> Key {
    Key { name, meaning }
}
