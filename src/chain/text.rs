//! Makes untrusted text safe to display in a terminal, a log line, a page or an error.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns `text`, cut at `limit` characters, with everything escaped that is not plainly visible.
///
/// Control characters (terminal escapes), bidirectional controls and other format characters are
/// written as `\u{…}`; `…` marks a cut.
pub fn printable(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    let mut written = 0;
    for c in text.chars() {
        if written >= limit {
            out.push('…');
            break;
        }
        if is_visible(c) {
            out.push(c);
            written += 1;
        } else {
            let escaped = c.escape_unicode();
            written += escaped.len();
            out.extend(escaped);
        }
    }
    out
}

/// Returns at most the first `limit` bytes of `text`; `…` marks a cut.
pub(super) fn cut(text: &str, limit: usize) -> Box<str> {
    match text.len() <= limit {
        true => text.into(),
        false => format!("{}…", &text[..text.floor_char_boundary(limit)]).into(),
    }
}

/// Returns a text of several lines with everything escaped that is not plainly visible, except line
/// feeds.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || is_visible(c)) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<String> = text.split('\n').map(|line| printable(line, usize::MAX)).collect();
    Cow::Owned(lines.join("\n"))
}

/// Returns a JSON text with everything escaped that is not plainly visible, except line feeds. Its
/// value stays the same, because such characters only occur in strings.
pub fn printable_json(json: Cow<'_, str>) -> Cow<'_, str> {
    if json.chars().all(|c| c == '\n' || is_visible(c)) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if c == '\n' || is_visible(c) {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(escaped)
}

/// Returns `text` as one word of a line: in double quotes if it could be read as several words, a
/// `name=value` pair or a quoted string.
pub fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |c| is_visible(c) && !char::is_whitespace(c) && !matches!(c, '=' | '"' | '\\');
    match !text.is_empty() && text.chars().all(is_plain) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(quoted(text)),
    }
}

/// Returns `text` in double quotes, with quotes and backslashes escaped as well.
pub fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", printable(&text, usize::MAX))
}

/// Returns whether a character is visible and does not affect the direction of the text.
pub fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn long_text_is_cut_at_a_character_and_marked() {
        for (limit, expected) in [(4, "äbc"), (3, "äb…"), (1, "…")] {
            assert_eq!(&*cut("äbc", limit), expected);
        }
    }
}
