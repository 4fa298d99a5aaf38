//! `/origins/{id}`: the page of one origin, from the current problem down to the served bytes.
//!
//! | route | content |
//! |---|---|
//! | `/origins/{id}` | the page; `?distribution=&domain=` selects among origins with the same id |
//! | `/origins/{id}/chain.pem` | the chain as served; `?chain=2` selects the second distinct one |

mod chain;
mod endpoints;
mod page;
mod picture;
mod summary;
mod timeline;
mod viewers;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::report::{Entry, Report, pem};

use super::lookup::{Lookup, OriginQuery, near};
use super::query::pairs;
use super::{PagesState, layout, pieces, plain};

/// Returns the routes of this module.
pub(super) fn routes() -> Router<PagesState> {
    Router::new()
        .route("/origins/{id}", get(origin_page))
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

async fn chain_pem(
    State(state): State<PagesState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some((wanted, chain)) = read(id, query.as_deref()) else { return bad_query() };
    let entry = match wanted.look_up(&state.reports.entries()) {
        Lookup::One(entry) => entry,
        Lookup::Several(_) => {
            let text = "several origins have this id; add ?distribution=&domain=\n";
            return plain(StatusCode::MULTIPLE_CHOICES, text);
        }
        Lookup::None => return plain(StatusCode::NOT_FOUND, "unknown origin\n"),
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
