//! One mapping of the file while it is read: which keys it may have, and the way to each.

use std::collections::HashMap;

use crate::config::error::ConfigError;
use crate::config::error::Problems;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::nearest::nearest;
use crate::config::tree::Entry;
use crate::config::tree::Node;
use crate::config::tree::Value;
use crate::config::way::Path;
use crate::config::way::Step;

/// A mapping whose keys are known. What is wrong with it goes to the problems as it is read;
/// reading goes on with what is right.
#[derive(Debug)]
pub(super) struct Section<'a> {
    path: Path<'a>,
    /// The line of the key that the mapping belongs to.
    line: u32,
    entries: &'a [Entry<'a>],
    problems: &'a Problems,
}

impl<'a> Section<'a> {
    /// Opens the whole file.
    pub(super) fn of_file(
        root: &'a Node<'a>,
        known: &'static [Key],
        problems: &'a Problems,
    ) -> Self {
        let path = Path { parent: None, step: Step::Top };
        let entries = mapping(root, path, problems).unwrap_or_default();
        Self::open(entries, root.line, path, known, problems)
    }

    /// Opens the mapping at a position of the list that a file is; `None`, and a complaint, when
    /// there is none.
    pub(super) fn of_item(
        position: usize,
        node: &'a Node<'a>,
        known: &'static [Key],
        problems: &'a Problems,
    ) -> Option<Self> {
        let path = Path { parent: None, step: Step::Item(position) };
        let entries = mapping(node, path, problems)?;
        Some(Self::open(entries, node.line, path, known, problems))
    }

