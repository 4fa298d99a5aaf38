//! Shows whether the daemon's results are reliable at this moment.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::rules::UndecidedReason;

use super::super::format::{distance, instant};
use super::super::list::Overview;
use super::super::{NotReady, PagesState, Refusal, SourceStatus, sources};
use super::summary::grouped;

/// The daemon's own state.
#[derive(Debug)]
pub(in super::super) struct Health {
    not_ready: Option<NotReady>,
    refusal: Option<Arc<Refusal>>,
    sources: Vec<SourceStatus>,
    blind: Vec<UndecidedReason>,
}

impl Health {
    /// Reads the state of the daemon.
    pub(in super::super) fn of(state: &PagesState) -> Self {
        let is_blinded = |cause: &UndecidedReason| {
            cause.facts().blind.is_some() && state.telemetry.is_blinded_by(cause.as_str())
        };
        Self {
            not_ready: state.readiness.reason(),
            refusal: state.control.refusal(),
            sources: state.control.sources(),
            blind: UndecidedReason::all().filter(is_blinded).collect(),
        }
    }

    /// Returns every problem that makes the list incomplete or unreliable.
    pub(super) fn alarms(&self, overview: &Overview) -> Markup {
        html! {
            @if let Some(reason) = self.not_ready {
                section.alarm.doubt {
                    p { strong { "The daemon is not ready" } ": " (reason) "." }
                }
            }
            @for cause in &self.blind {
                section.alarm role="alert" {
                    p {
                        strong { "Probe results are unreliable" } " (" code { (cause.as_str()) } ")"
                        @if let Some(blind) = &cause.facts().blind { ": " (blind.meaning) }
                    }
                }
            }
            @if let Some(refusal) = &self.refusal {
                section.alarm role="alert" {
                    p {
                        strong { "The configuration was rejected" } " at " (instant(refusal.at))
                        ". The previous configuration stays in use."
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
                        " last probed more than three intervals plus ten minutes ago. "
                        "See the log and " code { "origin_probe_schedule_lag_seconds" } "."
                    }
                }
            }
        }
    }

    /// Returns one line about the daemon's state.
    pub(super) fn line(&self, overview: &Overview, now: Timestamp) -> Markup {
        let is_well = self.not_ready.is_none()
            && self.refusal.is_none()
            && self.blind.is_empty()
            && overview.overdue == 0
            && self.sources.iter().all(SourceStatus::is_in_use);
        html! {
            p.quiet {
                @match overview.last_probe {
                    Some(at) => { "Last probe " (distance(at, now)) " (" (instant(at)) "). " }
                    None => { "No probe has finished yet. " }
                }
                @if overview.not_probed_yet > 0 && overview.last_probe.is_some() {
                    (grouped(overview.not_probed_yet)) " not probed yet. "
                }
                @if is_well {
                    "Healthy: probes are conclusive and the configuration "
                    @if self.sources.is_empty() { "is" } @else { "and its sources are" }
                    " current. "
                }
                (sources::list(&self.sources))
            }
        }
    }
}
