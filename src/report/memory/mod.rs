//! The memory of an origin between probes, while only a share of its connections fails.
//!
//! Several servers may share one address, and DNS may name a part of the addresses. A certificate
//! that was served or an alert that was received is therefore a fact even if the next connection
//! is fine. Timeouts, resets and refusals may be the network's: they count from the second probe.

mod rotation;
mod turn;
mod window;

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::observation::{Endpoint, Failure, Observation, Refusal, Sample};
use crate::origin::WindowLimits;
use crate::verdict::{Answer, Verdict, judge};

use super::{Brief, Report};
use rotation::Rotation;
use turn::{Sampling, Stage, Turn};
use window::Window;

/// The memory of one origin; empty while it is healthy.
#[derive(Debug, Default)]
pub struct Memory {
    windows: Vec<Window>,
    /// The failing endpoints of a probe that is not confirmed yet.
    suspects: Vec<Endpoint>,
    rotation: Rotation,
    /// The probe whose shares are being measured.
    turn: Option<Box<Turn>>,
}

/// The report that is published.
#[derive(Clone, Copy, Debug)]
pub struct Latest<'a> {
    pub brief: &'a Brief,
    pub observation: &'a Observation,
}

impl<'a> From<&'a Report> for Latest<'a> {
    fn from(report: &'a Report) -> Self {
        Self { brief: &report.brief, observation: &report.observation }
    }
}

/// The consequence of a probe.
#[derive(Debug)]
pub enum Step {
    /// The result, to be published.
    Publish(Observation, Verdict),
    /// A new fault, to be confirmed by a second probe in a few seconds. Nothing is published.
    Confirm(Observation, Verdict),
    /// More connections are needed. Their results go to [`Memory::note_samples`]. A new fault is
    /// published first, and its share when that is measured.
    Sample(Vec<Sample>, Option<(Observation, Verdict)>),
}

/// The result of one connection, as far as the origin is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Answers,
    Fails,
    Undecided,
}