    /// Opens a mapping that was put together of what stands under a key, and tells what is wrong
    /// with it to `problems`. Its key `a`, and `b` in the mapping below, are shown as one that is
    /// called `prefix`, `a_b`.
    pub(super) fn flattened<'s>(
        &'s self,
        key: &'static str,
        prefix: &'static str,
        entries: &'s [Entry<'s>],
        problems: &'s Problems,
    ) -> Section<'s> {
        let path = Path { parent: Some(&self.path), step: Step::Flattened { key, prefix } };
        Section { path, line: self.line_of(key), entries, problems }
    }

    /// Opens the mapping under a key; left out, it has no keys.
    pub(super) fn section<'s>(&'s self, key: &'static str, known: &'static [Key]) -> Section<'s> {
        let path = self.path.key(key);
        let node = self.find(key).filter(|node| !node.is_empty());
        let entries = node.and_then(|node| mapping(node, path, self.problems)).unwrap_or_default();
        Section::open(entries, self.line_of(key), path, known, self.problems)
    }

    /// Opens each mapping of the list under a key.
    pub(super) fn each_section(
        &self,
        key: &'static str,
        known: &'static [Key],
        mut read: impl FnMut(Section<'_>),
    ) {
        let list = self.path.key(key);
        for (index, node) in self.list(key).iter().enumerate() {
            let item = Path { parent: Some(&list), step: Step::Item(index) };
            if let Some(entries) = mapping(node, item, self.problems) {
                read(Section::open(entries, node.line, item, known, self.problems));
            }
        }
    }

    /// Returns what `read` makes of the value under a key; `None` when it is left out or wrong.
    pub(super) fn value<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Node<'_>) -> Result<T, Fault>,
    ) -> Option<T> {
        match read(self.find(key)?) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.complain(key, fault);
                None
            }
        }
    }

    /// Returns as [`Self::value`] does, and complains when the key is left out.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Node<'_>) -> Result<T, Fault>,
    ) -> Option<T> {
        if self.find(key).is_none() {
            self.complain(key, Fault::Missing);
        }
        self.value(key, read)
    }

    /// Returns what `read` makes of each item of the list under a key; wrong ones are left out.
    pub(super) fn items<T>(
        &self,
        key: &'static str,
        mut read: impl FnMut(&Node<'_>) -> Result<T, Fault>,
    ) -> Vec<T> {
        let list = self.path.key(key);
        let mut items = Vec::new();
        for (index, node) in self.list(key).iter().enumerate() {
            match read(node) {
                Ok(item) => items.push(item),
                Err(fault) => {
                    let item = Path { parent: Some(&list), step: Step::Item(index) };
                    report(self.problems, node.line, item, fault);
                }
            }
        }
        items
    }

    /// Hands over each key and value of the mapping under a key, whatever the keys are. What
    /// `read` refuses is complained about, and so is a key that repeats.
    pub(super) fn each_entry(
        &self,
        key: &'static str,
        mut read: impl FnMut(&str, &Node<'_>) -> Result<(), Fault>,
    ) {
        let path = self.path.key(key);
        let node = self.find(key).filter(|node| !node.is_empty());
        let entries = node.and_then(|node| mapping(node, path, self.problems)).unwrap_or_default();
        let mut lines = HashMap::new();
        for entry in entries {
            let fault = match lines.get(entry.key.as_ref()) {
                Some(&first_line) => Some(Fault::DuplicateKey { first_line }),
                None => read(&entry.key, &entry.node).err(),
            };
            lines.entry(entry.key.as_ref()).or_insert(entry.node.line);
            if let Some(fault) = fault {
                report(self.problems, entry.node.line, path.key(&entry.key), fault);
            }
        }
    }

    /// Returns whether a key stands in the file with something under it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.find(key).is_some_and(|node| match &node.value {
            Value::List(items) => !items.is_empty(),
            Value::Mapping(entries) => !entries.is_empty(),
            Value::Plain(_) | Value::Quoted(_) => !node.is_empty(),
        })
    }

    /// Returns whether a list without items stands under a key.
    pub(super) fn is_empty_list(&self, key: &str) -> bool {
        self.find(key)
            .is_some_and(|node| matches!(&node.value, Value::List(items) if items.is_empty()))
    }

    /// Returns how many keys and values the mapping under a key has.
    pub(super) fn count(&self, key: &str) -> usize {
        match self.find(key).map(|node| &node.value) {
            Some(Value::Mapping(entries)) => entries.len(),
            _ => 0,
        }
    }

    /// Returns the line of a key, or of the mapping when the key is left out.
    pub(super) fn line_of(&self, key: &str) -> u32 {
        self.find(key).map_or(self.line, |node| node.line)
    }

    /// Says that something is wrong with what stands, or should stand, under a key.
    pub(super) fn complain(&self, key: &str, fault: Fault) {
        report(self.problems, self.line_of(key), self.path.key(key), fault);
    }

    fn open(
        entries: &'a [Entry<'a>],
        line: u32,
        path: Path<'a>,
        known: &'static [Key],
        problems: &'a Problems,
    ) -> Self {
        let mut lines = HashMap::new();
        for entry in entries {
            let key = entry.key.as_ref();
            if !known.iter().any(|known| known.name == key) {
                problems.add(|| {
                    let fault = Fault::UnknownKey { meant: nearest(key, known), known };
                    error(entry.node.line, path.key(key), fault)
                });
            } else if let Some(&first_line) = lines.get(key) {
                let fault = Fault::DuplicateKey { first_line };
                report(problems, entry.node.line, path.key(key), fault);
            } else {
                lines.insert(key, entry.node.line);
            }
        }
        Self { path, line, entries, problems }
    }

    fn find(&self, key: &str) -> Option<&'a Node<'a>> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    fn list(&self, key: &'static str) -> &'a [Node<'a>] {
        match self.find(key) {
            None => &[],
            Some(Node { value: Value::List(items), .. }) => items,
            Some(node) if node.is_empty() => &[],
            Some(node) => {
                let fault = Fault::WrongKind { found: node.kind(), wanted: "a list" };
                self.complain(key, fault);
                &[]
            }
        }
    }
}

/// Returns the keys of a mapping; `None`, and a complaint, when it is none.
fn mapping<'a>(node: &'a Node<'a>, path: Path<'_>, problems: &Problems) -> Option<&'a [Entry<'a>]> {
    if let Value::Mapping(entries) = &node.value {
        return Some(entries);
    }
    let wanted = "a mapping, `key: value`";
    report(problems, node.line, path, Fault::WrongKind { found: node.kind(), wanted });
    None
}

fn report(problems: &Problems, line: u32, path: Path<'_>, fault: Fault) {
    problems.add(|| error(line, path, fault));
}

fn error(line: u32, path: Path<'_>, fault: Fault) -> ConfigError {
    ConfigError { line: Some(line), key: path.to_string(), fault }
}
