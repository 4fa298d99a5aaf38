//! Whether the daemon can be believed at this moment.

use std::sync::Arc;

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::telemetry::BlindCause;

use super::super::NotReady;
use super::super::PagesState;
use super::super::Refusal;
use super::super::SourceStatus;
use super::super::question::Overview;
use super::super::sources;
use super::super::time::distance;
use super::super::time::instant;
use super::summary::grouped;

/// What the daemon says of itself.
#[derive(Debug)]
pub(in super::super) struct Health {
    not_ready: Option<NotReady>,
    refusal: Option<Arc<Refusal>>,
    sources: Vec<SourceStatus>,
    blind: Vec<BlindCause>,
}

impl Health {
    /// Asks the daemon.
    pub(in super::super) fn of(state: &PagesState) -> Self {
        let is_blinded = |cause: &BlindCause| state.telemetry.is_blinded_by(*cause);
        Self {
            not_ready: state.readiness.reason(),
            refusal: state.control.refusal(),
            sources: state.control.sources(),
            blind: BlindCause::ALL.into_iter().filter(is_blinded).collect(),
        }
    }

    /// Returns everything that keeps the list from being the whole truth.
    pub(super) fn alarms(&self, overview: &Overview) -> Markup {
        html! {
            @if let Some(reason) = self.not_ready {
                section.alarm.doubt {
                    p { strong { "The daemon is not ready" } ": " (reason) "." }
                }
            }
            @for cause in &self.blind {
                section.alarm role="alert" {
                    p { strong { "The daemon cannot see" } " (" code { (cause.as_str()) } "): " (meaning(*cause)) }
                }
            }
            @if let Some(refusal) = &self.refusal {
                section.alarm role="alert" {
                    p {
                        strong { "The configuration was refused" } " at " (instant(refusal.at))
                        ". What is shown goes by the one before."
                    }
                    pre { (refusal.reason) }
                }
            }
            @for source in &self.sources { (sources::trouble(source)) }
            @if overview.overdue > 0 {
                section.alarm.doubt {
                    p {
                        strong { "Probes are late" } ": " (grouped(overview.overdue))
                        @if overview.overdue == 1 { " origin was" } @else { " origins were" }
                        " not probed for more than twice their interval. The log and "
                        code { "origin_probe_schedule_lag_seconds" } " may tell why."
                    }
                }
            }
        }
    }

    /// Returns one line on how things stand when nothing is wrong.
    pub(super) fn line(&self, overview: &Overview, now: Timestamp) -> Markup {
        let is_well = self.not_ready.is_none()
            && self.refusal.is_none()
            && self.blind.is_empty()
            && overview.overdue == 0
            && !self.sources.iter().any(|source| source.failing_since.is_some());
        html! {
            p.quiet {
                @match overview.last_probe {
                    Some(at) => { "Last probe " (distance(at, now)) " (" (instant(at)) "). " }
                    None => { "No probe has ended yet. " }
                }
                @if overview.not_probed_yet > 0 && overview.last_probe.is_some() {
                    (grouped(overview.not_probed_yet)) " not probed yet. "
                }
                @if is_well {
                    "The daemon is well: it sees, its configuration "
                    @if self.sources.is_empty() { "is" } @else { "and its sources are" }
                    " in use as written. "
                }
                (sources::list(&self.sources))
            }
        }
    }
}

/// Returns what a cause means for the list, as a sentence.
fn meaning(cause: BlindCause) -> &'static str {
    match cause {
        BlindCause::ResolverSilent => {
            "no nameserver answered. Origins that had to be looked up are undecided until they are \
             probed again; none fails for it."
        }
        BlindCause::ProberBlind => {
            "no origin could be connected to, so that its own network is the likelier cause. What \
             could not be connected to is undecided until it is probed again."
        }
        BlindCause::ProberOverloaded => {
            "it was short of CPU time and may have caused timeouts itself. These are undecided \
             until they are probed again."
        }
        BlindCause::InterceptionSuspected => {
            "something on the way seems to replace certificates: many origins present the same \
             unknown issuer. These are undecided."
        }
        BlindCause::OwnFailure => {
            "this process or its machine has run out of file descriptors, ports or memory. Origins \
             that it could not probe are undecided until they are probed again; none fails for it."
        }
    }
}
