//! The settings of the configuration file, except its origins and sources.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::discovery::Discovery;
use crate::config::error_kind::ErrorKind;
use crate::config::metrics::Metrics;
use crate::config::origins::{Interval, OriginEntry};
use crate::config::probe_endpoint::ProbeEndpointSettings;
use crate::config::read::Place;
use crate::config::renewal::Renewal;
use crate::config::scalar::{Choice, Count, Length, Nameserver, Number, PemPath};
use crate::config::value::{Given, Later, List, Scalar, is_default, unless_empty};
use crate::config::{LogFormat, LogLevel, OriginDefaults, ReferencedFiles};
use crate::origin::{ProberConfig, Reachability, RenewalPolicy, WindowLimits};

/// The configuration file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct ConfigFile {
    /// The HTTP server.
    pub(super) web: Web,
    /// Logging to standard error.
    pub(super) log: Log,
    /// [Metric families](metrics.md#choosing-families) of `/metrics`. A `*` in a name matches any
    /// characters.
    pub(super) metrics: Metrics,
    /// Probe frequency, timeouts and concurrency.
    pub(super) probe: Probe,
    /// DNS nameservers.
    pub(super) resolver: Resolver,
    /// Trusted certificate authorities.
    pub(super) trust_anchors: TrustAnchors,
    /// Addresses that CloudFront can reach.
    pub(super) reachability: ReachableNetworks,
    /// Memory limits.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) limits: Limits,
    /// When a certificate renewal counts as overdue: in the certificate's last `max` or last
    /// `lifetime`, whichever is shorter. `critical` must not come before `warning`.
    #[serde(default = "Renewal::of_policy")]
    pub(super) renewal: Renewal,
    /// [On-demand probes](on-request.md), `GET /probe?target=DOMAIN[:PORT]`. Only the targets
    /// listed here are allowed.
    pub(super) probe_endpoint: ProbeEndpointSettings,
    /// [Sources of origins](discovery.md) other than this file.
    pub(super) discovery: Discovery,
    /// The origins. Optional if `discovery` has a source.
    #[serde(skip_serializing)]
    pub(super) origins: Later<Vec<OriginEntry>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Web {
    /// Address and port of the status page, the metrics and the API.
    pub(super) listen: Given<SocketAddr>,
    /// Whether `POST /-/reload` and `POST /origins/{id}/-/probe` are allowed.
    pub(super) lifecycle: Given<bool>,
}

