//! Tracks the first round, in which every origin is probed once.

use tokio::sync::watch;
use tracing::info;

use super::unit::{Member, Probed};

/// Whether every origin has been probed at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Running,
    Done,
}

/// Counts the origins that have not been probed yet. Origins that are added later start it again,
/// but readiness waits for it only once.
#[derive(Debug)]
pub(super) struct FirstRound {
    left: usize,
    round: watch::Sender<Round>,
}

impl Default for FirstRound {
    fn default() -> Self {
        Self { left: 0, round: watch::Sender::new(Round::Running) }
    }
}

impl FirstRound {
    pub(super) fn subscribe(&self) -> watch::Receiver<Round> {
        self.round.subscribe()
    }

    /// Recounts the origins that have not been probed.
    pub(super) fn awaits<'a>(&mut self, members: impl Iterator<Item = &'a Member>) {
        self.left = members.filter(|member| member.probed == Probed::NotYet).count();
        if self.left > 0 {
            self.round.send_if_modified(|round| {
                std::mem::replace(round, Round::Running) != Round::Running
            });
        }
        self.end_if_nobody_is_left();
    }

    /// Records that `member` has been probed, with any result.
    pub(super) fn note(&mut self, member: &mut Member) {
        if member.probed == Probed::NotYet {
            member.probed = Probed::Once;
            self.left = self.left.saturating_sub(1);
            self.end_if_nobody_is_left();
        }
    }

    fn end_if_nobody_is_left(&self) {
        if self.left == 0 && *self.round.borrow() == Round::Running {
            info!("first probe round complete");
            self.round.send_replace(Round::Done);
        }
    }
}
