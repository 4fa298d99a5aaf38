//! The origins to which a behavior sends requests.

use std::collections::{HashMap, HashSet};

use super::connection::find;
use super::{
    Behavior, Distribution, EdgeFunction, HostForwarding, Issue, IssueKind, OriginGroup, Policies,
    Subject,
};

/// One behavior and the origins that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub path_pattern: Box<str>,
    pub viewer_protocol_policy: ViewerProtocolPolicy,
    pub host: HostForwarding,
    /// The IDs of the policies that can forward Host.
    pub cache_policy: Option<Box<str>>,
    pub origin_request_policy: Option<Box<str>>,
    /// The ID of the origin that CloudFront tries first.
    pub primary: Box<str>,
    pub failover: Option<Failover>,
    /// Whether an edge function can send requests to another origin.
    pub is_dynamic: bool,
    /// Whether methods without failover are allowed.
    pub takes_other_methods: bool,
}

impl Route {
    /// Returns the IDs of the origins that requests can reach, the primary first.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        let secondary = self.failover.as_ref().map(|failover| &*failover.secondary);
        std::iter::once(&*self.primary).chain(secondary)
    }
}

/// The origin that CloudFront tries after the primary has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failover {
    /// The ID of the origin group.
    pub group: Box<str>,
    pub secondary: Box<str>,
    /// The statuses of the primary that trigger failover.
    pub statuses: Vec<u16>,
}

/// The protocols that viewers can use (API, `ViewerProtocolPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewerProtocolPolicy {
    AllowAll,
    HttpsOnly,
    RedirectToHttps,
}

impl ViewerProtocolPolicy {
    /// Every value with the API's spelling.
    pub const ALL: [(&'static str, Self); 3] = [
        ("allow-all", Self::AllowAll),
        ("https-only", Self::HttpsOnly),
        ("redirect-to-https", Self::RedirectToHttps),
    ];
}

/// Returns the routes of a distribution's behaviors, except those that lead to an empty group.
pub(super) fn routes(
    distribution: &Distribution,
    policies: &Policies,
    issues: &mut Vec<Issue>,
) -> Vec<Route> {
    let groups: HashMap<&str, &OriginGroup> =
        distribution.origin_groups.iter().map(|group| (&*group.id, group)).collect();
    let ids: HashSet<&str> = distribution.origins.iter().map(|origin| &*origin.id).collect();
    let mut routes = Vec::new();
    for behavior in &distribution.behaviors {
        let mut complain = |kind| {
            issues.push(Issue { subject: Subject::Behavior(behavior.path_pattern.clone()), kind });
        };
        let target = &*behavior.target_origin;
        let (primary, failover) = match groups.get(target) {
            Some(group) => match members(group) {
                Some(members) => members,
                None => {
                    let subject = Subject::OriginGroup(group.id.clone());
                    issues.push(Issue { subject, kind: IssueKind::NoMembers });
                    continue;
                }
            },
            None => (behavior.target_origin.clone(), None),
        };
        // An unknown member of a group does not invalidate the other member.
        let named = std::iter::once(&primary).chain(failover.as_ref().map(|f| &f.secondary));
        for id in named.filter(|id| !ids.contains(&***id)) {
            complain(IssueKind::UnknownTarget { id: id.clone() });
        }
        let host = policies.host_forwarding(behavior);
        if let HostForwarding::Unknown { kind, id } = &host {
            complain(IssueKind::UnknownPolicy { kind: *kind, id: id.clone() });
        }
        routes.push(Route {
            path_pattern: behavior.path_pattern.clone(),
            viewer_protocol_policy: viewer_protocol_policy(behavior, &mut complain),
            host,
            cache_policy: behavior.cache_policy.clone(),
            origin_request_policy: behavior.origin_request_policy.clone(),
            primary,
            // gRPC has no failover (guide, `distribution-using-grpc`).
            failover: failover.filter(|_| !behavior.is_grpc),
            is_dynamic: behavior.edge_functions.iter().any(EdgeFunction::may_change_origin),
            takes_other_methods: behavior.allowed_methods.iter().any(|method| !fails_over(method)),
        });
    }
    routes
}

/// Returns the primary of a group and its failover; `None` for an empty group.
fn members(group: &OriginGroup) -> Option<(Box<str>, Option<Failover>)> {
    let primary = group.members.first()?.clone();
    let failover = group.members.get(1).map(|secondary| Failover {
        group: group.id.clone(),
        secondary: secondary.clone(),
        statuses: group.failover_statuses.clone(),
    });
    Some((primary, failover))
}

/// Returns whether CloudFront supports failover for a method (guide,
/// `high_availability_origin_failover`).
fn fails_over(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

fn viewer_protocol_policy(
    behavior: &Behavior,
    complain: &mut impl FnMut(IssueKind),
) -> ViewerProtocolPolicy {
    let written = &behavior.viewer_protocol_policy;
    find(&ViewerProtocolPolicy::ALL, written).unwrap_or_else(|| {
        complain(IssueKind::UnknownValue {
            setting: "ViewerProtocolPolicy",
            value: written.clone(),
            assumed: "https-only",
        });
        ViewerProtocolPolicy::HttpsOnly
    })
}
