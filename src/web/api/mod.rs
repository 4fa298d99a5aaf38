//! `/api/v1/`: the latest reports as JSON, and the OpenAPI document.

mod list;
mod openapi;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::chain::printable_lines;
use crate::report::{OriginJson, origin_pieces, to_json};

use super::list::{Query, Row};
use super::lookup::{Lookup, OriginQuery};
use super::pieces::Part;
use super::query::QueryError;
use super::viewers::Viewers;
use super::{PagesState, address, pieces, query};

/// Responds with all matching origins.
pub(super) async fn origins(
    State(state): State<PagesState>,
    RawQuery(query): RawQuery,
) -> Response {
    match Query::read(&query.unwrap_or_default()) {
        Ok(question) => stream_json(StatusCode::OK, list::origins(&state.reports, &question)),
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string(), &[]),
    }
}

/// Responds with one origin.
pub(super) async fn origin(
    State(state): State<PagesState>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(parameters): RawQuery,
) -> Response {
    let Ok(Path(id)) = id else {
        let error = "the id is not percent-encoded UTF-8";
        return refused(StatusCode::BAD_REQUEST, error, &[]);
    };
    let (wanted, first) = match read(id, &parameters.unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string(), &[]),
    };
    let shown = state.reports.shown();
    match wanted.look_up(shown.entries()) {
        Lookup::One(entry) => {
            let pieces = json(&Row::new(&entry), &mut Viewers::new(shown), first);
            stream_json(StatusCode::OK, pieces.chain([Part::from("\n".to_owned())]))
        }
        Lookup::None => refused(
            StatusCode::NOT_FOUND,
            "unknown origin; use /api/v1/origins?search= to find it by part of its name",
            &[],
        ),
        Lookup::Several(entries) => {
            let candidates: Vec<String> =
                entries.iter().map(|entry| address::of_json(&entry.origin.key)).collect();
            refused(
                StatusCode::CONFLICT,
                "several origins have this id; add distribution and domain as in one of the \
                 candidates",
                &candidates,
            )
        }
    }
}

/// Responds with the OpenAPI document.
pub(super) async fn document() -> Response {
    let text = || openapi::document().to_owned();
    stream_json(StatusCode::OK, std::iter::once(Part::render(text)))
}

/// Returns the JSON of one origin in pieces, with its endpoints starting at the position `first`.
fn json(row: &Row, viewers: &mut Viewers, first: usize) -> Box<dyn Iterator<Item = Part> + Send> {
    let origin = &row.entry.origin;
    let report = row.report().map(|report| viewers.advised(&report));
    let next_probe = row.entry.next_probe();
    let impacts = viewers.of(&origin.key.distribution);
    match report {
        Some(report) => {
            let pieces = origin_pieces(report, next_probe, Arc::clone(impacts), first);
            Box::new(pieces.map(|piece| Part::render(move || piece.render())))
        }
        None => {
            let json = OriginJson::not_probed_yet(origin).with_next_probe(next_probe);
            let json = json.with_impacts(origin, impacts);
            Box::new(std::iter::once(Part::from(json.to_string())))
        }
    }
}

/// Why a request is rejected, with alternatives.
#[derive(Debug, Serialize)]
struct Refused<'a> {
    error: &'a str,
    candidates: &'a [String],
}

fn refused(status: StatusCode, error: &str, candidates: &[String]) -> Response {
    // Serializing strings cannot fail.
    let error = &printable_lines(error);
    let text = to_json(&Refused { error, candidates }).unwrap_or_default();
    stream_json(status, std::iter::once(Part::from(text + "\n")))
}

/// Returns a response with a JSON body that consists of `parts`.
pub(super) fn stream_json(
    status: StatusCode,
    parts: impl Iterator<Item = Part> + Send + 'static,
) -> Response {
    super::respond(status, "application/json", pieces::body(parts))
}

/// Returns the origin that the request names, and the position of the first endpoint to show.
fn read(id: String, query: &str) -> Result<(OriginQuery, usize), QueryError> {
    let parameters = query::read(query, &NAMES, "?distribution=E2EXAMPLE1ABCD")?;
    for name in NAMES {
        query::once(&parameters, name)?;
    }
    let range = 0..=MOST_ENDPOINTS;
    let first = query::number(&parameters, "endpoints_after", "a number of endpoints", range)?;
    Ok((OriginQuery::new(id, &parameters), first.unwrap_or(0)))
}

const NAMES: [&str; 3] = ["distribution", "domain", "endpoints_after"];
/// More than an origin can have: 64 addresses for each of ten thousand server names.
const MOST_ENDPOINTS: usize = 1_000_000;
