//! The origins of the file.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::hash::Hash;
use std::hash::Hasher;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::config::OriginDefaults;
use crate::config::discovery;
use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::renewal::renewal;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::targets::targets;
use crate::origin::DomainName;
use crate::origin::IpAddressType;
use crate::origin::Origin;
use crate::origin::OriginKey;
use crate::origin::OriginMtls;
use crate::origin::ProtocolPolicy;
use crate::origin::Reachability;
use crate::origin::RenewalPolicy;
use crate::origin::SslProtocol;
use crate::origin::SslProtocols;

pub(super) const ORIGIN_KEYS: &[Key] = &[
    key("id", "Names the origin in metrics and on pages; unique together with the domain."),
    key("domain", "Origin Domain as the distribution has it: a DNS name, no IP address."),
    key("https_port", "HTTPS port."),
    key("protocol_policy", "Protocol. With `http-only` there is no TLS to judge."),
    key("ssl_protocols", "Minimum origin SSL protocol: what the distribution allows."),
    key("ip_address_type", "Which addresses CloudFront uses."),
    key("connection_attempts", "How often CloudFront tries to connect."),
    key("connection_timeout", "How long it waits each time."),
    key(
        "viewer_hosts",
        "The hosts viewers ask for, where the Host header is forwarded: CloudFront sends each as \
         server name. Empty: Host is not forwarded and the origin domain is sent.",
    ),
    key(
        "host_also_unforwarded",
        "Whether other behaviors do not forward Host, so that the origin domain is sent too.",
    ),
    key("targets", "Replaces the two above, where edge functions choose."),
    key("origin_mtls", "Whether CloudFront has a client certificate for this origin."),
    key("interval", "How often it is probed."),
    key("enabled", "Whether it is probed at all."),
    key("reachable_from_here", "Whether it admits this prober."),
    key("renewal", "Replaces parts of the file's section of that name."),
    key("labels", "Labels for the metric `cloudfront_origin_info`, such as `{team: shop}`."),
];

/// The origins, told apart by whether they are to be probed.
#[derive(Debug)]
pub(super) struct Origins {
    pub(super) enabled: Vec<Arc<Origin>>,
    pub(super) disabled: Vec<OriginKey>,
    pub(super) defaults: OriginDefaults,
}

/// Decides every origin of the file; wrong ones are complained about and left out.
///
/// `probe` is the file's section of that name, which has their defaults; `discovery` is that which
/// may make do without any.
pub(super) fn origins(file: &Section<'_>, probe: &Section<'_>, discovery: &Section<'_>) -> Origins {
    let defaults = OriginDefaults {
        interval: interval(probe).unwrap_or(Duration::from_secs(300)),
        reachable_from_here: reachability(probe).unwrap_or(Reachability::Auto),
        renewal: renewal(file, RenewalPolicy::default()),
    };
    let mut origins = Origins { enabled: Vec::new(), disabled: Vec::new(), defaults };
    let mut lines: HashMap<ByKey, u32> = HashMap::new();
    if !file.has("origins") && !discovery::is_given(discovery) {
        file.complain("origins", Fault::NoOrigins);
    }
    file.each_section("origins", ORIGIN_KEYS, |section| {
        let enabled = section.value("enabled", scalar::boolean).unwrap_or(true);
        let Some(origin) = origin(&section, &origins.defaults) else { return };
        let line = section.line_of("id");
        if let Some(&first_line) = lines.get(&origin.key) {
            let id = Excerpt::of(&origin.key.id);
            let domain = origin.key.domain.to_string();
            section.complain("id", Fault::DuplicateOrigin { id, domain, first_line });
            return;
        }
        let origin = Arc::new(origin);
        lines.insert(ByKey(Arc::clone(&origin)), line);
        match enabled {
            true => origins.enabled.push(origin),
            false => origins.disabled.push(origin.key.clone()),
        }
    });
    origins
}

/// An origin to be found by its key, which a large file then holds once only.
#[derive(Debug)]
struct ByKey(Arc<Origin>);

impl Borrow<OriginKey> for ByKey {
    fn borrow(&self) -> &OriginKey {
        &self.0.key
    }
}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for ByKey {}

/// Returns the origin; `None` without an id and a domain to know it by.
fn origin(section: &Section<'_>, defaults: &OriginDefaults) -> Option<Origin> {
    let id = section.required("id", scalar::label_value);
    let domain = section.required("domain", scalar::domain_name);
    let https_port = section.value("https_port", scalar::origin_port);
    let labels = labels(section);
    let mut origin = described(section, domain, defaults)?;
    origin.key.id = id?.into();
    origin.https_port = https_port.unwrap_or(origin.https_port);
    origin.labels = labels;
    Some(origin)
}

