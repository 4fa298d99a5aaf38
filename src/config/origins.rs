//! The origins in the configuration file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::OriginDefaults;
use crate::config::error_kind::{ErrorKind, Shown};
use crate::config::read::Place;
use crate::config::renewal::Renewal;
use crate::config::scalar::{Length, Number, OriginPort, Printable};
use crate::config::value::{Given, Later, List};
use crate::origin::{
    CONNECTION_ATTEMPTS, CONNECTION_TIMEOUT, DomainName, IpAddressType, Origin, OriginKey,
    OriginMtls, ProtocolPolicy, Reachability, ReferenceId, SslProtocol, SslProtocols, Target,
};

/// The time between two probes.
pub(super) type Interval = Length<1_000, 86_400_000>;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct OriginEntry {
    /// Name of the origin in metrics and on pages. Unique together with the domain.
    #[schemars(extend("x-required" = true))]
    pub(super) id: Given<Printable>,
    /// Origin Domain in the distribution: a DNS name, not an IP address.
    #[schemars(extend("x-required" = true))]
    domain: Given<DomainName>,
    /// HTTPS port.
    https_port: Given<OriginPort>,
    /// Protocol. With `http-only` there is no TLS to check.
    protocol_policy: Given<ProtocolPolicy>,
    /// TLS versions that the distribution allows (Minimum origin SSL protocol).
    #[schemars(length(min = 1))]
    ssl_protocols: List<SslProtocol>,
    /// Address family that CloudFront uses.
    ip_address_type: Given<IpAddressType>,
    /// Number of connection attempts that CloudFront makes.
    // Guide, `DownloadDistValuesOrigin`, "Connection attempts".
    connection_attempts: Given<Number<1, 3>>,
    /// CloudFront's timeout for each connection attempt.
    // Guide, `DownloadDistValuesOrigin`, "Connection timeout".
    connection_timeout: Given<Length<1_000, 10_000>>,
    /// Host names that viewers request, if Host is forwarded; CloudFront sends each as the server
    /// name. Empty: Host is not forwarded, and CloudFront sends the origin domain.
    viewer_hosts: List<DomainName>,
    /// Whether other behaviors do not forward Host, so that CloudFront also sends the origin
    /// domain.
    host_also_unforwarded: Given<bool>,
    /// Server names that edge functions choose. Replaces `viewer_hosts` and
    /// `host_also_unforwarded`.
    targets: Later<Vec<TargetEntry>>,
    /// Whether CloudFront has a client certificate for this origin.
    origin_mtls: Given<bool>,
    /// Time between probes.
    #[schemars(extend("x-default" = "probe.interval"))]
    interval: Given<Interval>,
    /// Whether the origin is probed.
    pub(super) enabled: Given<bool>,
    /// Whether the origin accepts connections from this prober.
    #[schemars(extend("x-default" = "probe.reachable_from_here"))]
    reachable_from_here: Given<Reachability>,
    /// Overrides parts of the `renewal` section.
    #[schemars(extend("x-default" = "renewal"))]
    renewal: Renewal,
    /// Labels for the metric `cloudfront_origin_info`, such as `{team: shop}`.
    #[schemars(extend("x-valid" = LABELS))]
    labels: Later<BTreeMap<String, Given<Printable>>>,
}

/// A server name and the names that the certificate may have instead.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct TargetEntry {
    /// A server name that CloudFront sends. List each one once.
    #[schemars(extend("x-required" = true))]
    server_name: Given<DomainName>,
    /// The certificate must contain at least one of these names. Empty: the server name and the
    /// origin domain.
    allowed_names: List<ReferenceId>,
}

impl Default for OriginEntry {
    /// Returns the settings of [`Origin::with_defaults`].
    fn default() -> Self {
        Self {
            id: Given::default(),
            domain: Given::default(),
            https_port: OriginPort(443).into(),
            protocol_policy: ProtocolPolicy::HttpsOnly.into(),
            ssl_protocols: SslProtocols::default().listed().iter().copied().collect(),
            ip_address_type: IpAddressType::Ipv4.into(),
            connection_attempts: Number(CONNECTION_ATTEMPTS.into()).into(),
            connection_timeout: Length(CONNECTION_TIMEOUT).into(),
            viewer_hosts: List::default(),
            host_also_unforwarded: false.into(),
            targets: Later::default(),
            origin_mtls: false.into(),
            interval: Given::default(),
            enabled: true.into(),
            reachable_from_here: Given::default(),
            renewal: Renewal::default(),
            labels: Later::default(),
        }
    }
}

