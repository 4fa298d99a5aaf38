//! `/api/v1/origins`: every origin's latest report as JSON, one object at a time.

use bytes::Bytes;

use crate::report::Entry;
use crate::report::OriginJson;
use crate::report::Reports;

/// Returns the answer's body in pieces, an origin each, so that no size of fleet makes one body.
pub(super) fn origins(reports: &Reports) -> impl Iterator<Item = Bytes> + Send + use<> {
    let entries = reports.entries();
    let pieces = (0..entries.len()).filter_map(move |index| {
        let separator = if index == 0 { "" } else { "," };
        entries.get(index).map(|entry| Bytes::from(format!("{separator}{}", json(entry))))
    });
    let (begin, end) = (Bytes::from_static(b"{\"origins\":["), Bytes::from_static(b"]}\n"));
    std::iter::once(begin).chain(pieces).chain(std::iter::once(end))
}

fn json(entry: &Entry) -> String {
    match entry.latest() {
        Some(report) => OriginJson::new(&report).to_string(),
        None => OriginJson::not_probed_yet(&entry.origin).to_string(),
    }
}
