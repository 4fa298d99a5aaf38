//! The settings of one origin in its distribution: its address, how CloudFront connects to it, and
//! which server names CloudFront sends.

mod name;
mod nearest;
mod place;
mod platform;
mod prober_config;
mod renewal;
mod shard;

pub use name::{DomainName, DomainNameError, ReferenceId};
pub use nearest::{ALIKE, likeness, nearest};
pub use place::{DomainAndPort, DomainAndPortError};
pub use platform::{Platform, PlatformCertificate, Service};
pub use prober_config::{ProberConfig, WindowLimits};
pub use renewal::{Percent, RenewalInstants, RenewalPolicy, RenewalThreshold};
pub use shard::{Shard, ShardError};

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A setting of an origin in its distribution that can cause a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginSetting {
    /// `DomainName`.
    OriginDomain,
    /// `DomainName`, or the policies that forward Host: they determine the server name.
    ServerName,
    /// `IpAddressType`.
    AddressType,
    /// `HTTPSPort` and `OriginProtocolPolicy`.
    HttpsPort,
    /// `OriginSslProtocols`.
    SslProtocols,
    /// `OriginMtlsConfig`.
    ClientCertificate,
}

/// One custom origin with the settings that CloudFront uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub key: OriginKey,
    /// 80, 443 or 1024–65535 (guide, `DownloadDistValuesOrigin`, "HTTPS port").
    pub https_port: u16,
    pub protocol_policy: ProtocolPolicy,
    pub ssl_protocols: SslProtocols,
    pub ip_address_type: IpAddressType,
    /// The number of connection attempts that CloudFront makes: 1–3.
    pub connection_attempts: u8,
    /// CloudFront's timeout for each connection attempt: 1–10 s.
    pub connection_timeout: Duration,
    /// The server names that CloudFront sends, with the names that the certificate must match.
    /// Never empty, and without duplicate server names.
    pub targets: Vec<Target>,
    /// A name that viewers use but that CloudFront does not send to this origin. It is probed only
    /// to find out why the origin rejects a server name.
    pub viewer_alias: Option<DomainName>,
    pub origin_mtls: OriginMtls,
    /// The reason why the origin is not checked; `None` if it is.
    pub exemption: Option<Exemption>,
    pub reachable_from_here: Reachability,
    /// The time between probes.
    pub interval: Duration,
    pub renewal: RenewalPolicy,
    /// Labels on `cloudfront_origin_info` only.
    pub labels: BTreeMap<String, String>,
}

impl Origin {
    pub fn domain(&self) -> &DomainName {
        &self.key.domain
    }

    /// Returns whether there is a TLS connection to check.
    pub fn is_judged(&self) -> bool {
        self.exemption.is_none() && self.protocol_policy != ProtocolPolicy::HttpOnly
    }

    /// Returns another name that the origin's server may accept: the origin domain, another server
    /// name, or an alias.
    pub fn other_name(&self, server_name: &DomainName) -> Option<&DomainName> {
        std::iter::once(self.domain())
            .chain(self.targets.iter().map(|target| &target.server_name))
            .chain(&self.viewer_alias)
            .find(|name| *name != server_name)
    }

    /// Returns one of the distribution's aliases that leads to the origin; `None` if there is no
    /// such alias or no distribution.
    pub fn alias(&self) -> Option<&DomainName> {
        let used = self.targets.iter().filter(|target| target.is_used());
        // The distribution's own domain identifies it no better than its ID.
        let is_alias = |name: &&DomainName| {
            *name != self.domain() && !name.as_str().ends_with(".cloudfront.net")
        };
        used.map(|target| &target.server_name)
            .chain(&self.viewer_alias)
            .find(is_alias)
            .filter(|_| !self.key.distribution.is_empty())
    }

