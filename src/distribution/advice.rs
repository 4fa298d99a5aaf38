//! The distribution setting that causes a finding: its current value, the change to make, and the
//! AWS CLI command that shows it. Commands that change anything are never suggested.

use crate::origin::{
    DomainName, IpAddressType, OriginMtls, OriginSetting, Platform, ProtocolPolicy, SslProtocol,
    Usage,
};

use super::{
    Derivation, DerivedOrigin, HostForwarding, HostHeader, OriginKind, PolicyKind, Prospect,
    Prospects, Route, listed, printable, shown,
};

/// An origin within its distribution.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub derivation: &'a Derivation,
    pub derived: &'a DerivedOrigin,
}

/// The aspects of a rule violation that are relevant for a distribution's settings.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// The setting that causes the violation.
    pub setting: OriginSetting,
    /// The server name with which the violation was found.
    pub server_name: Option<&'a DomainName>,
    pub port: Port,
}

/// Whether the origin's HTTPS port supports TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// At none of the addresses.
    NoTls,
    /// At addresses other than the violation's.
    SpeaksTls,
    /// At the addresses of this family only.
    OneFamily(IpAddressType),
}

impl Setting<'_> {
    /// Returns advice about the setting that causes a violation; `None` if only the origin is at
    /// fault. Changes that would break viewers that work today are never suggested.
    pub fn advice(&self, fault: &Fault<'_>, prospects: &Prospects) -> Option<String> {
        let origin = &*self.derived.origin;
        let (is, changes) = match fault.setting {
            OriginSetting::ServerName => self.of_name(fault.server_name?, prospects)?,
            OriginSetting::OriginDomain => (
                format!("its DomainName is {}", origin.domain()),
                vec![Change::new("change it if it is wrong")],
            ),
            OriginSetting::AddressType => (
                format!("its IpAddressType is {}", origin.ip_address_type.as_str()),
                vec![Change::new(
                    "set it to the address family of the domain's records, or to dualstack",
                )],
            ),
            OriginSetting::HttpsPort => match fault.port {
                Port::NoTls => self.of_port(),
                Port::SpeaksTls => return None,
                Port::OneFamily(family) => (
                    format!("its IpAddressType is {}", origin.ip_address_type.as_str()),
                    vec![
                        Change::new(format!("set it to {}", family.as_str())),
                        Change::new("repair the other addresses"),
                    ],
                ),
            },
            OriginSetting::SslProtocols => self.of_versions(),
            OriginSetting::ClientCertificate if origin.origin_mtls == OriginMtls::NotConfigured => {
                (
                    "its CustomOriginConfig has no OriginMtlsConfig".to_owned(),
                    vec![Change::new(
                        "add one with the ARN of a client certificate that the origin accepts",
                    )],
                )
            }
            OriginSetting::ClientCertificate => return None,
        };
        let distribution = self.derivation.distribution.as_ref();
        let whose = match distribution {
            "" => "the distribution".to_owned(),
            id => format!("distribution {}", printable(id)),
        };
        let id = shown(&origin.key.id);
        let call = call(fault.setting, distribution, &origin.key.id);
        let changes = sentences(&changes);
        Some(format!("Origin {id} of {whose}: {is}. {changes} See it with: {call}"))
    }

    fn of_name(&self, server_name: &DomainName, prospects: &Prospects) -> Option<Advice> {
        match server_name == self.derived.origin.domain() {
            true => self.of_domain(server_name, prospects),
            false => self.of_host(server_name, prospects),
        }
    }

    fn of_domain(&self, domain: &DomainName, prospects: &Prospects) -> Option<Advice> {
        let routes = self.derivation.routes_to(&self.derived.origin.key.id);
        let routes: Vec<&Route> =
            routes.filter(|route| route.host != HostForwarding::Forwarded).collect();
        let mut policies = self.names(&routes, PolicyKind::Cache, |_| true);
        policies.extend(self.names(&routes, PolicyKind::OriginRequest, |_| true));
        let by = match policies.as_slice() {
            [] => "no policy forwards Host".to_owned(),
            [policy] => format!("{policy} does not forward Host"),
            policies => format!("{} do not forward Host", policies.join(" and ")),
        };
        let mut changes = Vec::new();
        if prospects.renaming != Prospect::Bad {
            changes.push(Change::new(
                "set DomainName to a domain name of your own that is in the certificate and \
                 resolves to this origin, not to CloudFront",
            ));
        }
        if prospects.forwarding != Prospect::Bad {
            let used = self.derived.hosts.iter().filter(|host| host.usage != Usage::OwnDomain);
            let hosts = used.map(|host| format!(" --host {}", host.name)).take(SHOWN).collect();
            changes.push(Change {
                details: "This policy forwards Host, but also all other headers, cookies and query \
                          strings.",
                check: self.check(prospects.forwarding, hosts),
                ..Change::new(format!(
                    "give {} the origin request policy AllViewer \
                     (216adef6-5c7f-47e4-b989-5492eafa07d3)",
                    these(&routes)
                ))
            });
        }
        if changes.is_empty() && Platform::of(domain).is_none() {
            changes.push(Change::new(format!("get a certificate that contains {domain}")));
        }
        if changes.is_empty() {
            return None;
        }
        Some((
            format!(
                "its DomainName is {domain}. CloudFront sends this name for {} because {by}",
                behaviors(&routes)
            ),
            changes,
        ))
    }

    fn of_host(&self, host: &DomainName, prospects: &Prospects) -> Option<Advice> {
        let routes = self.derivation.routes_to(&self.derived.origin.key.id);
        let routes: Vec<&Route> =
            routes.filter(|route| route.host != HostForwarding::NotForwarded).collect();
        let forwards = |host| host == HostHeader::Forwarded;
        let by_cache = self.names(&routes, PolicyKind::Cache, forwards);
        let by_request = self.names(&routes, PolicyKind::OriginRequest, forwards);
        let mut by: Vec<String> = by_cache.iter().chain(&by_request).cloned().collect();
        if by.is_empty() {
            by.push("ForwardedValues or an unknown policy".to_owned());
        }
        let mut changes = vec![match Platform::of(host) {
            None => Change::new(format!("get a certificate that contains {host}")),
            Some(_) => Change::new(
                "give the distribution an alternate domain name that is in the certificate",
            ),
        }];
        if prospects.not_forwarding != Prospect::Bad {
            let (mut policies, mut details) = (Vec::new(), "");
            if !by_request.is_empty() || by_cache.is_empty() {
                policies.push(
                    "the origin request policy AllViewerExceptHostHeader \
                     (b689b0a8-53d0-40ab-baf2-68738e2966ac)",
                );
            }
            if !by_cache.is_empty() {
                policies.push(
                    "a cache policy without Host, such as CachingOptimized or CachingDisabled",
                );
                details = "Headers in the cache policy are forwarded even if the origin request \
                           policy excludes them.";
            }
            changes.push(Change {
                details,
                check: self.check(prospects.not_forwarding, String::new()),
                ..Change::new(format!("give {} {}", these(&routes), policies.join(" and ")))
            });
        }
        Some((
            format!("Host is forwarded for {} by {}", behaviors(&routes), by.join(" and ")),
            changes,
        ))
    }

    /// Returns the command that checks a change whose names were not probed.
    fn check(&self, prospect: Prospect, options: String) -> Option<String> {
        if prospect != Prospect::Unproven {
            return None;
        }
        let origin = &*self.derived.origin;
        let port = match origin.https_port {
            443 => String::new(),
            port => format!(":{port}"),
        };
        Some(format!("origin-probe check {}{port}{options}", origin.domain()))
    }

    /// Returns the known policies of a kind whose handling of Host is wanted, without duplicates.
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

    fn of_port(&self) -> Advice {
        let origin = &*self.derived.origin;
        let policy = origin.protocol_policy.as_str();
        if self.derived.kind == OriginKind::S3Website {
            return (
                format!(
                    "its OriginProtocolPolicy is {policy}, but S3 website endpoints support plain \
                     HTTP only"
                ),
                vec![
                    Change::new(format!(
                        "set OriginProtocolPolicy to {}",
                        ProtocolPolicy::HttpOnly.as_str()
                    )),
                    Change::new("use the bucket itself as an S3 origin"),
                ],
            );
        }
        (
            format!(
                "its HTTPSPort is {} and its OriginProtocolPolicy is {policy}",
                origin.https_port
            ),
            vec![Change::new("set HTTPSPort to the port on which the origin serves TLS")],
        )
    }

    fn of_versions(&self) -> Advice {
        let listed = self.derived.origin.ssl_protocols.listed();
        let listed: Vec<&str> = listed.iter().map(|protocol| protocol.as_str()).collect();
        (
            format!("its OriginSslProtocols are {}", listed.join(", ")),
            vec![
                Change::new(format!(
                    "enable {} on the origin, which is more secure",
                    SslProtocol::TlsV1_2.as_str()
                )),
                Change::new("add a version that the origin supports"),
            ],
        )
    }
}

