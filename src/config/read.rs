//! Reads typed settings from the tree of a file.
//!
//! A [`Place`] is a serde deserializer that reports an error with its line and path as soon as it
//! finds one, and then continues: a section with errors has the valid part of its values.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, de};

use crate::config::error::{ConfigError, Problems};
use crate::config::error_kind::{ErrorKind, Kind, Shown};
use crate::config::key_path::{Path, Step};
use crate::config::tree::{Entry, Node, Value};

/// A value of the file, or a missing one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    node: Option<&'a Node<'a>>,
    /// The line of the value; of the mapping around it if the value is missing.
    line: u32,
    path: Path<'a>,
    problems: &'a Problems,
}

impl<'a> Place<'a> {
    /// Returns the whole file.
    pub(super) fn top(node: &'a Node<'a>, problems: &'a Problems) -> Self {
        let path = Path { parent: None, step: Step::Top };
        Self { node: Some(node), line: node.line, path, problems }
    }

    /// Returns the same place, with errors going to `problems`.
    pub(super) fn reporting_to<'p>(&'p self, problems: &'p Problems) -> Place<'p> {
        Place { problems, ..*self }
    }

    /// Returns `node` in place of the value under `key`, with errors going to `problems`. Error paths
    /// show its nested keys `a` and `b` as the single key `{prefix}a_b`.
    pub(super) fn flattened<'p>(
        &'p self,
        key: &'p str,
        prefix: &'p str,
        node: &'p Node<'p>,
        problems: &'p Problems,
    ) -> Place<'p> {
        let path = Path { parent: Some(&self.path), step: Step::Flattened { key, prefix } };
        Place { node: Some(node), line: node.line, path, problems }
    }

    /// Reads the settings. Errors are reported; what they concern has its default.
    pub(super) fn read<T: Deserialize<'a> + Default>(self) -> T {
        T::deserialize(self).unwrap_or_else(|fault| {
            self.report(fault);
            T::default()
        })
    }

    /// Returns the value under a key of this mapping.
    pub(super) fn key<'p>(&'p self, key: &'p str) -> Place<'p> {
        let entry = self.mapping().iter().find(|entry| entry.key == key);
        let node = entry.map(|entry| &entry.node);
        let line = node.map_or(self.line, |node| node.line);
        Place { node, line, path: self.path.key(key), problems: self.problems }
    }

    /// Returns the mappings in this list. Reports and leaves out other items.
    pub(super) fn sections<'p>(&'p self) -> impl Iterator<Item = Place<'p>> {
        self.list().filter(|item| {
            if !item.is_mapping() {
                item.wrong_kind(MAPPING);
            }
            item.is_mapping()
        })
    }

    /// Returns the items of this list.
    pub(super) fn items<'p>(&'p self) -> impl Iterator<Item = Place<'p>> {
        let items: &[Node<'_>] = match self.node.map(|node| &node.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        };
        items.iter().enumerate().map(|(index, node)| {
            let path = Path { parent: Some(&self.path), step: Step::Item(index) };
            Place { node: Some(node), line: node.line, path, problems: self.problems }
        })
    }

    /// Returns the items of this list. Reports any other value, except an empty one.
    pub(super) fn list<'p>(&'p self) -> impl Iterator<Item = Place<'p>> {
        if !self.is_list() && !self.is_null() {
            self.wrong_kind("a list");
        }
        self.items()
    }

    /// Returns the entries of this mapping, which may have any keys. Reports and leaves out
    /// duplicate keys.
    pub(super) fn entries<'p>(&'p self) -> impl Iterator<Item = (&'p str, Place<'p>)> {
        if !self.is_mapping() && !self.is_null() {
            self.wrong_kind(MAPPING);
        }
        let mut lines = HashMap::new();
        self.mapping().iter().filter_map(move |entry| {
            let (key, line) = (entry.key.as_ref(), entry.node.line);
            let place = self.of_entry(entry);
            if let Some(&first_line) = lines.get(key) {
                place.error(ErrorKind::DuplicateKey { first_line });
                return None;
            }
            lines.insert(key, line);
            Some((key, place))
        })
    }

    /// Returns whether the value is present and not empty.
    pub(super) fn is_given(&self) -> bool {
        self.node.is_some_and(|node| match &node.value {
            Value::List(items) => !items.is_empty(),
            Value::Mapping(entries) => !entries.is_empty(),
            Value::Plain(_) | Value::Quoted(_) => !node.is_empty(),
        })
    }

    /// Returns whether the value is a list without items.
    pub(super) fn is_empty_list(&self) -> bool {
        matches!(self.node.map(|node| &node.value), Some(Value::List(items)) if items.is_empty())
    }

    pub(super) fn is_mapping(&self) -> bool {
        matches!(self.node.map(|node| &node.value), Some(Value::Mapping(_)))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.map(|node| &node.value), Some(Value::List(_)))
    }

    /// Returns the value if it is text.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        match self.node.map(|node| &node.value) {
            Some(Value::Plain(text) | Value::Quoted(text)) if !self.is_null() => Some(text),
            _ => None,
        }
    }

    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// Reports an error of this value, whether or not it is present.
    pub(super) fn error(&self, kind: ErrorKind) {
        let error = || ConfigError { line: Some(self.line), key: self.path.to_string(), kind };
        self.problems.add(error);
    }

    /// Reports a missing value that is required.
    pub(super) fn require(&self) {
        if self.node.is_none() {
            self.error(ErrorKind::Missing);
        }
    }

    fn wrong_kind(&self, wanted: &str) {
        let found = self.node.map_or(Kind::Empty, Node::kind);
        self.error(ErrorKind::WrongKind { found, wanted: wanted.to_owned() });
    }

    fn is_null(&self) -> bool {
        self.node.is_none_or(Node::is_empty)
    }

    fn mapping(&self) -> &'a [Entry<'a>] {
        match self.node.map(|node| &node.value) {
            Some(Value::Mapping(entries)) => entries,
            _ => &[],
        }
    }

    fn of_entry<'p>(&'p self, entry: &'p Entry<'p>) -> Place<'p> {
        let (node, path) = (&entry.node, self.path.key(&entry.key));
        Place { node: Some(node), line: node.line, path, problems: self.problems }
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V, quotes: bool) -> Result<V::Value, Fault> {
        let read = match self.node.map(|node| &node.value) {
            Some(Value::Quoted(text)) if !quotes => {
                let (value, wanted) = (Shown::of(text), expected(&visitor));
                Err(Fault(Some(ErrorKind::Quoted { value, wanted })))
            }
            Some(Value::Plain(text) | Value::Quoted(text)) if !self.is_null() => {
                visitor.visit_str(text)
            }
            _ => {
                self.wrong_kind(&expected(&visitor));
                Err(Fault(None))
            }
        };
        read.map_err(|fault| self.report(fault))
    }

    fn report(&self, Fault(kind): Fault) -> Fault {
        kind.into_iter().for_each(|kind| self.error(kind));
        Fault(None)
    }
}

