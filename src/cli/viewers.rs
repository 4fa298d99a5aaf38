//! The effect of a check's results on the viewers of distributions.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::impact::{Audience, Impact, sentences};
use crate::origin::OriginKey;
use crate::report;
use crate::report::{Line, Report, Role, Text};
use crate::verdict::CompactVerdict;

/// The viewers of one distribution, by the reports of its origins.
#[derive(Debug)]
pub(super) struct Viewers {
    pub(super) audience: Audience,
    pub(super) impacts: Vec<Impact>,
}

impl Viewers {
    /// Returns the viewers of every distribution whose origins were all probed; the effect on the
    /// others is unknown. An origin that will fail within `ahead` counts as failing.
    pub(super) fn of(
        audiences: impl IntoIterator<Item = Audience>,
        reports: &[Arc<Report>],
        at: Timestamp,
        ahead: Option<Duration>,
    ) -> Vec<Self> {
        let reports: HashMap<&OriginKey, &Report> =
            reports.iter().map(|report| (&report.origin.key, &**report)).collect();
        let of_one = |audience: Audience| {
            let verdict = |key| {
                let (verdict, _) = reports.get(key)?.view().described(at, ahead)?;
                Some(CompactVerdict::from(&*verdict))
            };
            let verdicts: Option<Vec<CompactVerdict>> = audience.origins().map(verdict).collect();
            let verdicts = verdicts?;
            let verdicts: Vec<Option<&CompactVerdict>> = verdicts.iter().map(Some).collect();
            let impacts = audience.impacts(&verdicts);
            Some(Self { audience, impacts })
        };
        audiences.into_iter().filter_map(of_one).collect()
    }

    /// Returns a line for each impact on viewers. `name` is the name of the distribution.
    pub(super) fn text(&self, name: &str) -> Text {
        let line = |sentence| {
            Line::new().with(Role::Name, name).with(Role::Plain, format!(": {sentence}"))
        };
        Text { lines: sentences(&self.impacts).into_iter().map(line).collect() }
    }
}

/// Adds advice about the distribution to each remedy.
pub(super) fn advise(audiences: &[Audience], reports: &mut [Arc<Report>]) {
    let audiences: HashMap<&OriginKey, &Audience> = audiences
        .iter()
        .flat_map(|audience| audience.origins().map(move |key| (key, audience)))
        .collect();
    let all: HashMap<OriginKey, Arc<Report>> =
        reports.iter().map(|report| (report.origin.key.clone(), Arc::clone(report))).collect();
    let latest = |key: &OriginKey| all.get(key).cloned();
    for report in reports {
        if let Some(audience) = audiences.get(&report.origin.key) {
            *report = report::advised(Arc::clone(report), audience, &latest);
        }
    }
}
