//! One origin and server name: what its series are about.

use std::net::IpAddr;
use std::time::Duration;

use crate::report::Answer;
use crate::report::ChainDates;
use crate::report::Conclusion;
use crate::report::Endpoint;
use crate::report::Entry;
use crate::report::Finding;
use crate::report::Report;
use crate::report::TargetFacts;

use super::server_names;

/// One server name of one origin, and the latest report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) entry: &'a Entry,
    server_name: &'a str,
    /// Whether it is the first of its origin that is written.
    is_first: bool,
    latest: Option<&'a Report>,
    pub(super) state: State<'a>,
}

/// What is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum State<'a> {
    NotProbedYet,
    /// There is no TLS connection to judge.
    NotApplicable,
    Judged(Judged<'a>),
}

/// What the latest probe and its forerunners said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged<'a> {
    pub(super) report: &'a Report,
    pub(super) conclusion: &'a Conclusion,
    pub(super) facts: &'a TargetFacts,
    target: usize,
}

impl<'a> Subject<'a> {
    /// Returns the server names of an origin that have series of their own.
    pub(super) fn of(
        entry: &'a Entry,
        latest: Option<&'a Report>,
    ) -> impl Iterator<Item = Self> + use<'a> {
        let positions = server_names::with_series(entry.origin.targets.len(), latest);
        let targets = &entry.origin.targets;
        let used = positions.into_iter().filter_map(|position| {
            let target = targets.get(position).filter(|target| target.is_used())?;
            Some((position, target))
        });
        used.enumerate().map(move |(place, (position, target))| Self {
            entry,
            server_name: target.server_name.as_str(),
            is_first: place == 0,
            latest,
            state: latest.map_or(State::NotProbedYet, |report| State::of(report, position)),
        })
    }

    /// Returns how many server names of the origin are in which state; nothing but for the first
    /// one of an origin with many.
    pub(super) fn server_names(&self) -> Option<[(&'static str, usize); 4]> {
        let all = self.entry.origin.targets.len();
        (self.is_first && all > server_names::FEW).then(|| server_names::states(all, self.latest))
    }

    /// Returns the values of `distribution`, `origin`, `domain` and `server_name`.
    pub(super) fn labels(&self) -> [&'a str; 4] {
        let key = &self.entry.origin.key;
        [&key.distribution, &key.id, key.domain.as_str(), self.server_name]
    }

    /// Returns what was found, unless there is nothing to judge or nothing was probed yet.
    pub(super) fn judged(&self) -> Option<&Judged<'a>> {
        match &self.state {
            State::Judged(judged) => Some(judged),
            State::NotProbedYet | State::NotApplicable => None,
        }
    }

    /// Returns the dates of the last chain read.
    pub(super) fn chain(&self) -> Option<&'a ChainDates> {
        self.judged()?.facts.chain.as_ref()
    }
}

impl<'a> State<'a> {
    fn of(report: &'a Report, target: usize) -> Self {
        let conclusion = report.verdict.targets.get(target);
        match (conclusion, report.targets.get(target)) {
            (Some(conclusion), _) if conclusion.is_not_probed_yet() => Self::NotProbedYet,
            (Some(conclusion), Some(facts)) => match conclusion.answer {
                Answer::NotApplicable(_) => Self::NotApplicable,
                _ => Self::Judged(Judged { report, conclusion, facts, target }),
            },
            // A report always speaks of all of its origin's targets.
            _ => Self::NotProbedYet,
        }
    }
}

impl<'a> Judged<'a> {
    /// Returns what concerns this server name, one finding for each rule, effect and status.
    pub(super) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
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
    pub(super) fn endpoints(&self) -> impl Iterator<Item = &'a Endpoint> {
        let target = self.target;
        self.report.observation.endpoints.iter().filter(move |each| each.target == target)
    }

    /// Returns how many addresses of one family the origin has, all server names together;
    /// `None` when there is none and none was asked for.
    pub(super) fn addresses(&self, family: &str, is_of: fn(&IpAddr) -> bool) -> Option<usize> {
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

    /// Returns how long the last probe's phases took, at the slowest address.
    pub(super) fn phases(&self) -> [(&'static str, Option<Duration>); 3] {
        let observation = &self.report.observation;
        [
            ("resolve", observation.resolution.as_ref().map(|_| observation.resolve_time)),
            ("connect", self.endpoints().filter_map(|endpoint| endpoint.connect_time).max()),
            ("handshake", self.endpoints().filter_map(|endpoint| endpoint.handshake_time).max()),
        ]
    }
}
