//! Errors in documents, with their positions.

use thiserror::Error;

/// An error at one place in a source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct Fault {
    /// Such as `shop.json: DistributionList.Items[3].Origins.Items[0].DomainName`.
    pub(super) place: String,
    pub(super) problem: Problem,
}

/// The kind of error. Messages must not contain values from the document, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Problem {
    #[error("no input; use the output of `aws cloudfront get-distribution-config --id ID`")]
    Empty,
    #[error("larger than {} MiB; use fewer distributions at a time", super::LARGEST >> 20)]
    TooLarge,
    #[error("more than {} values; use fewer distributions at a time", super::MOST_VALUES)]
    TooManyValues,
    #[error("more than {limit} items, the rest is ignored; use fewer at a time")]
    TooManyItems { limit: usize },
    #[error("ignored, because there are more than {limit} distributions; use fewer at a time")]
    TooManyDistributions { limit: usize },
    #[error("UTF-16, as written by `>` in PowerShell; write it with `| Out-File -Encoding utf8`")]
    Utf16,
    #[error("line {line}, column {column}: {detail}; use the complete output of `--output json`")]
    Syntax { line: usize, column: usize, detail: String },
    #[error(
        "unknown kind of document; use the output of get-distribution, \
         get-distribution-config or list-distributions, optionally with that of \
         get-/list-origin-request-polic…, get-/list-cache-polic…, get-distribution-tenant or \
         get-vpc-origin"
    )]
    Unrecognised,
    #[error(
        "list of IDs only; use the output of list-distributions, or of get-distribution for each ID"
    )]
    OnlyIds,
    #[error("list without the origins' settings; use the output of get-vpc-origin for each origin")]
    OnlySummaries,
    #[error("further pages are missing; run the command without --max-items and --no-paginate")]
    OnePage,
    #[error("missing")]
    Missing,
    #[error("expected {wanted}, found {found}")]
    WrongKind { wanted: &'static str, found: &'static str },
    #[error("invalid value")]
    Invalid,
    #[error("unknown value, so the policy counts as unknown")]
    UnknownHeaderBehavior,
    #[error("Quantity is {quantity}, but Items is missing")]
    NoItems { quantity: i64 },
}

impl Problem {
    /// Returns the problem of a text that is not JSON.
    pub(super) fn syntax(error: &serde_json::Error) -> Self {
        Self::Syntax { line: error.line(), column: error.column(), detail: text(error) }
    }

    /// Returns the problem of a value that serde refused. Serde's text may contain the value, so
    /// only known words of it are used.
    pub(super) fn of(error: &serde_json::Error) -> Self {
        let text = text(error);
        let found = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid "));
        let found = found.and_then(|found| found.split([' ', ',']).next());
        match (found, text.rsplit_once(", expected ")) {
            (Some("null"), _) => Self::Missing,
            (None, None) if missing_field(error).is_some() => Self::Missing,
            (Some(found), Some((_, wanted))) => {
                Self::WrongKind { wanted: kind(wanted), found: kind(found) }
            }
            _ => Self::Invalid,
        }
    }
}

/// Returns the kind of value that a word of serde means.
fn kind(word: &str) -> &'static str {
    match word {
        "boolean" | "a boolean" => "true or false",
        "integer" | "i64" => "a whole number",
        "floating" | "value:" => "another number",
        "string" | "a string" => "a string",
        "sequence" | "a list" | "length" => "a list",
        _ => "an object",
    }
}

/// Returns the step to a missing member, if that is the error.
pub(super) fn missing_field(error: &serde_json::Error) -> Option<String> {
    Some(format!(".{}", text(error).strip_prefix("missing field `")?.strip_suffix('`')?))
}

/// Returns the text of an error without its position.
fn text(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text).to_owned()
}
