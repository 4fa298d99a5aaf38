//! An origin of a distribution, as written there.

use crate::origin::OriginMtls;

/// One origin as its distribution has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginSettings {
    pub id: Box<str>,
    /// May hold `{{parameters}}` of tenants.
    pub domain_name: Box<str>,
    pub connection: OriginConnection,
    /// `None` where the source does not say: CloudFront's default.
    pub connection_attempts: Option<i64>,
    /// In seconds; `None` where the source does not say.
    pub connection_timeout: Option<i64>,
    /// The id of the origin access control; `None` without one.
    pub origin_access_control: Option<Box<str>>,
}

/// What kind of origin CloudFront takes it for, with that kind's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginConnection {
    Custom(CustomOrigin),
    S3,
    Vpc {
        id: Box<str>,
    },
    /// The source has none of the three.
    Unstated,
}

/// A custom origin's settings (API, `CustomOriginConfig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomOrigin {
    pub https_port: i64,
    pub protocol_policy: Box<str>,
    pub ssl_protocols: Vec<Box<str>>,
    /// `None` where the source does not say: `ipv4`.
    pub ip_address_type: Option<Box<str>>,
    pub origin_mtls: OriginMtls,
}

/// What a VPC origin's own settings say (API, `VpcOriginEndpointConfig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcOrigin {
    pub id: Box<str>,
    pub settings: CustomOrigin,
}
