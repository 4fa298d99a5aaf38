//! Draws a chain as text, one line per certificate:
//!
//! ```text
//!   chain, as served:
//!    1 ┬ CN=www.shop.example                           until 2026-12-31 (in 37 days)
//!      ╎ CN=Example Issuing CA 1, O=Example Authority  MISSING: it is not served
//! ```

use unicode_width::UnicodeWidthStr;

use crate::report::{ChainListing, Joint, Line, ListingEntry, Part, Role};

/// The character set for drawings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Glyphs {
    Ascii,
    Unicode,
}

impl Glyphs {
    /// Returns the character set of the locale, determined like setlocale(3).
    pub(in crate::cli) fn of_environment() -> Self {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"];
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = names.into_iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
        match locale.contains("utf-8") || locale.contains("utf8") {
            true => Self::Unicode,
            false => Self::Ascii,
        }
    }

    fn joint(self, joint: Joint) -> &'static str {
        match (self, joint) {
            (Self::Unicode, Joint::First) => "┬",
            (Self::Unicode, Joint::Certifies) => "┼",
            (Self::Unicode, Joint::Broken) => "╳",
            (Self::Unicode, Joint::Missing) => "╎",
            (Self::Unicode, Joint::Anchor) => "┴",
            (Self::Ascii, Joint::First) => ".",
            (Self::Ascii, Joint::Certifies) => "|",
            (Self::Ascii, Joint::Broken) => "X",
            (Self::Ascii, Joint::Missing) => ":",
            (Self::Ascii, Joint::Anchor) => "=",
            (_, Joint::Beside) => " ",
        }
    }
}

/// Draws a chain. If `width` has no room for a name and its remarks side by side, the remarks go
/// below the name.
pub(super) fn draw(picture: &ChainListing, glyphs: Glyphs, width: Option<usize>) -> Vec<Line> {
    let places = picture.places.as_ref().map(|places| format!(" {places}")).unwrap_or_default();
    let mut lines = vec![Line::indented(2).with(Role::Aside, format!("chain{places}, as served:"))];
    let widest = |of: fn(&ListingEntry) -> usize| picture.entries.iter().map(of).max().unwrap_or(0);
    let names = widest(|entry| entry.name.width());
    let whole = NAMES_BEGIN + names + GAP + widest(|entry| joined(&entry.remarks).width());
    let is_wide = width.is_none_or(|width| whole <= width);
    for entry in &picture.entries {
        let number = entry.number.map(|number| number.to_string()).unwrap_or_default();
        let line = Line { hang: NAMES_BEGIN, ..Line::indented(2) };
        let line = line.with(Role::Aside, format!("{number:>2} "));
        let line = line.with(role(entry.joint), glyphs.joint(entry.joint));
        let line = line.with(Role::Plain, " ").with(Role::Plain, &entry.name);
        let remarks = separated(&entry.remarks);
        if is_wide && !remarks.is_empty() {
            let space = names - entry.name.width() + GAP;
            let mut line = line.with(Role::Plain, " ".repeat(space));
            line.parts.extend(remarks);
            lines.push(line);
            continue;
        }
        lines.push(line);
        if !remarks.is_empty() {
            let mut below = Line { hang: NAMES_BEGIN + 2, ..Line::indented(NAMES_BEGIN + 2) };
            below.parts.extend(remarks);
            lines.push(below);
        }
    }
    lines
}

fn role(joint: Joint) -> Role {
    match joint {
        Joint::Broken | Joint::Missing => Role::Bad,
        Joint::First | Joint::Certifies | Joint::Beside | Joint::Anchor => Role::Aside,
    }
}

fn separated(remarks: &[Part]) -> Vec<Part> {
    let mut parts = Vec::new();
    for remark in remarks {
        if !parts.is_empty() {
            parts.push(Part { role: Role::Plain, text: "; ".to_owned() });
        }
        parts.push(remark.clone());
    }
    parts
}

fn joined(remarks: &[Part]) -> String {
    separated(remarks).into_iter().map(|part| part.text).collect()
}

/// The column where names begin: after indentation, number, joint and their spaces.
const NAMES_BEGIN: usize = 7;
/// Columns between a name and its remarks.
const GAP: usize = 2;
