//! Instants, as people read them.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::relative;

/// Writes an instant to the minute, with the whole of it for machines.
pub(super) fn instant(at: Timestamp) -> Markup {
    let whole = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    html! { time datetime=(whole) { (at.strftime("%Y-%m-%d %H:%M UTC")) } }
}

/// Writes how far an instant lies from `now`, with the whole of it for machines.
pub(super) fn distance(at: Timestamp, now: Timestamp) -> Markup {
    let whole = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    html! { time datetime=(whole) title=(whole) { (relative(at, now)) } }
}
