//! `/api/v1/openapi.json`: what the API takes and answers, for programs and their authors.
//!
//! The document is written by hand; what the program knows better, such as the list of rules, is
//! put in from there. A test holds every answer of a running daemon against it.

use std::sync::LazyLock;

use serde_json::Value;

use crate::rules::RULES;
use crate::rules::UndecidedReason;

use super::super::question::MOST_CHARACTERS;
use super::super::question::MOST_PAGES;
use super::super::question::MOST_PER_PAGE;
use super::super::question::Order;
use super::super::question::Wanted;

/// Returns the document.
pub(super) fn document() -> &'static str {
    &DOCUMENT
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    // A test reads it; were it no JSON, it would be given out as it is.
    let Ok(mut document) = serde_json::from_str::<Value>(WRITTEN) else {
        return WRITTEN.to_owned();
    };
    let rules = RULES.map(|rule| rule.id).to_vec();
    let sorts = Order::ALL.into_iter().map(Order::as_str);
    let sorts: Vec<String> =
        sorts.flat_map(|order| [order.to_owned(), format!("-{order}")]).collect();
    let known = [
        ("/info/version", Value::from(env!("CARGO_PKG_VERSION"))),
        ("/components/schemas/Rule/enum", Value::from(rules)),
        ("/components/schemas/Sort/enum", Value::from(sorts)),
        (
            "/components/schemas/VerdictFilter/enum",
            Value::from(Wanted::ALL.map(Wanted::as_str).to_vec()),
        ),
        (
            "/components/schemas/UndecidedReason/enum",
            Value::from(UndecidedReason::ALL.map(UndecidedReason::as_str).to_vec()),
        ),
        ("/components/parameters/PerPage/schema/anyOf/0/maximum", Value::from(MOST_PER_PAGE)),
        ("/components/parameters/Page/schema/anyOf/0/maximum", Value::from(MOST_PAGES)),
        ("/components/parameters/Search/schema/maxLength", Value::from(MOST_CHARACTERS)),
        (
            "/components/parameters/Distribution/schema/items/maxLength",
            Value::from(MOST_CHARACTERS),
        ),
    ];
    for (place, value) in known {
        if let Some(written) = document.pointer_mut(place) {
            *written = value;
        }
    }
    format!("{document:#}\n")
});

const WRITTEN: &str = include_str!("openapi.json");
