//! `/origins/{id}`: everything about one origin, from what is wrong down to the served bytes.
//!
//! | route | what it shows |
//! |---|---|
//! | `/origins/{id}` | the page; `?distribution=&domain=` tell origins of one id apart |
//! | `/origins/{id}/chain.pem` | the chain as served; `?chain=2` the second one, where addresses serve different ones |

mod chain;
mod commands;
mod find;
mod history;
mod names;
mod page;
mod picture;
mod story;
mod svg;
mod timeline;
mod viewers;
mod way;
mod words;

use axum::Router;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;

use crate::report::Entry;
use crate::report::Report;
use crate::report::pem;
use crate::report::served_chains;

use super::PagesState;
use super::layout;
use super::pieces;
use super::plain;
use find::Found;
use find::Wanted;

/// Returns the routes of this room.
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
    let Some(wanted) = Wanted::new(id, query.as_deref()) else { return bad_query() };
    let shown = state.reports.shown();
    match find::find(shown.entries(), &wanted) {
        Found::One(entry) => {
            let (config, now) = (state.control.config(), state.control.now());
            let impacts = shown.impacts(&entry.origin.key.distribution);
            let report = shown.latest(&entry);
            layout::respond(move || page::page(&entry, report.as_ref(), &impacts, &config, now))
        }
        Found::Several(entries) => layout::respond_with(StatusCode::MULTIPLE_CHOICES, move || {
            page::choice(&wanted, &entries)
        }),
        Found::None(near) => {
            layout::respond_with(StatusCode::NOT_FOUND, move || page::unknown(&wanted, &near))
        }
    }
}

async fn chain_pem(
    State(state): State<PagesState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(wanted) = Wanted::new(id, query.as_deref()) else { return bad_query() };
    let entries = state.reports.entries();
    let entry = match find::find(&entries, &wanted) {
        Found::One(entry) => entry,
        Found::Several(_) => {
            let text = "several origins have this id; add ?distribution=&domain=\n";
            return plain(StatusCode::MULTIPLE_CHOICES, text);
        }
        Found::None(_) => return plain(StatusCode::NOT_FOUND, "there is no such origin\n"),
    };
    let chain = wanted.chain;
    match entry.latest().filter(|report| served(report, chain).is_some()) {
        Some(report) => {
            let text = pieces::rendered(move || served(&report, chain).unwrap_or_default());
            let headers = [
                (header::CONTENT_TYPE, "application/x-pem-file".to_owned()),
                (header::CONTENT_DISPOSITION, disposition(&entry, wanted.chain)),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, text).into_response()
        }
        None => plain(StatusCode::NOT_FOUND, "no such chain was read at the last probe\n"),
    }
}

/// Returns the chain of that number, counted from 1, as PEM.
fn served(report: &Report, number: usize) -> Option<String> {
    let chains = served_chains(report, &report.verdict);
    Some(pem(chains.get(number.checked_sub(1)?)?.chain))
}

/// A domain's letters are safe in a header and in a file's name.
fn disposition(entry: &Entry, number: usize) -> String {
    let domain = entry.origin.domain();
    match number {
        1 => format!("attachment; filename=\"{domain}.pem\""),
        number => format!("attachment; filename=\"{domain}-{number}.pem\""),
    }
}

fn bad_query() -> Response {
    plain(StatusCode::BAD_REQUEST, "the query is not percent-encoded UTF-8, or has a bad number\n")
}
