//! What viewers get of the path patterns that lead to an origin, as part of its JSON.

use crate::impact::Impact;
use crate::report::OriginJson;
use crate::report::Shown;

use super::super::question::Row;

/// The impacts of the distribution that was asked for last: its origins stand beside each other.
#[derive(Debug, Default)]
pub(super) struct Impacts {
    distribution: Box<str>,
    impacts: Vec<Impact>,
}

impl Impacts {
    /// Returns the JSON of one origin, its remedies with what the distribution has to do with
    /// each.
    pub(super) fn json(&mut self, shown: &Shown, row: &Row) -> String {
        let origin = &row.entry.origin;
        let impacts = self.of(shown, &origin.key.distribution);
        match row.report.as_ref().map(|report| shown.advised(report)) {
            Some(report) => OriginJson::new(&report).with_impacts(origin, impacts).to_string(),
            None => OriginJson::not_probed_yet(origin).with_impacts(origin, impacts).to_string(),
        }
    }

    fn of(&mut self, shown: &Shown, distribution: &str) -> &[Impact] {
        if *self.distribution != *distribution {
            self.distribution = distribution.into();
            self.impacts = shown.impacts(distribution);
        }
        &self.impacts
    }
}
