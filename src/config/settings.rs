//! Every part of the file but the origins: its keys, defaults and ranges.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use ipnet::IpNet;

use crate::config::LimitSettings;
use crate::config::LogFormat;
use crate::config::LogLevel;
use crate::config::LogSettings;
use crate::config::ProbeSettings;
use crate::config::ResolverSettings;
use crate::config::TrustAnchorSettings;
use crate::config::WebSettings;
use crate::config::duration::format_duration;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;

pub(super) const FILE_KEYS: &[Key] = &[
    key("web", "Where the daemon answers HTTP."),
    key("log", "What is logged to standard error, and how."),
    key("probe", "How often and how hard origins are probed."),
    key("resolver", "Who is asked for addresses."),
    key("trust_anchors", "Which certification authorities a chain may end in."),
    key("reachability", "Which addresses CloudFront can reach."),
    key("limits", "How much memory origins may take."),
    key(
        "renewal",
        "From when on a certificate counts as renewed too late: the shorter of a time before its \
         end and a share of its lifetime. Critical may not come before warning.",
    ),
    key(
        "probe_endpoint",
        "Probes on request, `GET /probe?target=DOMAIN[:PORT]`, for those who keep their list of \
         targets in Prometheus. Whoever reaches the daemon may ask, so nothing may be asked for \
         that is not listed here.",
    ),
    key(
        "discovery",
        "Origins from elsewhere than this file. What is read last stays in use while a source \
         cannot be read.",
    ),
    key("origins", "The origins. May be left out where `discovery` has a source."),
];
pub(super) const WEB_KEYS: &[Key] = &[
    key("listen", "Address and port of the status page, the metrics and the API."),
    key("lifecycle", "Whether `POST /-/reload` reads the files again. SIGHUP always does."),
];
pub(super) const LOG_KEYS: &[Key] = &[
    key("level", "The least important events that are still logged."),
    key("format", "The form of a line."),
];
pub(super) const PROBE_KEYS: &[Key] = &[
    key("interval", "How often each origin is probed, unless it says otherwise."),
    key(
        "deadline",
        "How long the probe of one origin may take. The time that an address waits for a socket does not count, but ends with the deadline as well, so that a probe takes twice as long at most.",
    ),
    key("handshake_timeout", "How long one TLS handshake may take; at most the deadline."),
    key(
        "concurrency",
        "How many sockets are open at once, at most. A quarter is kept for endpoints that did \
         not hang last time.",
    ),
    key("per_address", "How many sockets are open to one address at once, at most."),
    key("start_rate", "How many origins are probed for the first time in one second, at most."),
    key(
        "reachable_from_here",
        "Whether origins admit this prober, unless they say otherwise. `auto`: a connection that \
         times out counts once one has succeeded from here. `yes`: it counts at once. `no`: only \
         CloudFront is admitted, so nothing beyond DNS is judged from here.",
    ),
    key(
        "max_server_names",
        "How many server names of one origin a probe takes, at most; more are taken in turn.",
    ),
];
pub(super) const RESOLVER_KEYS: &[Key] = &[
    key(
        "nameservers",
        "Nameservers, on port 53 unless given. They are taken as the public view of DNS, which \
         is CloudFront's. Empty: the system's.",
    ),
    key(
        "confirm_with",
        "Asked when the first answer holds no usable or no public address, because a network's \
         own view may differ from CloudFront's.",
    ),
    key(
        "check_all",
        "Whether each of the nameservers is asked, and not only until one answers: one that \
         fails, or denies what the others have, is then a notice of its own, \
         `nameservers-disagree`.",
    ),
];
pub(super) const TRUST_ANCHORS_KEYS: &[Key] = &[
    key(
        "mozilla",
        "Whether Mozilla's list of certification authorities counts, as it does with CloudFront. \
         Without it, `extra` is required.",
    ),
    key("extra", "Further PEM files, from this file's directory unless absolute."),
];
pub(super) const REACHABILITY_KEYS: &[Key] =
    &[key("assume_public", "Networks that are not public but taken as reachable by CloudFront.")];

pub(super) const LIMITS_KEYS: &[Key] = &[key(
    "chain_bytes",
    "How many bytes of memory the certificate chains of all origins may take, besides the first \
     16 KiB of each origin, which are always kept. One origin has at most 4 MiB. A chain that is \
     not kept is judged like any other; its certificates cannot be downloaded, and of their names \
     only some are shown. Default: 128 MiB, or a quarter of the memory limit if that is less.",
)];

