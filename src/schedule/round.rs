//! The first round: whether every origin has been probed at least once.

use tokio::sync::watch;
use tracing::info;

use super::unit::Member;
use super::unit::Probed;

/// Whether every origin has been probed at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Running,
    Done,
}

/// Counts the origins that have not been probed yet. With origins that come later it runs again;
/// whoever has waited for its end once need not do so again.
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

    /// Counts anew who is waited for.
    pub(super) fn awaits<'a>(&mut self, members: impl Iterator<Item = &'a Member>) {
        self.left = members.filter(|member| member.probed == Probed::NotYet).count();
        if self.left > 0 {
            self.round.send_if_modified(|round| {
                std::mem::replace(round, Round::Running) != Round::Running
            });
        }
        self.end_if_nobody_is_left();
    }

    /// Notes that `member` has been probed, well or not.
    pub(super) fn note(&mut self, member: &mut Member) {
        if member.probed == Probed::NotYet {
            member.probed = Probed::Once;
            self.left = self.left.saturating_sub(1);
            self.end_if_nobody_is_left();
        }
    }

    fn end_if_nobody_is_left(&self) {
        if self.left == 0 && *self.round.borrow() == Round::Running {
            info!("every origin has been probed once");
            self.round.send_replace(Round::Done);
        }
    }
}
