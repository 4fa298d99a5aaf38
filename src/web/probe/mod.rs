//! `/probe`: one probe while the client waits. The client may be anyone; parameters with
//! blackbox_exporter's names work too.

mod deadline;
mod limits;
mod parameters;
mod refusal;

use std::fmt::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::Instant;

pub(super) use limits::Limits;

use crate::config::Allowance;
use crate::observation::Observation;
use crate::origin::Origin;
use crate::probe::{LoopLag, ProbeOptions, Prober, ProberHealth, Requester};
use crate::report::{OriginJson, Report};
use crate::resolve::Freshness;
use crate::telemetry::OwnError;
use crate::{metrics, report};

use super::{Control, PagesState, pieces, plain};
use deadline::Deadline;
use parameters::{OutputFormat, ProbeRequest};
use refusal::Refusal;

/// Returns the route; all of its requests share `limits`.
pub(super) fn route(limits: Limits) -> MethodRouter<PagesState> {
    let limits = Arc::new(limits);
    get(move |State(state), RawQuery(query), headers| {
        let limits = Arc::clone(&limits);
        async move { answer(&state, &limits, query.as_deref(), &headers).await }
    })
}

async fn answer(
    state: &PagesState,
    limits: &Limits,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let probed = AssertUnwindSafe(probe(state, limits, query.unwrap_or_default(), headers));
    let response = match probed.catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(refusal)) => refusal.into_response(),
        Err(_) => {
            state.telemetry.probe_failed(OwnError::Panicked);
            plain(StatusCode::INTERNAL_SERVER_ERROR, "the probe failed; see the log\n")
        }
    };
    state.telemetry.probe_request_answered(response.status().as_u16());
    response
}

/// Dropping the returned future, as when the client disconnects, ends everything.
async fn probe(
    state: &PagesState,
    limits: &Limits,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let control = &*state.control;
    let config = control.config();
    let endpoint = &config.probe_endpoint;
    if !endpoint.enabled {
        return Err(Refusal::TurnedOff);
    }
    let wanted = ProbeRequest::read(query, config.prober.max_server_names)?;
    let deadline = Deadline::of(headers, config.prober.deadline)?;
    check_names_and_port(&wanted.origin, &endpoint.allow)?;
    let _place = limits.take(Instant::now())?;
    let options = ProbeOptions {
        // A probe on request must return the current state.
        freshness: Freshness::Anew,
        deadline: Some(deadline.allowed),
        time_limit: deadline.limit,
        asked_by: Requester::Anyone { networks: endpoint.allow.networks.clone() },
        ..ProbeOptions::default()
    };
    let observation = observe(&control.prober(), wanted.origin, &options, control).await;
    if observation.own_failure().is_some() {
        state.telemetry.probe_failed(OwnError::OwnFailure);
    }
    let report = Arc::new(Report::new(None, Arc::new(observation), control.now()));
    Ok(match wanted.shown {
        OutputFormat::Metrics => {
            let headers = [
                (header::CONTENT_TYPE, metrics::CONTENT_TYPE),
                (header::CACHE_CONTROL, "no-store"),
            ];
            let text = pieces::rendered(move || metrics::of_one_probe(&report));
            (headers, text).into_response()
        }
        OutputFormat::Everything => {
            let now = control.now();
            plain(StatusCode::OK, pieces::rendered(move || everything(&report, deadline, now)))
        }
    })
}

/// Every name that is resolved or sent must be allowed: behind an address there may be a proxy that
/// routes by name.
fn check_names_and_port(origin: &Origin, allow: &Allowance) -> Result<(), Refusal> {
    let sent = origin.targets.iter().map(|target| &target.server_name);
    for name in std::iter::once(origin.domain()).chain(sent) {
        if !allow.has_name(name) {
            return Err(Refusal::NameNotAllowed { name: name.clone() });
        }
    }
    match allow.ports.contains(&origin.https_port) {
        true => Ok(()),
        false => Err(Refusal::PortNotAllowed { port: origin.https_port }),
    }
}

/// Probes once. The prober's state is derived from this probe alone, as for `check`, because the
/// records of scheduled probes belong to origins that the operator configured.
async fn observe(
    prober: &Prober,
    origin: Origin,
    options: &ProbeOptions,
    control: &dyn Control,
) -> Observation {
    let (loop_lag, began) = (LoopLag::default(), Instant::now());
    let mut observation = tokio::select! {
        observation = prober.probe(Arc::new(origin), options, control.now()) => observation,
        never = loop_lag.beat() => match never {},
    };
    let ended = Instant::now();
    let mut prober_health = ProberHealth::default();
    prober_health.note(&observation, ended);
    observation.prober = prober_health.assess(&observation, loop_lag.latest_since(began), ended);
    observation
}

/// Returns the results of the probe as text, JSON and metrics.
fn everything(report: &Arc<Report>, deadline: Deadline, now: Timestamp) -> String {
    let reports = std::slice::from_ref(report);
    let mut text = report::texts(reports, now, None).to_string();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\nduration {} of {}\n{}",
        seconds(report.observation.duration),
        deadline,
        report::trace(report)
    );
    let json = OriginJson::new(report).with_endpoints_from(0);
    let json = report::to_json_lines(&json).unwrap_or_default();
    let _ = writeln!(text, "JSON:\n{json}\n\nMetrics:");
    text + &metrics::of_one_probe(report)
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}
