//! What the command line's exit status says of the origins it was asked about, and as of when they
//! are described.

use std::borrow::Cow;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::verdict::Answer;
use crate::verdict::Verdict;
use crate::verdict::judge;

use super::Report;

/// What became of one origin, or the worst of several: a later variant outweighs an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It answers and goes on to, or there is nothing to judge. Notices never count.
    #[default]
    Answers,
    /// Nobody can tell.
    Undecided,
    /// It fails, or will within the time that was asked about.
    Fails,
}

impl Outcome {
    /// Returns the outcome for one origin as of `now`, looking ahead as far as `within`.
    pub fn of(report: &Report, now: Timestamp, within: Option<Duration>) -> Self {
        if failure_within(report, now, within).is_some() {
            return Self::Fails;
        }
        match report.verdict.conclusion.answer {
            Answer::Answers | Answer::NotApplicable(_) => Self::Answers,
            Answer::Undecided => Self::Undecided,
            Answer::Fails => Self::Fails,
        }
    }

    /// Returns the worst of several; [`Outcome::Answers`] when there is none.
    pub fn worst(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().max().unwrap_or_default()
    }

    /// Returns the exit status. 3 is left for what goes wrong on our side.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Answers => 0,
            Self::Fails => 1,
            Self::Undecided => 2,
        }
    }
}

/// Returns when an origin that does not fail yet will, if that is not later than `within` from
/// `now`.
pub(super) fn failure_within(
    report: &Report,
    now: Timestamp,
    within: Option<Duration>,
) -> Option<Timestamp> {
    let ahead = SignedDuration::try_from(within?).unwrap_or(SignedDuration::MAX);
    let horizon = now.checked_add(ahead).unwrap_or(Timestamp::MAX);
    let may_turn = matches!(report.verdict.conclusion.answer, Answer::Answers | Answer::Undecided);
    report.first_failure.filter(|first_failure| may_turn && *first_failure <= horizon)
}

/// Returns the verdict that an origin is described by, and its instant: the present one, or that of
/// its failure where that is not later than `within` from `now`.
pub(super) fn described(
    report: &Report,
    now: Timestamp,
    within: Option<Duration>,
) -> (Cow<'_, Verdict>, Timestamp) {
    let then = failure_within(report, now, within).map(|at| (judge(&report.observation, at), at));
    // A prediction remembered from an earlier chain is not in this observation.
    match then.filter(|(verdict, _)| verdict.conclusion.answer == Answer::Fails) {
        Some((verdict, at)) => (Cow::Owned(verdict), at),
        None => (Cow::Borrowed(&report.verdict), now),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::super::sample::Sample;
    use super::super::sample::now;
    use super::Outcome;
    use crate::observation::Failure;
    use crate::origin::ProtocolPolicy;

    const DAY: Duration = Duration::from_secs(86_400);

    fn silence() -> Failure {
        Failure::ConnectionTimedOut { attempts: 3, timeout: Duration::from_secs(10) }
    }

    #[test]
    fn an_origin_that_will_fail_within_the_time_asked_about_fails() {
        let report = Sample::of("www.shop.example").serving("192.0.2.1").report();
        for (within, outcome) in [
            (None, Outcome::Answers),
            (Some(DAY * 38 - Duration::from_secs(1)), Outcome::Answers),
            (Some(DAY * 38), Outcome::Fails),
            (Some(Duration::MAX), Outcome::Fails),
        ] {
            assert_eq!(Outcome::of(&report, now(), within), outcome, "{within:?}");
        }
    }

    #[test]
    fn what_nobody_can_tell_is_undecided_unless_it_will_fail_anyway() {
        let silent = Sample::of("www.shop.example").failing("192.0.2.1", &silence()).report();
        assert_eq!(Outcome::of(&silent, now(), Some(DAY * 99)), Outcome::Undecided);
        let half_silent = Sample::of("www.shop.example")
            .serving("192.0.2.1")
            .failing("192.0.2.2", &silence())
            .report();
        assert_eq!(Outcome::of(&half_silent, now(), None), Outcome::Undecided);
        assert_eq!(Outcome::of(&half_silent, now(), Some(DAY * 99)), Outcome::Fails);
    }

    #[test]
    fn failing_outweighs_undecided_and_that_outweighs_answering() {
        let failing = Sample::of("other.example").serving("192.0.2.1").report();
        assert_eq!(Outcome::of(&failing, now(), None), Outcome::Fails);
        for (outcomes, worst, exit_code) in [
            (vec![], Outcome::Answers, 0),
            (vec![Outcome::Answers], Outcome::Answers, 0),
            (vec![Outcome::Undecided, Outcome::Answers], Outcome::Undecided, 2),
            (vec![Outcome::Undecided, Outcome::Fails, Outcome::Answers], Outcome::Fails, 1),
        ] {
            assert_eq!(Outcome::worst(outcomes), worst);
            assert_eq!(worst.exit_code(), exit_code);
        }
    }

    #[test]
    fn what_does_not_apply_never_fails() {
        let mut sample = Sample::of("www.shop.example").serving("192.0.2.1");
        sample.origin.protocol_policy = ProtocolPolicy::HttpOnly;
        let after_its_end: Timestamp = "2027-02-01T00:00:00Z".parse().unwrap();
        let report = sample.report_at(after_its_end);
        assert_eq!(Outcome::of(&report, after_its_end, Some(DAY)), Outcome::Answers);
    }
}
