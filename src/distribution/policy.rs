//! Determines whether a behavior forwards the Host header: by its origin request policy, its cache
//! policy, or the deprecated `ForwardedValues`.

use std::collections::HashMap;
use std::fmt;

use super::managed::managed;
use super::{Behavior, Route};

/// The two kinds of policies that can forward headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    OriginRequest,
    Cache,
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OriginRequest => "origin request policy",
            Self::Cache => "cache policy",
        })
    }
}

/// Whether a policy forwards the viewer's Host header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostHeader {
    Forwarded,
    /// The other policy decides. If that does not forward Host either, CloudFront sends the origin
    /// domain.
    NotForwarded,
}

impl HostHeader {
    /// Evaluates `HeadersConfig` (API, `OriginRequestPolicyHeadersConfig`,
    /// `CachePolicyHeadersConfig`); `None` for an unknown header behavior.
    pub fn of<'a>(
        kind: PolicyKind,
        header_behavior: &str,
        headers: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let names_host = headers.into_iter().any(|name| name.eq_ignore_ascii_case("host"));
        let forwards = match (kind, header_behavior) {
            (_, "none") => false,
            (_, "whitelist") => names_host,
            (PolicyKind::OriginRequest, "allViewer" | "allViewerAndWhitelistCloudFront") => true,
            (PolicyKind::OriginRequest, "allExcept") => !names_host,
            _ => return None,
        };
        Some(if forwards { Self::Forwarded } else { Self::NotForwarded })
    }
}

/// The parts of a policy that are relevant for origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub name: Box<str>,
    pub host: HostHeader,
}

/// The known policies: Amazon's managed ones and those of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    custom: HashMap<(PolicyKind, Box<str>), Policy>,
}

impl Policies {
    /// Adds a policy of an account.
    pub fn add(&mut self, kind: PolicyKind, id: &str, policy: Policy) {
        self.custom.insert((kind, id.into()), policy);
    }

    /// Returns a policy; `None` if it is unknown.
    pub fn find(&self, kind: PolicyKind, id: &str) -> Option<Policy> {
        if let Some(policy) = self.custom.get(&(kind, id.into())) {
            return Some(policy.clone());
        }
        [HostHeader::Forwarded, HostHeader::NotForwarded].into_iter().find_map(|host| {
            let (_, name) = managed(kind, host).iter().find(|(known, _)| *known == id)?;
            Some(Policy { name: (*name).into(), host })
        })
    }

    /// Returns the account's policies that `routes` use.
    pub(super) fn of_routes(&self, routes: &[Route]) -> Self {
        let named = |route: &'_ Route| {
            [
                route.cache_policy.clone().map(|id| (PolicyKind::Cache, id)),
                route.origin_request_policy.clone().map(|id| (PolicyKind::OriginRequest, id)),
            ]
        };
        let named = routes.iter().flat_map(named).flatten();
        let custom = named.filter_map(|key| {
            let policy = self.custom.get(&key)?.clone();
            Some((key, policy))
        });
        Self { custom: custom.collect() }
    }

    /// Returns whether a behavior forwards Host.
    ///
    /// A header is forwarded if either policy forwards it: headers in the cache policy are sent to
    /// the origin even if the origin request policy excludes them (guide,
    /// `understanding-how-origin-request-policies-and-cache-policies-work-together`).
    pub fn host_forwarding(&self, behavior: &Behavior) -> HostForwarding {
        let is_host = |name: &str| name == "*" || name.eq_ignore_ascii_case("host");
        if behavior.forwarded_headers.iter().any(|name| is_host(name)) {
            return HostForwarding::Forwarded;
        }
        let mut unknown = None;
        for (kind, id) in [
            (PolicyKind::Cache, &behavior.cache_policy),
            (PolicyKind::OriginRequest, &behavior.origin_request_policy),
        ] {
            let Some(id) = id else { continue };
            match self.find(kind, id) {
                Some(Policy { host: HostHeader::Forwarded, .. }) => {
                    return HostForwarding::Forwarded;
                }
                Some(_) => {}
                None => unknown = unknown.or_else(|| Some((kind, id.clone()))),
            }
        }
        match unknown {
            Some((kind, id)) => HostForwarding::Unknown { kind, id },
            None => HostForwarding::NotForwarded,
        }
    }
}

/// The Host header that CloudFront sends to the origin, which is also the server name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostForwarding {
    /// The viewer's.
    Forwarded,
    /// The origin domain.
    NotForwarded,
    /// It depends on this policy, which is unknown.
    Unknown { kind: PolicyKind, id: Box<str> },
}
