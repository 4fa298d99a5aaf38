//! What can be wrong with a setting, and how it is said.

use std::fmt;

use thiserror::Error;

use crate::chain::printable;
use crate::config::DurationError;
use crate::config::key::Key;
use crate::limits::READ_DEADLINE;
use crate::origin::DomainNameError;

/// What is wrong, with what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    #[error("does not exist; give the path of a YAML file")]
    NotFound,
    #[error("is a directory; give the path of a YAML file")]
    IsDirectory,
    #[error("cannot be read: {reason}")]
    Unreadable { reason: String },
    #[error("is {kind}; give a regular file")]
    NotRegular { kind: &'static str },
    #[error("cannot be read within {} s; check the file system that it is on", READ_DEADLINE.as_secs())]
    TimedOut,
    #[error("is larger than {} MiB; split the origins over several daemons", bytes >> 20)]
    TooLarge { bytes: u64 },
    #[error("is not UTF-8 from this line on; save the file as UTF-8")]
    NotUtf8,
    #[error("holds no settings; write `origins:` with at least an id and a domain")]
    Nothing,
    #[error("is no valid YAML at column {column}: {message}")]
    Syntax { column: u32, message: String },
    #[error("holds more than {limit} values, aliases written out; take some away")]
    TooManyValues { limit: usize },
    #[error(
        "copies too many values with anchors and aliases; a file may copy {limit} and {times} times \
         as many as it writes"
    )]
    TooManyCopies { limit: usize, times: usize },
    #[error("nests deeper than {limit} levels, which no setting does")]
    TooDeep { limit: usize },
    #[error("begins a second document; write one document to a file")]
    SecondDocument,
    #[error("has the tag {tag}; write the value without a tag")]
    Tagged { tag: Excerpt },
    #[error("has a list or a mapping where a key should be; keys are plain words")]
    KeyIsNoText,
    #[error("is an alias of what it stands in; it can never be written out")]
    AliasOfItself,
    #[error("merges what is no mapping; `<<` takes a mapping or a list of mappings")]
    MergeOfNoMapping,
    #[error("is no key here; {}", suggestion(*meant, known))]
    UnknownKey { meant: Option<&'static str>, known: &'static [Key] },
    #[error("is given twice; it stands on line {first_line} already")]
    DuplicateKey { first_line: u32 },
    #[error("is missing; it is required")]
    Missing,
    #[error("is {found}; write {wanted}")]
    WrongKind { found: Kind, wanted: &'static str },
    #[error("{value} is in quotes; write {wanted} without them")]
    Quoted { value: Excerpt, wanted: &'static str },
    /// Nothing of the value may be shown.
    #[error("is not {wanted}")]
    MalformedSecret { wanted: &'static str },
    #[error("{value} is no {wanted}")]
    Malformed { value: Excerpt, wanted: &'static str },
    #[error("{value} is not taken; use {}", join(allowed, "or"))]
    NotOneOf { value: Excerpt, allowed: Vec<&'static str> },
    #[error("{value} is out of range; use {least} to {most}")]
    OutOfRange { value: String, least: String, most: String },
    #[error("{value} is no port CloudFront takes; use 80, 443 or 1024-65535")]
    Port { value: String },
    #[error("{value} {error}")]
    Name { value: Excerpt, error: DomainNameError },
    #[error("{value} {error}")]
    Duration { value: Excerpt, error: DurationError },
    #[error("{value} is longer than {other} ({limit}); make it shorter or the other longer")]
    LongerThan { value: String, other: &'static str, limit: String },
    #[error("{value} is shorter than {other} ({limit}); make it longer or the other shorter")]
    ShorterThan { value: String, other: &'static str, limit: String },
    #[error(
        "turns critical {critical} before the end, earlier than it warns ({warning}); \
         critical may be at most the warning's"
    )]
    CriticalBeforeWarning { critical: String, warning: String },
    #[error("leaves no trust anchor; name PEM files under `extra` or keep `mozilla: true`")]
    NoTrustAnchors,
    #[error(
        "holds no origin, so there is nothing to probe; give at least an id and a domain, or say under `discovery` where origins come from"
    )]
    NoOrigins,
    #[error(
        "{id} with domain {domain} stands on line {first_line} already; give each origin of a domain its own id"
    )]
    DuplicateOrigin { id: Excerpt, domain: String, first_line: u32 },
    #[error("{name} is a server name of this origin already; name each once")]
    DuplicateServerName { name: String },
    #[error("replaces `viewer_hosts` and `host_also_unforwarded`; give either it or them")]
    TargetsBesideViewerHosts,
    #[error("holds no protocol version; use {}", join(allowed, "or"))]
    NoProtocolVersion { allowed: Vec<&'static str> },
    #[error("is {length} bytes long; at most {limit} are taken")]
    TooLong { length: usize, limit: usize },
    #[error("{value} holds a control character; write printable text")]
    NotPrintable { value: Excerpt },
    #[error("{value} is listed already; list each once")]
    ListedTwice { value: Excerpt },
    #[error("{value} is the name of another account on line {first_line}; give each its own")]
    DuplicateName { value: Excerpt, first_line: u32 },
    #[error("is asked for by a role only; give `role_arn` too")]
    ExternalIdOfNoRole,
    #[error(
        "needs the feature `{feature}`, which this program was built without; build it with the feature, or leave the list empty"
    )]
    NotBuilt { feature: &'static str },
    #[error("{value} is plain HTTP, which has no TLS to judge; leave http:// out")]
    PlainHttp { value: Excerpt },
    #[error("holds nothing; write a list of target groups, or [] where there are none")]
    NoGroups,
    #[error(
        "holds more than {limit} origins, the most that are taken of one file; split it, and divide the origins among several processes with --shard"
    )]
    TooManyOrigins { limit: usize },
    #[error("holds {count} labels; at most {limit} are taken")]
    TooManyLabels { count: usize, limit: usize },
    #[error("is no label name; use letters, digits and underscores, no digit first")]
    LabelName,
    #[error("is a label that origin-probe or Prometheus sets itself; choose another name")]
    ReservedLabel,
    #[error(
        "holds no name, so nothing could be asked for; list names such as www.example.com, *.example.com or .example.com, or \"*\" for every name"
    )]
    NoNames,
    #[error(
        "holds no port, so nothing could be asked for; list ports, or leave the key out for 443"
    )]
    NoPorts,
    #[error("stands beside `{inline}`; give one of the two")]
    InlineAndFile { inline: &'static str },
    #[error(
        "asks no client for a certificate although a client CA is given; use RequireAndVerifyClientCert"
    )]
    ClientCaUnused,
    #[error(
        "needs `client_auth_type: RequireAndVerifyClientCert`; otherwise a client without a certificate has no name"
    )]
    NamesOfNobody,
    #[error("is above `max_version`; no version is left")]
    AboveMaximum,
    #[error("is no bcrypt hash; make one with `htpasswd -nBC 10 USER`")]
    NoPasswordHash,
    #[error(
        "is a bcrypt hash of cost {cost}; above {limit} each log-in takes many seconds of CPU; make one of cost 10"
    )]
    PasswordHashTooDear { cost: u32, limit: u32 },
    #[error("asks for {what}, which this version cannot do yet; leave it at its default")]
    NotYet { what: &'static str },
}

/// What kind of value stands in the file.
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
            Self::Empty => "empty",
            Self::Text => "a single value",
            Self::List => "a list",
            Self::Mapping => "a mapping",
        })
    }
}

/// A text from the file as messages show it: escaped and cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    /// Returns what of the text is fit to be shown.
    pub fn of(text: &str) -> Self {
        Self(printable(text, MOST_SHOWN))
    }

    /// Returns the text without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// How many characters of a value an error shows; a host name's label fits.
const MOST_SHOWN: usize = 80;

fn suggestion(meant: Option<&str>, known: &[Key]) -> String {
    let names = || known.iter().map(|key| key.name).collect::<Vec<_>>();
    match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the keys are {}", join(&names(), "and")),
    }
}

fn join(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn an_excerpt_is_short_and_printable() {
        assert_eq!(Excerpt::of("a\u{1b}[31m\n").to_string(), "`a\\u{1b}[31m\\u{a}`");
        assert_eq!(Excerpt::of(&"é".repeat(5_000)).as_str().chars().count(), 81);
    }
}