/// The enabled and disabled origins.
#[derive(Debug, Default)]
pub(super) struct Origins {
    pub(super) enabled: Vec<Arc<Origin>>,
    pub(super) disabled: Vec<OriginKey>,
}

/// Returns the origins of the list at `list`. Reports and leaves out invalid ones.
pub(super) fn origins(list: &Place<'_>, defaults: &OriginDefaults) -> Origins {
    let mut origins = Origins::default();
    let mut lines: HashMap<OriginKey, u32> = HashMap::new();
    for at in list.sections() {
        let entry: OriginEntry = at.read();
        let Some(origin) = entry.origin(&at, defaults) else { continue };
        let id = at.key("id");
        if let Some(&first_line) = lines.get(&origin.key) {
            let (shown, domain) = (Shown::of(&origin.key.id), origin.key.domain.to_string());
            id.error(ErrorKind::DuplicateOrigin { id: shown, domain, first_line });
            continue;
        }
        lines.insert(origin.key.clone(), id.line());
        match entry.enabled.0 {
            Some(false) => origins.disabled.push(origin.key),
            _ => origins.enabled.push(Arc::new(origin)),
        }
    }
    origins
}

impl OriginEntry {
    /// Returns the origin; `None` without a valid ID and domain.
    fn origin(&self, at: &Place<'_>, defaults: &OriginDefaults) -> Option<Origin> {
        at.key("id").require();
        at.key("domain").require();
        let labels = labels(&at.key("labels"));
        let mut origin = self.described(at, self.domain.0.clone(), defaults)?;
        origin.key.id = self.id.0.as_ref()?.0.as_str().into();
        origin.labels = labels;
        Some(origin)
    }

    /// Returns the origin at `domain`, without its ID and labels. Reports settings that exclude
    /// each other. Returns `None` without a domain or after an error.
    pub(super) fn described(
        &self,
        at: &Place<'_>,
        domain: Option<DomainName>,
        defaults: &OriginDefaults,
    ) -> Option<Origin> {
        self.renewal.validate(&at.key("renewal"), defaults.renewal);
        let listed = at.key("ssl_protocols");
        if listed.is_empty_list() {
            let allowed = SslProtocol::ALL.iter().map(|(spelling, _)| *spelling).collect();
            listed.error(ErrorKind::NoProtocolVersion { allowed });
        }
        let domain = domain?;
        let mut targets = self.server_names(at, &domain);
        // The first push reserves room for four, and nearly all origins have one.
        targets.shrink_to_fit();
        let mtls = self.origin_mtls.0?;
        Some(Origin {
            targets,
            https_port: self.https_port.0?.0,
            protocol_policy: self.protocol_policy.0?,
            ssl_protocols: SslProtocols::new(self.ssl_protocols.valid().copied().collect())?,
            ip_address_type: self.ip_address_type.0?,
            connection_attempts: self.connection_attempts.0?.0.try_into().ok()?,
            connection_timeout: self.connection_timeout.0?.0,
            origin_mtls: if mtls { OriginMtls::Configured } else { OriginMtls::NotConfigured },
            interval: self.interval.0.map_or(defaults.interval, |Length(interval)| interval),
            reachable_from_here: self.reachable_from_here.0.unwrap_or(defaults.reachable_from_here),
            renewal: self.renewal.over(defaults.renewal),
            ..Origin::with_defaults(domain)
        })
    }

    /// Returns the targets of the origin at `domain`; empty only after an error.
    fn server_names(&self, at: &Place<'_>, domain: &DomainName) -> Vec<Target> {
        let also_unforwarded = self.host_also_unforwarded == true.into();
        let hosts_at = at.key("viewer_hosts");
        let mut seen = HashSet::new();
        for (at, host) in self.viewer_hosts.placed(&hosts_at) {
            once(&at, host, &mut seen);
        }
        let targets_at = at.key("targets");
        if targets_at.is_given() {
            if also_unforwarded || hosts_at.is_given() {
                targets_at.error(ErrorKind::TargetsBesideViewerHosts);
            }
            return given_targets(&targets_at, domain);
        }
        let hosts = self.viewer_hosts.valid();
        let mut targets: Vec<_> = hosts.map(|host| Target::forwarded(host, domain)).collect();
        if also_unforwarded {
            once(&at.key("host_also_unforwarded"), domain, &mut seen);
        }
        if also_unforwarded || !hosts_at.is_given() {
            targets.push(Target::unforwarded(domain));
        }
        targets
    }
}