impl Memory {
    /// Returns whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
            && self.suspects.is_empty()
            && self.rotation.is_empty()
            && self.turn.is_none()
    }

    /// Returns the addresses to probe although the next answer of DNS may leave them out. `last` is
    /// the result of the last probe.
    pub fn remembered(&self, last: Option<&Observation>) -> Vec<IpAddr> {
        if !self.rotation.is_proven() {
            return Vec::new();
        }
        let endpoints = last.into_iter().flat_map(|last| &last.endpoints);
        let mut addresses: Vec<IpAddr> = endpoints.map(|endpoint| endpoint.address).collect();
        addresses.extend(self.rotation.left_out());
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    /// Takes note of a probe. `published` is the report that it would replace, and `unconfirmed`
    /// the result of the probe that this one confirms.
    pub fn note(
        &mut self,
        mut probe: Observation,
        published: Option<Latest<'_>>,
        unconfirmed: Option<&Observation>,
        limits: WindowLimits,
        now: Timestamp,
    ) -> Step {
        self.turn = None;
        let before = unconfirmed.or_else(|| Some(published?.observation));
        self.rotation.note(before, &probe);
        self.forget_moved(&mut probe.endpoints);
        if !probe.endpoints.is_empty() {
            let is_probed = |window: &Window| {
                probe.endpoints.iter().any(|endpoint| endpoint.address == window.address)
            };
            self.windows.retain(is_probed);
        }
        self.judge_windows_again(&probe, limits, now);
        let verdict = judge(&probe, now);
        let standings = standings(&probe, &verdict);
        let is_confirmed = published.is_none() || unconfirmed.is_some();
        if !is_confirmed && self.is_new(&probe, &standings, published, &verdict) {
            self.suspects = failing(&probe, &standings);
            return Step::Confirm(probe, verdict);
        }
        let turn = self.begin(probe, verdict, published, standings, now);
        self.go_on(turn, limits, now)
    }

    /// Takes note of the connections that a step asked for, which are the endpoints of `samples`.
    pub fn note_samples(
        &mut self,
        mut samples: Vec<Endpoint>,
        limits: WindowLimits,
        now: Timestamp,
    ) -> Option<Step> {
        let mut turn = *self.turn.take()?;
        for sample in &mut samples {
            let mut probed = turn.probe.endpoints.iter();
            let own = probed.find(|endpoint| is_same_place(endpoint, sample));
            sample.is_remembered = own.is_some_and(|endpoint| endpoint.is_remembered);
        }
        let moved = self.forget_moved(&mut samples);
        turn.probe.endpoints.retain(|endpoint| !moved.contains(&endpoint.address));
        let results = judged_with(&turn.probe, samples, now);
        turn.take(results.into_iter());
        Some(self.go_on(turn, limits, now))
    }

    /// Returns a probe with the shares that `samples`, further connections to its endpoints, show.
    pub fn shares_of(probe: Observation, samples: Vec<Endpoint>, now: Timestamp) -> Observation {
        let mut memory = Self::default();
        let own = judged_with(&probe, probe.endpoints.clone(), now);
        for (endpoint, standing) in own.into_iter().chain(judged_with(&probe, samples, now)) {
            memory.window_of(&endpoint).add(endpoint, standing, now);
        }
        memory.with_shares(probe)
    }

    fn window_of(&mut self, endpoint: &Endpoint) -> &mut Window {
        let known = self.windows.iter().position(|window| window.is_of(endpoint));
        let place = known.unwrap_or(self.windows.len());
        if known.is_none() {
            // Most have one, and a vector has room for four.
            self.windows.reserve_exact(1);
            self.windows.push(Window::new(endpoint.address, endpoint.target));
        }
        &mut self.windows[place]
    }

    /// Removes endpoints at remembered addresses that no longer belong to the origin, and returns
    /// these addresses.
    fn forget_moved(&mut self, endpoints: &mut Vec<Endpoint>) -> BTreeSet<IpAddr> {
        let moved = self.rotation.drop_moved(endpoints.iter());
        endpoints.retain(|endpoint| !moved.contains(&endpoint.address));
        self.windows.retain(|window| !moved.contains(&window.address));
        moved
    }

    fn judge_windows_again(&mut self, probe: &Observation, limits: WindowLimits, now: Timestamp) {
        if self.windows.is_empty() {
            return;
        }
        self.windows.iter_mut().for_each(|window| window.trim(limits, now));
        let endpoints = self.windows.iter().flat_map(Window::outcomes).cloned().collect();
        let remembered = Observation { endpoints, ..probe.clone() };
        let mut standings = standings(&remembered, &judge(&remembered, now)).into_iter();
        for window in &mut self.windows {
            window.judge_again(&mut standings);
        }
    }

    /// Returns whether a probe found a fault that was not published before.
    fn is_new(
        &self,
        probe: &Observation,
        standings: &[Standing],
        published: Option<Latest<'_>>,
        verdict: &Verdict,
    ) -> bool {
        let is_known = |endpoint: &Endpoint| {
            self.windows.iter().any(|window| window.is_of(endpoint))
                || self.suspects.iter().any(|suspect| is_same_place(suspect, endpoint))
        };
        let mut failing = probe.endpoints.iter().zip(standings);
        let at_an_endpoint =
            failing.any(|(endpoint, standing)| *standing == Standing::Fails && !is_known(endpoint));
        let of_all = verdict.findings.iter().any(|f| f.endpoint.is_none() && f.counts_as_failing);
        let failed = |latest: Latest<'_>| latest.brief.verdict.conclusion.answer == Answer::Fails;
        at_an_endpoint || (of_all && !published.is_some_and(failed))
    }

    /// Adds the results of a probe to the windows, and opens new ones.
    fn begin(
        &mut self,
        mut probe: Observation,
        verdict: Verdict,
        published: Option<Latest<'_>>,
        standings: Vec<Standing>,
        now: Timestamp,
    ) -> Turn {
        let suspects = std::mem::take(&mut self.suspects);
        let mut samplings = Vec::new();
        let started_at = probe.started_at;
        for (endpoint, standing) in probe.endpoints.iter_mut().zip(standings) {
            // The others were carried over from an earlier probe.
            if endpoint.probed_at != started_at {
                continue;
            }
            let suspect = suspects.iter().find(|suspect| is_same_place(suspect, endpoint));
            let window = self.windows.iter_mut().find(|window| window.is_of(endpoint));
            let stage = match window {
                Some(window) => {
                    let stage = Stage::of(window.tally());
                    window.add(endpoint.clone(), standing, now);
                    stage
                }
                None => match (suspect, standing) {
                    (None, Standing::Answers | Standing::Undecided) => continue,
                    (Some(suspect), Standing::Answers | Standing::Undecided)
                        if may_be_the_network(suspect) =>
                    {
                        continue;
                    }
                    // It neither confirms nor refutes the fault.
                    (Some(suspect), Standing::Undecided) => {
                        self.suspects.push(suspect.clone());
                        continue;
                    }
                    (None, Standing::Fails) if may_be_the_network(endpoint) => {
                        match published.and_then(|published| last_known(published, endpoint)) {
                            // It counts if the next probe finds it, too.
                            Some(earlier) => {
                                self.suspects.push(std::mem::replace(endpoint, earlier));
                            }
                            None => self.open(endpoint, None, standing, now),
                        }
                        continue;
                    }
                    (suspect, standing) => {
                        self.open(endpoint, suspect, standing, now);
                        let is_fact = |each: &Endpoint| !may_be_the_network(each);
                        match suspect.is_some_and(is_fact)
                            || (standing == Standing::Fails && is_fact(endpoint))
                        {
                            true => Stage::New,
                            false => continue,
                        }
                    }
                },
            };
            samplings.push(Sampling::new((endpoint.clone(), standing), stage));
        }
        let is_unchanged = self.windows.is_empty() && self.suspects.is_empty();
        Turn { probe, verdict: is_unchanged.then_some(verdict), samplings }
    }

    fn open(
        &mut self,
        endpoint: &Endpoint,
        suspect: Option<&Endpoint>,
        standing: Standing,
        now: Timestamp,
    ) {
        let window = self.window_of(endpoint);
        if let Some(suspect) = suspect {
            window.add(suspect.clone(), Standing::Fails, suspect.probed_at);
        }
        window.add(endpoint.clone(), standing, now);
    }

    /// Asks for the next connections of a turn, or ends it.
    fn go_on(&mut self, mut turn: Turn, limits: WindowLimits, now: Timestamp) -> Step {
        let is_new = turn.finds_a_fault();
        let wanted = turn.next(&mut self.windows, limits, now);
        if !wanted.is_empty() {
            let first = is_new.then(|| {
                let observation = self.with_shares(turn.probe.clone());
                let verdict = judge(&observation, now);
                (observation, verdict)
            });
            self.turn = Some(Box::new(turn));
            return Step::Sample(wanted, first);
        }
        if let Some(verdict) = turn.verdict {
            return Step::Publish(turn.probe, verdict);
        }
        let observation = self.with_shares(turn.probe);
        let verdict = judge(&observation, now);
        Step::Publish(observation, verdict)
    }

    /// Returns a probe with every outcome that the windows hold.
    fn with_shares(&self, mut probe: Observation) -> Observation {
        if self.windows.is_empty() {
            return probe;
        }
        let mut endpoints = Vec::with_capacity(probe.endpoints.len() + self.windows.len());
        for endpoint in probe.endpoints {
            match self.windows.iter().find(|window| window.is_of(&endpoint)) {
                Some(_) if endpoint.is_other_outcome => {}
                Some(window) if window.tally().seen > 0 => {
                    let is_remembered = endpoint.is_remembered;
                    let outcomes = window.endpoints().into_iter();
                    endpoints.extend(outcomes.map(|each| Endpoint { is_remembered, ..each }));
                    if !endpoint.was_probed() {
                        // Why this probe adds nothing.
                        let nothing =
                            Endpoint { connections: 0, is_other_outcome: true, ..endpoint };
                        endpoints.push(nothing);
                    }
                }
                _ => endpoints.push(endpoint),
            }
        }
        probe.endpoints = endpoints;
        probe
    }
}

