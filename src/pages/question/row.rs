//! One origin and its report, as filters and orders see them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::report::Answer;
use crate::report::Entry;
use crate::report::Report;
use crate::report::printable;
use crate::rules::Rule;

use super::NO_DISTRIBUTION;
use super::Wanted;

/// An origin and the report that it had when it was asked about.
#[derive(Clone, Debug)]
pub(in super::super) struct Row {
    pub(in super::super) entry: Arc<Entry>,
    /// `None` before the first probe has ended.
    pub(in super::super) report: Option<Arc<Report>>,
}

/// How many of an origin's addresses fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct AddressesFailing {
    pub(in super::super) failing: usize,
    pub(in super::super) probed: usize,
}

impl Row {
    /// Takes the report of this moment.
    pub(in super::super) fn new(entry: &Arc<Entry>) -> Self {
        Self { entry: Arc::clone(entry), report: entry.latest() }
    }

    /// Returns what the origin is called, fit to be shown.
    pub(in super::super) fn name(&self) -> String {
        printable(&self.entry.origin.key.id, LONGEST_NAME)
    }

    /// Returns the heading that the origin belongs below, when the urgent ones come first.
    pub(in super::super) fn group(&self) -> Group {
        match self.answer() {
            Answer::Fails => Group::FailsNow,
            _ if self.is(Wanted::FailsNext) => Group::FailsNext,
            Answer::Undecided => Group::Undecided,
            Answer::Answers => Group::Answers,
            Answer::NotApplicable(_) => Group::NotApplicable,
        }
    }

    /// Returns the verdict's answer; an origin not probed yet is undecided.
    pub(in super::super) fn answer(&self) -> Answer {
        self.report.as_ref().map_or(Answer::Undecided, |report| report.verdict.conclusion.answer)
    }

    /// Tells whether a filter by verdict takes it.
    pub(in super::super) fn is(&self, wanted: Wanted) -> bool {
        match (wanted, self.answer()) {
            (Wanted::Fails, Answer::Fails)
            | (Wanted::Undecided, Answer::Undecided)
            | (Wanted::Answers, Answer::Answers)
            | (Wanted::NotApplicable, Answer::NotApplicable(_)) => true,
            (Wanted::FailsNext, Answer::Undecided | Answer::Answers) => {
                self.rules().any(|rule| rule.id == RENEWAL_OVERDUE)
            }
            _ => false,
        }
    }

    /// Returns every rule that it violates, as often as it does.
    pub(in super::super) fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        let findings = self.report.iter().flat_map(|report| &report.verdict.findings);
        findings.map(|finding| finding.rule)
    }

    /// Returns the distribution's id, or what stands for none.
    pub(in super::super) fn distribution(&self) -> &str {
        let name = &*self.entry.origin.key.distribution;
        if name.is_empty() { NO_DISTRIBUTION } else { name }
    }

    pub(in super::super) fn first_failure(&self) -> Option<Timestamp> {
        self.report.as_ref()?.first_failure
    }

    pub(in super::super) fn failing_since(&self) -> Option<Timestamp> {
        self.report.as_ref()?.failing_since
    }

    pub(in super::super) fn probed_at(&self) -> Option<Timestamp> {
        self.report.as_ref().map(|report| report.probed_at())
    }

    /// Tells whether the next probe should have ended long ago: twice the interval has passed,
    /// and a minute for the probe itself. What is not judged need not be probed.
    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        let patience = self.entry.origin.interval * 2 + Duration::from_secs(60);
        let passed = |at: Timestamp| now.duration_since(at).unsigned_abs() > patience && at < now;
        self.entry.origin.is_judged() && self.probed_at().is_some_and(passed)
    }

    /// Returns how many addresses fail; `None` when none was probed. An address counts once,
    /// however many server names fail there.
    pub(in super::super) fn addresses(&self) -> Option<AddressesFailing> {
        let report = self.report.as_ref()?;
        let endpoints = report.observation.endpoints.iter();
        let probed: BTreeSet<IpAddr> =
            endpoints.filter(|each| each.was_probed()).map(|each| each.address).collect();
        let findings = report.verdict.findings.iter();
        let failing: BTreeSet<IpAddr> = findings
            .filter(|finding| finding.counts_as_failing)
            .filter_map(|finding| finding.address)
            .collect();
        let counts = AddressesFailing { failing: failing.len(), probed: probed.len() };
        (!probed.is_empty()).then_some(counts)
    }

    /// Returns the share of addresses that fail, in millionths.
    pub(super) fn failing_share(&self) -> Option<usize> {
        let AddressesFailing { failing, probed } = self.addresses()?;
        Some(failing * 1_000_000 / probed)
    }

    /// Tells whether every word, in small letters, is found in what the origin is called, where it
    /// is, which names it is asked for, and what it is labelled with.
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

/// A heading of the list, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Group {
    FailsNow,
    FailsNext,
    Undecided,
    Answers,
    NotApplicable,
}

/// In characters; enough to recognise one.
const LONGEST_NAME: usize = 128;
/// The rule of an origin that fails next.
const RENEWAL_OVERDUE: &str = "renewal-overdue";