const MAPPING: &str = "a mapping (`key: value`)";

fn expected<'de>(visitor: &impl Visitor<'de>) -> String {
    struct Expected<'v, V>(&'v V);
    impl<'de, V: Visitor<'de>> fmt::Display for Expected<'_, V> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.expecting(f)
        }
    }
    Expected(visitor).to_string()
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.text(visitor, true)
    }

    /// Reads a value that must not be quoted: a number or a boolean.
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.text(visitor, false)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(Items(self.list()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if !self.is_mapping() && !self.is_null() {
            self.wrong_kind(MAPPING);
        }
        let lines = vec![None; fields.len()];
        let entries = self.mapping().iter();
        visitor.visit_map(Fields { place: &self, entries, fields, lines, value: None })
    }

    /// Skips what is read item by item.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct tuple tuple_struct map enum identifier
    }
}

struct Items<I>(I);

impl<'de, 'p, I: Iterator<Item = Place<'p>>> SeqAccess<'de> for Items<I> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

/// The known keys of a mapping and their values. Reports and leaves out unknown and duplicate keys.
struct Fields<'p> {
    place: &'p Place<'p>,
    entries: std::slice::Iter<'p, Entry<'p>>,
    fields: &'static [&'static str],
    /// The line of each field that was read.
    lines: Vec<Option<u32>>,
    value: Option<Place<'p>>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        for entry in self.entries.by_ref() {
            let place = self.place.of_entry(entry);
            let key = entry.key.as_ref();
            let Some(position) = self.fields.iter().position(|field| *field == key) else {
                place.unknown_key(key, self.fields);
                continue;
            };
            match self.lines[position] {
                Some(first_line) => place.error(ErrorKind::DuplicateKey { first_line }),
                None => {
                    self.lines[position] = Some(entry.node.line);
                    self.value = Some(place);
                    let key: StrDeserializer<'_, Fault> = key.into_deserializer();
                    return seed.deserialize(key).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(self.value.take().ok_or(Fault(None))?)
    }
}

impl Place<'_> {
    /// Reports that this value's key is unknown.
    pub(super) fn unknown_key(&self, key: &str, known: &'static [&'static str]) {
        // A file of garbage has millions of them, and few are kept.
        self.problems.add(|| {
            let meant = crate::origin::nearest(key, known.iter().copied());
            let kind = ErrorKind::UnknownKey { meant, known };
            ConfigError { line: Some(self.line), key: self.path.to_string(), kind }
        });
    }
}

/// A serde error; `None` if it has been reported.
#[derive(Debug)]
pub(super) struct Fault(Option<ErrorKind>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid value")
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let reason = || ErrorKind::Unreadable { reason: message.to_string() };
        Self(Some(KIND.take().unwrap_or_else(reason)))
    }
}

thread_local! {
    /// The error of the value that is being parsed: serde's errors carry text only.
    static KIND: Cell<Option<ErrorKind>> = const { Cell::new(None) };
}

/// Returns the error of a value that cannot be parsed.
pub(super) fn invalid<E: de::Error>(kind: ErrorKind) -> E {
    KIND.set(Some(kind));
    E::custom("invalid value")
}
