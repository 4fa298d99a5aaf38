//! Whether the daemon can see at all: how many origins wait for the prober to be well again.

use crate::report::Report;
use crate::telemetry::BlindCause;
use crate::telemetry::Telemetry;

/// Counts the origins that each cause of blindness keeps undecided.
#[derive(Debug, Default)]
pub(super) struct Blindness {
    origins: [usize; BlindCause::ALL.len()],
}

impl Blindness {
    /// Counts anew, of `reports` alone.
    pub(super) fn of<'a>(reports: impl Iterator<Item = &'a Report>, telemetry: &Telemetry) -> Self {
        let mut blindness = Self::default();
        for cause in BlindCause::ALL {
            telemetry.no_longer_blinded_by(cause);
        }
        for report in reports {
            blindness.note(None, report, telemetry);
        }
        blindness
    }

    /// Takes in that `after` replaces `before`, and tells the telemetry what changes by it.
    pub(super) fn note(&mut self, before: Option<&Report>, after: &Report, telemetry: &Telemetry) {
        for (cause, origins) in BlindCause::ALL.into_iter().zip(&mut self.origins) {
            let was = before.is_some_and(|report| keeps_undecided(report, cause));
            let is = keeps_undecided(after, cause);
            match (was, is) {
                (false, true) => *origins += 1,
                (true, false) => *origins -= 1,
                _ => continue,
            }
            match *origins {
                0 => telemetry.no_longer_blinded_by(cause),
                1 => telemetry.blinded_by(cause),
                _ => {}
            }
        }
    }
}

/// The causes bear the names of the reasons that they give to verdicts.
fn keeps_undecided(report: &Report, cause: BlindCause) -> bool {
    report
        .verdict
        .conclusion
        .undecided_reasons
        .iter()
        .any(|reason| reason.as_str() == cause.as_str())
}
