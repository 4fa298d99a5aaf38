//! When each origin is probed, and when what was found is shown. Reads the wall clock.

mod admission;
mod blindness;
mod change;
mod clock;
mod connected;
mod fleet;
mod news;
mod orders;
mod phases;
mod publish;
mod round;
mod timetable;
mod unit;
mod work;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::Id;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tracing::debug;
use tracing::error;
use tracing::info;

use crate::probe::Observation;
use crate::probe::Pulse;
use crate::probe::Wellbeing;
use crate::report::Report;
use crate::report::Reports;
use crate::telemetry::OwnError;
use crate::telemetry::Telemetry;
use crate::verdict::judge;

pub use clock::Clock;
pub use fleet::Changes;
pub use orders::NextRound;
pub use orders::Orders;
pub use orders::Remote;
pub use round::Round;
pub use work::Probe;

use admission::Admission;
use blindness::Blindness;
use clock::ClockWatch;
use fleet::Fleet;
use orders::Order;
use phases::note_phases;
use publish::Step;
use round::FirstRound;
use timetable::Beats;
use timetable::Timetable;
use timetable::UnitId;
use unit::Member;
use unit::Pace;
use unit::Turn;
use unit::Unit;

/// Probes every origin of a process on its interval until told to stop.
#[derive(Debug)]
pub struct Scheduler {
    reports: Arc<Reports>,
    probe: Probe,
    telemetry: Arc<Telemetry>,
    start_rate: u32,
    clock: Clock,
    clock_watch: ClockWatch,
    pulse: Arc<Pulse>,
    wellbeing: Wellbeing,
    blindness: Blindness,
    timetable: Timetable,
    units: HashMap<UnitId, Unit>,
    next_unit: u64,
    running: JoinSet<Vec<Option<Observation>>>,
    admission: Admission,
    first_round: FirstRound,
    remote: Remote,
    orders: mpsc::Receiver<Order>,
}

/// What happens after a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    OnTheInterval,
    Confirmation,
}

