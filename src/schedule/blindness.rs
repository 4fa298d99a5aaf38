//! Whether the daemon can see at all: how many origins wait for the prober to be well again.

use crate::report::Report;
use crate::telemetry::BlindCause;
use crate::telemetry::Telemetry;

/// Counts the origins that each cause of blindness concerns, by the latest probe of each: with
/// intervals of any length these are the last interval's probes.
#[derive(Debug, Default)]
pub(super) struct Blindness {
    probed: usize,
    origins: [usize; BlindCause::ALL.len()],
    is_blind: [bool; BlindCause::ALL.len()],
}

impl Blindness {
    /// Counts anew, of `reports` alone.
    pub(super) fn of<'a>(reports: impl Iterator<Item = &'a Report>, telemetry: &Telemetry) -> Self {
        let mut blindness = Self::default();
        for report in reports {
            blindness.count(None, report);
        }
        for cause in BlindCause::ALL {
            telemetry.no_longer_blinded_by(cause);
        }
        blindness.tell(telemetry);
        blindness
    }

    /// Takes in that `after` replaces `before`, and tells the telemetry what changes by it.
    pub(super) fn note(&mut self, before: Option<&Report>, after: &Report, telemetry: &Telemetry) {
        self.count(before, after);
        self.tell(telemetry);
    }

    fn count(&mut self, before: Option<&Report>, after: &Report) {
        self.probed += usize::from(before.is_none());
        for (cause, origins) in BlindCause::ALL.into_iter().zip(&mut self.origins) {
            *origins += usize::from(concerns(cause, after));
            *origins -= usize::from(before.is_some_and(|report| concerns(cause, report)));
        }
    }

    fn tell(&mut self, telemetry: &Telemetry) {
        let counted = self.origins.iter().zip(&mut self.is_blind);
        for (cause, (origins, is_blind)) in BlindCause::ALL.into_iter().zip(counted) {
            let was_blind = *is_blind;
            *is_blind = *origins >= fewest(cause, self.probed);
            match (was_blind, *is_blind) {
                (false, true) => telemetry.blinded_by(cause),
                (true, false) => telemetry.no_longer_blinded_by(cause),
                _ => {}
            }
        }
    }
}

/// Returns how many of the origins `probed` a cause must concern to count. The others say of
/// everything around the prober that something is wrong; one probe in a thousand that met a
/// shortage says nothing of the rest.
fn fewest(cause: BlindCause, probed: usize) -> usize {
    match cause {
        BlindCause::OwnFailure => probed.div_ceil(20).clamp(1, 20),
        _ => 1,
    }
}

/// All causes but one bear the names of the reasons that they give to verdicts. A shortage counts
/// even where another address decides the verdict.
fn concerns(cause: BlindCause, report: &Report) -> bool {
    let reasons = &report.verdict.conclusion.undecided_reasons;
    match cause {
        BlindCause::OwnFailure => report.observation.own_failure().is_some(),
        _ => reasons.iter().any(|reason| reason.as_str() == cause.as_str()),
    }
}
