//! Text from certificates, made safe to show: a certificate's author is not our friend.

/// Returns `text` with everything that is not plainly visible escaped, cut at `limit` characters.
///
/// Control characters (terminal escapes), bidirectional controls and other format characters are
/// written as `\u{…}`; what is cut off is marked by `…`.
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

fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn terminal_and_bidirectional_controls_are_escaped() {
        assert_eq!(printable("a\u{1b}[31mb", 99), "a\\u{1b}[31mb");
        assert_eq!(printable("a\u{202e}b\0", 99), "a\\u{202e}b\\u{0}");
        assert_eq!(printable("Müller GmbH", 99), "Müller GmbH");
    }

    #[test]
    fn long_text_is_cut_and_marked() {
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
    }
}
