//! One origin as every output shows it. Everything that follows from a report is derived only here;
//! text, pages, JSON and metrics format it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::observation::Observation;
use crate::origin::Origin;
use crate::rules::{Effect, RuleId, turning_points};
use crate::verdict::{Answer, CompactConclusion, Finding, Share, Verdict, judge};

use super::places::{Merged, merge};
use super::{Brief, Report, ServedChain, served_chains};

/// The facts about one origin that outputs show.
#[derive(Clone, Copy, Debug)]
pub struct OriginView<'a> {
    pub origin: &'a Origin,
    /// `None` before the first probe has ended.
    pub brief: Option<&'a Brief>,
    /// The whole report; `None` before the first probe has ended, and in a view that is made of the
    /// brief facts only.
    pub report: Option<&'a Report>,
    pub answer: Answer,
    pub state: State,
    /// The status that viewers get while it fails: 502 or 504.
    pub status: Option<u16>,
    /// The number of failing and of judged endpoints.
    pub endpoints: Share,
    /// Since when it has been failing; `None` if it does not fail.
    pub failing: Option<FailingSince>,
    /// [`Brief::first_failure`].
    pub first_failure: Option<Timestamp>,
    /// The earliest instant at which a missing renewal of a served certificate causes a warning.
    pub renewal_due: Option<Timestamp>,
}

/// The state of an origin, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Fails,
    /// It does not fail yet, but the warning instant of its renewal policy has passed without a
    /// renewal. If a time to look ahead was given, it fails within that time.
    FailsSoon,
    Undecided,
    Answers,
    NotApplicable,
}

/// When the current failure began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailingSince {
    pub at: Timestamp,
    pub known_from: KnownFrom,
}

/// How the start of a failure is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownFrom {
    /// A date in a certificate is the cause.
    Date,
    /// The first probe of this process that found it failing. The failure may have begun earlier.
    Probe,
}

/// The remedies for an origin.
#[derive(Debug)]
pub enum Remedies<'a> {
    /// The current causes, most severe first.
    Now(Vec<Merged<'a>>),
    /// The causes of its first failure, which is soon.
    BeforeThen(Vec<Finding>),
    /// Nothing before this instant, from which on a renewal is late.
    RenewalDue(Timestamp),
    Nothing,
}

impl<'a> OriginView<'a> {
    /// Returns the view of an origin and its latest report.
    pub fn new(origin: &'a Origin, report: Option<&'a Report>) -> Self {
        Self { report, ..Self::in_brief(origin, report.map(|report| &report.brief)) }
    }

    /// Returns the view of an origin without endpoints, findings and chains.
    pub fn in_brief(origin: &'a Origin, brief: Option<&'a Brief>) -> Self {
        let conclusion = brief.map(|brief| &brief.verdict.conclusion);
        let answer = conclusion.map_or(Answer::Undecided, |conclusion| conclusion.answer);
        let first_failure = brief.and_then(Brief::first_failure);
        let mut violations = brief.into_iter().flat_map(|brief| &brief.verdict.violations);
        let is_soon = violations.any(|violated| violated.rule().id == RuleId::RenewalOverdue);
        let failing = brief.and_then(|brief| {
            let seen = FailingSince { at: brief.failing_since()?, known_from: KnownFrom::Probe };
            let by_date = |at| FailingSince { at, known_from: KnownFrom::Date };
            Some(brief.failing_by_date().map_or(seen, by_date))
        });
        let chains = brief.into_iter().flat_map(|brief| &brief.targets);
        let renewal_due = chains.filter_map(|t| Some(t.chain.as_ref()?.renewal_warning)).min();
        Self {
            origin,
            brief,
            report: None,
            answer,
            state: State::of(answer, is_soon),
            status: conclusion.and_then(CompactConclusion::status),
            endpoints: conclusion.map(CompactConclusion::endpoints).unwrap_or_default(),
            failing,
            first_failure,
            renewal_due: renewal_due.map(Into::into),
        }
    }

