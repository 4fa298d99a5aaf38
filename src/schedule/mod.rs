//! Schedules the probes of each origin, and publishes their reports. Reads the wall clock.

mod admission;
mod blindness;
mod change;
mod clock;
mod connected;
mod fleet;
mod handle;
mod round;
mod timetable;
mod unit;
mod work;

pub use clock::Clock;
pub use fleet::Changes;
pub use handle::{FleetUpdate, Handle, NextRound, ProbeNow};
pub use round::Round;
pub use work::Probe;

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{debug, error, info, warn};

use crate::observation::{Observation, Sample};
use crate::origin::OriginKey;
use crate::probe::{LoopLag, ProberHealth};
use crate::report::{Brief, Latest, Memory, Report, Reports, Step};
use crate::telemetry;
use crate::telemetry::{OwnError, Telemetry};
use crate::verdict::{Answer, Verdict};

use admission::Admission;
use blindness::Blindness;
use clock::ClockWatch;
use fleet::Fleet;
use handle::Command;
use round::FirstRound;
use timetable::{Beats, Timetable, UnitId};
use unit::{Member, Next, Phase, Turn, Unit};

/// Probes every origin on its interval until stopped.
#[derive(Debug)]
pub struct Scheduler {
    reports: Arc<Reports>,
    probe: Probe,
    telemetry: Arc<Telemetry>,
    start_rate: u32,
    clock: Clock,
    clock_watch: ClockWatch,
    loop_lag: Arc<LoopLag>,
    prober_health: ProberHealth,
    blindness: Blindness,
    timetable: Timetable,
    units: HashMap<UnitId, Unit>,
    next_unit: u64,
    running: JoinSet<Vec<Option<Observation>>>,
    /// The units with further connections, by task, and the positions of their members.
    sampling: HashMap<Id, (UnitId, Vec<usize>)>,
    admission: Admission,
    first_round: FirstRound,
    handle: Handle,
    commands: mpsc::Receiver<Command>,
    /// When origins were last probed on request, for the last few seconds.
    requests: HashMap<OriginKey, Instant>,
}

impl Scheduler {
    /// Creates a scheduler for every origin of `reports`, with at most `start_rate` first probes
    /// per second.
    pub fn new(
        reports: Arc<Reports>,
        probe: Probe,
        telemetry: Arc<Telemetry>,
        start_rate: u32,
    ) -> Self {
        let (handle, commands) = Handle::new();
        let shown = reports.shown();
        let origins = shown.entries().iter().map(|entry| Arc::clone(&entry.origin)).collect();
        let audiences = shown.distributions().iter().map(|each| each.audience().clone()).collect();
        let admission = Admission::new(probe.concurrency());
        let mut scheduler = Self {
            reports,
            probe,
            telemetry,
            start_rate,
            clock: Clock::of_the_system(),
            clock_watch: ClockWatch::default(),
            loop_lag: Arc::default(),
            prober_health: ProberHealth::default(),
            blindness: Blindness::default(),
            timetable: Timetable::default(),
            units: HashMap::new(),
            next_unit: 0,
            running: JoinSet::new(),
            sampling: HashMap::new(),
            admission,
            first_round: FirstRound::default(),
            handle,
            commands,
            requests: HashMap::new(),
        };
        scheduler.look_after(Fleet::new(origins, audiences));
        scheduler
    }

    /// Uses `clock` instead of the system clock.
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Returns a receiver of whether every origin has been probed once.
    pub fn first_round(&self) -> watch::Receiver<Round> {
        self.first_round.subscribe()
    }