impl Scheduler {
    /// Prepares to probe every origin of `reports`, at most `start_rate` first probes a second.
    pub fn new(
        reports: Arc<Reports>,
        probe: Probe,
        telemetry: Arc<Telemetry>,
        start_rate: u32,
    ) -> Self {
        let (remote, orders) = Remote::new();
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
            pulse: Arc::default(),
            wellbeing: Wellbeing::default(),
            blindness: Blindness::default(),
            timetable: Timetable::default(),
            units: HashMap::new(),
            next_unit: 0,
            running: JoinSet::new(),
            admission,
            first_round: FirstRound::default(),
            remote,
            orders,
        };
        scheduler.look_after(Fleet::new(origins, audiences));
        scheduler
    }

    /// Takes the time from `clock` instead of the system's.
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Returns what tells when every origin has been probed once.
    pub fn first_round(&self) -> watch::Receiver<Round> {
        self.first_round.subscribe()
    }

    /// Returns what reaches this scheduler while it runs.
    pub fn remote(&self) -> Remote {
        self.remote.clone()
    }

    /// Probes until `shutdown` resolves; probes in flight then have two seconds to end.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let pulse = Arc::clone(&self.pulse);
        let beating = tokio::spawn(async move { pulse.beat().await });
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
                Some(order) = self.orders.recv() => self.obey(order),
                Some(ended) = self.running.join_next_with_id() => {
                    self.take_in(ended);
                    self.start_waiting();
                }
                () = due => self.start_due(),
            }
        }
        beating.abort();
        self.wind_up().await;
    }

    fn start_due(&mut self) {
        let now = Instant::now();
        while let Some((due, id)) = self.timetable.take_due(now) {
            if let Some(unit) = self.units.get(&id).filter(|unit| unit.turn == Turn::DueAt(due)) {
                self.admission.enqueue(due, id, unit.standing());
            }
        }
        self.start_waiting();
    }

    /// Starts units that are due, as long as there is room.
    fn start_waiting(&mut self) {
        let now = Instant::now();
        let units = &mut self.units;
        let is_due = |unit: &&Unit, due| unit.turn == Turn::DueAt(due);
        while let Some((due, id, standing)) = self.admission.next(|due, id| {
            units.get(&id).filter(|unit| is_due(unit, due)).map(|unit| unit.members.len())
        }) {
            let Some(unit) = units.get_mut(&id) else { continue };
            let late = now.saturating_duration_since(due);
            self.telemetry.probe_was_late(late);
            if unit.pace == Pace::Steady {
                let missed = timetable::missed(late, unit.interval);
                self.telemetry.probes_missed(missed * unit.members.len() as u64);
            }
            unit.turn = Turn::RunningSince(now);
            let width = self.admission.width(unit.members.len());
            let task = self.probe.of_all(unit.errands(), width, &self.telemetry);
            let abort = self.running.spawn(task);
            self.admission.start(id, standing, width, abort);
        }
    }

    fn take_in(&mut self, ended: Result<(Id, Vec<Option<Observation>>), JoinError>) {
        let (task, found) = match ended {
            Ok((task, found)) => (task, found),
            // Probes are caught when they panic; this is what surrounds them.
            Err(error) => (error.id(), Vec::new()),
        };
        let Some(id) = self.admission.end(task) else { return };
        // Removed or replaced by a reload, which has aborted its probe.
        let Some(mut unit) = self.units.remove(&id) else { return };
        let mut next = Next::OnTheInterval;
        let mut found = found.into_iter();
        for member in &mut unit.members {
            match found.next().flatten() {
                Some(observation) => {
                    if self.judge(member, unit.turn, observation) == Next::Confirmation {
                        next = Next::Confirmation;
                    }
                }
                None => {
                    self.telemetry.probe_failed(OwnError::Panicked);
                    error!(origin = %member.entry.origin.key, "a probe panicked; this is a bug of origin-probe");
                }
            }
            self.first_round.note(member);
        }
        self.plan(id, &mut unit, next);
        self.units.insert(id, unit);
    }

    fn judge(&mut self, member: &mut Member, turn: Turn, mut observation: Observation) -> Next {
        let entry = &member.entry;
        let at = Instant::now();
        let began = match turn {
            Turn::RunningSince(began) => began,
            Turn::DueAt(_) => at,
        };
        let late = self.pulse.latest_since(began);
        self.wellbeing.note(&observation, at);
        observation.prober = self.wellbeing.attest(&observation, late, at);
        let published = entry.latest();
        member.next_target = observation.next_target(member.next_target);
        if let Some(published) = &published {
            observation.carry_over(&published.observation);
        }
        member.hung = observation.hung_addresses(&member.hung);
        member.lookup_hung = observation.resolve_time >= timetable::LONG_LOOKUP;

        note_phases(&observation, &self.telemetry);
        let now = self.clock.now();
        let observation = Arc::new(observation);
        let held = member.held.take();
        let memory = publish::memory(published.as_deref(), held.as_deref(), || {
            judge(&observation, now).conclusion.answer
        });
        let report = Arc::new(Report::new(memory, observation, now));
        match publish::decide(published.as_deref(), held.as_deref(), report) {
            Step::Publish(report) => {
                news::log(published.as_deref(), &report);
                self.blindness.note(published.as_deref(), &report, &self.telemetry);
                entry.publish(report);
                Next::OnTheInterval
            }
            Step::Confirm(report) => {
                debug!(origin = %report.origin.key, "fails; a second probe is to confirm it");
                member.held = Some(report);
                Next::Confirmation
            }
        }
    }

    /// Enters the next probe: soon where one is to confirm another, else on the interval from the
    /// last beginning.
    fn plan(&mut self, id: UnitId, unit: &mut Unit, next: Next) {
        let now = Instant::now();
        let began = match unit.turn {
            Turn::RunningSince(began) => began,
            Turn::DueAt(_) => now,
        };
        let steady = unit.pace == Pace::Steady;
        let at = match next {
            Next::Confirmation => now + timetable::until_confirmation(unit.interval),
            Next::OnTheInterval if unit.pace == Pace::InARound => {
                unit.pace = Pace::Steady;
                began + timetable::scattered(unit.interval)
            }
            Next::OnTheInterval => began + timetable::jittered(unit.interval),
        };
        // A first probe that took long is followed by one that was to come anywhere.
        if at < now && steady {
            let missed = 1 + timetable::missed(now - at, unit.interval);
            self.telemetry.probes_missed(missed * unit.members.len() as u64);
        }
        let due = at.max(now);
        unit.turn = Turn::DueAt(due);
        self.timetable.add(id, due);
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
