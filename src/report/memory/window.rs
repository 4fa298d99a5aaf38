//! The latest connections to one endpoint, kept while some of them fail.

use std::cmp::Reverse;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::observation::{Endpoint, Engine, Failure};

use super::super::chains::is_same;
use super::super::facts::Moment;
use super::{Standing, WindowLimits, signature_of};

/// The latest results of connections to one address with one server name.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) address: IpAddr,
    pub(super) target: usize,
    /// The distinct outcomes, each with the facts of its latest connection.
    outcomes: Vec<(Endpoint, Standing)>,
    /// Oldest first.
    results: Vec<Results>,
}

/// Connections of one probe that ended alike.
#[derive(Clone, Copy, Debug)]
struct Results {
    outcome: u16,
    count: u16,
    at: Moment,
}

/// How many connections ended, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) seen: usize,
    pub(super) failed: usize,
}

impl Tally {
    pub(super) fn is_total(self) -> bool {
        self.seen > 0 && self.failed == self.seen
    }
}

impl Window {
    pub(super) fn new(address: IpAddr, target: usize) -> Self {
        Self { address, target, outcomes: Vec::new(), results: Vec::new() }
    }

    pub(super) fn is_of(&self, endpoint: &Endpoint) -> bool {
        (self.address, self.target) == (endpoint.address, endpoint.target)
    }

    /// Adds the result of a connection at `at`; an undecided one does not count.
    pub(super) fn add(&mut self, endpoint: Endpoint, standing: Standing, at: Timestamp) {
        if standing == Standing::Undecided {
            return;
        }
        let known = self.outcomes.iter().position(|(known, _)| ended_alike(known, &endpoint));
        let place = known.unwrap_or(self.outcomes.len());
        match self.outcomes.get_mut(place) {
            Some((known, its)) => {
                // A diagnosis is worth more than the bare refusal of a later connection.
                if !is_bare(&endpoint) || is_bare(known) {
                    *known = endpoint;
                }
                *its = standing;
            }
            None => {
                self.outcomes.reserve_exact(1);
                self.outcomes.push((endpoint, standing));
            }
        }
        // A window has at most 1,000 results, and no more outcomes than results.
        let outcome = u16::try_from(place).unwrap_or(u16::MAX);
        let at = at.into();
        match self.results.last_mut() {
            Some(last) if last.outcome == outcome && last.at == at => last.count += 1,
            _ => self.results.push(Results { outcome, count: 1, at }),
        }
    }

    /// Drops what is too old or too much, and outcomes without a result.
    pub(super) fn trim(&mut self, limits: WindowLimits, now: Timestamp) {
        let age = SignedDuration::try_from(limits.age).unwrap_or(SignedDuration::MAX);
        self.results.retain(|each| now.duration_since(each.at.into()) <= age);
        let mut excess = self.tally().seen.saturating_sub(usize::from(limits.connections));
        for each in &mut self.results {
            let cut = excess.min(usize::from(each.count));
            each.count -= u16::try_from(cut).unwrap_or(each.count);
            excess -= cut;
        }
        self.results.retain(|each| each.count > 0);
        let mut place = 0;
        while place < self.outcomes.len() {
            let number = u16::try_from(place).unwrap_or(u16::MAX);
            if self.results.iter().any(|each| each.outcome == number) {
                place += 1;
                continue;
            }
            self.outcomes.remove(place);
            for each in self.results.iter_mut().filter(|each| each.outcome > number) {
                each.outcome -= 1;
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.outcomes.clear();
        self.results.clear();
    }

    pub(super) fn tally(&self) -> Tally {
        self.results.iter().fold(Tally::default(), |sum, each| {
            let count = usize::from(each.count);
            let outcome = self.outcomes.get(usize::from(each.outcome));
            let failed = outcome.is_some_and(|(_, standing)| *standing == Standing::Fails);
            Tally { seen: sum.seen + count, failed: sum.failed + if failed { count } else { 0 } }
        })
    }

    /// Returns the outcomes, failing ones first and otherwise the most frequent first, each with
    /// the number of its connections.
    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        let count = |place: usize| -> u16 {
            let own = self.results.iter().filter(|each| usize::from(each.outcome) == place);
            own.map(|each| each.count).sum()
        };
        let all = self.outcomes.iter().enumerate();
        let mut all: Vec<_> = all.map(|(place, each)| (count(place), each)).collect();
        all.sort_by_key(|(count, (_, standing))| (*standing != Standing::Fails, Reverse(*count)));
        let place = |(place, (connections, (endpoint, _))): (usize, (u16, &(Endpoint, _)))| {
            Endpoint { connections, is_other_outcome: place > 0, ..endpoint.clone() }
        };
        all.into_iter().enumerate().map(place).collect()
    }

    pub(super) fn outcomes(&self) -> impl Iterator<Item = &Endpoint> {
        self.outcomes.iter().map(|(endpoint, _)| endpoint)
    }

    /// Updates the standings, because certificates begin and end between probes. `standings` has
    /// one for each outcome.
    pub(super) fn judge_again(&mut self, standings: &mut impl Iterator<Item = Standing>) {
        for ((_, known), standing) in self.outcomes.iter_mut().zip(standings) {
            // The prober's present troubles do not change what it found before.
            if standing != Standing::Undecided {
                *known = standing;
            }
        }
    }

    /// Returns the TLS implementation that found the failure.
    pub(super) fn failing_engine(&self) -> Option<Engine> {
        let mut failing = self.outcomes.iter().filter(|(_, standing)| *standing == Standing::Fails);
        failing.next().map(|(endpoint, _)| endpoint.handshake.engine)
    }
}

fn is_bare(endpoint: &Endpoint) -> bool {
    endpoint.handshake.failure.as_ref().is_some_and(Failure::is_bare_refusal)
}

/// Returns whether two connections had the same result: the same failure, and the same chain.
fn ended_alike(one: &Endpoint, other: &Endpoint) -> bool {
    let failure = |endpoint: &Endpoint| endpoint.handshake.failure.as_ref().map(signature_of);
    let is_same_chain = match (&one.chain, &other.chain) {
        (Some(one), Some(other)) => is_same(one, other),
        (None, None) => true,
        // Only a diagnosis reads the chain of a server that refuses.
        _ => failure(one).is_some_and(|(_, refusal)| refusal.is_some()),
    };
    failure(one) == failure(other) && is_same_chain
}
