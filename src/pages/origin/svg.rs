//! What both drawings have in common: how much text fits, and where it breaks.

/// Returns the text in lines of at most `width` columns, at most `most` of them; what does not
/// fit is cut, with a sign that it was.
pub(super) fn lines(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && lines.len() < most {
        let end = fitting(rest, width);
        if end == rest.len() {
            lines.push(rest.to_owned());
            return lines;
        }
        if lines.len() + 1 == most {
            let end = fitting(rest, width.saturating_sub(1));
            lines.push(format!("{}…", rest[..end].trim_end()));
            return lines;
        }
        // Break behind what one would break behind by hand, unless the line would be half empty.
        let head = &rest[..end];
        let good = head.rfind([' ', ',', '-', '.']).map(|at| at + 1);
        let end = good.filter(|at| *at * 2 > end).unwrap_or(end);
        lines.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    lines
}

/// Returns how many bytes of the text fit into `width` columns.
fn fitting(text: &str, width: usize) -> usize {
    let mut columns = 0;
    for (at, c) in text.char_indices() {
        // From here on most scripts take up about two columns.
        columns += if c as u32 >= 0x1100 { 2 } else { 1 };
        if columns > width {
            return at;
        }
    }
    text.len()
}

/// Returns a coordinate, to a tenth.
pub(super) fn at(place: f64) -> String {
    let text = format!("{place:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn text_breaks_where_one_would_break_it() {
        for (text, width, most, expected) in [
            ("", 10, 2, vec![]),
            ("short", 10, 2, vec!["short"]),
            ("CN=Issuing CA 1, O=Authority", 16, 2, vec!["CN=Issuing CA 1,", "O=Authority"]),
            ("aaaaaaaaaabbbbbbbbbb", 10, 2, vec!["aaaaaaaaaa", "bbbbbbbbbb"]),
            ("aaaaaaaaaabbbbbbbbbbc", 10, 2, vec!["aaaaaaaaaa", "bbbbbbbbb…"]),
            ("www.a-long-name.example.com", 16, 2, vec!["www.a-long-name.", "example.com"]),
            ("漢字漢字漢字", 8, 2, vec!["漢字漢字", "漢字"]),
        ] {
            assert_eq!(lines(text, width, most), expected, "{text}");
        }
    }
}
