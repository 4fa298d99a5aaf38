//! How many connections one probe makes to measure the share that fails.

use jiff::Timestamp;

use crate::observation::{Endpoint, Failure, Observation, Sample};
use crate::origin::WindowLimits;
use crate::verdict::Verdict;

use super::window::{Tally, Window};
use super::{Standing, is_same_place};

/// A probe whose shares are being measured.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) probe: Observation,
    /// The verdict on the probe, if nothing remembered changes it.
    pub(super) verdict: Option<Verdict>,
    pub(super) samplings: Vec<Sampling>,
}

/// The connections of one probe to one endpoint with a window.
#[derive(Debug)]
pub(super) struct Sampling {
    /// The result of the probe itself, which the window has already.
    first: (Endpoint, Standing),
    /// The results of the connections made since, for this stage.
    more: Vec<(Endpoint, Standing)>,
    stage: Stage,
    /// How many connections this stage asked for.
    asked: u16,
}

/// The purpose of the latest connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// To find a new fault.
    New,
    /// To find a repair, while all connections fail.
    Total,
    /// To follow a share: the probe's own connection,
    Partial,
    /// and a few more.
    PartialByMore,
    /// To decide whether the window no longer holds.
    Burst,
    Done,
}

impl Stage {
    /// Returns the purpose of a probe of an endpoint with a known share.
    pub(super) fn of(tally: Tally) -> Self {
        if tally.is_total() { Self::Total } else { Self::Partial }
    }
}

impl Sampling {
    pub(super) fn new(first: (Endpoint, Standing), stage: Stage) -> Self {
        Self { first, more: Vec::new(), stage, asked: 0 }
    }

    /// Returns the next purpose and the number of connections that it takes.
    fn next(&self, window: &Window, burst: u16) -> (Stage, u16) {
        let all_are = |wanted| {
            let mut more = self.more.iter();
            self.first.1 == wanted && more.all(|(_, standing)| *standing == wanted)
        };
        let mut all = std::iter::once(&self.first).chain(&self.more);
        match self.stage {
            // More connections would only wait as long.
            _ if all.any(|(endpoint, _)| timed_out(endpoint)) => (Stage::Done, 0),
            Stage::New => (Stage::Done, TO_MEASURE),
            Stage::Total if all_are(Standing::Answers) => (Stage::Burst, burst),
            Stage::Partial if self.first.1 != Standing::Undecided => {
                (Stage::PartialByMore, TO_LOOK_AGAIN)
            }
            Stage::PartialByMore if self.asked > 0 && all_are(Standing::Fails) => {
                (Stage::Burst, burst)
            }
            Stage::PartialByMore if window.tally().failed == 0 => (Stage::Burst, burst),
            _ => (Stage::Done, 0),
        }
    }

    /// Returns how the connections of a burst ended, if all of them ended alike.
    fn unanimous(&self) -> Option<Standing> {
        let (_, standing) = self.more.first()?;
        let is_complete = self.more.len() == usize::from(self.asked);
        let is_decided = *standing != Standing::Undecided;
        let are_all = self.more.iter().all(|(_, other)| other == standing);
        (is_complete && is_decided && are_all).then_some(*standing)
    }

    /// Adds the latest results to the window. Returns whether the fault is over.
    ///
    /// `elsewhere` is how the bursts at the origin's other endpoints ended, if they agree. It
    /// decides for endpoints that got no connection of their own, because there were too many.
    fn settle(&mut self, window: &mut Window, elsewhere: Option<Standing>, now: Timestamp) -> bool {
        let is_burst = self.stage == Stage::Burst;
        let verdict = match (is_burst, self.asked) {
            (false, _) => None,
            (true, 0) => elsewhere.filter(|standing| *standing == self.first.1),
            (true, _) => self.unanimous(),
        };
        if verdict.is_some() {
            window.clear();
            if self.more.is_empty() {
                self.more.push(self.first.clone());
            }
        }
        for (endpoint, standing) in &self.more {
            window.add(endpoint.clone(), *standing, now);
        }
        verdict == Some(Standing::Answers)
    }
}

impl Turn {
    /// Returns whether a new fault is among the latest results.
    pub(super) fn finds_a_fault(&self) -> bool {
        self.samplings.iter().any(|sampling| sampling.stage == Stage::New)
    }

    /// Hands out the results of the connections that were asked for.
    pub(super) fn take(&mut self, results: impl Iterator<Item = (Endpoint, Standing)>) {
        for (endpoint, standing) in results {
            let mut samplings = self.samplings.iter_mut();
            if let Some(own) = samplings.find(|each| is_same_place(&each.first.0, &endpoint)) {
                own.more.push((endpoint, standing));
            }
        }
    }

    /// Adds the latest results to the windows, and returns the connections to make next; none if
    /// the shares are known.
    pub(super) fn next(
        &mut self,
        windows: &mut Vec<Window>,
        limits: WindowLimits,
        now: Timestamp,
    ) -> Vec<Sample> {
        let mut bursts = self.samplings.iter().filter(|s| s.stage == Stage::Burst && s.asked > 0);
        let burst = bursts.next().and_then(Sampling::unanimous);
        let elsewhere = burst.filter(|_| bursts.all(|other| other.unanimous() == burst));
        let mut wanted = Vec::new();
        for sampling in &mut self.samplings {
            let own = windows.iter().position(|window| window.is_of(&sampling.first.0));
            let Some(place) = own else { continue };
            let window = &mut windows[place];
            if sampling.settle(window, elsewhere, now) {
                windows.swap_remove(place);
                sampling.stage = Stage::Done;
                continue;
            }
            window.trim(limits, now);
            let (stage, connections) = sampling.next(window, limits.burst);
            let engine = window.failing_engine().unwrap_or(sampling.first.0.handshake.engine);
            (sampling.stage, sampling.asked) = (stage, 0);
            sampling.more.clear();
            if connections > 0 {
                let Endpoint { address, target, .. } = sampling.first.0;
                wanted.push((sampling, Sample { address, target, engine, connections }));
            }
        }
        let each = MOST_AT_ONCE / u16::try_from(wanted.len().max(1)).unwrap_or(u16::MAX);
        let mut left = MOST_AT_ONCE;
        let mut samples = Vec::new();
        for (sampling, sample) in wanted {
            let connections = sample.connections.min(each.max(1)).min(left);
            left -= connections;
            sampling.asked = connections;
            if connections > 0 {
                samples.push(Sample { connections, ..sample });
            }
        }
        samples
    }
}

fn timed_out(endpoint: &Endpoint) -> bool {
    matches!(
        endpoint.handshake.failure,
        Some(Failure::ConnectionTimedOut { .. } | Failure::HandshakeTimedOut { .. })
    )
}

/// The connections that measure the share of a new fault, besides those that found it.
const TO_MEASURE: u16 = 6;
/// The connections of a probe besides its own while the share is between 0 and 1.
const TO_LOOK_AGAIN: u16 = 2;
/// The most connections of one origin in one step.
const MOST_AT_ONCE: u16 = 32;
