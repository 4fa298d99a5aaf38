//! Instants and names as readers of this page see them.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::relative;

use super::super::time::instant;

/// Returns an instant as a date and a time, with its distance from the present.
pub(super) fn when(at: Timestamp, now: Timestamp) -> Markup {
    html! { (instant(at)) " (" (relative(at, now)) ")" }
}

/// Returns the day of an instant.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Returns a text cut to a number of characters, with a sign that it was.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns text from a certificate or a server: its direction cannot spill over to what stands
/// beside it.
pub(super) fn foreign(text: &str) -> Markup {
    html! { bdi.foreign { (text) } }
}
