//! The list: one row per origin, with a heading above each state.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};

use crate::report::{Entry, OriginView, Report, State};

use super::super::address;
use super::super::list::{Listed, Order, Row, Sort};
use super::super::pieces::Part;
use super::super::viewers::{PathOutlook, Viewers};
use super::{Status, cells};

impl Status {
    /// Returns the list without its rows, which replace [`ROWS`]; empty if there are no rows.
    pub(super) fn table(&self) -> Markup {
        html! {
            @if !self.found.rows.is_empty() {
                // Explicit roles remain when a narrow screen shows rows as cards.
                table.origins role="table" {
                    caption.unseen { "Origins" }
                    thead role="rowgroup" {
                        tr role="row" {
                            (self.heading("is", "Verdict", Some(Order::Urgency)))
                            (self.heading("who", "Origin", Some(Order::Origin)))
                            (self.heading("why", "Cause", None))
                            @if self.has_viewers { (self.heading("whom", "Path patterns", None)) }
                            (self.heading("when", "First failure", Some(Order::FirstFailure)))
                            (self.heading("where", "Addresses failing", Some(Order::Addresses)))
                        }
                    }
                    (PreEscaped(ROWS))
                }
            }
        }
    }

    /// Returns the rows, one part each, with a heading where the state changes. Apart from that,
    /// only the report that is currently being read is kept in memory.
    pub(super) fn rows(
        self,
        entries: Arc<Vec<Arc<Entry>>>,
        mut viewers: Viewers,
    ) -> impl Iterator<Item = Part> + Send + use<> {
        let has_headings = self.question.sort.unwrap_or_default().order == Order::Urgency;
        let table = Table { has_headings, has_viewers: self.has_viewers, now: self.now };
        let rows = self.found.rows;
        (0..rows.len()).filter_map(move |position| {
            let listed = rows.get(position)?;
            let is_other = |other: Option<&Listed>| {
                other.is_none_or(|other| has_headings && other.state != listed.state)
            };
            let is_first = is_other(position.checked_sub(1).and_then(|before| rows.get(before)));
            let is_last = is_other(rows.get(position + 1));
            let state = listed.state;
            let row = Row::new(entries.get(listed.position)?);
            let report = row.report().map(|report| viewers.advised(&report));
            let paths = viewers.paths(&row.entry.origin.key);
            Some(Part::render(move || {
                let row = html! {
                    @if is_first { (table.begin_rows(state)) }
                    (table.row(&row, report.as_deref(), &paths))
                    @if is_last { (PreEscaped("</tbody>")) }
                };
                row.into_string()
            }))
        })
    }

    /// Returns the head of a column; its link sorts the list by it or reverses the order.
    fn heading(&self, class: &str, label: &str, order: Option<Order>) -> Markup {
        let sort = self.question.sort.unwrap_or_default();
        let here = order.filter(|order| sort.order == *order);
        let direction = here.map(|_| if sort.is_reversed { "descending" } else { "ascending" });
        // For addresses, the highest share is of interest first; for other columns, the first
        // value.
        let next = order.map(|order| Sort {
            order,
            is_reversed: if here.is_some() { !sort.is_reversed } else { order == Order::Addresses },
        });
        html! {
            th.(class) scope="col" role="columnheader" aria-sort=[direction] {
                @match next {
                    Some(next) => { a href=(self.question.sorted(next).address("/")) { (label) } }
                    None => { (label) }
                }
            }
        }
    }
}

/// The settings that every row needs.
#[derive(Clone, Copy, Debug)]
struct Table {
    has_headings: bool,
    has_viewers: bool,
    now: Timestamp,
}

impl Table {
    fn begin_rows(self, state: State) -> Markup {
        html! {
            (PreEscaped("<tbody role=\"rowgroup\">"))
            @if self.has_headings {
                tr.group role="row" {
                    th colspan=(if self.has_viewers { 6 } else { 5 }) scope="rowgroup" role="rowheader" { (cells::heading(state)) }
                }
            }
        }
    }

    fn row(self, row: &Row, report: Option<&Report>, paths: &[PathOutlook]) -> Markup {
        let origin = &row.entry.origin;
        let view = OriginView::new(origin, report);
        html! {
            tr role="row" {
                td.is role="cell" data-label="Verdict" { (cells::verdict(&view, self.now)) }
                th.who scope="row" role="rowheader" {
                    a.name href=(address::of_origin(&origin.key)) { (row.name()) }
                    div.quiet.small { (origin.domain()) ":" (origin.https_port) }
                    @if let Some(alias) = view.origin.alias() { div.quiet.small { "for " (alias) } }
                }
                td.why role="cell" data-label="Cause" { (cells::causes(origin, report)) }
                @if self.has_viewers {
                    td.whom role="cell" data-label="Path patterns" { (cells::viewers(paths)) }
                }
                td.when role="cell" data-label="First failure" { (cells::first_failure(&view, self.now)) }
                td.where role="cell" data-label="Addresses failing" { (cells::addresses(&view)) }
            }
        }
    }
}

/// The placeholder of the rows. No text from outside can contain it, because its brackets would be
/// escaped.
pub(super) const ROWS: &str = "<rows>";
