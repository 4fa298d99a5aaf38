//! The settings of one distribution (origins, behaviors and viewer hosts), and the settings of each
//! origin derived from them.

mod advice;
mod behavior;
mod connection;
mod derive;
mod host_use;
mod issue;
mod kind;
mod parameter;
mod policy;
mod prospect;
mod route;
mod viewer_groups;
mod viewer_host;

pub use advice::{Fault, Port, Setting};
pub use behavior::{Behavior, EdgeFunction, OriginGroup};
pub use derive::{Account, Derivation, DeriveOptions, DerivedOrigin, derive};
pub use issue::{Issue, IssueKind, Subject, listed, printable, shown};
pub use kind::OriginKind;
pub use parameter::{ParameterDefinition, Tenant};
pub use policy::{HostForwarding, HostHeader, Policies, Policy, PolicyKind};
pub use prospect::{Prospect, Prospects, Standing, Standings};
pub use route::{Failover, Route, ViewerProtocolPolicy};
pub use viewer_host::{ProbeName, ViewerHost};

use std::fmt;

use crate::origin::OriginMtls;

/// One distribution as returned by CloudFront's API.
///
/// Values of the API's enumerations are kept as text, because the API may add new ones. Custom
/// header values are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Empty if the source does not contain it, like `get-distribution-config`.
    pub id: Box<str>,
    /// `d….cloudfront.net`; `None` if the source does not contain it.
    pub domain_name: Option<Box<str>>,
    pub aliases: Vec<Box<str>>,
    pub is_enabled: bool,
    pub is_staging: bool,
    /// `direct` or `tenant-only`; `None` means `direct`.
    pub connection_mode: Option<Box<str>>,
    pub origins: Vec<OriginSettings>,
    pub origin_groups: Vec<OriginGroup>,
    /// In order of precedence, the default behavior last.
    pub behaviors: Vec<Behavior>,
    /// The parameters for `{{name}}` in origin domains, with their defaults.
    pub parameters: Vec<ParameterDefinition>,
    pub tenants: Vec<Tenant>,
}

impl Distribution {
    /// Returns whether viewers can use the domains of tenants only.
    pub fn is_tenant_only(&self) -> bool {
        self.connection_mode.as_deref() == Some("tenant-only")
    }
}

/// One origin as in its distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginSettings {
    pub id: Box<str>,
    /// May contain `{{parameters}}` of tenants.
    pub domain_name: Box<str>,
    pub connection: OriginConnection,
    /// `None` if the source does not contain it: CloudFront's default.
    pub connection_attempts: Option<i64>,
    /// In seconds; `None` if the source does not contain it: CloudFront's default.
    pub connection_timeout: Option<i64>,
    /// The ID of the origin access control; `None` without one.
    pub origin_access_control: Option<Box<str>>,
    /// The names of members that the API did not have when this was written, such as
    /// `CustomOriginConfig.NewSetting`. Bounded and without values, but not escaped.
    pub unknown_members: Vec<Box<str>>,
}

/// The kind of origin, with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginConnection {
    Custom(CustomOrigin),
    S3,
    Vpc {
        id: Box<str>,
    },
    /// The source contains none of the three.
    Unstated,
}

/// The settings of a custom origin (API, `CustomOriginConfig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomOrigin {
    pub https_port: i64,
    pub protocol_policy: Box<str>,
    pub ssl_protocols: Vec<Box<str>>,
    /// `None` if the source does not contain it: `ipv4`.
    pub ip_address_type: Option<Box<str>>,
    pub origin_mtls: OriginMtls,
}

/// The settings of a VPC origin (API, `VpcOriginEndpointConfig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcOrigin {
    pub id: Box<str>,
    pub settings: CustomOrigin,
}

/// Distributions to include in addition to enabled production ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub disabled: bool,
    pub staging: bool,
}

/// Why a distribution is excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    Disabled,
    Staging,
}

impl Selection {
    /// Returns why a distribution is excluded; `None` if it is included.
    pub fn leaves_out(self, distribution: &Distribution) -> Option<LeftOut> {
        if !distribution.is_enabled && !self.disabled {
            return Some(LeftOut::Disabled);
        }
        (distribution.is_staging && !self.staging).then_some(LeftOut::Staging)
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "disabled",
            Self::Staging => "staging",
        })
    }
}
