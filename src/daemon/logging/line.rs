//! The format of log lines. Untrusted text can neither start a new line or field nor change the
//! text direction, and the length of lines is bounded.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use crate::chain::{printable, printable_json, quoted, word};

/// Writes the fields of a text line: the message, then `name=value` pairs.
#[derive(Debug)]
pub(super) struct Fields;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = FieldWriter { writer, separator: "", result: Ok(()) };
        fields.record(&mut visitor);
        visitor.result
    }
}

struct FieldWriter<'writer> {
    writer: Writer<'writer>,
    separator: &'static str,
    result: fmt::Result,
}

impl FieldWriter<'_> {
    fn write(&mut self, field: &Field, value: &str) {
        let separator = std::mem::replace(&mut self.separator, " ");
        let (italic, dim, plain) = match self.writer.has_ansi_escapes() {
            true => ("\u{1b}[3m", "\u{1b}[2m", "\u{1b}[0m"),
            false => ("", "", ""),
        };
        let result = match field.name() {
            MESSAGE => write!(self.writer, "{separator}{value}"),
            name => write!(self.writer, "{separator}{italic}{name}{plain}{dim}={plain}{value}"),
        };
        self.result = self.result.and(result);
    }
}

impl Visit for FieldWriter<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            MESSAGE => self.write(field, &message(value)),
            _ => self.write(field, &quoted(value)),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        match field.name() {
            MESSAGE => self.write(field, &message(&text)),
            ERROR => self.write(field, &word(&one_line(&text))),
            _ => self.write(field, &word(&text)),
        }
    }
}

const MESSAGE: &str = "message";
const ERROR: &str = "error";

fn message(text: &str) -> String {
    printable(&one_line(text), usize::MAX)
}

/// Joins the lines of an error that lists several problems.
fn one_line(text: &str) -> String {
    text.trim_end().replace('\n', "; ")
}

/// Returns a text line, cut to [`LONGEST_LINE`].
pub(super) fn bounded_text(line: &str) -> Cow<'_, str> {
    if line.len() <= LONGEST_LINE {
        return Cow::Borrowed(line);
    }
    Cow::Owned(format!("{}…\n", &line[..line.floor_char_boundary(LONGEST_LINE)]))
}

/// Returns a JSON line with its strings shortened if it exceeds [`LONGEST_LINE`], and with all
/// invisible characters escaped.
pub(super) fn bounded_json(line: &str) -> Cow<'_, str> {
    printable_json(match line.len() <= LONGEST_LINE {
        true => Cow::Borrowed(line),
        false => Cow::Owned(shortened(line)),
    })
}

fn shortened(line: &str) -> String {
    let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(line) else {
        return String::new();
    };
    for value in fields.values_mut() {
        if let Value::String(text) = value
            && text.len() > LONGEST_LINE / 8
        {
            text.truncate(text.floor_char_boundary(LONGEST_LINE / 8));
            text.push('…');
        }
    }
    Value::Object(fields).to_string() + "\n"
}

/// In bytes. Errors that list many problems are long; the status page shows the whole text.
const LONGEST_LINE: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::{LONGEST_LINE, bounded_json, bounded_text, one_line};

    #[test]
    fn an_error_of_several_lines_is_one_line_of_the_log() {
        assert_eq!(
            one_line("a.yaml:1: first\na.yaml:2: second\n"),
            "a.yaml:1: first; a.yaml:2: second"
        );
    }

    #[test]
    fn a_line_of_text_is_cut_and_marked() {
        assert_eq!(bounded_text("a b=c\n"), "a b=c\n");
        let long = "é".repeat(LONGEST_LINE) + "\n";
        let cut = bounded_text(&long);
        assert!(cut.len() < LONGEST_LINE + 8 && cut.ends_with("é…\n"));
    }

    #[test]
    fn a_line_of_json_stays_json_and_says_the_same() {
        let line = "{\"origin\":\"a\u{202e}b\u{e0001}\u{7f}\",\"n\":1}\n";
        let shown = bounded_json(line);
        assert_eq!(shown, "{\"origin\":\"a\\u202eb\\udb40\\udc01\\u007f\",\"n\":1}\n");
        let read = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
        assert_eq!(read(&shown), read(line));
        let long = format!("{{\"level\":\"WARN\",\"message\":\"{}\"}}\n", "é".repeat(LONGEST_LINE));
        let cut = bounded_json(&long);
        assert!(cut.len() < LONGEST_LINE && cut.ends_with("é…\"}\n"), "{}", cut.len());
        assert_eq!(read(&cut)["level"], "WARN");
    }
}
