//! Texts of distributions as messages show them: escaped and cut short.

use crate::chain;

/// Returns a text without quotes.
pub fn printable(text: &str) -> String {
    chain::printable(text, LONGEST)
}

/// Returns a text in quotes.
pub fn shown(text: &str) -> String {
    format!("`{}`", printable(text))
}

/// Returns the first of some texts, printable, and how many more there are.
pub fn listed<T: AsRef<str>>(texts: &[T]) -> String {
    let named: Vec<String> = texts.iter().take(LISTED).map(|t| printable(t.as_ref())).collect();
    match texts.len().saturating_sub(LISTED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// How many characters of a text are shown; a path pattern has at most 255.
const LONGEST: usize = 255;

/// How many texts a line bears.
const LISTED: usize = 4;

#[cfg(test)]
mod tests {
    use super::listed;
    use super::printable;
    use super::shown;

    #[test]
    fn what_comes_from_outside_is_short_and_printable() {
        assert_eq!(shown("/a\u{1b}[31m"), "`/a\\u{1b}[31m`");
        assert_eq!(printable(&"é".repeat(5_000)).chars().count(), 256);
        assert_eq!(listed(&["a", "b", "c", "d"]), "a, b, c, d");
        assert_eq!(listed(&["a", "b", "c", "d", "e", "f"]), "a, b, c, d and 2 more");
        assert_eq!(listed::<&str>(&[]), "");
    }
}
