//! The changes of an origin's verdict since this process started to monitor it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::rules::{Effect, RULES, Rule};
use crate::verdict::{Answer, Verdict};

use super::facts::Moment;

/// The sequence of an origin's verdicts. If it never changed, no list is allocated.
#[derive(Clone, Debug)]
pub struct History {
    now: VerdictPeriod,
    /// The earlier periods, oldest first, at most 16.
    earlier: Option<Arc<[VerdictPeriod]>>,
}

/// A period during which every probe had the same result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictPeriod {
    since: Moment,
    /// How many probes had this result.
    pub probes: u32,
    pub answer: Answer,
    /// The status that viewers got, if it failed.
    pub status: Option<u16>,
    causes: RuleSet,
}

impl VerdictPeriod {
    /// Returns when the first probe with this result was judged.
    pub fn since(&self) -> Timestamp {
        self.since.into()
    }

    /// Returns the rules violated with more effect than a notice, in rule order.
    pub fn causes(&self) -> impl Iterator<Item = &'static Rule> {
        let causes = self.causes;
        RULES.iter().copied().filter(move |rule| causes.has(rule))
    }

    fn of(verdict: &Verdict, since: Timestamp) -> Self {
        let findings = verdict.findings.iter();
        let causes = findings.filter(|finding| finding.effect != Effect::Notice);
        Self {
            since: since.into(),
            probes: 1,
            answer: verdict.conclusion.answer,
            status: verdict.conclusion.status,
            causes: RuleSet::of(causes.map(|finding| finding.rule)),
        }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        (self.answer, self.status, self.causes) == (other.answer, other.status, other.causes)
    }
}

impl History {
    /// Adds a verdict. `is_new` is false for one that only replaces another, for example after the
    /// settings changed.
    pub(super) fn after(
        previous: Option<&Self>,
        verdict: &Verdict,
        is_new: bool,
        now: Timestamp,
    ) -> Self {
        let latest = VerdictPeriod::of(verdict, now);
        let Some(previous) = previous else { return Self { now: latest, earlier: None } };
        if previous.now.says_the_same(&latest) {
            let probes = previous.now.probes.saturating_add(u32::from(is_new));
            let earlier = previous.earlier.clone();
            return Self { now: VerdictPeriod { probes, ..previous.now }, earlier };
        }
        let before = previous.earlier.as_deref().unwrap_or_default();
        let kept = &before[(before.len() + 1).saturating_sub(KEPT)..];
        let earlier = kept.iter().copied().chain([previous.now]).collect();
        Self { now: latest, earlier: Some(earlier) }
    }

    /// Returns the periods, the current one first.
    pub fn latest_first(&self) -> impl Iterator<Item = &VerdictPeriod> {
        let earlier = self.earlier.as_deref().unwrap_or_default();
        std::iter::once(&self.now).chain(earlier.iter().rev())
    }

    /// Returns whether the number of changes reached the limit, so that earlier ones may be
    /// missing.
    pub fn is_cut(&self) -> bool {
        self.earlier.as_ref().is_some_and(|earlier| earlier.len() == KEPT)
    }
}

/// How many changes are kept per origin: 48 bytes each, allocated only if there are any.
const KEPT: usize = 16;

/// A set of [`RULES`], one bit each. With bytes, a period takes 48 bytes; a `u128` would make it
/// 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RuleSet([u8; 16]);

const _: () = assert!(RULES.len() <= 128, "a set of rules holds at most 128");

impl RuleSet {
    fn of(rules: impl Iterator<Item = &'static Rule>) -> Self {
        Self(rules.fold(0_u128, |set, rule| set | 1 << rule.id as u32).to_ne_bytes())
    }

    fn has(self, rule: &Rule) -> bool {
        u128::from_ne_bytes(self.0) >> rule.id as u32 & 1 == 1
    }
}
