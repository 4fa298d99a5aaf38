//! One server name of an origin as every output shows it.

use std::net::IpAddr;
use std::time::Duration;

use crate::observation::Endpoint;
use crate::origin::Origin;
use crate::verdict::{Answer, Conclusion, Finding};

use super::{Report, TargetFacts};

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
    pub report: &'a Report,
    pub conclusion: &'a Conclusion,
    pub facts: &'a TargetFacts,
    target: usize,
}

impl<'a> NameState<'a> {
    /// Returns the state of the server name at a position among the origin's targets. A scrape does
    /// this for each family: an [`OriginView`] each time would take a third of its CPU.
    ///
    /// [`OriginView`]: super::OriginView
    #[inline]
    pub fn of(report: Option<&'a Report>, target: usize) -> Self {
        let Some(report) = report else { return Self::NotProbedYet };
        match (report.verdict.targets.get(target), report.targets.get(target)) {
            (Some(conclusion), _) if conclusion.is_not_probed_yet() => Self::NotProbedYet,
            (Some(conclusion), Some(facts)) => match conclusion.answer {
                Answer::NotApplicable(_) => Self::NotApplicable,
                _ => Self::Judged(JudgedName { report, conclusion, facts, target }),
            },
            // A report always covers all targets of its origin.
            _ => Self::NotProbedYet,
        }
    }

    /// Returns the number of an origin's server names by state.
    pub fn counts(origin: &Origin, report: Option<&'a Report>) -> [(&'static str, usize); 4] {
        let (mut answers, mut fails, mut undecided, mut waiting) = (0, 0, 0, 0);
        for target in 0..origin.targets.len() {
            let count = match NameState::of(report, target) {
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
    /// Returns the findings that concern this server name, one per rule, effect and status.
    pub fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        let (findings, target) = (&self.report.verdict.findings, self.target);
        let concerns =
            move |finding: &Finding| finding.target.is_none_or(|concerned| concerned == target);
        let alike = |a: &Finding, b: &Finding| {
            a.rule.id == b.rule.id && a.effect == b.effect && a.status == b.status
        };
        findings.iter().enumerate().filter_map(move |(position, finding)| {
            let is_first = !findings
                .iter()
                .take(position)
                .any(|earlier| concerns(earlier) && alike(earlier, finding));
            (concerns(finding) && is_first).then_some(finding)
        })
    }

    /// Returns this server name's endpoints.
    pub fn endpoints(&self) -> impl Iterator<Item = &'a Endpoint> {
        let target = self.target;
        self.report.observation.endpoints.iter().filter(move |each| each.target == target)
    }

    /// Returns how many addresses of one family the origin has, counted over all server names;
    /// `None` if there are none and the family was not queried.
    pub fn addresses(&self, family: &str, is_of: fn(&IpAddr) -> bool) -> Option<usize> {
        let observation = &self.report.observation;
        let endpoints = &observation.endpoints;
        let count = endpoints
            .iter()
            .enumerate()
            .filter(|(_, endpoint)| is_of(&endpoint.address))
            .filter(|(position, endpoint)| {
                endpoints.iter().take(*position).all(|e| e.address != endpoint.address)
            })
            .count();
        let was_asked = observation
            .resolution
            .iter()
            .flat_map(|resolution| &resolution.answers)
            .any(|answer| answer.family.as_str() == family);
        (count > 0 || was_asked).then_some(count)
    }

    /// Returns the duration of each phase of the last probe at the slowest address.
    pub fn phases(&self) -> [(&'static str, Option<Duration>); 3] {
        let observation = &self.report.observation;
        [
            ("resolve", observation.resolution.as_ref().map(|_| observation.resolve_time)),
            (
                "connect",
                self.endpoints().filter_map(|endpoint| endpoint.handshake.connect_time).max(),
            ),
            (
                "handshake",
                self.endpoints().filter_map(|endpoint| endpoint.handshake.handshake_time).max(),
            ),
        ]
    }
}
