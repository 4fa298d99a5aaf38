//! What can be wrong with a document, and where.

use std::fmt;

use thiserror::Error;

/// Why a source gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct JsonError {
    pub(super) place: String,
    pub(super) problem: Problem,
}

/// What could not be read of a document, and where in it that stands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {path}: {problem}")]
pub struct Fault {
    pub(super) place: String,
    /// Such as `DistributionList.Items[3].Origins.Items[0].DomainName`.
    pub(super) path: String,
    pub(super) problem: Problem,
}

/// What is wrong. Nothing of what stands in the document is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Problem {
    #[error("is empty; give what `aws cloudfront get-distribution-config --id ID` prints")]
    Empty,
    #[error("is larger than {} MiB; give fewer distributions at a time", super::LARGEST >> 20)]
    TooLarge,
    #[error("holds more than {limit} values; give fewer distributions at a time")]
    TooManyValues { limit: usize },
    #[error("holds more than {limit} items and the rest is left out; give fewer at a time")]
    TooManyItems { limit: usize },
    #[error("is left out, since there are more than {limit} distributions; give fewer at a time")]
    TooManyDistributions { limit: usize },
    #[error("is UTF-16, as PowerShell's `>` writes it; write it with `| Out-File -Encoding utf8`")]
    Utf16,
    #[error("line {line}, column {column}: {detail}; give the output of `--output json`, whole")]
    Syntax { line: usize, column: usize, detail: String },
    #[error(
        "{path}is nothing that is known here; give what get-distribution, get-distribution-config or list-distributions prints, and with it get-/list-origin-request-polic…, get-/list-cache-polic…, get-distribution-tenant or get-vpc-origin"
    )]
    Unrecognised { path: String },
    #[error(
        "is a list of ids only; give the output of get-distribution for each, or of list-distributions"
    )]
    OnlyIds,
    #[error("does not tell the origins' settings; give the output of get-vpc-origin for each")]
    OnlySummaries,
    #[error(
        "more follows on further pages, which are not here; leave out --max-items and --no-paginate"
    )]
    OnePage,
    #[error("is missing")]
    Missing,
    #[error("is {found}; {wanted} is expected")]
    WrongKind { found: Kind, wanted: Kind },
    #[error("is not known here, so the policy counts as unknown")]
    UnknownHeaderBehavior,
    #[error("Quantity is {quantity}, but there are no Items")]
    NoItems { quantity: i64 },
}

/// What kind of value stands somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Nothing,
    Flag,
    Number,
    Text,
    List,
    Object,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Flag => "true or false",
            Self::Number => "a whole number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}
