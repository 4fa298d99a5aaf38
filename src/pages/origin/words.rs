//! Instants and names as readers of this page see them.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::relative;

/// Returns an instant as a date and a time, with its distance from the present.
pub(super) fn when(at: Timestamp, now: Timestamp) -> Markup {
    html! { (instant(at)) " (" (relative(at, now)) ")" }
}

/// Returns an instant as a date and a time.
pub(super) fn instant(at: Timestamp) -> Markup {
    let exact = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    html! { time datetime=(exact) { (at.strftime("%Y-%m-%d %H:%M").to_string()) " UTC" } }
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
