//! `/origins/{id}`: the page of one origin, from the current problem down to the served bytes.
//!
//! | route | content |
//! |---|---|
//! | `/origins/{id}` | the page; `?distribution=&domain=` selects among origins with the same id |
//! | `/origins/{id}/-/probe` | POST: probes it at once |
//! | `/origins/{id}/chain.pem` | the chain as served; `?chain=2` selects the second distinct one |

mod chain;
mod endpoints;
mod page;
mod picture;
mod summary;
mod timeline;
mod viewers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::report::{Entry, Report, pem};
use crate::schedule::ProbeNow;

use super::lookup::{Lookup, OriginQuery, full_href, near};
use super::query::pairs;
use super::{PagesState, layout, pieces, plain};

/// Returns the routes of this module.
pub(super) fn routes() -> Router<PagesState> {
    Router::new()
        .route("/origins/{id}", get(origin_page))
        .route("/origins/{id}/-/probe", post(probe_now))
        .route("/origins/{id}/chain.pem", get(chain_pem))
}

async fn origin_page(
    State(state): State<PagesState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some((wanted, _)) = read(id, query.as_deref()) else { return bad_query() };
    let shown = state.reports.shown();
    match wanted.look_up(shown.entries()) {
        Lookup::One(entry) => {
            let (config, now) = (state.control.config(), state.control.now());
            let impacts = shown.impacts(&entry.origin.key.distribution);
            let report = shown.latest(&entry);
            layout::respond(move || page::page(&entry, report.as_ref(), &impacts, &config, now))
        }
        Lookup::Several(entries) => layout::respond_with(StatusCode::MULTIPLE_CHOICES, move || {
            page::choice(&wanted, &entries)
        }),
        Lookup::None => {
            let near = near(shown.entries(), &wanted.id);
            layout::respond_with(StatusCode::NOT_FOUND, move || page::unknown(&wanted, &near))
        }
    }
}

/// Probes an origin at once. Browsers, which send the form of the page, go back to the page.
async fn probe_now(
    State(state): State<PagesState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !state.control.config().web.lifecycle {
        let text = "probes by request are disabled (web.lifecycle: false)\n";
        return plain(StatusCode::FORBIDDEN, text);
    }
    let Some((wanted, _)) = read(id, query.as_deref()) else { return bad_query() };
    let entry = match one(&wanted, &state) {
        Ok(entry) => entry,
        Err(refusal) => return *refusal,
    };
    match state.control.probe_now(entry.origin.key.clone()).await {
        Some(ProbeNow::Begins | ProbeNow::IsRunning) => {
            let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
            if !accepts.is_some_and(|accepts| accepts.contains("text/html")) {
                return plain(StatusCode::ACCEPTED, "the probe has begun\n");
            }
            let page = full_href(&entry.origin.key);
            (StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response()
        }
        Some(ProbeNow::TooSoon(after)) => {
            let seconds = after.as_secs() + 1;
            let text = format!("this origin was probed by request; try again in {seconds} s\n");
            let response = plain(StatusCode::TOO_MANY_REQUESTS, text);
            ([(header::RETRY_AFTER, seconds.to_string())], response).into_response()
        }
        Some(ProbeNow::Unknown) => plain(StatusCode::NOT_FOUND, "unknown origin\n"),
        None => plain(StatusCode::SERVICE_UNAVAILABLE, "not probed: shutting down\n"),
    }
}

async fn chain_pem(
    State(state): State<PagesState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some((wanted, chain)) = read(id, query.as_deref()) else { return bad_query() };
    let entry = match one(&wanted, &state) {
        Ok(entry) => entry,
        Err(refusal) => return *refusal,
    };
    match entry.latest().filter(|report| served(report, chain).is_some()) {
        Some(report) => {
            let text = pieces::rendered(move || served(&report, chain).unwrap_or_default());
            let headers = [(header::CONTENT_DISPOSITION, disposition(&entry, chain))];
            let response = super::respond(StatusCode::OK, "application/x-pem-file", text);
            (headers, response).into_response()
        }
        None => plain(StatusCode::NOT_FOUND, "the last probe did not read this chain\n"),
    }
}

/// Returns the one origin that a request names.
fn one(wanted: &OriginQuery, state: &PagesState) -> Result<Arc<Entry>, Box<Response>> {
    match wanted.look_up(&state.reports.entries()) {
        Lookup::One(entry) => Ok(entry),
        Lookup::Several(_) => {
            let text = "several origins have this id; add ?distribution=&domain=\n";
            Err(Box::new(plain(StatusCode::MULTIPLE_CHOICES, text)))
        }
        Lookup::None => Err(Box::new(plain(StatusCode::NOT_FOUND, "unknown origin\n"))),
    }
}

/// Returns the origin that the request names and the number of the served chain, counted from 1;
/// `None` if the query is not valid.
fn read(id: String, query: Option<&str>) -> Option<(OriginQuery, usize)> {
    let parameters = pairs(query.unwrap_or_default())?;
    let chain = parameters.iter().rfind(|pair| pair.name == "chain");
    let chain = chain.map_or(Some(1), |pair| pair.value.parse().ok())?;
    Some((OriginQuery::new(id, &parameters), chain))
}

/// Returns the chain with this number, counted from 1, as PEM.
fn served(report: &Report, number: usize) -> Option<String> {
    let chains = report.view().chains();
    Some(pem(chains.get(number.checked_sub(1)?)?.chain))
}

/// The characters of a domain are safe in a header and in a file name.
fn disposition(entry: &Entry, number: usize) -> String {
    let domain = entry.origin.domain();
    match number {
        1 => format!("attachment; filename=\"{domain}.pem\""),
        number => format!("attachment; filename=\"{domain}-{number}.pem\""),
    }
}

fn bad_query() -> Response {
    let text = "the query is not percent-encoded UTF-8, or `chain` is not a number\n";
    plain(StatusCode::BAD_REQUEST, text)
}
