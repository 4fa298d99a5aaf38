//! How long each phase of a probe took, for the daemon's histograms.

use crate::probe::Observation;
use crate::telemetry::OwnError;
use crate::telemetry::Phase;
use crate::telemetry::Telemetry;

/// Notes the phases of one probe.
pub(super) fn note_phases(observation: &Observation, telemetry: &Telemetry) {
    if observation.resolution.is_some() {
        telemetry.phase_took(Phase::Resolve, observation.resolve_time);
    }
    for endpoint in &observation.endpoints {
        if let Some(time) = endpoint.connect_time {
            telemetry.phase_took(Phase::Connect, time);
        }
        if let Some(time) = endpoint.handshake_time {
            telemetry.phase_took(Phase::Handshake, time);
        }
    }
    if observation.own_failure().is_some() {
        telemetry.probe_failed(OwnError::OwnFailure);
    }
}
