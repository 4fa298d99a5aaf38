//! What a distribution says of one origin: where it is, how CloudFront talks to it, and under
//! which names.

mod name;
mod place;
mod platform;
mod renewal;
mod shard;
mod usage;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use name::DomainName;
pub use name::DomainNameError;
pub use name::ReferenceId;
pub use place::DomainAndPort;
pub use place::DomainAndPortError;
pub use platform::Platform;
pub use platform::PlatformCertificate;
pub use platform::Service;
pub use renewal::Percent;
pub use renewal::RenewalInstants;
pub use renewal::RenewalPolicy;
pub use renewal::RenewalThreshold;
pub use shard::Shard;
pub use shard::ShardError;
pub use usage::Exemption;
pub use usage::Usage;

/// One custom origin as CloudFront is told to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub key: OriginKey,
    /// 80, 443 or 1024–65535 (guide, `DownloadDistValuesOrigin`, "HTTPS port").
    pub https_port: u16,
    pub protocol_policy: ProtocolPolicy,
    pub ssl_protocols: SslProtocols,
    pub ip_address_type: IpAddressType,
    /// How often CloudFront tries to connect: 1–3.
    pub connection_attempts: u8,
    /// How long CloudFront waits for each connection: 1–10 s.
    pub connection_timeout: Duration,
    /// The server names CloudFront sends and what the certificate must match for each; never
    /// empty, and no server name twice.
    pub targets: Vec<Target>,
    /// A name under which viewers come, which CloudFront does not send to this origin. It is asked
    /// for only to find out why the origin refuses a server name.
    pub viewer_alias: Option<DomainName>,
    pub origin_mtls: OriginMtls,
    /// Why it is not judged; `None` for an origin that is.
    pub exemption: Option<Exemption>,
    pub reachable_from_here: Reachability,
    /// How often it is probed.
    pub interval: Duration,
    pub renewal: RenewalPolicy,
    /// Carried on `cloudfront_origin_info` only.
    pub labels: BTreeMap<String, String>,
}

impl Origin {
    /// Returns the Origin Domain.
    pub fn domain(&self) -> &DomainName {
        &self.key.domain
    }

    /// Tells whether there is a TLS connection to judge.
    pub fn is_judged(&self) -> bool {
        self.exemption.is_none() && self.protocol_policy != ProtocolPolicy::HttpOnly
    }

    /// Returns another name that the origin's server may know: the origin domain, another server
    /// name, or an alias.
    pub fn other_name(&self, server_name: &DomainName) -> Option<&DomainName> {
        std::iter::once(self.domain())
            .chain(self.targets.iter().map(|target| &target.server_name))
            .chain(&self.viewer_alias)
            .find(|name| *name != server_name)
    }

    /// Returns an origin with CloudFront's defaults, Host not forwarded: what
    /// `check DOMAIN` judges.
    ///
    /// The defaults are the guide's (`DownloadDistValuesOrigin`): port 443, IPv4, the attempts
    /// and their timeout; TLSv1.2 is what the console proposes.
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

/// Replaces each origin by its equal in `before`: what has been read again is then not held twice.
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

/// How often CloudFront tries to connect, unless told otherwise (guide,
/// `DownloadDistValuesOrigin`, "Connection attempts").
pub const CONNECTION_ATTEMPTS: u8 = 3;

/// How long CloudFront waits for each connection, unless told otherwise (guide,
/// `DownloadDistValuesOrigin`, "Connection timeout").
pub const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// What tells one origin from another; the labels of its metrics. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginKey {
    /// The distribution's id; empty for an origin from the configuration file.
    pub distribution: Arc<str>,
    /// The origin's id within the distribution or the file.
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

/// One name that CloudFront sends in the TLS handshake, and the names of which the certificate
/// must carry at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The server name indication (RFC 6066 §3).
    pub server_name: DomainName,
    /// Never empty.
    pub reference_ids: Vec<ReferenceId>,
    pub usage: Usage,
    /// The wildcard alias, `*.example.com`, of which the name is taken as an instance; `None` for
    /// a name that stands for itself.
    pub stands_for: Option<Box<str>>,
}

