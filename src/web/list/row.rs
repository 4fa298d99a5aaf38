//! One origin and its report, as used by filters and sort orders.

use std::sync::Arc;

use jiff::Timestamp;

use crate::chain::printable;
use crate::report::{Brief, Entry, Kept, OriginView, Report, State};
use crate::rules::Rule;
use crate::verdict::{Answer, Share, Violated};

use super::{NO_DISTRIBUTION, VerdictFilter};

/// An origin with its report at the time of the query.
#[derive(Clone, Debug)]
pub(in super::super) struct Row {
    pub(in super::super) entry: Arc<Entry>,
    /// `None` before the first probe has ended.
    pub(in super::super) kept: Option<Arc<Kept>>,
}

impl Row {
    /// Captures the current report.
    pub(in super::super) fn new(entry: &Arc<Entry>) -> Self {
        Self { entry: Arc::clone(entry), kept: entry.kept() }
    }

    pub(in super::super) fn view(&self) -> OriginView<'_> {
        OriginView::in_brief(&self.entry.origin, self.brief())
    }

    /// Returns the whole report, which is rebuilt for the caller.
    pub(in super::super) fn report(&self) -> Option<Arc<Report>> {
        self.kept.as_ref().map(|kept| kept.report(&self.entry.origin))
    }

    fn brief(&self) -> Option<&Brief> {
        self.kept.as_ref().map(|kept| &kept.brief)
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
        let violations = self.brief().into_iter().flat_map(|brief| &brief.verdict.violations);
        violations.map(Violated::rule)
    }

    /// Returns the distribution's id, or [`NO_DISTRIBUTION`].
    pub(in super::super) fn distribution(&self) -> &str {
        let name = &*self.entry.origin.key.distribution;
        if name.is_empty() { NO_DISTRIBUTION } else { name }
    }

    pub(in super::super) fn probed_at(&self) -> Option<Timestamp> {
        self.brief().map(Brief::probed_at)
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
        let observation = self.kept.as_ref().map(|kept| kept.observation(&self.entry.origin));
        let endpoints = observation.iter().flat_map(|observation| &observation.endpoints);
        text.extend(endpoints.map(|endpoint| endpoint.address.to_string()));
        words.iter().all(|word| text.iter().any(|text| text.contains(word)))
    }
}

/// In characters; enough to recognise a name.
const LONGEST_NAME: usize = 128;
