//! What becomes of the viewers of distributions whose origins were probed once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::impact::Audience;
use crate::impact::Impact;
use crate::impact::sentences;
use crate::origin::OriginKey;
use crate::report;
use crate::report::Answer;
use crate::report::Line;
use crate::report::Outcome;
use crate::report::Report;
use crate::report::Role;
use crate::report::Text;
use crate::verdict::Verdict;
use crate::verdict::judge;

/// The viewers of one distribution, by the reports of its origins.
#[derive(Debug)]
pub(super) struct Viewers {
    pub(super) audience: Audience,
    pub(super) impacts: Vec<Impact>,
}

impl Viewers {
    /// Returns those of every distribution of which each origin was probed: what becomes of the
    /// others' cannot be told. An origin that will fail within `ahead` hurts as it will then.
    pub(super) fn of(
        audiences: impl IntoIterator<Item = Audience>,
        reports: &[Arc<Report>],
        at: Timestamp,
        ahead: Option<Duration>,
    ) -> Vec<Self> {
        let reports: HashMap<&OriginKey, &Report> =
            reports.iter().map(|report| (&report.origin.key, &**report)).collect();
        let of_one = |audience: Audience| {
            let verdict = |key| Some(verdict_within(reports.get(key)?, at, ahead));
            let verdicts: Option<Vec<Cow<'_, Verdict>>> = audience.origins().map(verdict).collect();
            let verdicts = verdicts?;
            let verdicts: Vec<Option<&Verdict>> = verdicts.iter().map(|v| Some(&**v)).collect();
            let impacts = audience.impacts(&verdicts);
            Some(Self { audience, impacts })
        };
        audiences.into_iter().filter_map(of_one).collect()
    }

    /// Returns a line for whatever is not as it should be; `name` is what the distribution is
    /// called.
    pub(super) fn text(&self, name: &str) -> Text {
        let line = |sentence| {
            Line::new().with(Role::Name, name).with(Role::Plain, format!(": {sentence}"))
        };
        Text { lines: sentences(&self.impacts).into_iter().map(line).collect() }
    }
}

/// Adds to each remedy what the distribution has to do with it.
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

/// Returns the verdict of an origin as it will be when it fails, if that is within `ahead`.
fn verdict_within(report: &Report, at: Timestamp, ahead: Option<Duration>) -> Cow<'_, Verdict> {
    let now = Cow::Borrowed(&report.verdict);
    if report.verdict.conclusion.answer == Answer::Fails
        || Outcome::of(report, at, ahead) != Outcome::Fails
    {
        return now;
    }
    report.first_failure.map_or(now, |then| Cow::Owned(judge(&report.observation, then)))
}