    /// Returns a handle to send commands to this scheduler.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Probes until `shutdown` resolves. Running probes then have `SHUTDOWN_GRACE` to finish.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let loop_lag = Arc::clone(&self.loop_lag);
        let beating = tokio::spawn(async move { loop_lag.beat().await });
        let mut looks_at_the_clock = tokio::time::interval(Duration::from_secs(1));
        looks_at_the_clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(shutdown);
        let beats = Beats::from(Instant::now());
        loop {
            let next = self.timetable.next().map(|at| beats.not_before(at));
            let due = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                _ = looks_at_the_clock.tick() => self.look_at_the_clock(),
                Some(command) = self.commands.recv() => self.apply(command),
                Some(ended) = self.running.join_next_with_id() => {
                    self.on_finished(ended);
                    self.start_waiting();
                }
                () = due => self.start_due(),
            }
        }
        beating.abort();
        self.drain().await;
    }

    fn start_due(&mut self) {
        let now = Instant::now();
        while let Some((due, id)) = self.timetable.take_due(now) {
            if let Some(unit) = self.units.get(&id).filter(|unit| unit.turn == Turn::DueAt(due)) {
                self.admission.enqueue(due, id, unit.priority());
            }
        }
        self.start_waiting();
    }

    /// Starts due units as long as there is capacity.
    fn start_waiting(&mut self) {
        let now = Instant::now();
        let units = &mut self.units;
        let is_due = |unit: &&Unit, due| unit.turn == Turn::DueAt(due);
        while let Some((due, id, priority)) = self.admission.next(|due, id| {
            units.get(&id).filter(|unit| is_due(unit, due)).map(|unit| unit.members.len())
        }) {
            let Some(unit) = units.get_mut(&id) else { continue };
            let late = now.saturating_duration_since(due);
            self.telemetry.probe_was_late(late);
            if unit.phase == Phase::Steady {
                let missed = timetable::missed(late, unit.interval);
                self.telemetry.probes_missed(missed * unit.members.len() as u64);
            }
            unit.turn = Turn::RunningSince(now);
            unit.tell(None);
            let width = self.admission.width(unit.members.len());
            let task = self.probe.of_all(unit.errands(), width, &self.telemetry);
            let abort = self.running.spawn(task);
            self.admission.start(id, priority, width, abort);
        }
    }

    fn on_finished(&mut self, ended: Result<(Id, Vec<Option<Observation>>), JoinError>) {
        let (task, found) = match ended {
            Ok((task, found)) => (task, found),
            // Panics of probes are caught. This is a panic in the code around them.
            Err(error) => (error.id(), Vec::new()),
        };
        let (id, sampled) = match self.sampling.remove(&task) {
            Some((id, members)) => (Some(id), Some(members)),
            None => (self.admission.end(task), None),
        };
        let Some(id) = id else { return };
        // A reload may have removed the unit and aborted its probe.
        let Some(mut unit) = self.units.remove(&id) else { return };
        let mut found = found.into_iter();
        let mut wanted = Vec::new();
        for (place, member) in unit.members.iter_mut().enumerate() {
            if sampled.as_ref().is_some_and(|members| !members.contains(&place)) {
                continue;
            }
            let found = found.next().flatten();
            if found.is_none() {
                self.telemetry.probe_failed(OwnError::Panicked);
                let origin = &member.entry.origin.key;
                error!(%origin, "probe panicked; please report this bug");
            }
            let now = self.clock.now();
            let mut memory = member.memory.take().unwrap_or_default();
            let step = match (found, &sampled) {
                (Some(probe), None) => {
                    Some(self.take_note(member, &mut memory, unit.turn, probe, now))
                }
                (None, None) => None,
                (samples, Some(_)) => {
                    let samples = samples.map(|samples| samples.endpoints).unwrap_or_default();
                    memory.note_samples(samples, self.probe.window(), now)
                }
            };
            member.memory = (!memory.is_empty()).then_some(memory);
            match step {
                Some(Step::Publish(observation, verdict)) => {
                    self.publish(member, observation, verdict, now);
                }
                Some(Step::Confirm(observation, verdict)) => {
                    let origin = &member.entry.origin.key;
                    debug!(%origin, "failure to be confirmed by a second probe");
                    let kept = member.entry.kept();
                    let published = kept.as_ref().map(|kept| &kept.brief);
                    let report = Report::judged(published, Arc::new(observation), verdict, now);
                    member.held = Some(Arc::new(report));
                    unit.next = Next::Confirmation;
                }
                Some(Step::Sample(samples, first)) => {
                    wanted.push((place, samples));
                    if let Some((observation, verdict)) = first {
                        self.publish(member, observation, verdict, now);
                    }
                }
                None => {}
            }
            self.first_round.note(member);
        }
        match wanted.is_empty() {
            true => self.plan(id, &mut unit),
            false => self.sample(id, &unit, wanted),
        }
        self.units.insert(id, unit);
    }

    /// Makes further connections for some members of a unit. They are not subject to admission: the
    /// prober limits them over all origins.
    fn sample(&mut self, id: UnitId, unit: &Unit, wanted: Vec<(usize, Vec<Sample>)>) {
        let (members, samples): (Vec<usize>, Vec<Vec<Sample>>) = wanted.into_iter().unzip();
        let errands = unit.errands_of_samples(&members, samples);
        let task = self.probe.of_all(errands, members.len(), &self.telemetry);
        let abort = self.running.spawn(task);
        self.sampling.insert(abort.id(), (id, members));
    }

    fn take_note(
        &mut self,
        member: &mut Member,
        memory: &mut Memory,
        turn: Turn,
        mut observation: Observation,
        now: Timestamp,
    ) -> Step {
        let at = Instant::now();
        let late = self.loop_lag.latest_since(turn.began(at));
        self.prober_health.note(&observation, at);
        observation.prober = self.prober_health.assess(&observation, late, at);
        let kept = member.entry.kept();
        let earlier = kept.as_ref().map(|kept| kept.observation(&member.entry.origin));
        member.next_target = observation.next_target(member.next_target);
        if let Some(earlier) = &earlier {
            observation.carry_over(earlier);
        }
        member.hung = observation.hung_addresses(&member.hung);
        member.lookup_hung = observation.resolve_time >= timetable::LONG_LOOKUP;

        note_phases(&observation, &self.telemetry);
        let unconfirmed = member.held.as_ref().map(|held| &*held.observation);
        let limits = self.probe.window();
        let latest = kept.as_ref().zip(earlier.as_ref());
        let latest = latest.map(|(kept, observation)| Latest { brief: &kept.brief, observation });
        memory.note(observation, latest, unconfirmed, limits, now)
    }

    fn publish(
        &mut self,
        member: &mut Member,
        observation: Observation,
        verdict: Verdict,
        now: Timestamp,
    ) {
        let kept = member.entry.kept();
        let published = kept.as_ref().map(|kept| &kept.brief);
        let held = member.held.take();
        // If the second probe fails, too, the failure counts from the first probe on.
        let earlier = match &held {
            Some(held) if verdict.conclusion.answer == Answer::Fails => Some(&held.brief),
            _ => published,
        };
        let report = Report::judged(earlier, Arc::new(observation), verdict, now);
        log(published, &report);
        self.blindness.note(published, &report.brief, &self.telemetry);
        member.entry.publish(&report);
    }

    /// Schedules the next probe: soon to confirm a failure, otherwise one interval after the last
    /// probe began.
    fn plan(&mut self, id: UnitId, unit: &mut Unit) {
        let now = Instant::now();
        let began = unit.turn.began(now);
        let steady = unit.phase == Phase::Steady;
        let at = match std::mem::replace(&mut unit.next, Next::OnTheInterval) {
            Next::Confirmation => now + timetable::until_confirmation(unit.interval),
            Next::OnTheInterval if unit.phase == Phase::InARound => {
                unit.phase = Phase::Steady;
                began + timetable::scattered(unit.interval)
            }
            Next::OnTheInterval => began + timetable::jittered(unit.interval),
        };
        // After the first probe the next one has no fixed time, so none was missed.
        if at < now && steady {
            let missed = 1 + timetable::missed(now - at, unit.interval);
            self.telemetry.probes_missed(missed * unit.members.len() as u64);
        }
        let due = at.max(now);
        unit.turn = Turn::DueAt(due);
        unit.tell(self.clock.at(due));
        self.timetable.add(id, due);
    }

    async fn drain(mut self) {
        let end = Instant::now() + SHUTDOWN_GRACE;
        while let Ok(Some(ended)) =
            tokio::time::timeout_at(end, self.running.join_next_with_id()).await
        {
            self.on_finished(ended);
        }
        let cut = self.running.len();
        if cut > 0 {
            info!(probes = cut, "running probes aborted");
        }
        self.running.shutdown().await;
    }
}

