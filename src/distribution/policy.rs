//! Determines whether a behavior forwards the Host header: by its origin request policy, its cache
//! policy, or the deprecated `ForwardedValues`.

use std::collections::HashMap;
use std::fmt;

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

/// Returns the id and the name of each of Amazon's managed policies of a kind that handle Host in
/// this way (guide, `using-managed-origin-request-policies` and `using-managed-cache-policies`).
fn managed(kind: PolicyKind, host: HostHeader) -> &'static [(&'static str, &'static str)] {
    match (kind, host) {
        (PolicyKind::OriginRequest, HostHeader::Forwarded) => &[
            ("216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer"),
            ("33f36d7e-f396-46d9-90e0-52428a34d9dc", "AllViewerAndCloudFrontHeaders-2022-06"),
            ("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly"),
        ],
        (PolicyKind::OriginRequest, HostHeader::NotForwarded) => &[
            ("b689b0a8-53d0-40ab-baf2-68738e2966ac", "AllViewerExceptHostHeader"),
            ("59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin"),
            ("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "CORS-S3Origin"),
            ("775133bc-15f2-49f9-abea-afb2e0bf67d2", "Elemental-MediaTailor-PersonalizedManifests"),
            ("acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders"),
        ],
        (PolicyKind::Cache, HostHeader::Forwarded) => &[
            ("83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders"),
            ("4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings"),
            ("2e54312d-136d-493c-8eb9-b001f22f67d2", "Amplify"),
        ],
        (PolicyKind::Cache, HostHeader::NotForwarded) => &[
            ("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized"),
            ("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects"),
            ("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled"),
            ("08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage"),
        ],
    }
}