pub(super) fn web(file: &Section<'_>) -> WebSettings {
    let web = file.section("web", WEB_KEYS);
    WebSettings {
        listen: web.value("listen", scalar::listen_address).unwrap_or(DEFAULT_LISTEN),
        lifecycle: web.value("lifecycle", scalar::boolean).unwrap_or(true),
    }
}

pub(super) fn log(file: &Section<'_>) -> LogSettings {
    let log = file.section("log", LOG_KEYS);
    LogSettings {
        level: log
            .value("level", |node| scalar::choice(node, &LogLevel::ALL))
            .unwrap_or(LogLevel::Info),
        format: log
            .value("format", |node| scalar::choice(node, &LogFormat::ALL))
            .unwrap_or(LogFormat::Text),
    }
}

pub(super) fn probe(probe: &Section<'_>) -> ProbeSettings {
    let deadline =
        probe.value("deadline", |node| scalar::duration(node, DEADLINE)).unwrap_or(MINUTE);
    let handshake_timeout = probe
        .value("handshake_timeout", |node| scalar::duration(node, HANDSHAKE_TIMEOUT))
        .unwrap_or(SECOND * 10);
    if handshake_timeout > deadline {
        // Blame what is in the file: the other one may be a default.
        let (key, value, other, limit) = if probe.has("handshake_timeout") {
            ("handshake_timeout", handshake_timeout, "probe.deadline", deadline)
        } else {
            ("deadline", deadline, "probe.handshake_timeout", handshake_timeout)
        };
        let (value, limit) = (format_duration(value), format_duration(limit));
        let fault = match key {
            "deadline" => Fault::ShorterThan { value, other, limit },
            _ => Fault::LongerThan { value, other, limit },
        };
        probe.complain(key, fault);
    }
    ProbeSettings {
        deadline,
        handshake_timeout,
        concurrency: count(probe, "concurrency").unwrap_or(4096) as usize,
        per_address: count(probe, "per_address").unwrap_or(4) as usize,
        start_rate: count(probe, "start_rate").unwrap_or(500),
        max_server_names: count(probe, "max_server_names").unwrap_or(20) as usize,
    }
}

pub(super) fn resolver(file: &Section<'_>) -> ResolverSettings {
    let resolver = file.section("resolver", RESOLVER_KEYS);
    ResolverSettings {
        nameservers: resolver.items("nameservers", scalar::nameserver),
        confirm_with: resolver.items("confirm_with", scalar::nameserver),
        check_all: resolver.value("check_all", scalar::boolean).unwrap_or(false),
    }
}

pub(super) fn trust_anchors(file: &Section<'_>, directory: &Path) -> TrustAnchorSettings {
    let section = file.section("trust_anchors", TRUST_ANCHORS_KEYS);
    let mozilla = section.value("mozilla", scalar::boolean).unwrap_or(true);
    let extra = section.items("extra", |node| scalar::path(node).map(|path| directory.join(path)));
    if !mozilla && !section.has("extra") {
        section.complain("mozilla", Fault::NoTrustAnchors);
    }
    TrustAnchorSettings { mozilla, extra }
}

pub(super) fn assume_public(file: &Section<'_>) -> Vec<IpNet> {
    file.section("reachability", REACHABILITY_KEYS).items("assume_public", scalar::network)
}

pub(super) fn limits(file: &Section<'_>) -> LimitSettings {
    let limits = file.section("limits", LIMITS_KEYS);
    let chain_bytes = limits.value("chain_bytes", |node| scalar::whole_number(node, 0..=u32::MAX));
    LimitSettings { chain_bytes: chain_bytes.map(|bytes| bytes as usize) }
}

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 10_502);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DEADLINE: RangeInclusive<Duration> = SECOND..=Duration::from_secs(600);
/// From a time in which no handshake across a continent ends, to the longest deadline.
const HANDSHAKE_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(600);
/// More sockets, starts or names than one process can have.
const MOST_COUNTED: u32 = 1_000_000;

fn count(section: &Section<'_>, key: &'static str) -> Option<u32> {
    section.value(key, |node| scalar::whole_number(node, 1..=MOST_COUNTED))
}
