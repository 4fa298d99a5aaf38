//! `/probe`: one probe while the asker waits, for who may be anyone; the names of
//! blackbox_exporter beside our own.

mod deadline;
mod limits;
mod parameters;
mod refusal;

use std::fmt::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::MethodRouter;
use axum::routing::get;
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::Instant;

pub(super) use limits::Limits;

use crate::config::Allowance;
use crate::metrics;
use crate::origin::Origin;
use crate::probe::AskedBy;
use crate::probe::Errand;
use crate::probe::Freshness;
use crate::probe::Observation;
use crate::probe::Prober;
use crate::probe::Pulse;
use crate::probe::Wellbeing;
use crate::report;
use crate::report::OriginJson;
use crate::report::Report;
use crate::telemetry::OwnError;

use super::Control;
use super::PagesState;
use super::pieces;
use super::plain;
use deadline::Deadline;
use parameters::Shown;
use parameters::Wanted;
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
            plain(StatusCode::INTERNAL_SERVER_ERROR, "the probe failed; the log says more\n")
        }
    };
    state.telemetry.probe_request_answered(response.status().as_u16());
    response
}

/// Everything ends when the returned future is dropped, as it is when the asker goes away.
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
    let wanted = Wanted::read(query, config.probe.max_server_names)?;
    let deadline = Deadline::of(headers, config.probe.deadline)?;
    check_names_and_port(&wanted.origin, &endpoint.allow)?;
    let _place = limits.take(Instant::now())?;
    let errand = Errand {
        // Who asks wants to know how it is now.
        freshness: Freshness::Anew,
        deadline: Some(deadline.allowed),
        time_limit: deadline.limit,
        asked_by: AskedBy::Anyone { networks: endpoint.allow.networks.clone() },
        ..Errand::default()
    };
    let observation = observe(&control.prober(), wanted.origin, &errand, control).await;
    if observation.own_failure().is_some() {
        state.telemetry.probe_failed(OwnError::OwnFailure);
    }
    let report = Arc::new(Report::new(None, Arc::new(observation), control.now()));
    Ok(match wanted.shown {
        Shown::Metrics => {
            let headers = [
                (header::CONTENT_TYPE, metrics::CONTENT_TYPE),
                (header::CACHE_CONTROL, "no-store"),
            ];
            let text = pieces::rendered(move || metrics::of_one_probe(&report));
            (headers, text).into_response()
        }
        Shown::Everything => {
            let now = control.now();
            plain(StatusCode::OK, pieces::rendered(move || everything(&report, deadline, now)))
        }
    })
}

/// Every name that is resolved or sent has to be allowed: behind an address there may be a proxy
/// that goes on by the name.
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

/// Probes once. What is known of the prober is what this probe says of it, as for `check`: the
/// memory of scheduled probes is about origins that the operator knows.
async fn observe(
    prober: &Prober,
    origin: Origin,
    errand: &Errand,
    control: &dyn Control,
) -> Observation {
    let (pulse, began) = (Pulse::default(), Instant::now());
    let mut observation = tokio::select! {
        observation = prober.probe(Arc::new(origin), errand, control.now()) => observation,
        never = pulse.beat() => match never {},
    };
    let ended = Instant::now();
    let mut wellbeing = Wellbeing::default();
    wellbeing.note(&observation, ended);
    observation.prober = wellbeing.attest(&observation, pulse.latest_since(began), ended);
    observation
}

/// Returns what the probe saw, in words, in JSON and in numbers.
fn everything(report: &Arc<Report>, deadline: Deadline, now: Timestamp) -> String {
    let reports = std::slice::from_ref(report);
    let mut text = report::texts(reports, now, None).to_string();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\ntook {} of {}\n{}",
        seconds(report.observation.duration),
        deadline,
        report::seen(report)
    );
    let json = OriginJson::new(report).with_endpoints_from(0);
    let json = report::to_json_lines(&json).unwrap_or_default();
    let _ = writeln!(text, "JSON:\n{json}\n\nMetrics that a scrape gets:");
    text + &metrics::of_one_probe(report)
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}
