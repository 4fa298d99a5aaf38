//! The status page: what fails now, what will fail next, and whether the daemon itself is well.

mod cells;
mod health;
mod paging;
mod summary;
mod table;
mod tools;

use std::iter::once;
use std::sync::Arc;

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::config::Excerpt;
use crate::report::Reports;

use super::layout;
use super::layout::Place;
use super::pieces::Part;
use super::question::BadQuestion;
use super::question::Found;
use super::question::Question;
use super::question::Wanted;
use super::viewers::Viewers;
pub(super) use health::Health;

/// What the page was asked for, and what it says.
#[derive(Debug)]
struct Status {
    question: Question,
    found: Found,
    /// Whether any distribution is known, and with it the viewers.
    has_viewers: bool,
    now: Timestamp,
}

/// Returns the page that answers `question`, as of `now`, its rows one by one.
pub(super) fn page(
    reports: &Reports,
    question: Question,
    health: &Health,
    now: Timestamp,
) -> impl Iterator<Item = Part> + Send + use<> {
    let shown = reports.shown();
    let entries = Arc::clone(shown.entries());
    let (found, overview) = question.answer(&entries, now);
    let viewers = Viewers::new(shown);
    let hit = viewers.hit(&overview.latest);
    let status = Status { question, found, has_viewers: viewers.are_known(), now };
    let title = match overview.count(Wanted::Fails) {
        0 => "Origins".to_owned(),
        failing => format!("{failing} failing"),
    };
    let content = html! {
        div #summary data-refresh=(REFRESH_SECONDS) {
            h1 { (summary::sentence(&overview)) }
            (summary::whom(hit))
            (summary::next(&overview, now))
            (health.alarms(&overview))
            (health.line(&overview, now))
        }
        @if overview.origins > 0 {
            (status.tools())
            div #list data-refresh=(REFRESH_SECONDS) {
                (status.tabs())
                (status.table())
                (status.paging())
            }
        }
        (layout::not_covered())
    };
    let page = layout::framed(Place::Origins, &title, content).into_string();
    let (before, after) = match page.split_once(table::ROWS) {
        Some((before, after)) => (before.to_owned(), after.to_owned()),
        None => (page, String::new()),
    };
    once(before.into()).chain(status.rows(entries, viewers)).chain(once(after.into()))
}

/// Returns the page for a question that makes no sense.
pub(super) fn refused(error: &BadQuestion) -> Markup {
    let content = html! {
        p.lead { (Excerpt::of(&error.to_string()).as_str()) }
        p { a href="/" { "All origins" } }
    };
    layout::page(Place::Origins, "This cannot be answered", content)
}

/// The demo's origins are probed as often; others not more often than a minute, as a rule.
const REFRESH_SECONDS: u8 = 15;
