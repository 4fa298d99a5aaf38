//! A verdict without texts, in few bytes: what is kept of every origin.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::rules::{Effect, RULES, Rule, RuleId, UndecidedReason};

use super::{Answer, Conclusion, Finding, Share, Verdict};

/// A verdict without the places and the texts of its findings.
#[derive(Clone, Debug)]
pub struct CompactVerdict {
    /// Over all addresses and server names.
    pub conclusion: CompactConclusion,
    /// For each target of the origin, over its own endpoints.
    pub targets: SmallVec<[CompactConclusion; 1]>,
    /// In the order of the rules, each distinct one once.
    pub violations: Box<[Violated]>,
}

/// A [`Conclusion`] in 24 bytes.
#[derive(Clone, Copy, Debug)]
pub struct CompactConclusion {
    pub answer: Answer,
    /// 0 for none.
    status: u16,
    /// A bit for each reason.
    undecided_reasons: u32,
    failing: u32,
    judged: u32,
    /// Not a number for none.
    failing_ratio: f64,
}

/// One violated rule at one target, without its place and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violated {
    rule: RuleId,
    pub effect: Effect,
    /// 0 for none.
    status: u16,
    pub undecided_reason: Option<UndecidedReason>,
    /// Whether its endpoint counts as failing, whatever the verdict.
    pub counts_as_failing: bool,
    /// [`OF_THE_ORIGIN`] for the origin as a whole.
    target: u32,
}

impl From<&Verdict> for CompactVerdict {
    fn from(verdict: &Verdict) -> Self {
        let mut seen = BTreeSet::new();
        let violations = verdict.findings.iter().map(Violated::from);
        Self {
            conclusion: (&verdict.conclusion).into(),
            targets: verdict.targets.iter().map(CompactConclusion::from).collect(),
            violations: violations.filter(|violated| seen.insert(*violated)).collect(),
        }
    }
}

impl From<&Conclusion> for CompactConclusion {
    fn from(conclusion: &Conclusion) -> Self {
        let reasons = conclusion.undecided_reasons.iter();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            answer: conclusion.answer,
            status: conclusion.status.unwrap_or_default(),
            undecided_reasons: reasons.fold(0, |all, reason| all | bit(*reason)),
            failing: number(conclusion.endpoints.failing),
            judged: number(conclusion.endpoints.judged),
            failing_ratio: conclusion.failing_ratio.unwrap_or(f64::NAN),
        }
    }
}

impl CompactConclusion {
    /// Returns [`Conclusion::status`].
    pub fn status(&self) -> Option<u16> {
        Some(self.status).filter(|status| *status > 0)
    }

    /// Returns [`Conclusion::failing_ratio`].
    pub fn failing_ratio(&self) -> Option<f64> {
        Some(self.failing_ratio).filter(|ratio| !ratio.is_nan())
    }

    /// Returns [`Conclusion::endpoints`].
    pub fn endpoints(&self) -> Share {
        Share { failing: self.failing as usize, judged: self.judged as usize }
    }

    /// Returns [`Conclusion::undecided_reasons`], in order.
    pub fn undecided_reasons(&self) -> impl Iterator<Item = UndecidedReason> {
        let all = self.undecided_reasons;
        // Nearly always there is none.
        let reasons = (all != 0).then(UndecidedReason::all).into_iter().flatten();
        reasons.filter(move |reason| all & bit(*reason) != 0)
    }

    /// Returns whether a reason is among them.
    pub fn is_undecided_by(&self, reason: UndecidedReason) -> bool {
        self.undecided_reasons & bit(reason) != 0
    }

    /// Returns whether the only reason is a missing first probe.
    pub fn is_not_probed_yet(&self) -> bool {
        self.undecided_reasons == bit(UndecidedReason::NotProbedYet)
    }
}

impl From<&Finding> for Violated {
    fn from(finding: &Finding) -> Self {
        let target = finding.target.and_then(|target| u32::try_from(target).ok());
        Self {
            rule: finding.rule.id,
            effect: finding.effect,
            status: finding.status.unwrap_or_default(),
            undecided_reason: finding.undecided_reason,
            counts_as_failing: finding.counts_as_failing,
            target: target.unwrap_or(OF_THE_ORIGIN),
        }
    }
}

impl Violated {
    pub fn rule(&self) -> &'static Rule {
        RULES[self.rule as usize]
    }

    /// Returns the status that viewers get; `None` for a notice.
    pub fn status(&self) -> Option<u16> {
        Some(self.status).filter(|status| *status > 0)
    }

    /// Returns the position of the target; `None` for the origin as a whole.
    pub fn target(&self) -> Option<usize> {
        Some(self.target as usize).filter(|_| self.target != OF_THE_ORIGIN)
    }
}

fn bit(reason: UndecidedReason) -> u32 {
    1 << reason as u32
}

const OF_THE_ORIGIN: u32 = u32::MAX;
