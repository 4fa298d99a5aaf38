//! Tracks the first round, in which every origin is probed once.

use tokio::sync::watch;
use tracing::info;

use super::unit::Member;

/// Whether every origin has been probed at least once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Round {
    #[default]
    Running,
    Done,
}

/// Counts the origins that have not been probed yet. Origins that are added later start it again,
/// but readiness waits for it only once.
#[derive(Debug, Default)]
pub(super) struct FirstRound {
    left: usize,
    round: watch::Sender<Round>,
}

impl FirstRound {
    pub(super) fn subscribe(&self) -> watch::Receiver<Round> {
        self.round.subscribe()
    }

    /// Recounts the origins that have not been probed.
    pub(super) fn awaits<'a>(&mut self, members: impl Iterator<Item = &'a Member>) {
        self.left = members.filter(|member| !member.was_probed).count();
        if self.left > 0 {
            self.round.send_if_modified(|round| std::mem::take(round) != Round::Running);
        }
        self.end_if_nobody_is_left();
    }

    /// Records that `member` has been probed, with any result.
    pub(super) fn note(&mut self, member: &mut Member) {
        if !std::mem::replace(&mut member.was_probed, true) {
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
