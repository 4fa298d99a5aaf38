//! `/api/v1/origins`, one object at a time, so that memory use does not depend on the number of
//! origins.

use std::iter::{once, once_with};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::report::Reports;

use super::super::list::{PER_PAGE, Query, Row, on_page};
use super::super::pieces::Part;
use super::super::viewers::Viewers;
use super::json;

/// Returns the response body in pieces, one per origin. Every origin is shown as it is when it is
/// written, and left out if it no longer matches, so a slow client keeps no reports in memory.
pub(super) fn origins(
    reports: &Reports,
    question: &Query,
) -> impl Iterator<Item = Part> + Send + use<> {
    let shown = reports.shown();
    let entries = Arc::clone(shown.entries());
    let is_paged = question.page.is_some() || question.per_page.is_some();
    let (positions, count): (Box<dyn Iterator<Item = usize> + Send>, _) =
        if question.sort.is_none() && !is_paged {
            (Box::new(0..entries.len()), None)
        } else {
            let mut positions = question.select(&entries);
            let count = is_paged.then(|| {
                let (total, page) = (positions.len(), question.page.unwrap_or(1));
                let per_page = question.per_page.unwrap_or(PER_PAGE);
                positions = on_page(&positions, page, per_page).to_vec();
                Count { total, page, pages: total.div_ceil(per_page).max(1) }
            });
            (Box::new(positions.into_iter().map(|position| position as usize)), count)
        };
    let wanted = question.filter();
    let rows = positions.filter_map(move |position| {
        let row = Row::new(entries.get(position)?);
        wanted(&row).then_some(row)
    });
    pieces(rows, Viewers::new(shown), count)
}

/// The number of matching origins, over all pages.
#[derive(Clone, Copy, Debug)]
struct Count {
    total: usize,
    page: usize,
    pages: usize,
}

/// Without paging, the total is the number of `rows` written.
fn pieces(
    rows: impl Iterator<Item = Row> + Send,
    mut viewers: Viewers,
    count: Option<Count>,
) -> impl Iterator<Item = Part> + Send {
    let written = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&written);
    let rows = rows.flat_map(move |row| {
        let is_first = counter.fetch_add(1, Ordering::Relaxed) == 0;
        let separator = if is_first { "" } else { "," };
        once(Part::from(separator.to_owned())).chain(json(&row, &mut viewers, 0))
    });
    let end = once_with(move || {
        let all = Count { total: written.load(Ordering::Relaxed), page: 1, pages: 1 };
        let Count { total, page, pages } = count.unwrap_or(all);
        Part::from(format!("],\"total\":{total},\"page\":{page},\"pages\":{pages}}}\n"))
    });
    once(Part::from("{\"origins\":[".to_owned())).chain(rows).chain(end)
}
