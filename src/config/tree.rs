//! The parsed file: a tree of YAML values, each with its line.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, ScanError, Tag, options};

use crate::config::error::ConfigError;
use crate::config::error_kind::{ErrorKind, Kind, Shown};

/// A value and its line; for the value of a key, the line of the key.
#[derive(Clone, Debug)]
pub(super) struct Node<'text> {
    pub(super) line: u32,
    pub(super) value: Value<'text>,
}

/// An untyped value: the code that reads a setting decides what `no` or `443` means.
#[derive(Clone, Debug)]
pub(super) enum Value<'text> {
    Plain(Cow<'text, str>),
    Quoted(Cow<'text, str>),
    List(Vec<Node<'text>>),
    Mapping(Vec<Entry<'text>>),
}

/// One key of a mapping and its value. Keys may be duplicated; the error needs both lines.
#[derive(Clone, Debug)]
pub(super) struct Entry<'text> {
    pub(super) key: Cow<'text, str>,
    pub(super) node: Node<'text>,
}

impl<'text> Node<'text> {
    /// Parses a file of one document, which must be a mapping.
    pub(super) fn parse(text: &'text str) -> Result<Self, ConfigError> {
        match Self::document(text)? {
            Some(root) if matches!(root.value, Value::Mapping(_)) => Ok(root),
            Some(root) if !root.is_empty() => {
                let wanted = "a mapping that begins with `origins:`";
                let wanted = wanted.to_owned();
                Err(at(root.line, ErrorKind::WrongKind { found: root.kind(), wanted }))
            }
            _ => Err(ConfigError { line: None, key: String::new(), kind: ErrorKind::Nothing }),
        }
    }

    /// Parses a file of one document of any kind; `None` for an empty file.
    ///
    /// Expands aliases and merge keys (`<<`). Invalid YAML, and content that would exceed the
    /// memory limits, stops the parser; that error is then the only one.
    pub(super) fn document(text: &'text str) -> Result<Option<Self>, ConfigError> {
        let options = options! {
            flow_nesting_limit: MOST_LEVELS,
            block_nesting_limit: MOST_LEVELS,
            disallow_directives: true,
        };
        let mut builder = Builder::default();
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event.map_err(|error| syntax(&error))?;
            let line = in_u32(span.start.line());
            if let Event::DocumentStart(..) = event {
                documents += 1;
                if documents > 1 {
                    return Err(at(line, ErrorKind::SecondDocument));
                }
            }
            builder.take(event, line)?;
        }
        Ok(builder.root)
    }

    /// Returns whether the value is YAML's null.
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.value, Value::Plain(text) if matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL"))
    }

    pub(super) fn kind(&self) -> Kind {
        match &self.value {
            _ if self.is_empty() => Kind::Empty,
            Value::Plain(_) | Value::Quoted(_) => Kind::Text,
            Value::List(_) => Kind::List,
            Value::Mapping(_) => Kind::Mapping,
        }
    }
}

/// The maximum number of values in a file: sixteen for each of 250,000 origins.
const MOST_VALUES: usize = 4_000_000;
/// The maximum number of values copied by anchors and aliases: a base, plus
/// [`COPIES_PER_VALUE`] for each value written. Without a limit, a few bytes could expand to
/// hundreds of megabytes.
const MOST_COPIES: usize = 100_000;
const COPIES_PER_VALUE: usize = 20;
/// The maximum nesting depth. The settings need five levels.
const MOST_LEVELS: usize = 32;

/// Builds the tree from parser events.
#[derive(Default)]
struct Builder<'text> {
    root: Option<Node<'text>>,
    /// The lists and mappings not yet closed, outermost first.
    open: Vec<Open<'text>>,
    anchors: HashMap<usize, Anchored<'text>>,
    /// The number of all values, and of those that are written rather than copied.
    values: usize,
    written: usize,
}

struct Open<'text> {
    line: u32,
    anchor: usize,
    /// The number of values when it was opened.
    values_before: usize,
    /// The number of levels nested below it.
    levels: usize,
    content: Content<'text>,
}

enum Content<'text> {
    List(Vec<Node<'text>>),
    Mapping { entries: Vec<Entry<'text>>, key: Option<Key<'text>> },
}

struct Key<'text> {
    line: u32,
    text: Cow<'text, str>,
}

/// The target of an alias, and the cost of expanding it.
struct Anchored<'text> {
    node: Node<'text>,
    values: usize,
    levels: usize,
}

impl<'text> Builder<'text> {
    fn take(&mut self, event: Event<'text>, line: u32) -> Result<(), ConfigError> {
        match event {
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            begin => self.begin(begin, line).map_err(|kind| at(line, kind)),
        }
    }

