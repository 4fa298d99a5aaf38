//! What is wrong with a question.

use thiserror::Error;

use crate::config::Excerpt;

use super::MOST_CHARACTERS;
use super::MOST_PAGES;
use super::MOST_PER_PAGE;

/// Why a question is not answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(in super::super) enum BadQuestion {
    #[error("the query is not percent-encoded UTF-8; write it as ?search=www.example.com")]
    NotDecodable,
    #[error(
        "{name} is no parameter; there are verdict, rule, distribution, search, sort, page and \
         per_page"
    )]
    Unknown { name: Excerpt },
    #[error("{name} is given twice; give it once")]
    Twice { name: &'static str },
    #[error("the value of {name} is longer than {MOST_CHARACTERS} characters")]
    TooLong { name: Excerpt },
    #[error("{name} is given more than {MOST_VALUES} times")]
    TooMany { name: &'static str },
    #[error("{name}: {value} is not known; use {known}")]
    Value { name: &'static str, value: Excerpt, known: String },
    #[error("rule: {value} is no rule{}; /rules lists them", nearest(.meant))]
    Rule { value: Excerpt, meant: Option<&'static str> },
    #[error("page: {value} is no page; use a number from 1 to {MOST_PAGES}")]
    Page { value: Excerpt },
    #[error("per_page: {value} is not taken; use a number from 1 to {MOST_PER_PAGE}")]
    PerPage { value: Excerpt },
}

fn nearest(meant: &Option<&'static str>) -> String {
    meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default()
}

/// Of one filter.
pub(super) const MOST_VALUES: usize = 64;
