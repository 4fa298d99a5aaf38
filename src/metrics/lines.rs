//! The text format 0.0.4: one line per series, with escaped values.

use std::fmt::Write;

use jiff::Timestamp;

use crate::telemetry::{Family, unix_seconds};
use crate::verdict::Answer;

/// Writes the header lines of a family; `help` is the family's own text or one adapted to the
/// context.
pub(super) fn write_header(text: &mut String, family: &Family, help: &str) {
    text.extend(["# HELP ", family.name, " ", help, "\n"]);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# TYPE {} {}", family.name, family.kind);
}

/// Writes the series of one family for one subject.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a mut String,
    family: &'a Family,
    /// The first labels of every series, as [`push_labels`] writes them.
    subject: &'a str,
    /// The names of the other labels.
    names: &'a [&'a str],
}

impl<'a> Lines<'a> {
    /// Writes series whose first labels, `count` of them, are those of `subject`.
    pub(super) fn new(
        text: &'a mut String,
        family: &'a Family,
        subject: &'a str,
        count: usize,
    ) -> Self {
        let names = family.labels.get(count..).unwrap_or_default();
        Self { text, family, subject, names }
    }

    /// Writes one series, with values for the labels that the family has in addition to the
    /// subject's.
    pub(super) fn add<const N: usize>(&mut self, labels: [&str; N], value: f64) {
        self.write(self.subject, self.names.iter().copied().zip(labels), value);
    }

    /// Writes an instant, if there is one.
    pub(super) fn add_instant(&mut self, at: Option<impl Into<Timestamp>>) {
        if let Some(at) = at {
            self.add([], unix_seconds(at.into()));
        }
    }

    /// Writes 1 if `answer` is `wanted` and 0 if it is another one; writes nothing if there is no
    /// answer.
    pub(super) fn add_whether(&mut self, answer: Option<Answer>, wanted: Answer) {
        if let Some(answer) = answer {
            self.add([], if answer == wanted { 1.0 } else { 0.0 });
        }
    }

    /// Writes one series of a family that describes the origin independently of the server name,
    /// with the value of its one additional label.
    pub(super) fn add_of_origin(&mut self, label: &str, value: f64) {
        let (of_origin, _) = self.subject.rsplit_once(",server_name=").unwrap_or_default();
        self.write(
            of_origin,
            self.family.labels.last().copied().zip(Some(label)).into_iter(),
            value,
        );
    }

    /// Writes one series with labels that the family does not declare.
    ///
    /// A label with an invalid or duplicate name is left out, because a single bad line would make
    /// the whole scrape fail.
    pub(super) fn add_with<'b, const N: usize>(
        &mut self,
        labels: [&'b str; N],
        more: impl Iterator<Item = (&'b str, &'b str)>,
        value: f64,
    ) where
        'a: 'b,
    {
        let family = self.family;
        let is_usable = |name: &str| is_label_name(name) && !family.labels.contains(&name);
        let known = self.names.iter().copied().zip(labels);
        let labels = known.chain(more.filter(|(name, _)| is_usable(name)));
        self.write(self.subject, labels, value);
    }

    fn write<'b>(
        &mut self,
        subject: &str,
        labels: impl Iterator<Item = (&'b str, &'b str)>,
        value: f64,
    ) {
        self.text.push_str(self.family.name);
        let begin = self.text.len();
        self.text.extend(["{", subject]);
        let mut is_first = subject.is_empty();
        for (name, value) in labels {
            push_label(self.text, is_first, name, value);
            is_first = false;
        }
        match is_first {
            true => self.text.truncate(begin),
            false => self.text.push('}'),
        }
        self.text.push(' ');
        push_number(self.text, value);
        self.text.push('\n');
    }
}

/// Writes labels as they stand between the braces of a series.
pub(super) fn push_labels(text: &mut String, names: &[&str], values: &[&str]) {
    for (position, (name, value)) in names.iter().zip(values).enumerate() {
        push_label(text, position == 0, name, value);
    }
}

fn push_label(text: &mut String, is_first: bool, name: &str, value: &str) {
    text.extend([if is_first { "" } else { "," }, name, "=\""]);
    push_escaped(text, value);
    text.push('"');
}

fn push_escaped(text: &mut String, value: &str) {
    // Scans the whole value without an early exit, so that the loop is vectorized.
    let special = |byte: &u8| u8::from(matches!(byte, b'\\' | b'"' | b'\n'));
    if value.as_bytes().iter().fold(0, |found, byte| found | special(byte)) == 0 {
        text.push_str(value);
        return;
    }
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
}

/// Nearly all values are whole numbers, and formatting those as integers is several times faster.
fn push_number(text: &mut String, value: f64) {
    let whole = value as i64;
    if whole as f64 == value && whole.unsigned_abs() < EXACT {
        text.push_str(itoa::Buffer::new().format(whole));
    } else {
        // Writing to a string cannot fail.
        let _ = write!(text, "{value}");
    }
}

/// Every whole number below this limit has an exact `f64` representation.
const EXACT: u64 = 1 << 53;

/// Names that begin with two underscores are reserved for Prometheus (its data model, "Metric names
/// and labels").
fn is_label_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty()
        && name.bytes().all(allowed)
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.starts_with("__")
}

#[cfg(test)]
mod tests {
    use super::{is_label_name, push_escaped, push_number};

    #[test]
    fn a_number_is_written_without_exponent_and_reads_back_the_same() {
        for (value, written) in [
            (0.0, "0"),
            (1.0, "1"),
            (-1.0, "-1"),
            (0.25, "0.25"),
            (1_767_225_600.0, "1767225600"),
            (1_767_225_600.125, "1767225600.125"),
            (-62_135_596_800.5, "-62135596800.5"),
            (1e-9, "0.000000001"),
            (1e20, "100000000000000000000"),
            (f64::INFINITY, "inf"),
        ] {
            let mut text = String::new();
            push_number(&mut text, value);
            assert_eq!(text, written);
            assert_eq!(text.parse(), Ok(value));
        }
    }

    #[test]
    fn backslash_quote_and_newline_are_escaped_and_nothing_else() {
        for (value, escaped) in [
            ("shop", "shop"),
            ("", ""),
            ("a\\b", "a\\\\b"),
            ("say \"hi\"", "say \\\"hi\\\""),
            ("two\nlines", "two\\nlines"),
            ("é{}=,'\t", "é{}=,'\t"),
        ] {
            let mut text = String::new();
            push_escaped(&mut text, value);
            assert_eq!(text, escaped);
        }
    }

    #[test]
    fn a_label_name_is_what_prometheus_takes() {
        for (name, valid) in [
            ("team", true),
            ("_team9", true),
            ("", false),
            ("9team", false),
            ("cost-center", false),
            ("é", false),
            ("__name__", false),
        ] {
            assert_eq!(is_label_name(name), valid, "{name}");
        }
    }
}
