//! When each origin is probed, and when what was found is shown. Reads the wall clock.

mod blindness;
mod news;
mod phases;
mod publish;
mod timetable;
mod work;

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::Id;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::debug;
use tracing::error;
use tracing::info;

use crate::probe::Errand;
use crate::probe::Freshness;
use crate::probe::Observation;
use crate::probe::Pulse;
use crate::probe::Wellbeing;
use crate::report::Report;
use crate::report::Reports;
use crate::telemetry::OwnError;
use crate::telemetry::Telemetry;
use crate::verdict::judge;

pub use work::Probe;

use blindness::Blindness;
use phases::note_phases;
use publish::Step;
use timetable::Timetable;

/// Probes every origin of a process on its interval until told to stop.
#[derive(Debug)]
pub struct Scheduler {
    reports: Arc<Reports>,
    probe: Probe,
    telemetry: Arc<Telemetry>,
    pulse: Arc<Pulse>,
    wellbeing: Wellbeing,
    blindness: Blindness,
    timetable: Timetable,
    states: Vec<State>,
    running: JoinSet<Observation>,
    origin_of: HashMap<Id, usize>,
    not_yet_probed: usize,
    first_round: watch::Sender<Round>,
}

/// Whether every origin has been probed at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Running,
    Done,
}

/// What is remembered of one origin between probes.
#[derive(Debug, Default)]
struct State {
    began: Option<Instant>,
    /// A failure that waits for its confirmation.
    held: Option<Arc<Report>>,
    hung: BTreeSet<std::net::IpAddr>,
    next_target: usize,
    has_been_probed: HasBeenProbed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum HasBeenProbed {
    #[default]
    NotYet,
    Once,
}

impl Scheduler {
    /// Prepares to probe every origin of `reports`, at most `start_rate` first probes a second.
    pub fn new(
        reports: Arc<Reports>,
        probe: Probe,
        telemetry: Arc<Telemetry>,
        start_rate: u32,
    ) -> Self {
        let intervals: Vec<Duration> =
            reports.entries().iter().map(|entry| entry.origin.interval).collect();
        let count = intervals.len();
        let round = if count == 0 { Round::Done } else { Round::Running };
        telemetry.looks_after(count);
        Self {
            timetable: Timetable::starting_at(Instant::now(), &intervals, start_rate),
            states: std::iter::repeat_with(State::default).take(count).collect(),
            reports,
            probe,
            telemetry,
            pulse: Arc::default(),
            wellbeing: Wellbeing::default(),
            blindness: Blindness::default(),
            running: JoinSet::new(),
            origin_of: HashMap::new(),
            not_yet_probed: count,
            first_round: watch::Sender::new(round),
        }
    }

    /// Returns what tells when every origin has been probed once.
    pub fn first_round(&self) -> watch::Receiver<Round> {
        self.first_round.subscribe()
    }

