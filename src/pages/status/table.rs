//! The list: one row an origin, the urgent ones below a heading.

use maud::Markup;
use maud::html;

use super::super::address;
use super::super::question::Order;
use super::super::question::Row;
use super::super::question::Sort;
use super::super::viewers::PathOutlook;
use super::Status;
use super::cells;

impl Status<'_> {
    /// Returns the list; nothing where it is empty.
    pub(super) fn table(&self) -> Markup {
        let rows: Vec<(&Row, &[PathOutlook])> =
            self.found.rows.iter().zip(self.paths.iter().map(Vec::as_slice)).collect();
        let has_headings = self.question.sort.unwrap_or_default().order == Order::Urgency;
        html! {
            @if !rows.is_empty() {
                // The roles stay when a narrow screen shows rows as cards.
                table.origins role="table" {
                    caption.unseen { "Origins" }
                    thead role="rowgroup" {
                        tr role="row" {
                            (self.heading("is", "Verdict", Some(Order::Urgency)))
                            (self.heading("who", "Origin", Some(Order::Origin)))
                            (self.heading("why", "Cause", None))
                            @if self.has_viewers { (self.heading("whom", "Viewers of", None)) }
                            (self.heading("when", "First failure", Some(Order::FirstFailure)))
                            (self.heading("where", "Addresses failing", Some(Order::Addresses)))
                        }
                    }
                    @for rows in rows.chunk_by(|(one, _), (other, _)| !has_headings || one.group() == other.group()) {
                        tbody role="rowgroup" {
                            @if let Some((first, _)) = rows.first().filter(|_| has_headings) {
                                tr.group role="row" {
                                    th colspan=(if self.has_viewers { 6 } else { 5 }) scope="rowgroup" role="rowheader" { (cells::heading(first.group())) }
                                }
                            }
                            @for (row, paths) in rows { (self.row(row, paths)) }
                        }
                    }
                }
            }
        }
    }

    /// Returns the head of a column, which puts the list in its order or turns that around.
    fn heading(&self, class: &str, label: &str, order: Option<Order>) -> Markup {
        let sort = self.question.sort.unwrap_or_default();
        let here = order.filter(|order| sort.order == *order);
        let direction = here.map(|_| if sort.is_reversed { "descending" } else { "ascending" });
        // The most failing addresses are what one looks for; of anything else, the first.
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

    fn row(&self, row: &Row, paths: &[PathOutlook]) -> Markup {
        let origin = &row.entry.origin;
        let distribution = &origin.key.distribution;
        html! {
            tr role="row" {
                td.is role="cell" data-label="Verdict" { (cells::verdict(row)) }
                th.who scope="row" role="rowheader" {
                    a.name href=(address::of_origin(&origin.key)) { (row.name()) }
                    div.quiet.small { (origin.domain()) ":" (origin.https_port) }
                    @if !distribution.is_empty() { div.quiet.small { (distribution) } }
                }
                td.why role="cell" data-label="Cause" { (cells::causes(row)) }
                @if self.has_viewers {
                    td.whom role="cell" data-label="Viewers of" { (cells::viewers(paths)) }
                }
                td.when role="cell" data-label="First failure" { (cells::first_failure(row, self.now)) }
                td.where role="cell" data-label="Addresses failing" { (cells::addresses(row)) }
            }
        }
    }
}
