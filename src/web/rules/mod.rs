//! `/rules` and `/rules/{id}`: the reasons why CloudFront rejects an origin, and how to fix each.

mod one;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use crate::rules::{Effect, RULES, find};

use super::format::prose;
use super::layout::Place;
use super::{PagesState, address, layout};

pub(super) use one::repair_in_short;

/// Returns the routes of this module.
pub(super) fn routes() -> Router<PagesState> {
    Router::new()
        .route("/rules", get(async || layout::respond(list)))
        .route("/rules/{id}", get(rule_page))
}

async fn rule_page(Path(id): Path<String>) -> Response {
    match find(&id) {
        Some(rule) => layout::respond(|| one::page(rule)),
        None => layout::respond_with(StatusCode::NOT_FOUND, move || one::unknown(&id)),
    }
}

/// Returns every rule in one table.
fn list() -> Markup {
    let content = html! {
        p {
            "Why CloudFront rejects an origin, in the order of the connection: name, address, \
             connection, handshake, certificate, chain. "
            strong { "fails" } ": AWS documents the failure. "
            strong { "may fail" } ": the behavior is not documented, so the verdict is undecided \
             unless something else fails. "
            strong { "notice" } ": no failure now, but a risk."
        }
        (layout::table("rules", "Rules", &["Rule", "Effect", "Remedy", "Source"], html! {
            @for rule in RULES {
                tr id=(rule.name) {
                    th scope="row" data-label="Rule" {
                        a href=(address::of_rule(rule.name)) { (rule.title) }
                        br;
                        code.small.quiet { (rule.name) }
                    }
                    td data-label="Effect" {
                        @match rule.class.effect {
                            Effect::Fails => span.verdict.fails { "fails" },
                            Effect::MayFail => span.verdict.undecided { "may fail" },
                            Effect::Notice => span.verdict { "notice" },
                        }
                        @if let Some(status) = rule.status() { " " (status) }
                    }
                    td data-label="Remedy" { (prose(rule.remedy)) }
                    td data-label="Source" {
                        a href=(rule.citation) rel="noreferrer" aria-label=(
                            format!("{}: AWS documentation for {}", rule.class.basis.as_str(), rule.name)
                        ) { (rule.class.basis.as_str()) }
                    }
                }
            }
        }))
    };
    layout::page(Place::Rules, "Rules", content)
}