/// How long running probes may continue after shutdown begins.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// Logs a new or changed verdict at warn or info, and an unchanged one at debug.
fn log(before: Option<&Brief>, after: &Report) {
    let verdict = after.verdict.conclusion.answer;
    let origin = &after.origin.key;
    let rules: BTreeSet<&str> = after.verdict.findings.iter().map(|f| f.rule.name).collect();
    let rules = rules.into_iter().collect::<Vec<_>>().join(",");
    let domain = origin.domain.as_str();
    let verdict_text = verdict.as_str();
    match before.map(|brief| brief.verdict.conclusion.answer) {
        Some(earlier) if earlier == verdict => {
            debug!(%origin, domain, verdict = verdict_text, rules, "verdict unchanged");
        }
        _ if verdict == Answer::Fails => {
            let status = after.verdict.conclusion.status;
            let detail = after.verdict.findings.first().map(|f| f.detail.as_str());
            warn!(%origin, domain, verdict = verdict_text, status, rules, detail, "verdict");
        }
        _ => info!(%origin, domain, verdict = verdict_text, rules, "verdict"),
    }
}

/// Records the durations of a probe's phases.
fn note_phases(observation: &Observation, telemetry: &Telemetry) {
    if observation.resolution.is_some() {
        telemetry.phase_took(telemetry::Phase::Resolve, observation.resolve_time);
    }
    for endpoint in &observation.endpoints {
        if let Some(time) = endpoint.handshake.connect_time {
            telemetry.phase_took(telemetry::Phase::Connect, time);
        }
        if let Some(time) = endpoint.handshake.handshake_time {
            telemetry.phase_took(telemetry::Phase::Handshake, time);
        }
    }
    if observation.own_failure().is_some() {
        telemetry.probe_failed(OwnError::OwnFailure);
    }
}
