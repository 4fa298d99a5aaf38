//! What could not be derived from a distribution, and why.

use std::fmt;

use thiserror::Error;

use crate::origin::DomainNameError;

use super::PolicyKind;
use super::shown;

/// Something of a distribution that could not be derived. The rest of it stands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{subject}: {obstacle}")]
pub struct Gap {
    pub subject: Subject,
    pub obstacle: Obstacle,
}

impl Gap {
    /// Tells whether something that viewers may need is not judged for it; otherwise something
    /// was assumed in its place, which the text says.
    pub fn is_loss(&self) -> bool {
        !matches!(
            self.obstacle,
            Obstacle::UnknownValue { .. }
                | Obstacle::OutOfRange { .. }
                | Obstacle::UnknownPolicy { .. }
        )
    }
}

/// What part of the distribution has a gap.
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
            Self::Distribution => f.write_str("the distribution"),
        }
    }
}

/// Why it could not be derived.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Obstacle {
    #[error("the domain name {} {error}; it is left out", shown(.value))]
    NoDomain { value: Box<str>, error: DomainNameError },
    #[error("it has no CustomOriginConfig, S3OriginConfig or VpcOriginConfig; it is left out")]
    NoConnection,
    #[error("{setting} {} is not known here; it is left out", shown(.value))]
    UnusableValue { setting: &'static str, value: Box<str> },
    #[error("{setting} {} is not known here; {assumed} is assumed", shown(.value))]
    UnknownValue { setting: &'static str, value: Box<str>, assumed: &'static str },
    #[error("{setting} {value} is out of range; {assumed} is assumed")]
    OutOfRange { setting: &'static str, value: i64, assumed: String },
    #[error("HTTPS port {value} is no port CloudFront takes; it is left out")]
    Port { value: i64 },
    #[error(
        "its settings are those of VPC origin {}, which nobody has told; give the output of get-vpc-origin", shown(.id)
    )]
    VpcOriginUnknown { id: Box<str> },
    #[error("{} has no end of a parameter, `}}}}`; it is left out", shown(.value))]
    ParameterNotClosed { value: Box<str> },
    #[error("{}", no_value(.name, .tenant.as_deref(), *.others))]
    ParameterWithoutValue {
        name: Box<str>,
        /// The first tenant without one; `None` where no tenant is known.
        tenant: Option<Box<str>>,
        /// How many more tenants have none.
        others: usize,
    },
    #[error("it has the domain of another origin with this id; it is left out")]
    DuplicateOrigin,
    #[error("it leads to {}, which is no origin or origin group that could be read", shown(.id))]
    UnknownTarget { id: Box<str> },
    #[error("it has no members")]
    NoMembers,
    #[error(
        "{kind} {} is not known, so Host may be forwarded or not; both are tried: give the output of {}",
        shown(.id),
        call(*.kind)
    )]
    UnknownPolicy { kind: PolicyKind, id: Box<str> },
    #[error(
        "Host is forwarded, and nobody has told under which name viewers come; give the output of get-distribution, or the name"
    )]
    NoViewerHost,
    #[error(
        "viewers come by tenants only, and none is given; give the outputs of get-distribution-tenant"
    )]
    NoTenant,
}

fn no_value(name: &str, tenant: Option<&str>, others: usize) -> String {
    let name = shown(name);
    let whose = match (tenant.map(shown), others) {
        (None, _) => {
            return format!(
                "the parameter {name} has no value; give the outputs of get-distribution-tenant"
            );
        }
        (Some(tenant), 0) => format!("tenant {tenant} gives"),
        (Some(tenant), others) => format!("tenant {tenant} and {others} more give"),
    };
    format!("{whose} no value for the parameter {name}; give the output of get-distribution-tenant")
}

fn call(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::OriginRequest => "get-origin-request-policy",
        PolicyKind::Cache => "get-cache-policy",
    }
}
