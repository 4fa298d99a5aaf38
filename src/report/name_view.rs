//! One server name of an origin as every output shows it.

use std::time::Duration;

use crate::origin::Origin;
use crate::verdict::{Answer, CompactConclusion, Violated};

use super::{Brief, ConnectionFacts, TargetFacts};

/// The state of a server name.
#[derive(Clone, Copy, Debug)]
pub enum NameState<'a> {
    NotProbedYet,
    /// There is no TLS connection to judge.
    NotApplicable,
    Judged(JudgedName<'a>),
}

/// The results of the latest and earlier probes of a server name.
#[derive(Clone, Copy, Debug)]
pub struct JudgedName<'a> {
    pub brief: &'a Brief,
    pub conclusion: &'a CompactConclusion,
    pub facts: &'a TargetFacts,
    pub connections: &'a ConnectionFacts,
    target: usize,
}

impl<'a> NameState<'a> {
    /// Returns the state of the server name at a position among the origin's targets. A scrape does
    /// this for each family: an [`OriginView`] each time would take a third of its CPU.
    ///
    /// [`OriginView`]: super::OriginView
    #[inline]
    pub fn of(brief: Option<&'a Brief>, target: usize) -> Self {
        let Some(brief) = brief else { return Self::NotProbedYet };
        // A report always covers all targets of its origin.
        let Some(conclusion) = brief.verdict.targets.get(target) else { return Self::NotProbedYet };
        if conclusion.is_not_probed_yet() {
            return Self::NotProbedYet;
        }
        match (conclusion.answer, brief.targets.get(target), brief.connections.get(target)) {
            (Answer::NotApplicable(_), ..) => Self::NotApplicable,
            (_, Some(facts), Some(connections)) => {
                Self::Judged(JudgedName { brief, conclusion, facts, connections, target })
            }
            _ => Self::NotProbedYet,
        }
    }

    /// Returns the number of an origin's server names by state.
    pub fn counts(origin: &Origin, brief: Option<&'a Brief>) -> [(&'static str, usize); 4] {
        let (mut answers, mut fails, mut undecided, mut waiting) = (0, 0, 0, 0);
        for target in 0..origin.targets.len() {
            let count = match NameState::of(brief, target) {
                Self::NotProbedYet => &mut waiting,
                Self::NotApplicable => continue,
                Self::Judged(judged) => match judged.conclusion.answer {
                    Answer::Fails => &mut fails,
                    Answer::Undecided => &mut undecided,
                    Answer::Answers | Answer::NotApplicable(_) => &mut answers,
                },
            };
            *count += 1;
        }
        [("answers", answers), ("fails", fails), ("undecided", undecided), ("waiting", waiting)]
    }
}

impl<'a> JudgedName<'a> {
    /// Returns what concerns this server name, once per rule, effect and status.
    pub fn violations(&self) -> impl Iterator<Item = &'a Violated> {
        let (violations, target) = (&self.brief.verdict.violations, self.target);
        let concerns = move |violated: &Violated| {
            violated.target().is_none_or(|concerned| concerned == target)
        };
        let what = |violated: &Violated| (violated.rule().id, violated.effect, violated.status());
        violations.iter().enumerate().filter_map(move |(position, violated)| {
            let is_first = !violations
                .iter()
                .take(position)
                .any(|earlier| concerns(earlier) && what(earlier) == what(violated));
            (concerns(violated) && is_first).then_some(violated)
        })
    }

    /// Returns the duration of each phase of the last probe at the slowest address.
    pub fn phases(&self) -> [(&'static str, Option<Duration>); 3] {
        [
            ("resolve", self.brief.resolve_time()),
            ("connect", self.connections.connect_time()),
            ("handshake", self.connections.handshake_time()),
        ]
    }
}
