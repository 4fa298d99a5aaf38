//! Navigation between the pages of the list.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::super::list::PER_PAGE;
use super::Status;
use super::summary::grouped;

impl Status {
    /// Returns which part of the list is shown, with links to the other pages.
    pub(super) fn paging(&self) -> Markup {
        let found = &self.found;
        let (page, pages) = (found.page, found.pages);
        let begin =
            page.saturating_sub(1).saturating_mul(self.question.per_page.unwrap_or(PER_PAGE));
        html! {
            @if page > pages {
                p { "Page " (page) " does not exist; the last page is " (grouped(pages)) ". "
                    a href=(self.question.on_page(1).address("/")) { "Show the first page" } "." }
            } @else if found.total == 0 {
                p.nothing {
                    "No origin matches. "
                    a href=(self.question.unfiltered().address("/")) { "Show all" } "."
                }
            } @else {
                nav.pages aria-label="Pages of the list" {
                    span.quiet {
                        (grouped(begin + 1)) "–" (grouped(begin + found.rows.len())) " of "
                        (grouped(found.total))
                        @if self.question.filters() {
                            ", filtered. "
                            a href=(self.question.unfiltered().address("/")) { "Show all" }
                        }
                    }
                    @if pages > 1 {
                        @if page > 1 { (self.way(page - 1, "Previous", Some("prev"))) }
                        @for part in parts(page, pages) {
                            @match part {
                                Some(part) if part == page => { span aria-current="page" { (grouped(part)) } }
                                Some(part) => { (self.way(part, &grouped(part), None)) }
                                None => { span.quiet { "…" } }
                            }
                        }
                        @if page < pages { (self.way(page + 1, "Next", Some("next"))) }
                    }
                }
            }
        }
    }

    fn way(&self, page: usize, label: &str, rel: Option<&str>) -> Markup {
        html! { a href=(self.question.on_page(page).address("/")) rel=[rel] { (label) } }
    }
}

/// Returns the first page, the last page and those around `page`; `None` represents a gap.
fn parts(page: usize, pages: usize) -> Vec<Option<usize>> {
    // 100,000 origins have a thousand pages, so only these and the ends are shown.
    let around = page.saturating_sub(2)..=page.saturating_add(2);
    let shown = around.chain([1, pages]).filter(|each| (1..=pages).contains(each));
    let mut parts: Vec<Option<usize>> = Vec::new();
    for each in shown.collect::<BTreeSet<_>>() {
        match each - parts.last().copied().flatten().unwrap_or(0) {
            1 => {}
            2 => parts.push(Some(each - 1)),
            _ => parts.push(None),
        }
        parts.push(Some(each));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn the_ends_and_the_surroundings_are_shown() {
        for (page, pages, expected) in [
            (1, 1, "1"),
            (1, 3, "1 2 3"),
            (1, 9, "1 2 3 … 9"),
            (4, 9, "1 2 3 4 5 6 … 9"),
            (5, 9, "1 2 3 4 5 6 7 8 9"),
            (6, 12, "1 … 4 5 6 7 8 … 12"),
            (9, 9, "1 … 7 8 9"),
            (500, 1000, "1 … 498 499 500 501 502 … 1000"),
        ] {
            let shown: Vec<String> = parts(page, pages)
                .into_iter()
                .map(|part| part.map_or_else(|| "…".to_owned(), |part| part.to_string()))
                .collect();
            assert_eq!(shown.join(" "), expected, "{page} of {pages}");
        }
    }
}
