//! Wraps lines at spaces only, so that names and addresses can be copied whole.

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
    let mut lines = Vec::new();
    let (mut now, mut column) = (begin(line.indent, &[]), line.indent);
    let mut is_empty = true;
    for word in words(&line.parts) {
        let wanted = word.before.text.width() + word.width;
        if !is_empty && column + wanted > width {
            lines.push(std::mem::replace(&mut now, begin(hang, &[])));
            column = hang;
        } else {
            column += word.before.text.len();
            add(&mut now, word.before);
        }
        column += word.width;
        is_empty = false;
        word.parts.into_iter().for_each(|part| add(&mut now, part));
    }
    lines.push(now);
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

/// Text that must not be broken, with the spaces before it.
struct Word {
    before: Part,
    parts: Vec<Part>,
    width: usize,
}

fn words(parts: &[Part]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word::after(Role::Plain);
    for part in parts {
        for piece in part.text.split_inclusive(' ') {
            let text = piece.strip_suffix(' ').unwrap_or(piece);
            word.width += text.width();
            add(&mut word.parts, Part { role: part.role, text: text.to_owned() });
            if text.len() < piece.len() {
                if !word.parts.is_empty() {
                    words.push(std::mem::replace(&mut word, Word::after(part.role)));
                }
                word.before.text.push(' ');
            }
        }
    }
    if !word.parts.is_empty() {
        words.push(word);
    }
    words
}

impl Word {
    fn after(role: Role) -> Self {
        Self { before: Part { role, text: String::new() }, parts: Vec::new(), width: 0 }
    }
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
