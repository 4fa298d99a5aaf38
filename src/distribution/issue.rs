//! Issues found while deriving a distribution.

use std::fmt;

use thiserror::Error;

use crate::chain;
use crate::origin::DomainNameError;

use super::PolicyKind;
use super::advice::is_plain;

/// A part of a distribution that could not be derived. The rest of it is still used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{subject}: {kind}")]
pub struct Issue {
    pub subject: Subject,
    pub kind: IssueKind,
}

impl Issue {
    /// Returns whether something that viewers may need is not checked because of the issue. If
    /// not, the message contains the assumption that was made.
    pub fn is_loss(&self) -> bool {
        !matches!(
            self.kind,
            IssueKind::UnknownValue { .. }
                | IssueKind::OutOfRange { .. }
                | IssueKind::UnknownPolicy { .. }
        )
    }
}

/// The part of the distribution that the issue concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Origin(Box<str>),
    Behavior(Box<str>),
    OriginGroup(Box<str>),
    Alias(Box<str>),
    Tenant(Box<str>),
    /// The distribution as a whole.
    Distribution,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(id) => write!(f, "origin {}", shown(id)),
            Self::Behavior(pattern) => write!(f, "behavior {}", shown(pattern)),
            Self::OriginGroup(id) => write!(f, "origin group {}", shown(id)),
            Self::Alias(name) => write!(f, "alias {}", shown(name)),
            Self::Tenant(id) => write!(f, "tenant {}", shown(id)),
            Self::Distribution => f.write_str("distribution"),
        }
    }
}

/// The kind of issue.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IssueKind {
    #[error("domain name {} {error}; ignored", shown(.value))]
    NoDomain { value: Box<str>, error: DomainNameError },
    #[error("no CustomOriginConfig, S3OriginConfig or VpcOriginConfig; origin ignored")]
    NoConnection,
    #[error("unknown {setting} {}; origin ignored", shown(.value))]
    UnusableValue { setting: &'static str, value: Box<str> },
    #[error("unknown {setting} {}; assuming {assumed}", shown(.value))]
    UnknownValue { setting: &'static str, value: Box<str>, assumed: &'static str },
    #[error("{setting} {value} is out of range; assuming {assumed}")]
    OutOfRange { setting: &'static str, value: i64, assumed: String },
    #[error("HTTPS port {value} is not allowed by CloudFront; origin ignored")]
    Port { value: i64 },
    #[error(
        "settings of VPC origin {} are unknown; add the output of `aws cloudfront get-vpc-origin \
         --id {}`",
        shown(.id),
        in_command(.id)
    )]
    VpcOriginUnknown { id: Box<str> },
    #[error("parameter in {} is not closed with `}}}}`; origin ignored", shown(.value))]
    ParameterNotClosed { value: Box<str> },
    #[error("{}", no_value(.name, .tenant.as_deref(), *.others))]
    ParameterWithoutValue {
        name: Box<str>,
        /// The first tenant without a value; `None` if no tenant is known.
        tenant: Option<Box<str>>,
        /// The number of other tenants without a value.
        others: usize,
    },
    #[error("same domain as another origin with this ID; ignored")]
    DuplicateOrigin,
    #[error("target {} is not a known origin or origin group", shown(.id))]
    UnknownTarget { id: Box<str> },
    #[error("no members")]
    NoMembers,
    #[error(
        "{kind} {} is unknown, so origin-probe checks both with and without Host forwarding; run \
         `aws cloudfront {} --id {} >policy.json`, then check again with `--related policy.json`",
        shown(.id),
        call(*.kind),
        in_command(.id)
    )]
    UnknownPolicy { kind: PolicyKind, id: Box<str> },
    #[error(
        "Host is forwarded, but no viewer host is known; add the output of get-distribution, or \
         the name of a host"
    )]
    NoViewerHost,
    #[error(
        "multi-tenant distribution without tenants; add the output of get-distribution-tenant for \
         each tenant"
    )]
    NoTenant,
}

/// Returns an ID for use in a suggested command, or a placeholder if a shell could misread it.
fn in_command(id: &str) -> &str {
    if is_plain(id) { id } else { "ID" }
}

fn no_value(name: &str, tenant: Option<&str>, others: usize) -> String {
    let name = shown(name);
    let whose = match (tenant.map(shown), others) {
        (None, _) => {
            return format!(
                "parameter {name} has no value; add the output of get-distribution-tenant for each \
                 tenant"
            );
        }
        (Some(tenant), 0) => format!("tenant {tenant} has"),
        (Some(tenant), others) => format!("tenant {tenant} and {others} more have"),
    };
    format!("{whose} no value for parameter {name}; add the output of get-distribution-tenant")
}

fn call(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::OriginRequest => "get-origin-request-policy",
        PolicyKind::Cache => "get-cache-policy",
    }
}

/// Escapes and truncates a text.
pub fn printable(text: &str) -> String {
    chain::printable(text, LONGEST)
}

/// Escapes and truncates a text, and puts it in backticks.
pub fn shown(text: &str) -> String {
    format!("`{}`", printable(text))
}

/// Lists the first few texts, escaped, and the number of the others.
pub fn listed<T: AsRef<str>>(texts: &[T]) -> String {
    let named: Vec<String> = texts.iter().take(LISTED).map(|t| printable(t.as_ref())).collect();
    match texts.len().saturating_sub(LISTED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// The maximum number of characters shown of a text. A path pattern has at most 255.
const LONGEST: usize = 255;

/// The maximum number of texts listed on a line.
const LISTED: usize = 4;
