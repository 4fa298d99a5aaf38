//! Where a behavior sends its requests.

use std::collections::HashMap;
use std::collections::HashSet;

use super::Behavior;
use super::Distribution;
use super::EdgeFunction;
use super::Gap;
use super::HostForwarding;
use super::Obstacle;
use super::OriginGroup;
use super::Policies;
use super::Subject;

/// One behavior, with what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub path_pattern: Box<str>,
    pub viewer_protocol_policy: ViewerProtocolPolicy,
    pub host: HostForwarding,
    /// The policies that decide about Host, as written.
    pub cache_policy: Option<Box<str>>,
    pub origin_request_policy: Option<Box<str>>,
    /// The id of the origin that every request tries first.
    pub primary: Box<str>,
    pub failover: Option<Failover>,
    /// Whether an edge function may send requests to another origin.
    pub is_dynamic: bool,
    /// Whether methods are allowed for which there is no failover.
    pub takes_other_methods: bool,
}

impl Route {
    /// Returns the ids of the origins that requests may reach, the primary first.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        let secondary = self.failover.as_ref().map(|failover| &*failover.secondary);
        std::iter::once(&*self.primary).chain(secondary)
    }
}

/// The origin that CloudFront turns to when the primary fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failover {
    /// The id of the origin group.
    pub group: Box<str>,
    pub secondary: Box<str>,
    /// For which statuses of the primary it does.
    pub statuses: Vec<u16>,
}

/// Which protocols viewers may use (API, `ViewerProtocolPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewerProtocolPolicy {
    AllowAll,
    HttpsOnly,
    RedirectToHttps,
}

impl ViewerProtocolPolicy {
    /// Every value, in the API's spelling.
    pub const ALL: [(&'static str, Self); 3] = [
        ("allow-all", Self::AllowAll),
        ("https-only", Self::HttpsOnly),
        ("redirect-to-https", Self::RedirectToHttps),
    ];
}

/// Returns the routes of a distribution's behaviors; one that leads to an empty group has none.
pub(super) fn routes(
    distribution: &Distribution,
    policies: &Policies,
    gaps: &mut Vec<Gap>,
) -> Vec<Route> {
    let groups: HashMap<&str, &OriginGroup> =
        distribution.origin_groups.iter().map(|group| (&*group.id, group)).collect();
    let ids: HashSet<&str> = distribution.origins.iter().map(|origin| &*origin.id).collect();
    let mut routes = Vec::new();
    for behavior in &distribution.behaviors {
        let mut complain = |obstacle| {
            gaps.push(Gap { subject: Subject::Behavior(behavior.path_pattern.clone()), obstacle });
        };
        let target = &*behavior.target_origin;
        let (primary, failover) = match groups.get(target) {
            Some(group) => match members(group) {
                Some(members) => members,
                None => {
                    let subject = Subject::OriginGroup(group.id.clone());
                    gaps.push(Gap { subject, obstacle: Obstacle::NoMembers });
                    continue;
                }
            },
            None => (behavior.target_origin.clone(), None),
        };
        // The other origin of a group counts all the same.
        let named = std::iter::once(&primary).chain(failover.as_ref().map(|f| &f.secondary));
        for id in named.filter(|id| !ids.contains(&***id)) {
            complain(Obstacle::UnknownTarget { id: id.clone() });
        }
        let host = policies.host_forwarding(behavior);
        if let HostForwarding::Unknown { kind, id } = &host {
            complain(Obstacle::UnknownPolicy { kind: *kind, id: id.clone() });
        }
        routes.push(Route {
            path_pattern: behavior.path_pattern.clone(),
            viewer_protocol_policy: viewer_protocol_policy(behavior, &mut complain),
            host,
            cache_policy: behavior.cache_policy.clone(),
            origin_request_policy: behavior.origin_request_policy.clone(),
            primary,
            // gRPC has none (guide, `distribution-using-grpc`).
            failover: failover.filter(|_| !behavior.is_grpc),
            is_dynamic: behavior.edge_functions.iter().any(EdgeFunction::may_change_origin),
            takes_other_methods: behavior.allowed_methods.iter().any(|method| !fails_over(method)),
        });
    }
    routes
}

/// Returns the primary and what stands behind it.
fn members(group: &OriginGroup) -> Option<(Box<str>, Option<Failover>)> {
    let primary = group.members.first()?.clone();
    let failover = group.members.get(1).map(|secondary| Failover {
        group: group.id.clone(),
        secondary: secondary.clone(),
        statuses: group.failover_statuses.clone(),
    });
    Some((primary, failover))
}

/// Tells whether CloudFront turns to the next origin for requests of a method (guide,
/// `high_availability_origin_failover`).
fn fails_over(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

fn viewer_protocol_policy(
    behavior: &Behavior,
    complain: &mut impl FnMut(Obstacle),
) -> ViewerProtocolPolicy {
    let written = &behavior.viewer_protocol_policy;
    let found = ViewerProtocolPolicy::ALL.iter().find(|(text, _)| *text == &**written);
    if let Some((_, policy)) = found {
        return *policy;
    }
    complain(Obstacle::UnknownValue {
        setting: "ViewerProtocolPolicy",
        value: written.clone(),
        assumed: "https-only",
    });
    ViewerProtocolPolicy::HttpsOnly
}
