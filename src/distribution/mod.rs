//! What one distribution says: its origins as written, its behaviors, and the names under which
//! viewers come; and what follows from that for each origin.

mod advice;
mod behavior;
mod connection;
mod derive;
mod gap;
mod kind;
mod managed;
mod parameter;
mod parties;
mod policy;
mod prospect;
mod route;
mod selection;
mod settings;
mod shown;
mod targets;
mod viewer_host;

pub use advice::Fault;
pub use advice::Port;
pub use advice::Setting;
pub use behavior::Behavior;
pub use behavior::EdgeFunction;
pub use behavior::EventType;
pub use behavior::OriginGroup;
pub use derive::Account;
pub use derive::Derivation;
pub use derive::DerivedOrigin;
pub use derive::Terms;
pub use derive::derive;
pub use gap::Gap;
pub use gap::Obstacle;
pub use gap::Subject;
pub use kind::OriginKind;
pub use parameter::ParameterDefinition;
pub use parameter::Tenant;
pub use policy::HostForwarding;
pub use policy::HostHeader;
pub use policy::Policies;
pub use policy::Policy;
pub use policy::PolicyKind;
pub use prospect::Prospect;
pub use prospect::Prospects;
pub use prospect::Standing;
pub use prospect::Standings;
pub use route::Failover;
pub use route::Route;
pub use route::ViewerProtocolPolicy;
pub use selection::Choice;
pub use selection::LeftOut;
pub use selection::Selection;
pub use settings::CustomOrigin;
pub use settings::OriginConnection;
pub use settings::OriginSettings;
pub use settings::VpcOrigin;
pub use shown::listed;
pub use shown::printable;
pub use shown::shown;
pub use viewer_host::ProbeName;
pub use viewer_host::ViewerHost;

pub use crate::origin::DomainName;
pub use crate::origin::Origin;
pub use crate::origin::OriginKey;
pub use crate::origin::ProtocolPolicy;
pub use crate::origin::Usage;

/// One distribution as CloudFront's API tells it. Values of the API's enumerations stand as
/// written, for the API may have learnt new ones; custom header values stand nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Empty where the source does not say (`get-distribution-config` does not).
    pub id: Box<str>,
    /// `d….cloudfront.net`; `None` where the source does not say.
    pub domain_name: Option<Box<str>>,
    pub aliases: Vec<Box<str>>,
    pub is_enabled: bool,
    pub is_staging: bool,
    /// `direct` or `tenant-only`; `None` is direct.
    pub connection_mode: Option<Box<str>>,
    pub origins: Vec<OriginSettings>,
    pub origin_groups: Vec<OriginGroup>,
    /// In the order of their precedence, the default behavior last.
    pub behaviors: Vec<Behavior>,
    /// What stands for `{{name}}` in origin domains where a tenant does not say.
    pub parameters: Vec<ParameterDefinition>,
    pub tenants: Vec<Tenant>,
}

impl Distribution {
    /// Tells whether viewers come by way of tenants only.
    pub fn is_tenant_only(&self) -> bool {
        self.connection_mode.as_deref() == Some("tenant-only")
    }
}

#[cfg(test)]
mod tests;
