//! `/rules` and `/rules/{id}`: what CloudFront refuses, why, and how each is repaired.

mod list;
mod one;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::rules::find;

use super::PagesState;
use super::layout;

pub(super) use one::repair_in_short;

/// Returns the routes of this room.
pub(super) fn routes() -> Router<PagesState> {
    Router::new()
        .route("/rules", get(async || layout::respond(list::page)))
        .route("/rules/{id}", get(rule_page))
}

async fn rule_page(Path(id): Path<String>) -> Response {
    match find(&id) {
        Some(rule) => layout::respond(|| one::page(rule)),
        None => layout::respond_with(StatusCode::NOT_FOUND, move || one::unknown(&id)),
    }
}
