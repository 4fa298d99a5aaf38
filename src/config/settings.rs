//! Every part of the file but the origins: its keys, defaults and ranges.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use ipnet::IpNet;

use crate::config::LogFormat;
use crate::config::LogLevel;
use crate::config::LogSettings;
use crate::config::ProbeSettings;
use crate::config::ResolverSettings;
use crate::config::TrustAnchorSettings;
use crate::config::WebSettings;
use crate::config::duration::format_duration;
use crate::config::fault::Fault;
use crate::config::scalar;
use crate::config::section::Section;

pub(super) const FILE_KEYS: &[&str] = &[
    "web",
    "log",
    "probe",
    "resolver",
    "trust_anchors",
    "reachability",
    "renewal",
    "probe_endpoint",
    "discovery",
    "origins",
];
pub(super) const WEB_KEYS: &[&str] = &["listen", "lifecycle"];
pub(super) const LOG_KEYS: &[&str] = &["level", "format"];
pub(super) const PROBE_KEYS: &[&str] = &[
    "interval",
    "deadline",
    "handshake_timeout",
    "concurrency",
    "per_address",
    "start_rate",
    "reachable_from_here",
    "max_server_names",
];
pub(super) const RESOLVER_KEYS: &[&str] = &["nameservers", "confirm_with", "check_all"];
pub(super) const TRUST_ANCHORS_KEYS: &[&str] = &["mozilla", "extra"];
pub(super) const REACHABILITY_KEYS: &[&str] = &["assume_public"];

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