/// Returns the origin at `domain` with all that `section` says but who and where it is; `None`
/// without the domain, when all else has been looked at for what is wrong with it.
pub(super) fn described(
    section: &Section<'_>,
    domain: Option<DomainName>,
    defaults: &OriginDefaults,
) -> Option<Origin> {
    // Without the domain the targets cannot be told, but what is wrong with the rest can.
    let known = domain.as_ref().map(|domain| targets(section, domain));
    let mtls = section.value("origin_mtls", scalar::boolean).unwrap_or(false);
    let connection_attempts =
        section.value("connection_attempts", |node| scalar::whole_number(node, ATTEMPTS));
    let connection_timeout =
        section.value("connection_timeout", |node| scalar::duration(node, CONNECTION_TIMEOUT));
    let protocol_policy =
        section.value("protocol_policy", |node| scalar::choice(node, &ProtocolPolicy::ALL));
    let ip_address_type =
        section.value("ip_address_type", |node| scalar::choice(node, &IpAddressType::ALL));
    let ssl_protocols = ssl_protocols(section);
    let interval = interval(section);
    let reachable_from_here = reachability(section);
    let renewal = renewal(section, defaults.renewal);

    let mut origin = Origin::with_defaults(domain?);
    origin.targets = known?;
    // Nearly always one of the four that a first push makes room for.
    origin.targets.shrink_to_fit();
    origin.protocol_policy = protocol_policy.unwrap_or(origin.protocol_policy);
    origin.ssl_protocols = ssl_protocols;
    origin.ip_address_type = ip_address_type.unwrap_or(origin.ip_address_type);
    origin.connection_attempts = connection_attempts
        .and_then(|attempts| attempts.try_into().ok())
        .unwrap_or(origin.connection_attempts);
    origin.connection_timeout = connection_timeout.unwrap_or(origin.connection_timeout);
    origin.origin_mtls = if mtls { OriginMtls::Configured } else { OriginMtls::NotConfigured };
    origin.interval = interval.unwrap_or(defaults.interval);
    origin.reachable_from_here = reachable_from_here.unwrap_or(defaults.reachable_from_here);
    origin.renewal = renewal;
    Some(origin)
}

fn interval(section: &Section<'_>) -> Option<Duration> {
    section.value("interval", |node| scalar::duration(node, INTERVAL))
}

fn reachability(section: &Section<'_>) -> Option<Reachability> {
    section.value("reachable_from_here", |node| scalar::choice(node, &Reachability::ALL))
}

fn ssl_protocols(section: &Section<'_>) -> SslProtocols {
    let listed = section.items("ssl_protocols", |node| scalar::choice(node, &SslProtocol::ALL));
    if section.is_empty_list("ssl_protocols") {
        let allowed = SslProtocol::ALL.iter().map(|(spelling, _)| *spelling).collect();
        section.complain("ssl_protocols", Fault::NoProtocolVersion { allowed });
    }
    SslProtocols::new(listed).unwrap_or_default()
}

fn labels(section: &Section<'_>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let count = section.count("labels");
    if count > MOST_LABELS {
        section.complain("labels", Fault::TooManyLabels { count, limit: MOST_LABELS });
        return labels;
    }
    section.each_entry("labels", |name, node| {
        labels.insert(label_name(name)?.to_owned(), scalar::label_value(node)?);
        Ok(())
    });
    labels
}

/// Returns a name that an origin's own label may have.
pub(super) fn label_name(name: &str) -> Result<&str, Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !name.bytes().all(allowed) || !name.starts_with(|c: char| !c.is_ascii_digit()) {
        return Err(Fault::LabelName);
    }
    if RESERVED_LABELS.contains(&name) || name.starts_with("__") {
        return Err(Fault::ReservedLabel);
    }
    Ok(name)
}

const INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);
/// Guide, `DownloadDistValuesOrigin`, "Connection attempts".
const ATTEMPTS: RangeInclusive<u32> = 1..=3;
/// Guide, `DownloadDistValuesOrigin`, "Connection timeout".
const CONNECTION_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(10);
/// How many labels of its own an origin may have.
pub(super) const MOST_LABELS: usize = 8;
/// The labels of `cloudfront_origin_info`, those that Prometheus puts on what it scrapes, and those
/// that tell the series of a histogram or summary apart; names that begin with `__` are Prometheus's
/// too.
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
