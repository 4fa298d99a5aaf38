//! The status page: current failures, coming failures, and the health of the daemon itself.

mod cells;
mod health;
mod paging;
mod summary;
mod table;
mod tools;

use std::iter::once;
use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::config::Shown;
use crate::report::Reports;

use super::layout;
use super::layout::Place;
use super::list::{Page, Query, VerdictFilter};
use super::pieces::Part;
use super::query::QueryError;
use super::viewers::Viewers;
pub(super) use health::Health;

/// The query of the page and its result.
#[derive(Debug)]
struct Status {
    question: Query,
    found: Page,
    /// Whether any distribution is known, which determines whether viewers are shown.
    has_viewers: bool,
    now: Timestamp,
}

/// Returns the page for `question`, as of `now`, row by row.
pub(super) fn page(
    reports: &Reports,
    question: Query,
    health: &Health,
    now: Timestamp,
) -> impl Iterator<Item = Part> + Send + use<> {
    let shown = reports.shown();
    let entries = Arc::clone(shown.entries());
    let (found, overview) = question.answer(&entries, now);
    let viewers = Viewers::new(shown);
    let hit = viewers.hit(&overview.latest);
    let status = Status { question, found, has_viewers: viewers.are_known(), now };
    let title = match overview.verdicts.count(VerdictFilter::Fails) {
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

/// Returns the page for an invalid query.
pub(super) fn refused(error: &QueryError) -> Markup {
    let content = html! {
        p.lead { (Shown::of(&error.to_string()).as_str()) }
        p { a href="/" { "All origins" } }
    };
    layout::page(Place::Origins, "Invalid query", content)
}

/// The demo probes its origins as often; other origins are usually probed at most once a minute.
const REFRESH_SECONDS: u8 = 15;