/// The current value of a setting, and the changes that repair it.
type Advice = (String, Vec<Change>);

/// A change that repairs the violation.
#[derive(Clone, Debug)]
struct Change {
    /// An imperative that starts in lower case, without a final period.
    what: String,
    /// A sentence about it; may be empty.
    details: &'static str,
    /// The command to run first, if the names that CloudFront would send were not probed.
    check: Option<String>,
}

impl Change {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), details: "", check: None }
    }
}

/// Returns sentences that offer the changes as alternatives.
fn sentences(changes: &[Change]) -> String {
    let mut all = Vec::new();
    for (position, change) in changes.iter().enumerate() {
        let what = &change.what;
        all.push(match (position, changes.len()) {
            (0, 1) => {
                let (first, rest) = what.split_at(what.chars().next().map_or(0, char::len_utf8));
                format!("{}{rest}.", first.to_uppercase())
            }
            (0, _) => format!("Either {what}."),
            _ => format!("Or {what}."),
        });
        if !change.details.is_empty() {
            all.push(change.details.to_owned());
        }
        if let Some(check) = &change.check {
            all.push(format!(
                "Before you do this, run `{check}`, because this was not probed yet."
            ));
        }
    }
    all.join(" ")
}

/// Returns the command that shows the part of a distribution with a setting of an origin. IDs with
/// characters that are special to a shell are replaced.
fn call(setting: OriginSetting, distribution: &str, origin: &str) -> String {
    let id = if is_plain(distribution) { distribution } else { "ID" };
    let query = match setting {
        OriginSetting::ServerName => {
            "DistributionConfig.[DefaultCacheBehavior,CacheBehaviors.Items]".to_owned()
        }
        _ if is_plain(origin) => format!("DistributionConfig.Origins.Items[?Id=='{origin}']"),
        _ => "DistributionConfig.Origins.Items".to_owned(),
    };
    format!("aws cloudfront get-distribution-config --id {id} --query \"{query}\"")
}

/// Returns whether an ID can be part of a shell command without quotes.
pub(super) fn is_plain(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !id.is_empty() && !id.starts_with('-') && id.chars().all(is_plain)
}

fn behaviors(routes: &[&Route]) -> String {
    let patterns: Vec<&str> = routes.iter().map(|route| &*route.path_pattern).collect();
    let noun = if patterns.len() == 1 { "behavior" } else { "behaviors" };
    format!("the {noun} {}", listed(&patterns))
}

fn these(routes: &[&Route]) -> &'static str {
    if routes.len() == 1 { "this behavior" } else { "these behaviors" }
}

/// The maximum number of names in a command.
const SHOWN: usize = 4;
