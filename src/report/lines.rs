//! Words for people as lines of parts: each part tells its role, and nothing knows of colours or
//! of a terminal's width.

use std::fmt;

use crate::chain::printable;

/// What a part of a line is; how that looks is for those to decide who show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// What the line is about.
    Name,
    /// That all is well.
    Good,
    /// That something fails.
    Bad,
    /// That something may fail, or will.
    Doubtful,
    /// That something is worth knowing, without harm.
    Notice,
    /// The word before what is to be done.
    Hint,
    /// What stands beside the point.
    Aside,
}

/// A piece of text with its role. Nothing in it can move a terminal's cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub role: Role,
    pub text: String,
}

/// One line, however long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How many columns it begins to the right.
    pub indent: usize,
    /// The same for its continuation, where it is too long for whoever shows it.
    pub hang: usize,
    pub parts: Vec<Part>,
    /// Whether it is to be copied as it stands, and so is never broken.
    pub is_whole: bool,
}

impl Line {
    /// Begins a line at the left edge.
    pub fn new() -> Self {
        Self::indented(0)
    }

    /// Begins a line `indent` columns to the right; its continuation stands two more.
    pub fn indented(indent: usize) -> Self {
        Self { indent, hang: indent + 2, parts: Vec::new(), is_whole: false }
    }

    /// Adds a part; what is not plainly visible in `text` is escaped.
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

/// Several lines. Displayed, each is one line whatever its length, and ends in a line feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub lines: Vec<Line>,
}

impl Text {
    /// Takes over text that is laid out already, a line for each of its own; the continuation of a
    /// line stands below its beginning.
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

    /// Replaces `from` by `to` wherever it stands within a part.
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

#[cfg(test)]
mod tests {
    use super::Line;
    use super::Role;
    use super::Text;

    #[test]
    fn a_part_cannot_move_a_cursor() {
        let line = Line::indented(2).with(Role::Name, "a\u{1b}[2Jb\r\n").with(Role::Plain, " é");
        assert_eq!(line.to_string(), "  a\\u{1b}[2Jb\\u{d}\\u{a} é");
    }

    #[test]
    fn text_that_is_laid_out_stays_as_it_is() {
        let text = "a: b\n\n  - c\n";
        let laid_out = Text::laid_out(text);
        assert_eq!(laid_out.to_string(), text);
        assert_eq!((laid_out.lines[2].indent, laid_out.lines[2].hang), (2, 2));
    }
}
