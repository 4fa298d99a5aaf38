//! `/api/v1/openapi.json`: the machine-readable description of the API.
//!
//! The document is written by hand; values that the program defines, such as the list of rules, are
//! inserted. A test checks every response of a running daemon against it.

use std::sync::LazyLock;

use serde_json::Value;

use crate::rules::{RULES, UndecidedReason};

use super::super::list::{MOST_CHARACTERS, MOST_PAGES, MOST_PER_PAGE, Order, VerdictFilter};

/// Returns the document.
pub(super) fn document() -> &'static str {
    &DOCUMENT
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    // A test parses it; if it were not valid JSON, it would be served as it is.
    let Ok(mut document) = serde_json::from_str::<Value>(WRITTEN) else {
        return WRITTEN.to_owned();
    };
    let rules = RULES.iter().map(|rule| rule.name).collect::<Vec<_>>();
    let sorts = Order::ALL.into_iter();
    let sorts: Vec<String> =
        sorts.flat_map(|(order, _)| [order.to_owned(), format!("-{order}")]).collect();
    let known = [
        ("/info/version", Value::from(env!("CARGO_PKG_VERSION"))),
        ("/components/schemas/Rule/enum", Value::from(rules)),
        ("/components/schemas/Sort/enum", Value::from(sorts)),
        (
            "/components/schemas/VerdictFilter/enum",
            Value::from(VerdictFilter::ALL.map(|(verdict, _)| verdict).to_vec()),
        ),
        (
            "/components/schemas/UndecidedReason/enum",
            Value::from(UndecidedReason::all().map(UndecidedReason::as_str).collect::<Vec<_>>()),
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
