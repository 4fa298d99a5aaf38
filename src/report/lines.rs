//! Text for people as lines of parts. Each part has a role; colours and terminal width are left to
//! the renderer.

use std::fmt;

use crate::chain::printable;
use crate::rules::Effect;

/// The role of a part of a line; the renderer decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// The subject of the line.
    Name,
    /// Everything is in order.
    Good,
    /// Something fails.
    Bad,
    /// Something may fail, or will.
    Doubtful,
    /// Something is worth knowing and harmless.
    Notice,
    /// The word before a remedy.
    Hint,
    /// Supplementary information.
    Aside,
}

impl Role {
    /// Returns the role of a finding or rule with this effect.
    pub fn of(effect: Effect) -> Self {
        match effect {
            Effect::Fails => Self::Bad,
            Effect::MayFail => Self::Doubtful,
            Effect::Notice => Self::Notice,
        }
    }
}

/// A piece of text with its role. It contains no character that could move a terminal's cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub role: Role,
    pub text: String,
}

/// One line of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The indentation, in columns.
    pub indent: usize,
    /// The indentation of continuation lines, if the line is too long for the renderer.
    pub hang: usize,
    pub parts: Vec<Part>,
    /// Whether the line is meant to be copied, so it is never broken.
    pub is_whole: bool,
}

impl Line {
    /// Creates a line at the left edge.
    pub fn new() -> Self {
        Self::indented(0)
    }

    /// Creates a line indented by `indent` columns; its continuation is indented by two more.
    pub fn indented(indent: usize) -> Self {
        Self { indent, hang: indent + 2, parts: Vec::new(), is_whole: false }
    }

    /// Adds a part; characters in `text` that are not plainly visible are escaped.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl AsRef<str>) -> Self {
        self.parts.push(Part { role, text: printable(text.as_ref(), usize::MAX) });
        self
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:1$}", "", self.indent)?;
        self.parts.iter().try_for_each(|part| f.write_str(&part.text))
    }
}

/// Several lines. When displayed, each is written as one line and ends in a line feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub lines: Vec<Line>,
}

impl Text {
    /// Converts text that is laid out already, line by line; a continuation has the indentation of
    /// its line.
    pub fn laid_out(text: &str) -> Self {
        let line = |line: &str| {
            let indent = line.len() - line.trim_start_matches(' ').len();
            Line { hang: indent, ..Line::indented(indent).with(Role::Plain, &line[indent..]) }
        };
        Self { lines: text.lines().map(line).collect() }
    }

    /// Appends a line.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Appends the lines of another text.
    pub fn extend(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    /// Replaces `from` with `to` wherever it occurs within a part.
    pub fn replace(&mut self, from: &str, to: &str) {
        for part in self.lines.iter_mut().flat_map(|line| &mut line.parts) {
            if part.text.contains(from) {
                part.text = part.text.replace(from, to);
            }
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
