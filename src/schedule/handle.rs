//! Commands to a running scheduler.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::impact::Audience;
use crate::origin::{Origin, OriginKey};

use super::fleet::Fleet;
use super::{Changes, Probe};

/// Sends commands to a running scheduler. Clones refer to the same scheduler.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
}

/// The new origins and settings of the scheduler.
#[derive(Debug)]
pub struct FleetUpdate {
    pub origins: Vec<Arc<Origin>>,
    /// The viewers of the origins of distributions.
    pub audiences: Vec<Audience>,
    pub probe: Probe,
    /// How many first probes start per second.
    pub start_rate: u32,
    pub round: NextRound,
}

/// When to probe origins that were known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextRound {
    /// On the existing schedule.
    AsPlanned,
    /// As soon as the rate of first probes allows, because the inputs of verdicts have changed.
    AtOnce,
}

/// The result of a request to probe an origin at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeNow {
    /// The probe begins as soon as there is capacity.
    Begins,
    /// A probe of the origin is running.
    IsRunning,
    /// The last request was less than ten seconds ago; the next one may follow after this time.
    TooSoon(Duration),
    /// The origin is not among those that are probed.
    Unknown,
}

#[derive(Debug)]
pub(super) enum Command {
    Change(Box<Change>),
    ProbeNow { key: OriginKey, done: oneshot::Sender<ProbeNow> },
}

#[derive(Debug)]
pub(super) struct Change {
    pub(super) fleet: Fleet,
    pub(super) probe: Probe,
    pub(super) start_rate: u32,
    pub(super) round: NextRound,
    pub(super) done: oneshot::Sender<Changes>,
}

impl Handle {
    pub(super) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (commands, receiver) = mpsc::channel(1);
        (Self { commands }, receiver)
    }

    /// Replaces the origins of the scheduler, and returns what changed when that is done; `None` if
    /// the scheduler has ended.
    ///
    /// Unchanged origins keep their reports and their schedule.
    pub async fn change(&self, update: FleetUpdate) -> Option<Changes> {
        let FleetUpdate { origins, audiences, probe, start_rate, round } = update;
        // Grouping 100,000 origins takes a while. The scheduler continues meanwhile.
        let fleet = tokio::task::spawn_blocking(|| Fleet::new(origins, audiences)).await.ok()?;
        let (done, changes) = oneshot::channel();
        let change = Box::new(Change { fleet, probe, start_rate, round, done });
        self.commands.send(Command::Change(change)).await.ok()?;
        changes.await.ok()
    }

    /// Probes an origin at once instead of at the end of its interval; `None` if the scheduler has
    /// ended. The origins that share connections with it are probed, too.
    pub async fn probe_now(&self, key: OriginKey) -> Option<ProbeNow> {
        let (done, answer) = oneshot::channel();
        self.commands.send(Command::ProbeNow { key, done }).await.ok()?;
        answer.await.ok()
    }
}