    /// Returns whether the last probe began more than three intervals plus ten minutes ago. An
    /// origin that was not probed yet, or that has nothing to judge, is never overdue.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.brief.is_some_and(|brief| is_overdue(self.origin, brief, now))
    }

    /// Returns when an origin that does not fail yet will fail, if that is at most `within` after
    /// `now`.
    pub fn fails_within(&self, now: Timestamp, within: Option<Duration>) -> Option<Timestamp> {
        let ahead = SignedDuration::try_from(within?).unwrap_or(SignedDuration::MAX);
        let horizon = now.checked_add(ahead).unwrap_or(Timestamp::MAX);
        let may_turn = matches!(self.answer, Answer::Answers | Answer::Undecided);
        self.first_failure.filter(|first_failure| may_turn && *first_failure <= horizon)
    }

    /// Returns the state of an origin that counts as failing soon if it fails within `within`.
    pub fn state_within(&self, now: Timestamp, within: Option<Duration>) -> State {
        State::of(self.answer, self.fails_within(now, within).is_some())
    }

    /// Returns [`Brief::addresses`].
    pub fn addresses(&self) -> Share {
        self.brief.map(Brief::addresses).unwrap_or_default()
    }

    /// Returns the positions of the endpoints that fail.
    pub fn failing_endpoints(&self) -> BTreeSet<usize> {
        self.report.map(|report| failing_endpoints(&report.verdict)).unwrap_or_default()
    }

    /// Returns each distinct served chain, failing ones first.
    pub fn chains(&self) -> Vec<ServedChain<'a>> {
        self.report.map(|report| served_chains(report, &report.verdict)).unwrap_or_default()
    }

    /// Returns the remedies.
    pub fn remedies(&self) -> Remedies<'a> {
        let Some(report) = self.report else { return Remedies::Nothing };
        let mut causes = merge(&report.verdict.findings);
        causes.retain(|merged| merged.finding.effect != Effect::Notice);
        let coming = || coming_findings(report, self.first_failure?);
        match (self.state, self.renewal_due) {
            _ if !causes.is_empty() => Remedies::Now(causes),
            (State::FailsSoon, _) => coming().map_or(Remedies::Nothing, Remedies::BeforeThen),
            (State::Answers, Some(due)) => Remedies::RenewalDue(due),
            _ => Remedies::Nothing,
        }
    }

    /// Returns the verdict that describes an origin, and its instant: the current verdict, or the
    /// one at its failure if that is at most `within` after `now`.
    pub fn described(
        &self,
        now: Timestamp,
        within: Option<Duration>,
    ) -> Option<(Cow<'a, Verdict>, Timestamp)> {
        let report = self.report?;
        let then = self.fails_within(now, within).map(|at| (judge(&report.observation, at), at));
        // A prediction remembered from an earlier chain is not in this observation.
        Some(match then.filter(|(verdict, _)| verdict.conclusion.answer == Answer::Fails) {
            Some((verdict, at)) => (Cow::Owned(verdict), at),
            None => (Cow::Borrowed(&report.verdict), now),
        })
    }
}

/// [`OriginView::is_overdue`], for a scrape, which asks it of every origin.
pub fn is_overdue(origin: &Origin, brief: &Brief, now: Timestamp) -> bool {
    let is_judged = !matches!(brief.verdict.conclusion.answer, Answer::NotApplicable(_));
    let allowed = origin.interval.saturating_mul(3).saturating_add(GRACE);
    let allowed = SignedDuration::try_from(allowed).unwrap_or(SignedDuration::MAX);
    is_judged && now.duration_since(brief.probed_at()) > allowed
}

impl State {
    fn of(answer: Answer, is_soon: bool) -> Self {
        match answer {
            Answer::Fails => Self::Fails,
            Answer::NotApplicable(_) => Self::NotApplicable,
            Answer::Answers | Answer::Undecided if is_soon => Self::FailsSoon,
            Answer::Undecided => Self::Undecided,
            Answer::Answers => Self::Answers,
        }
    }
}

/// Returns the positions of the endpoints that fail by `verdict`.
pub(super) fn failing_endpoints(verdict: &Verdict) -> BTreeSet<usize> {
    verdict.failing_findings().filter_map(|finding| finding.endpoint).collect()
}

fn coming_findings(report: &Report, at: Timestamp) -> Option<Vec<Finding>> {
    let mut findings = judge(&report.observation, at).findings;
    findings.retain(|finding| finding.effect == Effect::Fails);
    (!findings.is_empty()).then_some(findings)
}

/// Returns the date in a certificate at which an origin that fails at `now` began to fail; `None`
/// if it fails regardless of the date.
pub(super) fn failing_by_date(observation: &Observation, now: Timestamp) -> Option<Timestamp> {
    let points = observation.chains().flat_map(|(_, chain)| turning_points(chain));
    let mut points: Vec<Timestamp> = points.filter(|at| *at <= now).collect();
    points.sort_unstable();
    points.dedup();
    let fails_before = |point: &Timestamp| {
        let before = point.checked_sub(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MIN);
        judge(observation, before).conclusion.answer == Answer::Fails
    };
    points.into_iter().rev().take(MOST_DATES).find(|point| !fails_before(point))
}

/// The maximum duration of a probe (`probe.deadline`). An origin that hangs is probed less often
/// than its interval says, and that is not a fault.
const GRACE: Duration = Duration::from_secs(600);

/// A chain has a few dates, but an origin with very many addresses may have served as many chains.
const MOST_DATES: usize = 64;

/// The result for one origin as the exit status, or the worst of several; a later variant outweighs
/// an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It answers and continues to, or there is nothing to judge. Notices never count.
    #[default]
    Answers,
    /// The result is inconclusive.
    Undecided,
    /// It fails, or will fail within the time to look ahead.
    Fails,
}

impl Outcome {
    /// Returns the outcome for one origin as of `now`, looking ahead as far as `within`.
    pub fn of(report: &Report, now: Timestamp, within: Option<Duration>) -> Self {
        match report.view().state_within(now, within) {
            State::Fails | State::FailsSoon => Self::Fails,
            State::Undecided => Self::Undecided,
            State::Answers | State::NotApplicable => Self::Answers,
        }
    }

    /// Returns the worst of several; [`Outcome::Answers`] when there is none.
    pub fn worst(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().max().unwrap_or_default()
    }

    /// Returns the exit status. 3 is reserved for usage, configuration and internal errors.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Answers => 0,
            Self::Fails => 1,
            Self::Undecided => 2,
        }
    }
}