fn given_targets(list: &Place<'_>, domain: &DomainName) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut seen = HashSet::new();
    for at in list.sections() {
        let entry: TargetEntry = at.read();
        let name_at = at.key("server_name");
        name_at.require();
        let Given(Some(server_name)) = entry.server_name else { continue };
        once(&name_at, &server_name, &mut seen);
        let allowed = distinct(&entry.allowed_names);
        targets.push(match allowed.is_empty() {
            true => Target::forwarded(&server_name, domain),
            false => Target::new(server_name, allowed),
        });
    }
    targets
}

/// Reports a server name that was seen before.
fn once(at: &Place<'_>, name: &DomainName, seen: &mut HashSet<DomainName>) {
    if !seen.insert(name.clone()) {
        at.error(ErrorKind::DuplicateServerName { name: name.to_string() });
    }
}

/// Returns each name once, in the order of the list.
pub(super) fn distinct(names: &List<ReferenceId>) -> Vec<ReferenceId> {
    let mut seen = HashSet::new();
    names.valid().filter(|name| seen.insert(*name)).cloned().collect()
}

fn labels(at: &Place<'_>) -> BTreeMap<String, String> {
    let entries: Vec<_> = at.entries().collect();
    if entries.len() > MOST_LABELS {
        at.error(ErrorKind::TooManyLabels { count: entries.len(), limit: MOST_LABELS });
        return BTreeMap::new();
    }
    entries.into_iter().filter_map(|(name, at)| label(name, at)).collect()
}

/// Returns the user-defined label `name` with its value at `at`; `None` after an error.
pub(super) fn label(name: &str, at: Place<'_>) -> Option<(String, String)> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !name.bytes().all(allowed) || !name.starts_with(|c: char| !c.is_ascii_digit()) {
        at.error(ErrorKind::LabelName);
        None
    } else if RESERVED_LABELS.contains(&name) || name.starts_with("__") {
        at.error(ErrorKind::ReservedLabel);
        None
    } else {
        Some((name.to_owned(), at.scalar::<Printable>()?.0))
    }
}

impl From<&Origin> for OriginEntry {
    /// Returns the effective settings, with the server names as `targets`.
    fn from(origin: &Origin) -> Self {
        let target = |target: &Target| TargetEntry {
            server_name: target.server_name.clone().into(),
            allowed_names: target.reference_ids.iter().cloned().collect(),
        };
        Self {
            id: Printable(origin.key.id.as_ref().to_owned()).into(),
            domain: origin.key.domain.clone().into(),
            https_port: OriginPort(origin.https_port).into(),
            protocol_policy: origin.protocol_policy.into(),
            ssl_protocols: origin.ssl_protocols.listed().iter().copied().collect(),
            ip_address_type: origin.ip_address_type.into(),
            connection_attempts: Number(origin.connection_attempts.into()).into(),
            connection_timeout: Length(origin.connection_timeout).into(),
            targets: Later(origin.targets.iter().map(target).collect()),
            origin_mtls: (origin.origin_mtls == OriginMtls::Configured).into(),
            interval: Length(origin.interval).into(),
            reachable_from_here: origin.reachable_from_here.into(),
            renewal: origin.renewal.into(),
            labels: Later(
                origin
                    .labels
                    .iter()
                    .map(|(name, value)| (name.clone(), Printable(value.clone()).into()))
                    .collect(),
            ),
            ..Self::default()
        }
    }
}

/// The valid values of labels, for the reference.
pub(super) const LABELS: &str = "at most 8; names of letters, digits and underscores, not starting \
                                 with a digit; values: at most 128 bytes";
/// The maximum number of user-defined labels per origin.
pub(super) const MOST_LABELS: usize = 8;
/// The labels of `cloudfront_origin_info`, those that Prometheus adds to scraped series, and those
/// of histograms and summaries. Names that begin with `__` are also reserved by Prometheus.
const RESERVED_LABELS: [&str; 11] = [
    "distribution",
    "origin",
    "domain",
    "server_name",
    "verdict_applicable",
    "protocol_policy",
    "port",
    "instance",
    "job",
    "le",
    "quantile",
];
