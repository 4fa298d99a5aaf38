//! What the scheduler can be told while it runs.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::origin::Origin;
use crate::report::Audience;

use super::Changes;
use super::Probe;
use super::fleet::Fleet;

/// Reaches a running scheduler; a copy reaches the same one.
#[derive(Clone, Debug)]
pub struct Remote {
    orders: mpsc::Sender<Order>,
}

/// What is to be watched from now on, and how.
#[derive(Debug)]
pub struct Orders {
    pub origins: Vec<Arc<Origin>>,
    /// The viewers of those that stand in distributions.
    pub audiences: Vec<Audience>,
    pub probe: Probe,
    /// How many first probes begin in a second.
    pub start_rate: u32,
    pub round: NextRound,
}

/// When origins are probed that were known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextRound {
    /// When they would have been.
    AsPlanned,
    /// As soon as the rate of first probes allows: what they were judged by has changed.
    AtOnce,
}

#[derive(Debug)]
pub(super) struct Order {
    pub(super) fleet: Fleet,
    pub(super) probe: Probe,
    pub(super) start_rate: u32,
    pub(super) round: NextRound,
    pub(super) done: oneshot::Sender<Changes>,
}

impl Remote {
    pub(super) fn new() -> (Self, mpsc::Receiver<Order>) {
        let (orders, receiver) = mpsc::channel(1);
        (Self { orders }, receiver)
    }

    /// Makes the scheduler watch other origins, and returns what that changes once it does;
    /// `None` when the scheduler has ended.
    ///
    /// Origins that are configured as before keep their reports and their turns.
    pub async fn change(&self, orders: Orders) -> Option<Changes> {
        let Orders { origins, audiences, probe, start_rate, round } = orders;
        // Putting 100,000 origins together takes a while; the scheduler goes on meanwhile.
        let fleet = tokio::task::spawn_blocking(|| Fleet::new(origins, audiences)).await.ok()?;
        let (done, changes) = oneshot::channel();
        self.orders.send(Order { fleet, probe, start_rate, round, done }).await.ok()?;
        changes.await.ok()
    }
}
