//! `/api/v1/`: the latest reports as JSON, and the document that describes that.

mod list;
mod one;
mod openapi;

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;

use crate::report::OriginJson;
use crate::report::origin_pieces;
use crate::report::printable_lines;
use crate::report::to_json;

use super::PagesState;
use super::pieces;
use super::pieces::Part;
use super::question::Question;
use super::question::Row;
use super::viewers::Viewers;
use one::Asked;
use one::Lookup;

/// Answers with every origin, or with those that are asked for.
pub(super) async fn origins(
    State(state): State<PagesState>,
    RawQuery(query): RawQuery,
) -> Response {
    match Question::read(&query.unwrap_or_default()) {
        Ok(question) => stream_json(StatusCode::OK, list::origins(&state.reports, &question)),
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string(), &[]),
    }
}

/// Answers with one origin.
pub(super) async fn origin(
    State(state): State<PagesState>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(Path(id)) = id else {
        let error = "the id is not percent-encoded UTF-8";
        return refused(StatusCode::BAD_REQUEST, error, &[]);
    };
    let asked = match Asked::read(id, &query.unwrap_or_default()) {
        Ok(asked) => asked,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string(), &[]),
    };
    let shown = state.reports.shown();
    match asked.find(shown.entries()) {
        Lookup::One(row) => {
            let pieces = json(&row, &mut Viewers::new(shown), asked.endpoints_after);
            stream_json(StatusCode::OK, pieces.chain([Part::from("\n".to_owned())]))
        }
        Lookup::None => refused(
            StatusCode::NOT_FOUND,
            "there is no such origin; /api/v1/origins?search= finds one by a part of its name",
            &[],
        ),
        Lookup::Several(candidates) => refused(
            StatusCode::CONFLICT,
            "several origins have this id; give distribution and domain as one of the candidates does",
            &candidates,
        ),
    }
}

/// Answers with the description of all this.
pub(super) async fn document() -> Response {
    let text = || openapi::document().to_owned();
    stream_json(StatusCode::OK, std::iter::once(Part::render(text)))
}

/// Returns the JSON of one origin in pieces, its endpoints from the position `first` on.
fn json(row: &Row, viewers: &mut Viewers, first: usize) -> Box<dyn Iterator<Item = Part> + Send> {
    let origin = &row.entry.origin;
    let report = row.report.as_ref().map(|report| viewers.advised(report));
    let impacts = viewers.of(&origin.key.distribution);
    match report {
        Some(report) => {
            let pieces = origin_pieces(report, Arc::clone(impacts), first);
            Box::new(pieces.map(|piece| Part::render(move || piece.render())))
        }
        None => {
            let json = OriginJson::not_probed_yet(origin).with_impacts(origin, impacts);
            Box::new(std::iter::once(Part::from(json.to_string())))
        }
    }
}

/// Why a request is not answered, and what could be asked instead.
#[derive(Debug, Serialize)]
struct Refused<'a> {
    error: &'a str,
    candidates: &'a [String],
}

fn refused(status: StatusCode, error: &str, candidates: &[String]) -> Response {
    // Texts alone, which JSON can always hold.
    let error = &printable_lines(error);
    let text = to_json(&Refused { error, candidates }).unwrap_or_default();
    stream_json(status, std::iter::once(Part::from(text + "\n")))
}

/// Answers with a body that consists of `parts`.
pub(super) fn stream_json(
    status: StatusCode,
    parts: impl Iterator<Item = Part> + Send + 'static,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, pieces::body(parts)).into_response()
}
