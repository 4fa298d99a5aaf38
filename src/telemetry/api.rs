//! Metrics of calls of the CloudFront API.

use prometheus::{IntCounterVec, Registry};

use super::family::{opts, register};
use super::{TelemetryError, family};

/// One operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    GetDistributionConfig,
    GetDistributionTenant,
    GetVpcOrigin,
    ListCachePolicies,
    ListDistributionTenants,
    ListDistributions,
    ListOriginRequestPolicies,
    ListTagsForResource,
}

impl Operation {
    /// Every value.
    pub const ALL: [Self; 8] = [
        Self::GetDistributionConfig,
        Self::GetDistributionTenant,
        Self::GetVpcOrigin,
        Self::ListCachePolicies,
        Self::ListDistributionTenants,
        Self::ListDistributions,
        Self::ListOriginRequestPolicies,
        Self::ListTagsForResource,
    ];

    /// Returns the label value: the API's name, which is also the name of the IAM action.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GetDistributionConfig => "GetDistributionConfig",
            Self::GetDistributionTenant => "GetDistributionTenant",
            Self::GetVpcOrigin => "GetVpcOrigin",
            Self::ListCachePolicies => "ListCachePolicies",
            Self::ListDistributionTenants => "ListDistributionTenants",
            Self::ListDistributions => "ListDistributions",
            Self::ListOriginRequestPolicies => "ListOriginRequestPolicies",
            Self::ListTagsForResource => "ListTagsForResource",
        }
    }
}

/// Why a call of the API failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiFault {
    AccessDenied,
    ExpiredCredentials,
    /// The response is not one of the API's, contradicts itself or is too large.
    Malformed,
    /// No credentials are available.
    NoCredentials,
    /// The API rejected the request for another reason.
    Refused,
    /// AWS does not know the credentials.
    RefusedCredentials,
    /// The API failed on its own side.
    ServerFault,
    Throttled,
    TimedOut,
    Unreachable,
}

impl ApiFault {
    /// Every value.
    pub const ALL: [Self; 10] = [
        Self::AccessDenied,
        Self::ExpiredCredentials,
        Self::Malformed,
        Self::NoCredentials,
        Self::Refused,
        Self::RefusedCredentials,
        Self::ServerFault,
        Self::Throttled,
        Self::TimedOut,
        Self::Unreachable,
    ];

    /// Returns the label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access-denied",
            Self::ExpiredCredentials => "expired-credentials",
            Self::Malformed => "malformed",
            Self::NoCredentials => "no-credentials",
            Self::Refused => "refused",
            Self::RefusedCredentials => "refused-credentials",
            Self::ServerFault => "server-fault",
            Self::Throttled => "throttled",
            Self::TimedOut => "timed-out",
            Self::Unreachable => "unreachable",
        }
    }
}

/// The metrics of the API.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) calls: IntCounterVec,
    pub(super) errors: IntCounterVec,
}

impl Api {
    /// Returns counters at zero, with every series created.
    pub(super) fn new(registry: &Registry) -> Result<Self, TelemetryError> {
        let counter = |f: &family::Family| IntCounterVec::new(opts(f), f.labels);
        let api = Self {
            calls: register(registry, &family::DISCOVERY_API_CALLS, counter)?,
            errors: register(registry, &family::DISCOVERY_API_ERRORS, counter)?,
        };
        for operation in Operation::ALL {
            api.calls.with_label_values(&[operation.as_str()]);
        }
        for fault in ApiFault::ALL {
            api.errors.with_label_values(&[fault.as_str()]);
        }
        Ok(api)
    }
}
