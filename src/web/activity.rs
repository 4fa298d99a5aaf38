//! The state of one connection: what it is doing, and how soon it may lose its slot.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::auth::Client;

/// The state of one connection, shared by its socket, its requests and its responses.
#[derive(Debug)]
pub(super) struct Activity {
    pub(super) client: Client,
    phase: Mutex<Phase>,
    /// Whether more of the response follows.
    is_producing: AtomicBool,
    /// Whether part of a response has not reached the socket yet.
    is_unwritten: AtomicBool,
    /// Whether any connection is waiting for a slot.
    is_place_wanted: Arc<AtomicBool>,
    /// Notifies this connection that another one needs its slot.
    pub(super) displaced: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The client has sent nothing yet.
    Silent(Instant),
    /// No request is in progress: none has arrived completely, or the last one was answered.
    Idle(Instant),
    /// A request is in progress, or the client is reading its response.
    Busy(Instant),
    /// A request is waiting for its password check.
    Waiting(Instant),
    /// The client does not read its response, or has not read the end of it.
    Stalled(Instant),
    /// The connection is being closed because another one needs its slot.
    Displaced(Instant),
}

impl Activity {
    pub(super) fn new(client: Client, is_place_wanted: Arc<AtomicBool>, now: Instant) -> Self {
        Self {
            client,
            phase: Mutex::new(Phase::Silent(now)),
            is_producing: AtomicBool::new(false),
            is_unwritten: AtomicBool::new(false),
            is_place_wanted,
            displaced: Notify::new(),
        }
    }

    /// Returns the order in which connections lose their slots, lowest first; `None` for a
    /// connection that keeps it.
    pub(super) fn displaceable(&self, now: Instant, claim: Claim) -> Option<(u8, Instant)> {
        let (order, since, grace) = match *self.lock() {
            Phase::Silent(since) => (0, since, Some(IDLE)),
            Phase::Idle(since) => (1, since, Some(IDLE)),
            Phase::Waiting(since) => (2, since, None),
            Phase::Stalled(since) => (3, since, Some(STALLED)),
            Phase::Busy(since) => (4, since, None),
            Phase::Displaced(_) => return None,
        };
        let grace = match claim {
            Claim::Stronger => Duration::ZERO,
            Claim::Overdue if order <= 1 => Duration::ZERO,
            Claim::Equal { holds_several: true } if order == 0 => SILENT,
            Claim::Equal { .. } | Claim::Overdue => grace?,
        };
        (now - since >= grace).then_some((order, since))
    }

    pub(super) fn displace(&self, now: Instant) {
        *self.lock() = Phase::Displaced(now);
        self.displaced.notify_one();
    }

    /// Returns whether the slot is about to be released.
    pub(super) fn is_closing(&self, now: Instant) -> bool {
        matches!(*self.lock(), Phase::Displaced(since) if now - since < CLOSING)
    }

    /// Returns whether no request is in progress.
    pub(super) fn is_idle(&self) -> bool {
        matches!(*self.lock(), Phase::Silent(_) | Phase::Idle(_))
    }

    /// Returns whether another connection is waiting for a slot, so that this one should end.
    pub(super) fn is_place_wanted(&self) -> bool {
        self.is_place_wanted.load(Ordering::Relaxed)
    }

    /// Records that bytes have arrived.
    pub(super) fn hear(&self, now: Instant) {
        self.change(|phase| matches!(phase, Phase::Silent(_)).then_some(Phase::Idle(now)));
    }

    /// Records that a request has arrived.
    pub(super) fn begin(&self, now: Instant) {
        self.is_producing.store(true, Ordering::Release);
        self.change(|_| Some(Phase::Busy(now)));
    }

    /// Records that the request is waiting for its password check.
    pub(super) fn wait(&self, now: Instant) {
        self.change(|phase| matches!(phase, Phase::Busy(_)).then_some(Phase::Waiting(now)));
    }

    /// Records that the password has been checked.
    pub(super) fn go_on(&self, now: Instant) {
        self.change(|phase| matches!(phase, Phase::Waiting(_)).then_some(Phase::Busy(now)));
    }

    /// Records that the whole response has been handed over.
    pub(super) fn end(&self) {
        self.is_producing.store(false, Ordering::Release);
    }

    /// Records that part of a response is handed over.
    pub(super) fn hand_over(&self) {
        self.is_unwritten.store(true, Ordering::Release);
    }

    pub(super) fn is_unwritten(&self) -> bool {
        self.is_unwritten.load(Ordering::Acquire)
    }

    /// Records that the socket accepts no more bytes.
    pub(super) fn stall(&self, now: Instant) {
        self.change(|phase| matches!(phase, Phase::Busy(_)).then_some(Phase::Stalled(now)));
    }

    /// Records that the socket has accepted bytes.
    pub(super) fn advance(&self, now: Instant) {
        self.change(|phase| matches!(phase, Phase::Stalled(_)).then_some(Phase::Busy(now)));
    }

    /// Records that everything handed over has reached the socket; returns whether a response is
    /// complete.
    pub(super) fn written(&self, now: Instant) -> bool {
        self.is_unwritten.store(false, Ordering::Release);
        let is_producing = self.is_producing.load(Ordering::Acquire);
        self.change(|phase| {
            let is_written = matches!(phase, Phase::Busy(_) | Phase::Stalled(_)) && !is_producing;
            is_written.then_some(Phase::Idle(now))
        })
    }

    /// Records that nothing more will be written, although the client may not have read everything.
    pub(super) fn linger(&self, now: Instant) {
        self.change(|_| Some(Phase::Stalled(now)));
    }

    /// Changes the phase, unless the connection is losing its slot; returns whether it changed.
    fn change(&self, next: impl FnOnce(Phase) -> Option<Phase>) -> bool {
        let mut phase = self.lock();
        let next =
            Some(*phase).filter(|phase| !matches!(phase, Phase::Displaced(_))).and_then(next);
        *phase = next.unwrap_or(*phase);
        next.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connections that a new one may displace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Connections that have been idle or stalled for some time: the new connection's address has
    /// as many slots, or nearly as many.
    Equal { holds_several: bool },
    /// Any idle connection: the new one has waited.
    Overdue,
    /// Any connection: the new one's address has fewer slots.
    Stronger,
}

/// A connection that has been idle for this long may lose its slot to another; the first request of
/// a new one takes a moment to arrive.
pub(super) const IDLE: Duration = Duration::from_secs(1);
/// The same limit for a connection that has sent nothing, if its address has several slots.
pub(super) const SILENT: Duration = Duration::from_millis(50);
/// A client that has not read for this long may lose its slot to another.
pub(super) const STALLED: Duration = Duration::from_millis(250);
/// A displaced connection is closed within this time, unless the machine is busy.
pub(super) const CLOSING: Duration = Duration::from_millis(50);

#[cfg(test)]
impl Activity {
    pub(super) fn is_displaced(&self) -> bool {
        matches!(*self.lock(), Phase::Displaced(_))
    }
}
