//! JSON as a tree that holds only what is read from it: no custom header's value comes into it.
//!
//! A value takes eight bytes, and texts stay in the input: small values must not take many times
//! the memory of the file that holds them.

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use super::LARGEST;
use super::error::Kind;
use super::error::Problem;
use super::node::Content;
use super::node::KEYS;
use super::node::NO_KEY;
use super::node::Node;

/// The documents of one source, one after the other.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    input: &'a [u8],
    /// The texts that are written with escapes, without them.
    unescaped: String,
    /// Each value before those within it.
    nodes: Vec<Node>,
}

/// One value of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    tree: &'a Tree<'a>,
    at: usize,
}

impl<'a> Tree<'a> {
    /// Reads the documents that stand one after the other.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Problem> {
        if bytes.len() > LARGEST {
            return Err(Problem::TooLarge);
        }
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(Problem::Utf16);
        }
        let input = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut tree = Self { input, unescaped: String::new(), nodes: Vec::new() };
        // Each begins with a reader of its own: one for all would look for its line from the start
        // of the input each time that it is asked for the end.
        let mut rest = input;
        loop {
            rest = rest.trim_ascii_start();
            if rest.is_empty() {
                break;
            }
            let mut json = serde_json::Deserializer::from_slice(rest);
            let document = Kept { tree: &mut tree, key: NO_KEY }.deserialize(&mut json);
            document.map_err(|error| match tree.nodes.len() {
                MOST_VALUES.. => Problem::TooManyValues { limit: MOST_VALUES },
                _ => syntax(&error, input.len() - rest.len(), input),
            })?;
            let end = json.into_iter::<IgnoredAny>().byte_offset();
            rest = rest.get(end..).unwrap_or_default();
        }
        if tree.nodes.is_empty() { Err(Problem::Empty) } else { Ok(tree) }
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = Value<'_>> {
        self.values(0..self.nodes.len())
    }

    /// Returns the values whose nodes fill `range`, but not those within them.
    fn values(&self, range: Range<usize>) -> impl Iterator<Item = Value<'_>> + use<'_> {
        let mut next = range.start;
        std::iter::from_fn(move || {
            let value =
                Some(Value { tree: self, at: next }).filter(|value| value.at < range.end)?;
            next = value.end();
            Some(value)
        })
    }

    /// Returns where a text begins that was read from the input, or where it is kept otherwise.
    fn borrowed(&self, text: &str) -> Content {
        let start = text.as_ptr().addr().wrapping_sub(self.input.as_ptr().addr());
        Content::Text { start, length: text.len() }
    }
}

impl<'a> Value<'a> {
    pub(super) fn kind(self) -> Kind {
        match self.content() {
            Content::Null => Kind::Nothing,
            Content::Flag(_) => Kind::Flag,
            Content::Integer(_) | Content::OtherNumber => Kind::Number,
            Content::Text { .. } | Content::Unescaped { .. } => Kind::Text,
            Content::List { .. } => Kind::List,
            Content::Object { .. } => Kind::Object,
        }
    }

