//! Wraps lines at spaces only, so that names and addresses can be copied whole.

use textwrap::core::Fragment;
use textwrap::wrap_algorithms::wrap_first_fit;
use unicode_width::UnicodeWidthStr;

use crate::report::{Line, Part, Role};

/// Wraps `line` to `width` columns and returns the parts of each resulting line. Returns one line
/// if there is no width or if the line must stay whole. Words longer than a line are left to the
/// terminal.
pub(super) fn wrap(line: &Line, width: Option<usize>) -> Vec<Vec<Part>> {
    let Some(width) = width.filter(|_| !line.is_whole) else {
        return vec![begin(line.indent, &line.parts)];
    };
    let has_room = line.hang + ROOM <= width;
    let hang = if has_room { line.hang } else { line.hang.min(line.indent + 4) };
    let left = |indent: usize| width.saturating_sub(indent) as f64;
    let words = words(&line.parts);
    let mut lines = Vec::new();
    for (position, words) in
        wrap_first_fit(&words, &[left(line.indent), left(hang)]).iter().enumerate()
    {
        let mut parts = begin(if position == 0 { line.indent } else { hang }, &[]);
        for (position, word) in words.iter().enumerate() {
            word.parts.iter().for_each(|part| add(&mut parts, part.clone()));
            if position + 1 < words.len() {
                add(&mut parts, word.after.clone());
            }
        }
        lines.push(parts);
    }
    lines
}

/// The least width of continuation lines; if there is less, they are indented less.
const ROOM: usize = 24;

fn begin(indent: usize, parts: &[Part]) -> Vec<Part> {
    let mut line = Vec::new();
    add(&mut line, Part { role: Role::Plain, text: " ".repeat(indent) });
    parts.iter().for_each(|part| add(&mut line, part.clone()));
    line
}

/// Adds a part, and merges it with the previous one if the roles are the same.
fn add(line: &mut Vec<Part>, part: Part) {
    match line.last_mut() {
        _ if part.text.is_empty() => {}
        Some(last) if last.role == part.role => last.text.push_str(&part.text),
        _ => line.push(part),
    }
}

/// Text that must not be broken, with the spaces after it.
#[derive(Debug)]
struct Word {
    parts: Vec<Part>,
    after: Part,
}

impl Fragment for Word {
    fn width(&self) -> f64 {
        self.parts.iter().map(|part| part.text.width()).sum::<usize>() as f64
    }

    fn whitespace_width(&self) -> f64 {
        self.after.text.len() as f64
    }

    fn penalty_width(&self) -> f64 {
        0.0
    }
}

fn words(parts: &[Part]) -> Vec<Word> {
    let nothing =
        || Word { parts: Vec::new(), after: Part { role: Role::Plain, text: String::new() } };
    let mut words = vec![nothing()];
    for part in parts {
        for piece in part.text.split_inclusive(' ') {
            let text = piece.trim_end_matches(' ');
            if !text.is_empty() && words.last().is_some_and(|word| !word.after.text.is_empty()) {
                words.push(nothing());
            }
            if let Some(word) = words.last_mut() {
                add(&mut word.parts, Part { role: part.role, text: text.to_owned() });
                if text.len() < piece.len() {
                    // Spaces before the first word have no colour.
                    if !word.parts.is_empty() {
                        word.after.role = part.role;
                    }
                    word.after.text.push(' ');
                }
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::report::{Line, Role};

    use super::wrap;

    fn wrapped(line: &Line, width: usize) -> Vec<String> {
        let text = |line: Vec<super::Part>| line.into_iter().map(|part| part.text).collect();
        wrap(line, Some(width)).into_iter().map(text).collect()
    }

    #[test]
    fn a_line_is_broken_at_spaces_and_goes_on_further_right() {
        let line = Line::indented(2).with(Role::Bad, "a-rule").with(Role::Plain, ": one two three");
        for (width, expected) in [
            (80, vec!["  a-rule: one two three"]),
            (23, vec!["  a-rule: one two three"]),
            (22, vec!["  a-rule: one two", "    three"]),
            (16, vec!["  a-rule: one", "    two three"]),
            (5, vec!["  a-rule:", "    one", "    two", "    three"]),
        ] {
            assert_eq!(wrapped(&line, width), expected, "{width}");
        }
    }

    #[test]
    fn columns_are_those_of_a_terminal() {
        let line = Line::new().with(Role::Plain, "日本語 日本語");
        assert_eq!(wrapped(&line, 13), ["日本語 日本語"]);
        assert_eq!(wrapped(&line, 12), ["日本語", "  日本語"]);
    }

    #[test]
    fn spaces_stay_where_nothing_is_broken_and_go_where_it_is() {
        let line = Line::new().with(Role::Name, "name  ").with(Role::Plain, " place   state ");
        assert_eq!(wrapped(&line, 80), ["name   place   state"]);
        assert_eq!(wrapped(&line, 14), ["name   place", "  state"]);
        assert_eq!(wrapped(&Line::new(), 80), [""]);
    }

    #[test]
    fn without_a_width_nothing_is_broken() {
        let line = Line::indented(2).with(Role::Plain, "x ".repeat(500));
        assert_eq!(wrap(&line, None).len(), 1);
    }
}
