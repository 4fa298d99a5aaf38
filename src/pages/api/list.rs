//! `/api/v1/origins`, one object at a time: no size of fleet makes one body.

use std::iter::once;
use std::sync::Arc;

use bytes::Bytes;

use crate::report::Reports;

use super::super::pieces::Part;
use super::super::question::PER_PAGE;
use super::super::question::Question;
use super::super::question::Row;
use super::super::question::on_page;
use super::super::viewers::Viewers;
use super::json;

/// Returns the answer's body in pieces, an origin each.
pub(super) fn origins(
    reports: &Reports,
    question: &Question,
) -> Box<dyn Iterator<Item = Part> + Send> {
    let shown = reports.shown();
    let viewers = Viewers::new(Arc::clone(&shown));
    let entries = shown.entries();
    if question.is_empty() {
        // Reports are looked up one by one, so that nothing old is kept alive by a slow reader.
        let rows = (0..entries.len()).filter_map({
            let entries = Arc::clone(entries);
            move |index| entries.get(index).map(Row::new)
        });
        return Box::new(pieces(rows, viewers, Count { total: entries.len(), page: 1, pages: 1 }));
    }
    let rows = question.select(entries);
    let total = rows.len();
    let per_page = match (question.page, question.per_page) {
        (None, None) => {
            return Box::new(pieces(rows.into_iter(), viewers, Count { total, page: 1, pages: 1 }));
        }
        (_, per_page) => per_page.unwrap_or(PER_PAGE),
    };
    let (page, pages) = (question.page.unwrap_or(1), total.div_ceil(per_page).max(1));
    let rows = on_page(rows, page, per_page);
    Box::new(pieces(rows.into_iter(), viewers, Count { total, page, pages }))
}

/// How many origins the answer's question has, over all its pages.
#[derive(Clone, Copy, Debug)]
struct Count {
    total: usize,
    page: usize,
    pages: usize,
}

fn pieces(
    rows: impl Iterator<Item = Row> + Send,
    mut viewers: Viewers,
    Count { total, page, pages }: Count,
) -> impl Iterator<Item = Part> + Send {
    let rows = rows.enumerate().flat_map(move |(position, row)| {
        let separator = (position > 0).then_some(Part::Text(Bytes::from_static(b",")));
        separator.into_iter().chain(json(&row, &mut viewers, 0))
    });
    let begin = Part::Text(Bytes::from_static(b"{\"origins\":["));
    let end = format!("],\"total\":{total},\"page\":{page},\"pages\":{pages}}}\n");
    once(begin).chain(rows).chain(once(Part::from(end)))
}
