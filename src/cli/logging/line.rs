//! The form of a log line: text from outside can neither begin a line or a field of its own nor
//! turn the direction of the text, and no line is endless.

use std::borrow::Cow;
use std::fmt;

use serde_json::Map;
use serde_json::Value;
use tracing::field::Field;
use tracing::field::Visit;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use crate::chain::printable;
use crate::chain::printable_json;
use crate::chain::quoted;
use crate::chain::word;

/// Writes the fields of a line of text: the message, then `name=value`.
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
            _ => self.write(field, &word(&text)),
        }
    }
}

const MESSAGE: &str = "message";

/// A list of faults has a line for each; the log has one for all of them.
fn message(text: &str) -> String {
    printable(&text.trim_end().replace('\n', "; "), usize::MAX)
}

/// Returns a line of text that is not too long.
pub(super) fn bounded_text(line: &str) -> Cow<'_, str> {
    if line.len() <= LONGEST_LINE {
        return Cow::Borrowed(line);
    }
    Cow::Owned(format!("{}…\n", &line[..line.floor_char_boundary(LONGEST_LINE)]))
}

/// Returns a line of JSON that is not too long, with everything escaped that is not plainly
/// visible.
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

/// In bytes. Errors with many faults are long; what is cut off stands on the status page.
const LONGEST_LINE: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::LONGEST_LINE;
    use super::bounded_json;
    use super::bounded_text;

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
