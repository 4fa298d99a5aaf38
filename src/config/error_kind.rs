//! The kinds of configuration errors and their messages.

use std::fmt;

use thiserror::Error;

use crate::chain::printable;
use crate::config::DurationError;
use crate::limits::READ_DEADLINE;
use crate::origin::DomainNameError;

/// The kind of an error in a file or a setting, with advice on how to correct it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ErrorKind {
    #[error("no such file; give the path of a YAML file")]
    NotFound,
    #[error("is a directory; give the path of a YAML file")]
    IsDirectory,
    #[error("cannot be read: {reason}")]
    Unreadable { reason: String },
    #[error("is {kind}; give a regular file")]
    NotRegular { kind: &'static str },
    #[error("read timed out after {} s; check its file system", READ_DEADLINE.as_secs())]
    TimedOut,
    #[error("larger than {} MiB; split the origins among several daemons", bytes >> 20)]
    TooLarge { bytes: u64 },
    #[error("invalid UTF-8; save the file as UTF-8")]
    NotUtf8,
    #[error("no settings; add `origins:` with at least one `id` and `domain`")]
    Nothing,
    #[error("invalid YAML at column {column}: {message}")]
    Syntax { column: u32, message: String },
    #[error("more than {limit} values after alias expansion; reduce the size of the file")]
    TooManyValues { limit: usize },
    #[error(
        "too many values copied by aliases; the limit is {limit} plus {times} times the number of \
         values written in the file"
    )]
    TooManyCopies { limit: usize, times: usize },
    #[error("nested deeper than {limit} levels; no setting needs that")]
    TooDeep { limit: usize },
    #[error("second YAML document; keep one document per file")]
    SecondDocument,
    #[error("unexpected tag {tag}; remove the tag")]
    Tagged { tag: Shown },
    #[error("list or mapping used as a key; keys must be plain words")]
    KeyIsNoText,
    #[error("alias refers to a value that contains it; remove the alias")]
    AliasOfItself,
    #[error("`<<` must be a mapping or a list of mappings")]
    MergeOfNoMapping,
    #[error("unknown key; {}", suggestion(*meant, known))]
    UnknownKey { meant: Option<&'static str>, known: &'static [&'static str] },
    #[error("duplicate key; first set on line {first_line}")]
    DuplicateKey { first_line: u32 },
    #[error("required key is missing")]
    Missing,
    #[error("expected {wanted}, found {found}")]
    WrongKind { found: Kind, wanted: String },
    #[error("{value} is quoted; write {wanted} without quotes")]
    Quoted { value: Shown, wanted: String },
    /// The value is secret, so the message must not contain any part of it.
    #[error("not {wanted}")]
    MalformedSecret { wanted: &'static str },
    #[error("{value} is not {wanted}; write {valid}")]
    Malformed { value: Shown, wanted: &'static str, valid: &'static str },
    #[error("{value} is not a valid value; use {}", join(allowed, "or"))]
    NotOneOf { value: Shown, allowed: Vec<&'static str> },
    #[error("{value} is out of range; use {least} to {most}")]
    OutOfRange { value: String, least: String, most: String },
    #[error("port {value} is not allowed by CloudFront; use 80, 443 or 1024-65535")]
    Port { value: String },
    #[error("{value} {error}")]
    Name { value: Shown, error: DomainNameError },
    #[error("{value} {error}")]
    Duration { value: Shown, error: DurationError },
    #[error("{value} is longer than {other} ({limit}); shorten it or raise {other}")]
    LongerThan { value: String, other: &'static str, limit: String },
    #[error("{value} is shorter than {other} ({limit}); raise it or shorten {other}")]
    ShorterThan { value: String, other: &'static str, limit: String },
    #[error(
        "critical threshold {critical} is above the warning threshold {warning}; lower critical \
         or raise warning"
    )]
    CriticalBeforeWarning { critical: String, warning: String },
    #[error("no trust anchors left; add PEM files to `extra` or set `mozilla: true`")]
    NoTrustAnchors,
    #[error("{path}: file not found or not accessible; correct the path")]
    MissingFile { path: String },
    #[error(
        "no origins configured; add an origin with `id` and `domain`, or a source under `discovery`"
    )]
    NoOrigins,
    #[error(
        "duplicate origin {id} with domain {domain}, first defined on line {first_line}; give each \
         origin of a domain its own id"
    )]
    DuplicateOrigin { id: Shown, domain: String, first_line: u32 },
    #[error("duplicate server name {name}; list each name of an origin once")]
    DuplicateServerName { name: String },
    #[error("conflicts with `viewer_hosts` and `host_also_unforwarded`; set either it or those")]
    TargetsBesideViewerHosts,
    #[error("empty list; use {}", join(allowed, "or"))]
    NoProtocolVersion { allowed: Vec<&'static str> },
    #[error("{length} bytes long; use 1 to {limit} bytes")]
    TooLong { length: usize, limit: usize },
    #[error("{value} contains a control character; use printable text")]
    NotPrintable { value: Shown },
    #[error("duplicate entry {value}; list each once")]
    ListedTwice { value: Shown },
    #[error("duplicate account name {value}, first used on line {first_line}; use unique names")]
    DuplicateName { value: Shown, first_line: u32 },
    #[error("has no effect without `role_arn`; set `role_arn` too")]
    ExternalIdOfNoRole,
    #[error(
        "origin-probe was built without the feature `{feature}`; rebuild with it or leave the list \
         empty"
    )]
    NotBuilt { feature: &'static str },
    #[error("{value} is plain HTTP, so there is no TLS to check; remove http://")]
    PlainHttp { value: Shown },
    #[error("empty file; write a list of target groups, or [] for none")]
    NoGroups,
    #[error(
        "more than {limit} origins in one file; split the file and divide the origins among \
         several processes with --shard"
    )]
    TooManyOrigins { limit: usize },
    #[error("too many labels ({count}); the limit is {limit}")]
    TooManyLabels { count: usize, limit: usize },
    #[error("invalid label name; use letters, digits and underscores, not starting with a digit")]
    LabelName,
    #[error("label name is reserved by origin-probe or Prometheus; choose another name")]
    ReservedLabel,
    #[error(
        "no names allowed; list names such as www.example.com, *.example.com or .example.com, or \
         \"*\" for every name"
    )]
    NoNames,
    #[error("no ports allowed; list ports, or remove the key for port 443")]
    NoPorts,
    #[error("{value} matches no metric family; {}", family_hint(*meant))]
    UnknownFamily { value: Shown, meant: Option<&'static str> },
    #[error("conflicts with `{inline}`; set only one of the two")]
    InlineAndFile { inline: &'static str },
    #[error(
        "a client CA is set, but no client certificates are requested; use \
         RequireAndVerifyClientCert"
    )]
    ClientCaUnused,
    #[error(
        "requires `client_auth_type: RequireAndVerifyClientCert`; clients without a certificate \
         have no names to check"
    )]
    NamesOfNobody,
    #[error("above `max_version`, so no version is enabled; lower it or raise `max_version`")]
    AboveMaximum,
    #[error("not a bcrypt hash; create one with `htpasswd -nBC 10 USER`")]
    NoPasswordHash,
    #[error(
        "bcrypt cost {cost} is too high, because above {limit} each login takes many seconds of \
         CPU; use cost 10"
    )]
    PasswordHashTooDear { cost: u32, limit: u32 },
}

impl ErrorKind {
    pub(super) fn out_of_range(text: &str, least: impl ToString, most: impl ToString) -> Self {
        let value = Shown::of(text).0;
        Self::OutOfRange { value, least: least.to_string(), most: most.to_string() }
    }
}

/// The kind of a YAML value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Empty,
    Text,
    List,
    Mapping,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty value",
            Self::Text => "a single value",
            Self::List => "a list",
            Self::Mapping => "a mapping",
        })
    }
}

/// Text from the file as shown in messages: escaped and truncated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// Escapes and truncates `text`.
    pub fn of(text: &str) -> Self {
        Self(printable(text, MOST_SHOWN))
    }

    /// Returns the text without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// The maximum number of characters of a value shown in an error. A DNS label fits.
const MOST_SHOWN: usize = 80;

fn suggestion(meant: Option<&str>, known: &[&str]) -> String {
    match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("valid keys are {}", join(known, "and")),
    }
}

fn family_hint(meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "look up the names in deploy/docs/metrics.md".to_owned(),
    }
}

fn join(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
