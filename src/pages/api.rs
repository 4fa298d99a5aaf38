//! `/api/v1/origins`: every origin's latest report as JSON, one object at a time.

use bytes::Bytes;

use crate::impact::Impact;
use crate::report::Entry;
use crate::report::OriginJson;
use crate::report::Reports;
use crate::report::Shown;

/// Returns the answer's body in pieces, an origin each, so that no size of fleet makes one body.
pub(super) fn origins(reports: &Reports) -> impl Iterator<Item = Bytes> + Send + use<> {
    let shown = reports.shown();
    let mut impacts = Impacts::default();
    let pieces = (0..shown.entries().len()).filter_map(move |index| {
        let separator = if index == 0 { "" } else { "," };
        let entry = shown.entries().get(index)?;
        let impacts = impacts.of(&shown, &entry.origin.key.distribution);
        Some(Bytes::from(format!("{separator}{}", json(&shown, entry, impacts))))
    });
    let (begin, end) = (Bytes::from_static(b"{\"origins\":["), Bytes::from_static(b"]}\n"));
    std::iter::once(begin).chain(pieces).chain(std::iter::once(end))
}

fn json(shown: &Shown, entry: &Entry, impacts: &[Impact]) -> String {
    match shown.latest(entry) {
        Some(report) => OriginJson::new(&report).with_impacts(&entry.origin, impacts).to_string(),
        None => OriginJson::not_probed_yet(&entry.origin)
            .with_impacts(&entry.origin, impacts)
            .to_string(),
    }
}

/// The impacts of the distribution that was asked for last: its origins stand beside each other.
#[derive(Debug, Default)]
struct Impacts {
    distribution: Box<str>,
    impacts: Vec<Impact>,
}

impl Impacts {
    fn of(&mut self, shown: &Shown, distribution: &str) -> &[Impact] {
        if *self.distribution != *distribution {
            self.distribution = distribution.into();
            self.impacts = shown.impacts(distribution);
        }
        &self.impacts
    }
}