    /// Returns an origin with CloudFront's defaults and without Host forwarding, as used by
    /// `check DOMAIN`.
    ///
    /// Port 443, IPv4, the connection attempts and their timeout are the guide's defaults
    /// (`DownloadDistValuesOrigin`); TLSv1.2 is the console's default.
    pub fn with_defaults(domain: DomainName) -> Self {
        Self {
            targets: vec![Target::unforwarded(&domain)],
            key: OriginKey { distribution: Arc::default(), id: domain.as_str().into(), domain },
            https_port: 443,
            protocol_policy: ProtocolPolicy::HttpsOnly,
            viewer_alias: None,
            ssl_protocols: SslProtocols::default(),
            ip_address_type: IpAddressType::Ipv4,
            connection_attempts: CONNECTION_ATTEMPTS,
            connection_timeout: CONNECTION_TIMEOUT,
            origin_mtls: OriginMtls::NotConfigured,
            exemption: None,
            reachable_from_here: Reachability::Auto,
            interval: Duration::from_secs(300),
            renewal: RenewalPolicy::default(),
            labels: BTreeMap::new(),
        }
    }
}

/// Replaces each origin with an equal one in `before`, so that unchanged origins share memory
/// after a reload.
pub fn share_equal<'a>(
    origins: impl IntoIterator<Item = &'a mut Arc<Origin>>,
    before: impl IntoIterator<Item = &'a Arc<Origin>>,
) {
    let before: HashMap<&OriginKey, &Arc<Origin>> =
        before.into_iter().map(|origin| (&origin.key, origin)).collect();
    for origin in origins {
        if let Some(same) = before.get(&origin.key).filter(|same| **same == origin) {
            *origin = Arc::clone(same);
        }
    }
}

/// CloudFront's default number of connection attempts (guide, `DownloadDistValuesOrigin`,
/// "Connection attempts").
pub const CONNECTION_ATTEMPTS: u8 = 3;

/// CloudFront's default timeout for each connection attempt (guide, `DownloadDistValuesOrigin`,
/// "Connection timeout").
pub const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Identifies an origin; also the labels of its metrics. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginKey {
    /// The ID of the distribution; empty for an origin from a file.
    pub distribution: Arc<str>,
    /// The ID of the origin within the distribution or the file.
    pub id: Arc<str>,
    pub domain: DomainName,
}

impl fmt::Display for OriginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.distribution.is_empty() {
            f.write_str(&self.id)
        } else {
            write!(f, "{}/{}", self.distribution, self.id)
        }
    }
}

/// A server name that CloudFront sends, and the names that it accepts in the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The server name indication (RFC 6066 §3).
    pub server_name: DomainName,
    /// The certificate must contain at least one of these names; never empty.
    pub reference_ids: Vec<ReferenceId>,
    pub usage: Usage,
    /// The wildcard alias, such as `*.example.com`, that the name represents; `None` for a name
    /// that represents only itself.
    pub stands_for: Option<Box<str>>,
}

impl Target {
    /// Returns a target whose server name CloudFront definitely sends.
    pub fn new(server_name: DomainName, reference_ids: Vec<ReferenceId>) -> Self {
        Self { server_name, reference_ids, usage: Usage::Certain, stands_for: None }
    }

    /// Returns whether viewers are expected to use the server name. They are not if it is the
    /// distribution's own domain and there are aliases.
    pub fn is_used(&self) -> bool {
        self.usage != Usage::OwnDomain
    }

    /// Returns the target for behaviors that do not forward Host: CloudFront sends the origin
    /// domain, and the certificate must contain it (guide, `http-502-bad-gateway`, "SSL/TLS
    /// negotiation failure").
    pub fn unforwarded(domain: &DomainName) -> Self {
        Self::new(domain.clone(), vec![ReferenceId::Name(domain.clone())])
    }

    /// Returns the target for behaviors that forward Host: CloudFront sends the viewer's host, and
    /// the certificate must contain either that or the origin domain (ibid.).
    pub fn forwarded(viewer_host: &DomainName, domain: &DomainName) -> Self {
        let mut reference_ids = vec![ReferenceId::Name(viewer_host.clone())];
        if viewer_host != domain {
            reference_ids.push(ReferenceId::Name(domain.clone()));
        }
        Self::new(viewer_host.clone(), reference_ids)
    }
}