    /// Returns what stands under a key of an object; of several, the last.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        let key = KEYS.binary_search(&key).ok()?;
        self.within().filter(|entry| entry.node().key() == key).last()
    }

    /// Returns the items of a list.
    pub(super) fn items(self) -> Option<impl Iterator<Item = Self> + use<'a>> {
        (self.kind() == Kind::List).then(|| self.within())
    }

    pub(super) fn as_bool(self) -> Option<bool> {
        match self.content() {
            Content::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn as_i64(self) -> Option<i64> {
        match self.content() {
            Content::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> Option<&'a str> {
        match self.content() {
            Content::Text { start, length } => {
                std::str::from_utf8(self.tree.input.get(start..start + length)?).ok()
            }
            Content::Unescaped { start, length } => self.tree.unescaped.get(start..start + length),
            _ => None,
        }
    }

    /// Returns the way to this value, such as `DistributionList.Items[3]`.
    pub(super) fn path(self) -> String {
        let mut path = String::new();
        let holds_this = |value: &Value<'_>| self.at < value.end();
        let mut documents = self.tree.documents();
        let Some(position) = documents.position(|document| holds_this(&document)) else {
            return path;
        };
        let mut around = self.tree.documents().nth(position);
        if position > 0 || documents.next().is_some() {
            // Writing to a String cannot fail.
            let _ = write!(path, "document {}", position + 1);
        }
        while let Some(value) = around.filter(|value| value.at < self.at) {
            let next = value.within().enumerate().find(|(_, child)| holds_this(child));
            if let Some((position, child)) = next {
                match KEYS.get(child.node().key()) {
                    Some(key) => push_key(&mut path, key),
                    None => _ = write!(path, "[{position}]"),
                }
            }
            around = next.map(|(_, child)| child);
        }
        path
    }

    fn within(self) -> impl Iterator<Item = Self> + use<'a> {
        self.tree.values(self.at + 1..self.end())
    }

    /// Returns where the next value begins that is not within this one.
    fn end(self) -> usize {
        self.at + 1 + self.node().within()
    }

    fn content(self) -> Content {
        self.node().content()
    }

    fn node(self) -> Node {
        self.tree.nodes.get(self.at).copied().unwrap_or_default()
    }
}

/// Adds a key to a path.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// Returns the syntax error of the document that begins at `start` of the input.
fn syntax(error: &serde_json::Error, start: usize, input: &[u8]) -> Problem {
    let before = input.get(..start).unwrap_or_default();
    let lines_before = before.iter().filter(|byte| **byte == b'\n').count();
    let columns_before = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    let text = error.to_string();
    let detail = text.rsplit_once(" at line ").map_or(&*text, |(detail, _)| detail).to_owned();
    let column = error.column() + if error.line() == 1 { columns_before } else { 0 };
    Problem::Syntax { line: lines_before + error.line(), column, detail }
}

/// How many values are kept: the largest account has some three million.
const MOST_VALUES: usize = 4_000_000;

/// Reads one value, which stands under `key`.
struct Kept<'t, 'a> {
    tree: &'t mut Tree<'a>,
    key: usize,
}

impl<'a> Kept<'_, 'a> {
    fn push<E: Error>(self, content: Content) -> Result<(), E> {
        if self.tree.nodes.len() >= MOST_VALUES {
            return Err(E::custom("too many values"));
        }
        self.tree.nodes.push(Node::new(self.key, content));
        Ok(())
    }

    fn under(&mut self, key: usize) -> Kept<'_, 'a> {
        Kept { tree: self.tree, key }
    }

    /// Puts what is within a value behind it, and then the value itself before that.
    fn around<E: Error>(
        mut self,
        content: fn(usize) -> Content,
        read: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let place = self.tree.nodes.len();
        self.under(self.key).push(content(0))?;
        read(&mut self)?;
        let within = self.tree.nodes.len() - place - 1;
        if let Some(node) = self.tree.nodes.get_mut(place) {
            *node = Node::new(self.key, content(within));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Kept<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.push(Content::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.push(Content::Flag(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.push(Content::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.push(i64::try_from(value).map_or(Content::OtherNumber, Content::Integer))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.push(Content::OtherNumber)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<(), E> {
        let content = self.tree.borrowed(value);
        self.push(content)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        let start = self.tree.unescaped.len();
        self.tree.unescaped.push_str(value);
        self.push(Content::Unescaped { start, length: value.len() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.around(
            |within| Content::List { within },
            |kept| {
                while list.next_element_seed(kept.under(NO_KEY))?.is_some() {}
                Ok(())
            },
        )
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.around(
            |within| Content::Object { within },
            |kept| {
                while let Some(key) = map.next_key_seed(KnownKey)? {
                    match key {
                        Some(key) => map.next_value_seed(kept.under(key))?,
                        None => _ = map.next_value::<IgnoredAny>()?,
                    }
                }
                Ok(())
            },
        )
    }
}

/// Reads a key as its place among [`KEYS`].
struct KnownKey;

impl<'de> DeserializeSeed<'de> for KnownKey {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KnownKey {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(KEYS.binary_search(&key).ok())
    }
}
