//! Which setting of a distribution a finding hangs on: its present value, the change, and the call
//! that shows it. No call that changes anything is ever named.

use crate::origin::DomainName;
use crate::origin::IpAddressType;
use crate::origin::OriginMtls;
use crate::origin::Platform;
use crate::origin::ProtocolPolicy;
use crate::origin::SslProtocol;
use crate::origin::Usage;

use super::Derivation;
use super::DerivedOrigin;
use super::HostForwarding;
use super::HostHeader;
use super::OriginKind;
use super::PolicyKind;
use super::Prospect;
use super::Prospects;
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

/// A violation of a rule, as far as a distribution's settings have to do with it.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// The name under which it was found.
    pub server_name: Option<&'a DomainName>,
    pub port: Port,
}

/// What is known of the origin's HTTPS port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// TLS was not spoken at any address.
    NoTls,
    /// TLS is spoken at other addresses than the violation's.
    SpeaksTls,
    /// TLS is spoken at the addresses of this type only.
    OneFamily(IpAddressType),
}

impl Setting<'_> {
    /// Returns what the distribution has to do with a violation; `None` where the fault is the
    /// origin's alone. No change is named that would make viewers fail who are served today.
    pub fn advice(&self, fault: &Fault<'_>, prospects: &Prospects) -> Option<String> {
        let origin = &*self.derived.origin;
        let (is, change, place) = match fault.rule {
            "name-not-in-certificate" | "server-name-refused" | "host-not-in-certificate" => {
                self.of_name(fault.server_name?, prospects)?
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
            "connection-refused" | "connection-timed-out" | "not-tls" => match fault.port {
                Port::NoTls => self.of_port(),
                Port::SpeaksTls => return None,
                Port::OneFamily(family) => (
                    format!("its IpAddressType is {}", origin.ip_address_type.as_str()),
                    format!("set it to {}, if the others are not to be repaired", family.as_str()),
                    Place::Origin,
                ),
            },
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
    fn of_name(
        &self,
        server_name: &DomainName,
        prospects: &Prospects,
    ) -> Option<(String, String, Place)> {
        match server_name == self.derived.origin.domain() {
            true => self.of_domain(server_name, prospects),
            false => self.of_host(server_name, prospects),
        }
    }

    fn of_domain(
        &self,
        domain: &DomainName,
        prospects: &Prospects,
    ) -> Option<(String, String, Place)> {
        let routes = self.derivation.routes_to(&self.derived.origin.key.id);
        let routes: Vec<&Route> =
            routes.filter(|route| route.host != HostForwarding::Forwarded).collect();
        let mut policies = self.names(&routes, PolicyKind::Cache, |_| true);
        policies.extend(self.names(&routes, PolicyKind::OriginRequest, |_| true));
        let by = match policies.as_slice() {
            [] => "no policy of which forwards Host".to_owned(),
            policies => format!("for which {} forwards no Host", policies.join(" with ")),
        };
        let mut changes = Vec::new();
        if prospects.renaming != Prospect::Bad {
            changes.push("set it to a domain name of yours that the certificate carries and that leads to this origin, not to CloudFront".to_owned());
        }
        if prospects.forwarding != Prospect::Bad {
            let used = self.derived.hosts.iter().filter(|host| host.usage != Usage::OwnDomain);
            let hosts = used.map(|host| format!(" --host {}", host.name)).take(SHOWN).collect();
            let proof = self.proof(prospects.forwarding, hosts);
            changes.push(format!("give these behaviors the origin request policy AllViewer (216adef6-5c7f-47e4-b989-5492eafa07d3), which forwards Host{proof}"));
        }
        if changes.is_empty() && Platform::of(domain).is_none() {
            changes.push(format!("have the certificate carry {domain}"));
        }
        if changes.is_empty() {
            return None;
        }
        Some((
            format!("its DomainName is {domain}, which is sent for {}, {by}", paths(&routes)),
            changes.join(", or "),
            Place::Behaviors,
        ))
    }

    fn of_host(&self, host: &DomainName, prospects: &Prospects) -> Option<(String, String, Place)> {
        let routes = self.derivation.routes_to(&self.derived.origin.key.id);
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
        let mut changes = vec![match Platform::of(host) {
            None => format!("have the certificate carry {host}"),
            Some(_) => {
                "give the distribution an alternate domain name that the certificate carries"
                    .to_owned()
            }
        }];
        if prospects.not_forwarding != Prospect::Bad {
            let mut policies = Vec::new();
            if !by_request.is_empty() || by_cache.is_empty() {
                policies.push("the origin request policy AllViewerExceptHostHeader (b689b0a8-53d0-40ab-baf2-68738e2966ac)");
            }
            if !by_cache.is_empty() {
                policies.push("a cache policy without Host, such as CachingOptimized or CachingDisabled, for what the cache policy forwards goes to the origin whatever the other excludes");
            }
            let proof = self.proof(prospects.not_forwarding, String::new());
            changes.push(format!("give these behaviors {}{proof}", policies.join(" and ")));
        }
        Some((
            format!("Host is forwarded for {paths} by {}", by.join(" and ")),
            changes.join(", or "),
            Place::Behaviors,
        ))
    }

    /// Returns how to see that a change works whose names were not probed.
    fn proof(&self, prospect: Prospect, options: String) -> String {
        if prospect != Prospect::Unproven {
            return String::new();
        }
        let origin = &*self.derived.origin;
        let port = match origin.https_port {
            443 => String::new(),
            port => format!(":{port}"),
        };
        format!(
            ", once `origin-probe check {}{port}{options}` answers, which was not probed",
            origin.domain()
        )
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
                "add one that the origin speaks; best, have it speak {}",
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

/// How many names a command bears.
const SHOWN: usize = 4;
