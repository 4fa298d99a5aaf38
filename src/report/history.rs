//! What became of an origin since this process watches it: the changes of its verdict, and no more.

use std::sync::Arc;

use jiff::Timestamp;

use crate::rules::Effect;
use crate::rules::RULES;
use crate::rules::Rule;
use crate::verdict::Answer;
use crate::verdict::Verdict;

/// The verdicts of one origin in turn. One that never changed keeps no list at all.
#[derive(Clone, Debug)]
pub struct History {
    now: Stretch,
    /// What was before, the oldest first, at most 16.
    earlier: Option<Arc<[Stretch]>>,
}

/// A time during which every probe said the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When the first probe that said so was judged.
    pub since: Timestamp,
    /// How many probes said so.
    pub probes: u32,
    pub answer: Answer,
    /// What viewers got, if it failed.
    pub status: Option<u16>,
    causes: RuleSet,
}

impl Stretch {
    /// Returns the rules that were violated with more effect than a notice, in their own order.
    pub fn causes(&self) -> impl Iterator<Item = &'static Rule> {
        let causes = self.causes;
        RULES.iter().copied().enumerate().filter(move |(n, _)| causes.has(*n)).map(|(_, r)| r)
    }

    fn of(verdict: &Verdict, since: Timestamp) -> Self {
        let findings = verdict.findings.iter();
        let causes = findings.filter(|finding| finding.effect != Effect::Notice);
        Self {
            since,
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
    /// Adds a verdict to what was before; `is_new` is false for one that only takes another's
    /// place, such as after the settings changed.
    pub(super) fn after(
        previous: Option<&Self>,
        verdict: &Verdict,
        is_new: bool,
        now: Timestamp,
    ) -> Self {
        let latest = Stretch::of(verdict, now);
        let Some(previous) = previous else { return Self { now: latest, earlier: None } };
        if previous.now.says_the_same(&latest) {
            let probes = previous.now.probes.saturating_add(u32::from(is_new));
            let earlier = previous.earlier.clone();
            return Self { now: Stretch { probes, ..previous.now }, earlier };
        }
        let before = previous.earlier.as_deref().unwrap_or_default();
        let kept = &before[(before.len() + 1).saturating_sub(KEPT)..];
        let earlier = kept.iter().copied().chain([previous.now]).collect();
        Self { now: latest, earlier: Some(earlier) }
    }

    /// Returns the stretches, the present one first.
    pub fn latest_first(&self) -> impl Iterator<Item = &Stretch> {
        let earlier = self.earlier.as_deref().unwrap_or_default();
        std::iter::once(&self.now).chain(earlier.iter().rev())
    }

    /// Tells whether there were more changes than are kept.
    pub fn is_cut(&self) -> bool {
        self.earlier.as_ref().is_some_and(|earlier| earlier.len() == KEPT)
    }
}

/// How many changes are kept of an origin: 48 bytes each, and only where there are any.
const KEPT: usize = 16;

/// Some of [`RULES`], a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RuleSet(u64);

const _: () = assert!(RULES.len() <= 64, "a set of rules has 64 places");

impl RuleSet {
    fn of(rules: impl Iterator<Item = &'static Rule>) -> Self {
        let place = |rule: &Rule| RULES.iter().position(|each| each.id == rule.id);
        Self(rules.filter_map(place).fold(0, |set, place| set | 1 << place))
    }

    fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;

    use crate::observation::Failure;
    use crate::verdict::Answer;

    use super::super::Report;
    use super::super::sample::Sample;
    use super::super::sample::now;
    use super::KEPT;
    use super::Stretch;

    fn well() -> Sample {
        Sample::of("www.shop.example").serving("192.0.2.1")
    }

    fn refusing() -> Sample {
        Sample::of("www.shop.example")
            .failing("192.0.2.1", &Failure::ConnectionRefused { attempts: 3 })
    }

    /// Reports on one sample after the other, a minute apart.
    fn watched(samples: impl IntoIterator<Item = Sample>) -> Report {
        let mut latest: Option<Report> = None;
        for (minute, sample) in samples.into_iter().enumerate() {
            let at = now() + SignedDuration::from_mins(minute as i64);
            let observation = sample.report_at(at).observation;
            latest = Some(Report::new(latest.as_ref(), observation, at));
        }
        latest.unwrap()
    }

    #[test]
    fn an_origin_that_never_changed_keeps_no_list() {
        let report = watched((0..5).map(|_| well()));
        assert!(report.history.earlier.is_none());
        let only: Vec<&Stretch> = report.history.latest_first().collect();
        assert_eq!(only.len(), 1);
        assert_eq!((only[0].since, only[0].probes), (now(), 5));
    }

    #[test]
    fn a_change_begins_a_new_stretch_with_its_causes() {
        let report = watched([well(), well(), refusing(), refusing(), refusing()]);
        let all: Vec<&Stretch> = report.history.latest_first().collect();
        let causes: Vec<&str> = all[0].causes().map(|rule| rule.id).collect();
        assert_eq!(causes, ["connection-refused"]);
        assert_eq!((all[0].answer, all[0].status, all[0].probes), (Answer::Fails, Some(502), 3));
        assert_eq!(all[0].since, now() + SignedDuration::from_mins(2));
        assert_eq!((all[1].answer, all[1].status, all[1].probes), (Answer::Answers, None, 2));
        assert_eq!(all[1].causes().count(), 0);
    }

    #[test]
    fn a_restless_origin_keeps_the_latest_changes() {
        let report = watched((0..100).map(|n| if n % 2 == 0 { well() } else { refusing() }));
        let all: Vec<&Stretch> = report.history.latest_first().collect();
        assert_eq!(all.len(), KEPT + 1);
        assert!(report.history.is_cut());
        assert!(all.is_sorted_by(|later, earlier| later.since > earlier.since));
        assert_eq!(all[0].since, now() + SignedDuration::from_mins(99));
    }

    #[test]
    fn the_same_probe_judged_again_is_not_counted_twice() {
        let first = well().report();
        let again = Report::new(Some(&first), Arc::clone(&first.observation), now());
        assert_eq!(again.history.latest_first().next().unwrap().probes, 1);
    }

    #[test]
    fn a_stretch_weighs_little() {
        assert!(size_of::<Stretch>() <= 48, "{}", size_of::<Stretch>());
        assert!(size_of::<super::History>() <= 64, "{}", size_of::<super::History>());
    }
}
