//! The list: one row an origin, the urgent ones below a heading.

use maud::Markup;
use maud::html;

use super::super::address;
use super::super::question::Order;
use super::super::question::Row;
use super::super::question::Sort;
use super::Status;
use super::cells;

impl Status<'_> {
    /// Returns the list; nothing where it is empty.
    pub(super) fn table(&self) -> Markup {
        let rows = &self.found.rows;
        let has_headings = self.question.sort.unwrap_or_default().order == Order::Urgency;
        html! {
            @if !rows.is_empty() {
                // The roles stay when a narrow screen shows rows as cards.
                table.origins role="table" {
                    caption.unseen { "Origins" }
                    thead role="rowgroup" {
                        tr role="row" {
                            (self.heading("Verdict", Some(Order::Urgency)))
                            (self.heading("Origin", Some(Order::Origin)))
                            (self.heading("Cause", None))
                            (self.heading("First failure", Some(Order::FirstFailure)))
                            (self.heading("Addresses failing", Some(Order::Addresses)))
                        }
                    }
                    @for rows in rows.chunk_by(|one, other| !has_headings || one.group() == other.group()) {
                        tbody role="rowgroup" {
                            @if let Some(first) = rows.first().filter(|_| has_headings) {
                                tr.group role="row" {
                                    th colspan="5" scope="rowgroup" role="rowheader" { (cells::heading(first.group())) }
                                }
                            }
                            @for row in rows { (self.row(row)) }
                        }
                    }
                }
            }
        }
    }

    /// Returns the head of a column, which puts the list in its order or turns that around.
    fn heading(&self, label: &str, order: Option<Order>) -> Markup {
        let sort = self.question.sort.unwrap_or_default();
        let here = order.filter(|order| sort.order == *order);
        let direction = here.map(|_| if sort.is_reversed { "descending" } else { "ascending" });
        // The most failing addresses are what one looks for; of anything else, the first.
        let next = order.map(|order| Sort {
            order,
            is_reversed: if here.is_some() { !sort.is_reversed } else { order == Order::Addresses },
        });
        html! {
            th scope="col" role="columnheader" aria-sort=[direction] {
                @match next {
                    Some(next) => { a href=(self.question.sorted(next).address("/")) { (label) } }
                    None => { (label) }
                }
            }
        }
    }

    fn row(&self, row: &Row) -> Markup {
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
                td.when role="cell" data-label="First failure" { (cells::first_failure(row, self.now)) }
                td.where role="cell" data-label="Addresses failing" { (cells::addresses(row)) }
            }
        }
    }
}