/// The protocol that CloudFront uses to connect to the origin (API, `OriginProtocolPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolPolicy {
    HttpOnly,
    MatchViewer,
    HttpsOnly,
}

impl ProtocolPolicy {
    /// Every value with the API's spelling.
    pub const ALL: [(&'static str, Self); 3] = [
        ("http-only", Self::HttpOnly),
        ("match-viewer", Self::MatchViewer),
        ("https-only", Self::HttpsOnly),
    ];

    /// Returns the API's spelling.
    pub fn as_str(self) -> &'static str {
        spelling(&Self::ALL, self)
    }
}

/// The address family that CloudFront uses (API, `IpAddressType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IpAddressType {
    Ipv4,
    Ipv6,
    Dualstack,
}

impl IpAddressType {
    /// Every value with the API's spelling.
    pub const ALL: [(&'static str, Self); 3] =
        [("ipv4", Self::Ipv4), ("ipv6", Self::Ipv6), ("dualstack", Self::Dualstack)];

    /// Returns the API's spelling.
    pub fn as_str(self) -> &'static str {
        spelling(&Self::ALL, self)
    }
}

/// A protocol version that a distribution can allow for connections to its origin (API,
/// `SslProtocol`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SslProtocol {
    SslV3,
    TlsV1,
    TlsV1_1,
    TlsV1_2,
}

impl SslProtocol {
    /// Every value with the API's spelling.
    pub const ALL: [(&'static str, Self); 4] = [
        ("SSLv3", Self::SslV3),
        ("TLSv1", Self::TlsV1),
        ("TLSv1.1", Self::TlsV1_1),
        ("TLSv1.2", Self::TlsV1_2),
    ];

    /// Returns the API's spelling.
    pub fn as_str(self) -> &'static str {
        spelling(&Self::ALL, self)
    }
}

/// The protocol versions that a distribution allows; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SslProtocols(Vec<SslProtocol>);

impl SslProtocols {
    /// Sorts and deduplicates the versions; `None` if there are none.
    pub fn new(mut listed: Vec<SslProtocol>) -> Option<Self> {
        listed.sort_unstable();
        listed.dedup();
        if listed.is_empty() { None } else { Some(Self(listed)) }
    }

    /// Returns the versions, lowest first.
    pub fn listed(&self) -> &[SslProtocol] {
        &self.0
    }
}

impl Default for SslProtocols {
    fn default() -> Self {
        Self(vec![SslProtocol::TlsV1_2])
    }
}

/// Whether CloudFront has a client certificate for this origin (API, `OriginMtlsConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginMtls {
    Configured,
    NotConfigured,
}

/// Whether the origin accepts connections from this prober, as set by the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// A connection timeout counts only after an earlier connection has succeeded.
    Auto,
    /// The origin accepts this prober: a connection timeout is a failure of the origin.
    Reachable,
    /// The origin accepts only CloudFront: the prober can check DNS only.
    Unreachable,
}

impl Reachability {
    /// Every value with its spelling in the configuration file.
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("yes", Self::Reachable), ("no", Self::Unreachable)];
}

/// Returns the text of a value in a table of all values; empty if it is not listed.
pub fn spelling<T: PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, each)| *each == value).map_or("", |(text, _)| text)
}

/// The reason why an origin is not checked although CloudFront may connect to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemption {
    /// A VPC origin is private and reachable only by CloudFront (guide,
    /// `private-content-vpc-origins`).
    VpcOrigin,
    /// CloudFront reads an S3 bucket with an origin access control, so Amazon runs both ends.
    OriginAccessControl,
    /// No behavior of the distribution uses the origin.
    Unused,
}

/// How certain it is that CloudFront sends a server name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usage {
    #[default]
    Certain,
    /// CloudFront may send another name instead, because the policy that determines whether Host
    /// is forwarded is unknown.
    PolicyUnknown,
    /// CloudFront sends it only if viewers use the distribution's own domain instead of its
    /// aliases.
    OwnDomain,
}
