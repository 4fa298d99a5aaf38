//! Closed lists of the daemon's own events; each provides the values of a label.

/// Why a probe failed through a fault of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnError {
    /// The probe panicked; other probes are unaffected.
    Panicked,
    /// A socket or the TLS library failed on our side.
    OwnFailure,
}

impl OwnError {
    /// Every value with its label.
    pub const ALL: [(&'static str, Self); 2] =
        [("panicked", Self::Panicked), ("own-failure", Self::OwnFailure)];
}

/// One phase of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// DNS.
    Resolve,
    /// TCP.
    Connect,
    /// TLS.
    Handshake,
}

impl Phase {
    /// Every value with its label, in the order of a probe.
    pub const ALL: [(&'static str, Self); 3] =
        [("resolve", Self::Resolve), ("connect", Self::Connect), ("handshake", Self::Handshake)];
}

/// One operation of the CloudFront API.
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
    /// Every value with its label: the API's name, which is also the name of the IAM action.
    pub const ALL: [(&'static str, Self); 8] = [
        ("GetDistributionConfig", Self::GetDistributionConfig),
        ("GetDistributionTenant", Self::GetDistributionTenant),
        ("GetVpcOrigin", Self::GetVpcOrigin),
        ("ListCachePolicies", Self::ListCachePolicies),
        ("ListDistributionTenants", Self::ListDistributionTenants),
        ("ListDistributions", Self::ListDistributions),
        ("ListOriginRequestPolicies", Self::ListOriginRequestPolicies),
        ("ListTagsForResource", Self::ListTagsForResource),
    ];

    /// Returns the label.
    pub fn as_str(self) -> &'static str {
        label(&Self::ALL, self)
    }
}

/// Why a call of the CloudFront API failed.
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
    /// Every value with its label.
    pub const ALL: [(&'static str, Self); 10] = [
        ("access-denied", Self::AccessDenied),
        ("expired-credentials", Self::ExpiredCredentials),
        ("malformed", Self::Malformed),
        ("no-credentials", Self::NoCredentials),
        ("refused", Self::Refused),
        ("refused-credentials", Self::RefusedCredentials),
        ("server-fault", Self::ServerFault),
        ("throttled", Self::Throttled),
        ("timed-out", Self::TimedOut),
        ("unreachable", Self::Unreachable),
    ];

    /// Returns the label.
    pub fn as_str(self) -> &'static str {
        label(&Self::ALL, self)
    }
}

/// Returns the label of a value in a list of all values.
pub(super) fn label<T: PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, each)| *each == value).map_or("", |(label, _)| label)
}
