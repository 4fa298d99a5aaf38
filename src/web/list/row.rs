//! One origin and its report, as used by filters and sort orders.

use std::sync::Arc;

use jiff::Timestamp;

use crate::chain::printable;
use crate::report::{Entry, OriginView, Report, State};
use crate::rules::Rule;
use crate::verdict::{Answer, Share};

use super::{NO_DISTRIBUTION, VerdictFilter};

/// An origin with its report at the time of the query.
#[derive(Clone, Debug)]
pub(in super::super) struct Row {
    pub(in super::super) entry: Arc<Entry>,
    /// `None` before the first probe has ended.
    pub(in super::super) report: Option<Arc<Report>>,
}

impl Row {
    /// Captures the current report.
    pub(in super::super) fn new(entry: &Arc<Entry>) -> Self {
        Self { entry: Arc::clone(entry), report: entry.latest() }
    }

    pub(in super::super) fn view(&self) -> OriginView<'_> {
        OriginView::new(&self.entry.origin, self.report.as_deref())
    }

    /// Returns the origin's name with its distribution's, printable.
    pub(in super::super) fn name(&self) -> String {
        printable(&self.entry.origin.key.to_string(), LONGEST_NAME)
    }

    /// Returns whether the verdict filter matches.
    pub(in super::super) fn is(&self, wanted: VerdictFilter) -> bool {
        let view = self.view();
        match wanted {
            VerdictFilter::Fails => view.answer == Answer::Fails,
            VerdictFilter::FailsNext => view.state == State::FailsSoon,
            VerdictFilter::Undecided => view.answer == Answer::Undecided,
            VerdictFilter::Answers => view.answer == Answer::Answers,
            VerdictFilter::NotApplicable => view.state == State::NotApplicable,
        }
    }

    /// Returns the rule of every violation, with repetitions.
    pub(in super::super) fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        let findings = self.report.iter().flat_map(|report| &report.verdict.findings);
        findings.map(|finding| finding.rule)
    }

    /// Returns the distribution's id, or [`NO_DISTRIBUTION`].
    pub(in super::super) fn distribution(&self) -> &str {
        let name = &*self.entry.origin.key.distribution;
        if name.is_empty() { NO_DISTRIBUTION } else { name }
    }

    pub(in super::super) fn probed_at(&self) -> Option<Timestamp> {
        self.report.as_ref().map(|report| report.probed_at())
    }

    /// Returns the share of failing addresses in millionths; `None` if none was probed.
    pub(super) fn failing_share(&self) -> Option<usize> {
        let Share { failing, judged } = self.view().addresses();
        (failing * 1_000_000).checked_div(judged)
    }

    /// Returns whether every word, in lower case, occurs in the origin's id, distribution, domain,
    /// server names, labels or addresses.
    pub(super) fn mentions(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let origin = &*self.entry.origin;
        let names = [&*origin.key.id, &*origin.key.distribution, origin.domain().as_str()];
        let targets = origin.targets.iter().map(|target| target.server_name.as_str());
        let labels = origin.labels.iter().map(|(name, value)| format!("{name}={value}"));
        let mut text: Vec<String> = names.into_iter().map(str::to_lowercase).collect();
        text.extend(targets.map(str::to_owned));
        text.extend(labels.map(|label| label.to_lowercase()));
        let endpoints = self.report.iter().flat_map(|report| &report.observation.endpoints);
        text.extend(endpoints.map(|endpoint| endpoint.address.to_string()));
        words.iter().all(|word| text.iter().any(|text| text.contains(word)))
    }
}

/// In characters; enough to recognise a name.
const LONGEST_NAME: usize = 128;