    /// Probes until `shutdown` resolves; probes in flight then have two seconds to end.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let pulse = Arc::clone(&self.pulse);
        let beating = tokio::spawn(async move { pulse.beat().await });
        tokio::pin!(shutdown);
        loop {
            let next = self.timetable.next();
            let due = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(ended) = self.running.join_next_with_id() => self.take_in(ended),
                () = due => self.start_due(),
            }
        }
        beating.abort();
        self.wind_up().await;
    }

    fn start_due(&mut self) {
        let now = Instant::now();
        while let Some((due, index)) = self.timetable.take_due(now) {
            self.telemetry.probe_was_late(now.saturating_duration_since(due));
            self.start(index);
        }
    }

    fn start(&mut self, index: usize) {
        let (Some(entry), Some(state)) =
            (self.reports.entries().get(index), self.states.get_mut(index))
        else {
            return;
        };
        let freshness = match state.held {
            Some(_) => Freshness::Anew,
            None => Freshness::NotOlderThan(entry.origin.interval),
        };
        let errand = Errand {
            address: None,
            freshness,
            first_target: state.next_target,
            hung: state.hung.clone(),
        };
        state.began = Some(Instant::now());
        let probing = self.probe.of(Arc::clone(&entry.origin), errand);
        let in_flight = self.telemetry.probe_started();
        let task = async move {
            let _in_flight = in_flight;
            probing.await
        };
        self.origin_of.insert(self.running.spawn(task).id(), index);
    }

    fn take_in(&mut self, ended: Result<(Id, Observation), JoinError>) {
        let (id, probed) = match ended {
            Ok((id, observation)) => (id, Some(observation)),
            Err(error) => (error.id(), None),
        };
        let Some(index) = self.origin_of.remove(&id) else { return };
        match probed {
            Some(observation) => self.judge(index, observation),
            None => {
                self.telemetry.probe_failed(OwnError::Panicked);
                if let Some(entry) = self.reports.entries().get(index) {
                    error!(origin = %entry.origin.key, "a probe panicked; this is a bug of origin-probe");
                }
                self.plan(index, None);
            }
        }
        self.count_first_round(index);
    }

    fn judge(&mut self, index: usize, mut observation: Observation) {
        let reports = Arc::clone(&self.reports);
        let (Some(entry), Some(state)) = (reports.entries().get(index), self.states.get_mut(index))
        else {
            return;
        };
        let at = Instant::now();
        let late = self.pulse.latest_since(state.began.unwrap_or(at));
        self.wellbeing.note(&observation, at);
        observation.prober = self.wellbeing.attest(&observation, late, at);
        let published = entry.latest();
        state.next_target = observation.next_target(state.next_target);
        if let Some(published) = &published {
            observation.carry_over(&published.observation);
        }
        state.hung = observation.hung_addresses();

        note_phases(&observation, &self.telemetry);
        let now = now();
        let observation = Arc::new(observation);
        let memory = publish::memory(published.as_deref(), state.held.as_deref(), || {
            judge(&observation, now).conclusion.answer
        });
        let report = Arc::new(Report::new(memory, observation, now));
        match publish::decide(published.as_deref(), state.held.as_deref(), report) {
            Step::Publish(report) => {
                state.held = None;
                news::log(published.as_deref(), &report);
                self.blindness.note(published.as_deref(), &report, &self.telemetry);
                entry.publish(report);
                self.plan(index, None);
            }
            Step::Confirm(report) => {
                debug!(origin = %report.origin.key, "fails; a second probe is to confirm it");
                state.held = Some(report);
                self.plan(index, Some(timetable::until_confirmation(entry.origin.interval)));
            }
        }
    }

    /// Enters the next probe: after `wait`, or on the interval from the last beginning.
    fn plan(&mut self, index: usize, wait: Option<Duration>) {
        let (Some(entry), Some(state)) =
            (self.reports.entries().get(index), self.states.get(index))
        else {
            return;
        };
        let now = Instant::now();
        let at = match wait {
            Some(wait) => now + wait,
            None => state.began.unwrap_or(now) + timetable::jittered(entry.origin.interval),
        };
        self.timetable.add(index, at.max(now));
    }

    fn count_first_round(&mut self, index: usize) {
        let Some(state) = self.states.get_mut(index) else { return };
        if state.has_been_probed == HasBeenProbed::NotYet {
            state.has_been_probed = HasBeenProbed::Once;
            self.not_yet_probed -= 1;
            if self.not_yet_probed == 0 {
                info!(origins = self.states.len(), "every origin has been probed once");
                self.first_round.send_replace(Round::Done);
            }
        }
    }

    async fn wind_up(mut self) {
        let end = Instant::now() + LAST_WORDS;
        while let Ok(Some(ended)) =
            tokio::time::timeout_at(end, self.running.join_next_with_id()).await
        {
            self.take_in(ended);
        }
        let cut = self.running.len();
        if cut > 0 {
            info!(probes = cut, "cut off the probes that were still running");
        }
        self.running.shutdown().await;
    }
}

/// How long probes in flight may go on after the end was asked for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The wall clock, read here and in `cli` only.
#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}