/// Returns further connections of a probe, each with what it says.
fn judged_with(
    probe: &Observation,
    further: Vec<Endpoint>,
    now: Timestamp,
) -> Vec<(Endpoint, Standing)> {
    let own = probe.endpoints.len();
    let endpoints = probe.endpoints.iter().cloned().chain(further).collect();
    let together = Observation { endpoints, ..probe.clone() };
    let standings = standings(&together, &judge(&together, now));
    together.endpoints.into_iter().zip(standings).skip(own).collect()
}

/// Returns what each endpoint of an observation says.
fn standings(observation: &Observation, verdict: &Verdict) -> Vec<Standing> {
    let initial = |endpoint: &Endpoint| match endpoint.was_probed() {
        true => Standing::Answers,
        false => Standing::Undecided,
    };
    let mut standings: Vec<Standing> = observation.endpoints.iter().map(initial).collect();
    for finding in &verdict.findings {
        let standing = finding.endpoint.and_then(|position| standings.get_mut(position));
        match standing {
            Some(standing) if finding.counts_as_failing => *standing = Standing::Fails,
            Some(standing)
                if finding.undecided_reason.is_some() && *standing != Standing::Fails =>
            {
                *standing = Standing::Undecided;
            }
            _ => {}
        }
    }
    standings
}

fn failing(observation: &Observation, standings: &[Standing]) -> Vec<Endpoint> {
    let all = observation.endpoints.iter().zip(standings);
    let failing = all.filter(|(_, standing)| **standing == Standing::Fails);
    failing.map(|(endpoint, _)| endpoint.clone()).collect()
}

fn is_same_place(one: &Endpoint, other: &Endpoint) -> bool {
    (one.address, one.target) == (other.address, other.target)
}

/// Returns what was published of an endpoint last.
fn last_known(published: Latest<'_>, endpoint: &Endpoint) -> Option<Endpoint> {
    let mut known = published.observation.endpoints.iter();
    known.find(|known| is_same_place(known, endpoint)).cloned()
}

/// Returns whether a failure may be due to the network between here and the server, so that it
/// counts only from the second probe on.
fn may_be_the_network(endpoint: &Endpoint) -> bool {
    matches!(
        endpoint.handshake.failure,
        Some(
            Failure::ConnectionRefused { .. }
                | Failure::ConnectionTimedOut { .. }
                | Failure::ClosedBeforeServerHello { .. }
                | Failure::ClosedDuringHandshake { .. }
                | Failure::HandshakeTimedOut { .. }
        )
    )
}

/// Returns what failures of the same kind have in common. Further connections do not find the cause
/// of a refusal.
fn signature_of(failure: &Failure) -> (&'static str, Option<Refusal>) {
    match failure.refusal() {
        Some(refusal) => ("refused", Some(refusal)),
        None => (failure.kind(), None),
    }
}