    fn begin(&mut self, event: Event<'text>, line: u32) -> Result<(), ErrorKind> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(tag)?;
                self.written += 1;
                self.spend(1)?;
                let value = match style {
                    ScalarStyle::Plain => Value::Plain(text),
                    _ => Value::Quoted(text),
                };
                self.put(Node { line, value }, anchor, 1, 0)
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag)?;
                self.open(line, anchor, Content::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag)?;
                self.open(line, anchor, Content::Mapping { entries: Vec::new(), key: None })
            }
            Event::Alias(anchor) => {
                let anchored = self.anchors.get(&anchor).ok_or(ErrorKind::AliasOfItself)?;
                let (values, levels) = (anchored.values, anchored.levels);
                if self.open.len() + levels > MOST_LEVELS {
                    return Err(ErrorKind::TooDeep { limit: MOST_LEVELS });
                }
                // Check the limit before copying.
                self.spend(values)?;
                let anchored = self.anchors.get(&anchor).ok_or(ErrorKind::AliasOfItself)?;
                let node = anchored.node.clone();
                self.put(node, 0, values, levels)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, line: u32, anchor: usize, content: Content<'text>) -> Result<(), ErrorKind> {
        if let Some(Open { content: Content::Mapping { key: None, .. }, .. }) = self.open.last() {
            return Err(ErrorKind::KeyIsNoText);
        }
        if self.open.len() == MOST_LEVELS {
            return Err(ErrorKind::TooDeep { limit: MOST_LEVELS });
        }
        let values_before = self.values;
        self.written += 1;
        self.spend(1)?;
        self.open.push(Open { line, anchor, values_before, levels: 0, content });
        Ok(())
    }

    fn close(&mut self) -> Result<(), ConfigError> {
        let Some(Open { line, anchor, values_before, levels, content }) = self.open.pop() else {
            return Ok(());
        };
        let value = match content {
            Content::List(items) => Value::List(items),
            Content::Mapping { entries, .. } => Value::Mapping(merged(entries)?),
        };
        let values = self.values - values_before;
        self.put(Node { line, value }, anchor, values, levels + 1).map_err(|kind| at(line, kind))
    }

    /// Adds a value to its parent. It contains `values` values in `levels` levels.
    fn put(
        &mut self,
        node: Node<'text>,
        anchor: usize,
        values: usize,
        levels: usize,
    ) -> Result<(), ErrorKind> {
        if anchor != 0 {
            self.spend(values)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), values, levels });
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        parent.levels = parent.levels.max(levels);
        match &mut parent.content {
            Content::List(items) => items.push(node),
            Content::Mapping { entries, key } => match key.take() {
                // Use the key's line: the parser gives an empty value the line of the next key,
                // and a list or mapping the line of its first item.
                Some(Key { line, text }) => {
                    entries.push(Entry { key: text, node: Node { line, value: node.value } });
                }
                None => match node.value {
                    Value::Plain(text) | Value::Quoted(text) => {
                        *key = Some(Key { line: node.line, text });
                    }
                    Value::List(_) | Value::Mapping(_) => return Err(ErrorKind::KeyIsNoText),
                },
            },
        }
        Ok(())
    }

    fn spend(&mut self, values: usize) -> Result<(), ErrorKind> {
        self.values += values;
        if self.values > MOST_VALUES {
            return Err(ErrorKind::TooManyValues { limit: MOST_VALUES });
        }
        if self.values - self.written > MOST_COPIES + COPIES_PER_VALUE * self.written {
            return Err(ErrorKind::TooManyCopies { limit: MOST_COPIES, times: COPIES_PER_VALUE });
        }
        Ok(())
    }
}

fn refuse_tag(tag: Option<Cow<'_, Tag>>) -> Result<(), ErrorKind> {
    match tag {
        None => Ok(()),
        Some(tag) => Err(ErrorKind::Tagged { tag: Shown::of(&tag.to_string()) }),
    }
}

fn syntax(error: &ScanError) -> ConfigError {
    let line = in_u32(error.marker().line());
    match error.kind() {
        granit_parser::ErrorKind::RecursionLimitExceeded => {
            at(line, ErrorKind::TooDeep { limit: MOST_LEVELS })
        }
        _ => {
            let column = in_u32(error.marker().col() + 1);
            at(line, ErrorKind::Syntax { column, message: error.info() })
        }
    }
}

pub(super) fn at(line: u32, kind: ErrorKind) -> ConfigError {
    ConfigError { line: Some(line), key: String::new(), kind }
}

pub(super) fn in_u32(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// Expands merge keys. Keys written beside `<<` take precedence over merged ones, and earlier
/// merged mappings over later ones (yaml.org, "Merge Key Language-Independent Type").
fn merged(mut entries: Vec<Entry<'_>>) -> Result<Vec<Entry<'_>>, ConfigError> {
    if !entries.iter().any(|entry| entry.key == MERGE) {
        // A large file has many small mappings, so spare capacity adds up.
        entries.shrink_to_fit();
        return Ok(entries);
    }
    let sources: Vec<_> = entries.extract_if(.., |entry| entry.key == MERGE).collect();
    let mut given: HashSet<_> = entries.iter().map(|entry| entry.key.clone()).collect();
    for source in sources {
        let line = source.node.line;
        let mappings = match source.node.value {
            Value::List(items) => items,
            _ => vec![source.node],
        };
        for mapping in mappings {
            let Value::Mapping(brought) = mapping.value else {
                return Err(at(line, ErrorKind::MergeOfNoMapping));
            };
            entries.extend(brought.into_iter().filter(|entry| given.insert(entry.key.clone())));
        }
    }
    Ok(entries)
}

const MERGE: &str = "<<";