impl Default for Web {
    fn default() -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 10_502);
        Self { listen: listen.into(), lifecycle: true.into() }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Log {
    /// Minimum severity of logged events.
    pub(super) level: Given<LogLevel>,
    /// Format of log lines.
    pub(super) format: Given<LogFormat>,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LogLevel::Info.into(), format: LogFormat::Text.into() }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Probe {
    /// Time between probes of an origin.
    pub(super) interval: Given<Interval>,
    /// Time limit for the probe of one origin. Waiting for a free socket can take as long again.
    deadline: Given<Length<1_000, 600_000>>,
    /// Timeout of one TLS handshake; at most `deadline`.
    // From less than a handshake across a continent takes, to the longest deadline.
    handshake_timeout: Given<Length<100, 600_000>>,
    /// Maximum number of open sockets.
    concurrency: Given<Count>,
    /// Maximum number of open sockets per address.
    per_address: Given<Count>,
    /// Maximum number of first probes started per second.
    pub(super) start_rate: Given<Count>,
    /// Whether origins accept connections from this prober. `auto`: a connection timeout counts only
    /// after an earlier connection has succeeded. `yes`: timeouts always count. `no`: origins admit
    /// only CloudFront, so only DNS is checked.
    pub(super) reachable_from_here: Given<Reachability>,
    /// Maximum number of server names of one origin per probe. If there are more, successive probes
    /// rotate through them.
    max_server_names: Given<Count>,
    /// Results that are kept while only [some connections](operating.md#intermittent-faults) to an
    /// address fail.
    window: Window,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
struct Window {
    /// Maximum number of results that are kept.
    connections: Given<Number<1, 1_000>>,
    /// Age at which a result no longer counts.
    age: Given<Length<60_000, { 7 * 86_400_000 }>>,
    /// Number of connections that decide whether a fault is over, or total.
    burst: Given<Number<1, 1_000>>,
}

impl Default for Window {
    fn default() -> Self {
        let WindowLimits { connections, age, burst } = WindowLimits::default();
        Self {
            connections: Number(connections.into()).into(),
            age: Length(age).into(),
            burst: Number(burst.into()).into(),
        }
    }
}

impl Window {
    fn limits(&self) -> Option<WindowLimits> {
        let count = |count: Given<Number<1, 1_000>>| u16::try_from(count.0?.0).ok();
        Some(WindowLimits {
            connections: count(self.connections)?,
            age: self.age.0?.0,
            burst: count(self.burst)?,
        })
    }
}

impl Default for Probe {
    fn default() -> Self {
        let prober = ProberConfig::default();
        let count = |count: usize| Number(u32::try_from(count).unwrap_or(u32::MAX)).into();
        Self {
            interval: INTERVAL.into(),
            deadline: Length(prober.deadline).into(),
            handshake_timeout: Length(prober.handshake_timeout).into(),
            concurrency: count(prober.concurrency),
            per_address: count(prober.per_address),
            start_rate: Number(500).into(),
            reachable_from_here: Reachability::Auto.into(),
            max_server_names: count(prober.max_server_names),
            window: Window::default(),
        }
    }
}

impl Probe {
    fn validate(&self, at: &Place<'_>) {
        let both = self.handshake_timeout.0.zip(self.deadline.0);
        let Some((timeout, deadline)) = both.filter(|(timeout, deadline)| timeout.0 > deadline.0)
        else {
            return;
        };
        let (timeout, deadline) = (timeout.text(), deadline.text());
        // Report the key that is in the file: the other one may be a default.
        let key = at.key("handshake_timeout");
        if key.is_given() {
            let (value, other, limit) = (timeout, "probe.deadline", deadline);
            key.error(ErrorKind::LongerThan { value, other, limit });
        } else {
            let (value, other, limit) = (deadline, "probe.handshake_timeout", timeout);
            at.key("deadline").error(ErrorKind::ShorterThan { value, other, limit });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Resolver {
    /// Nameservers; the default port is 53. They must return the public view of DNS, which
    /// CloudFront uses. Empty: the system's nameservers.
    nameservers: List<Nameserver>,
    /// Nameservers to ask next if an answer has no usable or public address.
    confirm_with: List<Nameserver>,
    /// Whether to query every nameserver. Failures and disagreements raise the notice
    /// `nameservers-disagree`.
    check_all: Given<bool>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct TrustAnchors {
    /// Whether to trust Mozilla's list of certificate authorities, as CloudFront does. If `false`,
    /// `extra` is required.
    mozilla: Given<bool>,
    /// Additional PEM files.
    extra: List<PemPath>,
}

impl Default for TrustAnchors {
    fn default() -> Self {
        Self { mozilla: true.into(), extra: List::default() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct ReachableNetworks {
    /// Networks that are not public but that CloudFront can reach.
    assume_public: List<IpNet>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Limits {
    /// Maximum memory for the [certificate chains](operating.md#memory-for-certificate-chains) of all
    /// origins, in bytes. The first 16 KiB of each origin do not count; each origin is limited to
    /// 4 MiB. Default: 128 MiB, or a quarter of the memory limit if that is less.
    #[serde(deserialize_with = "unless_empty", skip_serializing_if = "is_default")]
    chain_bytes: Given<Number<0, { u32::MAX }>>,
}

impl ConfigFile {
    /// Reports settings that exclude each other, and files that do not exist.
    pub(super) fn validate(&self, at: &Place<'_>, directory: &Path, files: ReferencedFiles) {
        self.probe.validate(&at.key("probe"));
        self.renewal.validate(&at.key("renewal"), RenewalPolicy::default());
        self.probe_endpoint.validate(&at.key("probe_endpoint"));
        let anchors = at.key("trust_anchors");
        let extra = anchors.key("extra");
        if self.trust_anchors.mozilla == false.into() && !extra.is_given() {
            anchors.key("mozilla").error(ErrorKind::NoTrustAnchors);
        }
        for (at, PemPath(path)) in self.trust_anchors.extra.placed(&extra) {
            files.check(&directory.join(path), &at);
        }
    }

    /// Returns the settings of the prober; `None` after an error. Relative paths start at
    /// `directory`.
    pub(super) fn prober(&self, directory: &Path) -> Option<ProberConfig> {
        let Self { probe, resolver, trust_anchors, .. } = self;
        let servers = |list: &List<Nameserver>| list.valid().map(|server| server.0).collect();
        let count = |count: Given<Count>| count.0.map(|Number(count)| count as usize);
        Some(ProberConfig {
            nameservers: servers(&resolver.nameservers),
            confirm_with: servers(&resolver.confirm_with),
            check_all: resolver.check_all.0?,
            mozilla: trust_anchors.mozilla.0?,
            extra_anchors: trust_anchors
                .extra
                .valid()
                .map(|path| directory.join(&path.0))
                .collect(),
            assume_public: self.reachability.assume_public.valid().copied().collect(),
            deadline: probe.deadline.0?.0,
            handshake_timeout: probe.handshake_timeout.0?.0,
            concurrency: count(probe.concurrency)?,
            per_address: count(probe.per_address)?,
            max_server_names: count(probe.max_server_names)?,
            chain_bytes: self.limits.chain_bytes.0.map(|Number(bytes)| bytes as usize),
            window: probe.window.limits()?,
            ..ProberConfig::default()
        })
    }

    /// Returns the settings of origins that do not set their own.
    pub(super) fn origin_defaults(&self) -> OriginDefaults {
        let Length(interval) = self.probe.interval.0.unwrap_or(INTERVAL);
        OriginDefaults {
            interval,
            reachable_from_here: self.probe.reachable_from_here.0.unwrap_or(Reachability::Auto),
            renewal: self.renewal.over(RenewalPolicy::default()),
        }
    }
}

const INTERVAL: Interval = Length(Duration::from_secs(300));

impl Choice for LogLevel {
    const SPELLINGS: &'static [(&'static str, Self)] = &Self::ALL;
}

impl Choice for LogFormat {
    const SPELLINGS: &'static [(&'static str, Self)] =
        &[("text", Self::Text), ("json", Self::Json)];
}
