//! Detects whether the prober is blind: whether many origins are undecided because of its own
//! problems.

use crate::report::Brief;
use crate::rules::{Blind, UndecidedReason};
use crate::telemetry::Telemetry;

/// Counts the origins affected by each cause of blindness, using the latest probe of each origin.
/// With intervals of any length, these are the probes of the last interval.
#[derive(Debug, Default)]
pub(super) struct Blindness {
    probed: usize,
    /// The number of affected origins for each cause.
    origins: Vec<usize>,
}

impl Blindness {
    /// Creates the counts for `reports`.
    pub(super) fn of<'a>(reports: impl Iterator<Item = &'a Brief>, telemetry: &Telemetry) -> Self {
        let mut blindness = Self::default();
        for report in reports {
            blindness.count(None, report);
        }
        blindness.publish(telemetry);
        blindness
    }

    /// Replaces `before` by `after` in the counts, and updates the telemetry.
    pub(super) fn note(&mut self, before: Option<&Brief>, after: &Brief, telemetry: &Telemetry) {
        self.count(before, after);
        self.publish(telemetry);
    }

    fn count(&mut self, before: Option<&Brief>, after: &Brief) {
        self.probed += usize::from(before.is_none());
        self.origins.resize(causes().count(), 0);
        for ((reason, _), origins) in causes().zip(&mut self.origins) {
            *origins += usize::from(concerns(reason, after));
            *origins -= usize::from(before.is_some_and(|brief| concerns(reason, brief)));
        }
    }

    fn publish(&self, telemetry: &Telemetry) {
        let counts = self.origins.iter().copied().chain(std::iter::repeat(0));
        for ((reason, blind), origins) in causes().zip(counts) {
            match origins >= blind.threshold.of(self.probed) {
                true => telemetry.blinded_by(reason.as_str()),
                false => telemetry.no_longer_blinded_by(reason.as_str()),
            }
        }
    }
}

fn causes() -> impl Iterator<Item = (UndecidedReason, &'static Blind)> {
    UndecidedReason::all().filter_map(|reason| Some((reason, reason.facts().blind.as_ref()?)))
}

/// A local resource shortage counts even if another address decides the verdict.
fn concerns(reason: UndecidedReason, brief: &Brief) -> bool {
    match reason {
        UndecidedReason::OwnFailure => brief.has_own_failure,
        reason => brief.verdict.conclusion.is_undecided_by(reason),
    }
}
