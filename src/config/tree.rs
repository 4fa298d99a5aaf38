//! The file as written: a tree of YAML values, each with its line.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::granit_parser::Event;
use serde_saphyr::granit_parser::Parser;
use serde_saphyr::granit_parser::ScalarStyle;
use serde_saphyr::granit_parser::ScanError;
use serde_saphyr::granit_parser::Tag;
use serde_saphyr::granit_parser::options;

use crate::config::error::ConfigError;
use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::fault::Kind;
use crate::config::merge::merged;

/// One value and the line on which it, or the key before it, stands.
#[derive(Clone, Debug)]
pub(super) struct Node<'text> {
    pub(super) line: u32,
    pub(super) value: Value<'text>,
}

/// A value without a type: what `no` or `443` means is decided where it is read.
#[derive(Clone, Debug)]
pub(super) enum Value<'text> {
    Plain(Cow<'text, str>),
    Quoted(Cow<'text, str>),
    List(Vec<Node<'text>>),
    Mapping(Vec<Entry<'text>>),
}

/// One key of a mapping and its value. Keys may repeat: the reader says so with both lines.
#[derive(Clone, Debug)]
pub(super) struct Entry<'text> {
    pub(super) key: Cow<'text, str>,
    pub(super) node: Node<'text>,
}

impl<'text> Node<'text> {
    /// Reads the one document of a file, which is a mapping.
    pub(super) fn parse(text: &'text str) -> Result<Self, ConfigError> {
        match Self::document(text)? {
            Some(root) if matches!(root.value, Value::Mapping(_)) => Ok(root),
            Some(root) if !root.is_empty() => {
                let wanted = "a mapping that begins with `origins:`";
                Err(at(root.line, Fault::WrongKind { found: root.kind(), wanted }))
            }
            _ => Err(ConfigError { line: None, key: String::new(), fault: Fault::Nothing }),
        }
    }

    /// Reads the one document of a file, whatever it is; `None` where there is nothing at all.
    ///
    /// Aliases and merge keys (`<<`) are written out. What is no YAML at all, and what would not
    /// fit into bounded memory, ends the reading: it is the only error then.
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
                    return Err(at(line, Fault::SecondDocument));
                }
            }
            builder.take(event, line)?;
        }
        Ok(builder.root)
    }

    /// Returns whether nothing is written (YAML's null).
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

/// How many values a file may hold: some forty for each of 100,000 origins.
const MOST_VALUES: usize = 4_000_000;
/// How many values may be copies, which anchors and aliases make: some for every file, and more for
/// a file that writes more. A few bytes could take hundreds of megabytes otherwise.
const MOST_COPIES: usize = 100_000;
const COPIES_PER_VALUE: usize = 20;
/// How deep values may nest; the settings need five levels.
const MOST_LEVELS: usize = 32;

/// The tree while it is read.
#[derive(Default)]
struct Builder<'text> {
    root: Option<Node<'text>>,
    /// The lists and mappings not yet closed, the outermost first.
    open: Vec<Open<'text>>,
    anchors: HashMap<usize, Anchored<'text>>,
    /// All values, and those of them that are written rather than copied.
    values: usize,
    written: usize,
}

struct Open<'text> {
    line: u32,
    anchor: usize,
    /// How many values there were when it was opened.
    values_before: usize,
    /// How many levels its deepest value has below it.
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

/// What an alias stands for, and what writing it out costs.
struct Anchored<'text> {
    node: Node<'text>,
    values: usize,
    levels: usize,
}

impl<'text> Builder<'text> {
    fn take(&mut self, event: Event<'text>, line: u32) -> Result<(), ConfigError> {
        match event {
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            begin => self.begin(begin, line).map_err(|fault| at(line, fault)),
        }
    }

    fn begin(&mut self, event: Event<'text>, line: u32) -> Result<(), Fault> {
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
                let anchored = self.anchors.get(&anchor).ok_or(Fault::AliasOfItself)?;
                let (values, levels) = (anchored.values, anchored.levels);
                if self.open.len() + levels > MOST_LEVELS {
                    return Err(Fault::TooDeep { limit: MOST_LEVELS });
                }
                // Counted before it is copied.
                self.spend(values)?;
                let anchored = self.anchors.get(&anchor).ok_or(Fault::AliasOfItself)?;
                let node = anchored.node.clone();
                self.put(node, 0, values, levels)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, line: u32, anchor: usize, content: Content<'text>) -> Result<(), Fault> {
        if let Some(Open { content: Content::Mapping { key: None, .. }, .. }) = self.open.last() {
            return Err(Fault::KeyIsNoText);
        }
        if self.open.len() == MOST_LEVELS {
            return Err(Fault::TooDeep { limit: MOST_LEVELS });
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
        self.put(Node { line, value }, anchor, values, levels + 1).map_err(|fault| at(line, fault))
    }

    /// Puts a value, which has `values` values and `levels` levels, where the file has it.
    fn put(
        &mut self,
        node: Node<'text>,
        anchor: usize,
        values: usize,
        levels: usize,
    ) -> Result<(), Fault> {
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
                // The key's line: that of an empty value is the next key's, and that of a list or
                // mapping the one below.
                Some(Key { line, text }) => {
                    entries.push(Entry { key: text, node: Node { line, value: node.value } });
                }
                None => match node.value {
                    Value::Plain(text) | Value::Quoted(text) => {
                        *key = Some(Key { line: node.line, text });
                    }
                    Value::List(_) | Value::Mapping(_) => return Err(Fault::KeyIsNoText),
                },
            },
        }
        Ok(())
    }

    fn spend(&mut self, values: usize) -> Result<(), Fault> {
        self.values += values;
        if self.values > MOST_VALUES {
            return Err(Fault::TooManyValues { limit: MOST_VALUES });
        }
        if self.values - self.written > MOST_COPIES + COPIES_PER_VALUE * self.written {
            return Err(Fault::TooManyCopies { limit: MOST_COPIES, times: COPIES_PER_VALUE });
        }
        Ok(())
    }
}

fn refuse_tag(tag: Option<Cow<'_, Tag>>) -> Result<(), Fault> {
    match tag {
        None => Ok(()),
        Some(tag) => Err(Fault::Tagged { tag: Excerpt::of(&tag.to_string()) }),
    }
}

fn syntax(error: &ScanError) -> ConfigError {
    let line = in_u32(error.marker().line());
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => at(line, Fault::TooDeep { limit: MOST_LEVELS }),
        _ => {
            let column = in_u32(error.marker().col() + 1);
            at(line, Fault::Syntax { column, message: error.info() })
        }
    }
}

pub(super) fn at(line: u32, fault: Fault) -> ConfigError {
    ConfigError { line: Some(line), key: String::new(), fault }
}

fn in_u32(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}