impl Target {
    /// Returns a name that CloudFront certainly sends, and what the certificate must match.
    pub fn new(server_name: DomainName, reference_ids: Vec<ReferenceId>) -> Self {
        Self { server_name, reference_ids, usage: Usage::Certain, stands_for: None }
    }

    /// Returns whether viewers are expected to depend on it: not where it is the distribution's own
    /// domain beside aliases.
    pub fn is_used(&self) -> bool {
        self.usage != Usage::OwnDomain
    }

    /// Host is not forwarded: CloudFront sends the origin domain, and the certificate must carry
    /// it (guide, `http-502-bad-gateway`, "SSL/TLS negotiation failure").
    pub fn unforwarded(domain: &DomainName) -> Self {
        Self::new(domain.clone(), vec![ReferenceId::Name(domain.clone())])
    }

    /// Host is forwarded: CloudFront sends the viewer's host, and the certificate must carry
    /// either that or the origin domain (ibid.).
    pub fn forwarded(viewer_host: &DomainName, domain: &DomainName) -> Self {
        let mut reference_ids = vec![ReferenceId::Name(viewer_host.clone())];
        if viewer_host != domain {
            reference_ids.push(ReferenceId::Name(domain.clone()));
        }
        Self::new(viewer_host.clone(), reference_ids)
    }
}

/// Which protocol CloudFront speaks to the origin (API, `OriginProtocolPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolPolicy {
    HttpOnly,
    MatchViewer,
    HttpsOnly,
}

impl ProtocolPolicy {
    /// Every value, in the API's spelling.
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

/// Which address records CloudFront uses (API, `IpAddressType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IpAddressType {
    Ipv4,
    Ipv6,
    Dualstack,
}

impl IpAddressType {
    /// Every value, in the API's spelling.
    pub const ALL: [(&'static str, Self); 3] =
        [("ipv4", Self::Ipv4), ("ipv6", Self::Ipv6), ("dualstack", Self::Dualstack)];

    /// Returns the API's spelling.
    pub fn as_str(self) -> &'static str {
        spelling(&Self::ALL, self)
    }
}

/// One protocol version that a distribution may allow towards its origin (API, `SslProtocol`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SslProtocol {
    SslV3,
    TlsV1,
    TlsV1_1,
    TlsV1_2,
}

impl SslProtocol {
    /// Every value, in the API's spelling.
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

/// The protocol versions a distribution lists; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SslProtocols(Vec<SslProtocol>);

impl SslProtocols {
    /// Returns the list in ascending order and without repetition; `None` when it is empty.
    pub fn new(mut listed: Vec<SslProtocol>) -> Option<Self> {
        listed.sort_unstable();
        listed.dedup();
        if listed.is_empty() { None } else { Some(Self(listed)) }
    }

    /// Returns what is listed, lowest first.
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

/// What the operator knows of the way from this prober to the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// A silent drop counts only once a connection has succeeded from here.
    Auto,
    /// The origin admits this prober: a silent drop is the origin's.
    Reachable,
    /// The origin admits only CloudFront: nothing beyond DNS can be judged from here.
    Unreachable,
}

impl Reachability {
    /// Every value, in the configuration file's spelling.
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("yes", Self::Reachable), ("no", Self::Unreachable)];
}

fn spelling<T: PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, each)| *each == value).map_or("", |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::Origin;
    use super::share_equal;

    #[test]
    fn what_is_read_again_is_shared_unless_anything_is_new() {
        let origin = |domain: &str, seconds| {
            let interval = Duration::from_secs(seconds);
            Arc::new(Origin { interval, ..Origin::with_defaults(domain.parse().unwrap()) })
        };
        let before = [origin("a.example", 60), origin("b.example", 60), origin("gone.example", 60)];
        let read = [origin("new.example", 60), origin("b.example", 30), origin("a.example", 60)];
        let mut shared = read.clone();
        share_equal(&mut shared, &before);
        assert_eq!(shared, read);
        let is_shared = shared.each_ref().map(|own| before.iter().any(|old| Arc::ptr_eq(own, old)));
        assert_eq!(is_shared, [false, false, true]);
    }
}
