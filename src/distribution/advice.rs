//! Which setting of a distribution a finding hangs on: its present value, the change, and the call
//! that shows it. No call that changes anything is ever named.

use crate::origin::DomainName;
use crate::origin::OriginMtls;
use crate::origin::ProtocolPolicy;
use crate::origin::SslProtocol;

use super::Derivation;
use super::DerivedOrigin;
use super::HostForwarding;
use super::HostHeader;
use super::OriginKind;
use super::PolicyKind;
use super::Route;
use super::listed;
use super::printable;
use super::shown;

/// An origin within its distribution.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub derivation: &'a Derivation,
    pub derived: &'a DerivedOrigin,
}

impl Setting<'_> {
    /// Returns what the distribution has to do with a violation of a rule, by its id, found under
    /// a server name; `None` where the fault is the origin's alone.
    pub fn advice(&self, rule: &str, server_name: Option<&DomainName>) -> Option<String> {
        let origin = &*self.derived.origin;
        let (is, change, place) = match rule {
            "name-not-in-certificate" | "server-name-refused" | "host-not-in-certificate" => {
                self.of_name(server_name?)?
            }
            "origin-domain-unresolvable" | "address-not-public" => (
                format!("its DomainName is {}", origin.domain()),
                "change it, if another name is meant".to_owned(),
                Place::Origin,
            ),
            "no-usable-address" => (
                format!("its IpAddressType is {}", origin.ip_address_type.as_str()),
                "set it to the kind of address that the domain has, or to dualstack".to_owned(),
                Place::Origin,
            ),
            "connection-refused" | "connection-timed-out" | "not-tls" => self.of_port(),
            "no-shared-protocol-version" | "sslv3-not-offered" => self.of_versions(),
            "client-certificate-required" | "client-certificate-requested"
                if origin.origin_mtls == OriginMtls::NotConfigured =>
            {
                (
                    "its CustomOriginConfig has no OriginMtlsConfig".to_owned(),
                    "give it the ARN of a client certificate that the origin accepts".to_owned(),
                    Place::Origin,
                )
            }
            _ => return None,
        };
        let distribution = self.derivation.distribution.as_ref();
        let whose = match distribution {
            "" => "the distribution".to_owned(),
            id => format!("distribution {}", printable(id)),
        };
        let id = shown(&origin.key.id);
        let call = place.call(distribution, &origin.key.id);
        Some(format!("Origin {id} of {whose}: {is}; {change}. See it with: {call}"))
    }

    /// What sends the server name: the origin domain, or the policies that forward Host.
    fn of_name(&self, server_name: &DomainName) -> Option<(String, String, Place)> {
        let domain = self.derived.origin.domain();
        let id = &*self.derived.origin.key.id;
        if server_name == domain {
            let routes = self.derivation.routes_to(id);
            let routes: Vec<&Route> =
                routes.filter(|route| route.host != HostForwarding::Forwarded).collect();
            let mut policies = self.names(&routes, PolicyKind::Cache, |_| true);
            policies.extend(self.names(&routes, PolicyKind::OriginRequest, |_| true));
            let by = match policies.as_slice() {
                [] => "no policy of which forwards Host".to_owned(),
                policies => format!("for which {} forwards no Host", policies.join(" with ")),
            };
            return Some((
                format!("its DomainName is {domain}, which is sent for {}, {by}", paths(&routes)),
                "set it to a name that the certificate carries, or give these behaviors the origin request policy AllViewer (216adef6-5c7f-47e4-b989-5492eafa07d3), which forwards Host".to_owned(),
                Place::Behaviors,
            ));
        }
        let routes = self.derivation.routes_to(id);
        let routes: Vec<&Route> =
            routes.filter(|route| route.host != HostForwarding::NotForwarded).collect();
        let paths = paths(&routes);
        let forwards = |host| host == HostHeader::Forwarded;
        let by_cache = self.names(&routes, PolicyKind::Cache, forwards);
        let by_request = self.names(&routes, PolicyKind::OriginRequest, forwards);
        let mut by: Vec<String> = by_cache.iter().chain(&by_request).cloned().collect();
        if by.is_empty() {
            by.push("ForwardedValues or a policy that is not known".to_owned());
        }
        let mut changes = Vec::new();
        if !by_request.is_empty() || by_cache.is_empty() {
            changes.push("the origin request policy AllViewerExceptHostHeader (b689b0a8-53d0-40ab-baf2-68738e2966ac)");
        }
        if !by_cache.is_empty() {
            changes.push("a cache policy without Host, such as CachingOptimized or CachingDisabled, for what the cache policy forwards goes to the origin whatever the other excludes");
        }
        Some((
            format!("Host is forwarded for {paths} by {}", by.join(" and ")),
            format!(
                "have the certificate carry {server_name}, or give these behaviors {}",
                changes.join(" and ")
            ),
            Place::Behaviors,
        ))
    }

    /// Returns the known policies of a kind that do what is wanted with Host, each once.
    fn names(
        &self,
        routes: &[&Route],
        kind: PolicyKind,
        is_wanted: fn(HostHeader) -> bool,
    ) -> Vec<String> {
        let mut named: Vec<String> = Vec::new();
        for route in routes {
            let id = match kind {
                PolicyKind::Cache => &route.cache_policy,
                PolicyKind::OriginRequest => &route.origin_request_policy,
            };
            let Some(id) = id else { continue };
            let Some(policy) = self.derivation.policies.find(kind, id) else { continue };
            let name = format!("the {kind} {} ({})", printable(&policy.name), printable(id));
            if is_wanted(policy.host) && !named.contains(&name) {
                named.push(name);
            }
        }
        named
    }

    fn of_port(&self) -> (String, String, Place) {
        let origin = &*self.derived.origin;
        let policy = origin.protocol_policy.as_str();
        if self.derived.kind == OriginKind::S3Website {
            return (
                format!(
                    "its OriginProtocolPolicy is {policy}, but it is an S3 website, and those speak plain HTTP only"
                ),
                format!(
                    "set it to {}, or use the bucket itself as an S3 origin",
                    ProtocolPolicy::HttpOnly.as_str()
                ),
                Place::Origin,
            );
        }
        (
            format!("its HTTPSPort is {} and its OriginProtocolPolicy {policy}", origin.https_port),
            "set HTTPSPort to the port on which the origin speaks TLS".to_owned(),
            Place::Origin,
        )
    }

    fn of_versions(&self) -> (String, String, Place) {
        let listed = self.derived.origin.ssl_protocols.listed();
        let listed: Vec<&str> = listed.iter().map(|protocol| protocol.as_str()).collect();
        (
            format!("its OriginSslProtocols are {}", listed.join(", ")),
            format!(
                "list those that the origin speaks; best, have it speak {}",
                SslProtocol::TlsV1_2.as_str()
            ),
            Place::Origin,
        )
    }
}

/// Where in a distribution a setting stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    Origin,
    Behaviors,
}

impl Place {
    /// Returns the call that shows it. An id that a shell might read otherwise is not put into it.
    fn call(self, distribution: &str, origin: &str) -> String {
        let id = if is_plain(distribution) { distribution } else { "ID" };
        let query = match self {
            Self::Origin if is_plain(origin) => {
                format!("DistributionConfig.Origins.Items[?Id=='{origin}']")
            }
            Self::Origin => "DistributionConfig.Origins.Items".to_owned(),
            Self::Behaviors => {
                "DistributionConfig.[DefaultCacheBehavior,CacheBehaviors.Items]".to_owned()
            }
        };
        format!("aws cloudfront get-distribution-config --id {id} --query \"{query}\"")
    }
}

fn is_plain(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !id.is_empty() && !id.starts_with('-') && id.chars().all(is_plain)
}

fn paths(routes: &[&Route]) -> String {
    let patterns: Vec<&str> = routes.iter().map(|route| &*route.path_pattern).collect();
    listed(&patterns)
}
