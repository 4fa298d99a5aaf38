//! What viewers of one path pattern get, as the contract shows it.

use serde::Serialize;

use crate::impact::Impact;
use crate::origin::DomainName;
use crate::origin::OriginKey;

/// One path pattern by one protocol that leads to the origin, for the hosts that have the outcome
/// in common.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ImpactJson<'a> {
    path_pattern: &'a str,
    viewer_protocol: &'static str,
    viewer_hosts: Vec<&'a str>,
    /// Whether the origin is the one tried first or the one that stands in.
    role: &'static str,
    outcome: &'static str,
    /// What viewers get, if the outcome is `fails`; what they would get, if it is `at-risk`.
    status: Option<u16>,
    /// What methods other than GET, HEAD and OPTIONS get where failover hides the failure of those.
    other_methods_status: Option<u16>,
    /// Whether an edge function may choose another origin.
    dynamic: bool,
}

impl<'a> ImpactJson<'a> {
    pub(super) fn new(impact: &'a Impact, key: &OriginKey) -> Option<Self> {
        Some(Self {
            path_pattern: &impact.path_pattern,
            viewer_protocol: impact.viewer_protocol.as_str(),
            viewer_hosts: impact.hosts.iter().map(DomainName::as_str).collect(),
            role: impact.role_of(key)?.as_str(),
            outcome: impact.outlook.as_str(),
            status: impact.status,
            other_methods_status: impact.other_methods_status,
            dynamic: impact.is_dynamic,
        })
    }
}
