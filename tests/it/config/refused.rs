//! Bad settings beside the origins, with line, key and kind of the error.

use super::{MINIMAL, Row, kinds, row};

#[test]
fn every_error_of_a_file_is_named_at_once() {
    let text = "
web: {listen: nowhere}
probe:
  intervall: 5m
  deadline: 0s
origins:
  - id: shop
    domain: 192.0.2.1
    https_prot: 443
    https_port: 70000
  - domain: '*.example.com'
    id: shop
    enabled: yes
";
    assert_eq!(
        kinds(text),
        [
            (2, "web.listen", "Malformed"),
            (4, "probe.intervall", "UnknownKey"),
            (5, "probe.deadline", "OutOfRange"),
            (8, "origins[0].domain", "Name"),
            (9, "origins[0].https_prot", "UnknownKey"),
            (10, "origins[0].https_port", "Port"),
            (11, "origins[1].domain", "Name"),
            (13, "origins[1].enabled", "NotOneOf"),
        ]
        .map(|(line, key, kind)| (Some(line), key.to_owned(), kind.to_owned()))
    );
}

/// Settings on line 4 of a file, each with the key and the kind of its error.
pub(super) const SETTINGS: &[Row] = &[
    row("wbe: {}", "wbe", "UnknownKey"),
    row("colour: red", "colour", "UnknownKey"),
    row("web: 1", "web", "WrongKind"),
    row("web: {listen: 'localhost:1'}", "web.listen", "Malformed"),
    row("web: {lifecycle: on}", "web.lifecycle", "NotOneOf"),
    row("log: {level: loud}", "log.level", "NotOneOf"),
    row("metrics: {set: some}", "metrics.set", "NotOneOf"),
    row("metrics: {sets: all}", "metrics.sets", "UnknownKey"),
    row("metrics: {allow: cloudfront_origin_info}", "metrics.allow", "WrongKind"),
    row("metrics: {allow: [cloudfront_orgin_*]}", "metrics.allow[0]", "UnknownFamily"),
    row("metrics: {deny: ['*_info', tls]}", "metrics.deny[1]", "UnknownFamily"),
    row("metrics: {deny: [go_*]}", "metrics.deny[0]", "UnknownFamily"),
    row("probe: {interval: 0s}", "probe.interval", "OutOfRange"),
    row("probe: {deadline: 11m}", "probe.deadline", "OutOfRange"),
    row("probe: {deadline: 5s}", "probe.deadline", "ShorterThan"),
    row("probe: {handshake_timeout: 61s}", "probe.handshake_timeout", "LongerThan"),
    row("probe: {concurrency: 0}", "probe.concurrency", "OutOfRange"),
    row("probe: {start_rate: 0}", "probe.start_rate", "OutOfRange"),
    row("probe: {per_address: 0}", "probe.per_address", "OutOfRange"),
    row("probe: {max_server_names: 0}", "probe.max_server_names", "OutOfRange"),
    row("probe: {window: {connections: 0}}", "probe.window.connections", "OutOfRange"),
    row("probe: {window: {connections: 1001}}", "probe.window.connections", "OutOfRange"),
    row("probe: {window: {burst: -1}}", "probe.window.burst", "OutOfRange"),
    row("probe: {window: {burst: 1001}}", "probe.window.burst", "OutOfRange"),
    row("probe: {window: {age: 0s}}", "probe.window.age", "OutOfRange"),
    row("probe: {window: {seen: 9}}", "probe.window.seen", "UnknownKey"),
    row("probe: {concurrency: 99999999999999999999}", "probe.concurrency", "OutOfRange"),
    row("resolver: {nameservers: [dns.example]}", "resolver.nameservers[0]", "Malformed"),
    row("resolver: {confirm_with: ['1.1.1.1:0']}", "resolver.confirm_with[0]", "Malformed"),
    row("trust_anchors: {extra: ['']}", "trust_anchors.extra[0]", "WrongKind"),
    row("trust_anchors: {mozilla: false}", "trust_anchors.mozilla", "NoTrustAnchors"),
    row("limits: {chain_bytes: 16MiB}", "limits.chain_bytes", "Malformed"),
    row("reachability: {assume_public: [10/8]}", "reachability.assume_public[0]", "Malformed"),
    row("renewal: {critical: {max: 30d}}", "renewal.critical.max", "CriticalBeforeWarning"),
    row("resolver: {check_all: each}", "resolver.check_all", "NotOneOf"),
    row("discovery: {cloudfront: [{}]}", "discovery.cloudfront[0].name", "Missing"),
    row("discovery: {files: ['*.jsn']}", "discovery.files[0]", "Malformed"),
    row("probe_endpoint: {enabled: true}", "probe_endpoint.allow.names", "NoNames"),
    row("discovery: {files: ['*/a.json']}", "discovery.files[0]", "Malformed"),
    row("discovery: {files: [.json]}", "discovery.files[0]", "Malformed"),
    row("discovery: {files: [a.json, b.yml, a.json]}", "discovery.files[2]", "ListedTwice"),
    row("discovery: {files: a.json}", "discovery.files", "WrongKind"),
    row("discovery: {file: [a.json]}", "discovery.file", "UnknownKey"),
    row(
        "probe_endpoint: {enabled: true, allow: {names: [], ports: [8443]}}",
        "probe_endpoint.allow.names",
        "NoNames",
    ),
    row(
        "probe_endpoint: {enabled: true, allow: {names: [a.example], ports: []}}",
        "probe_endpoint.allow.ports",
        "NoPorts",
    ),
    row(
        "probe_endpoint: {enabled: true, allow: {names: ['**.example.com']}}",
        "probe_endpoint.allow.names[0]",
        "Malformed",
    ),
    row("probe_endpoint: {allow: {names: [192.0.2.1]}}", "probe_endpoint.allow.names[0]", "Name"),
    row("probe_endpoint: {allow: {ports: [22]}}", "probe_endpoint.allow.ports[0]", "Port"),
    row(
        "probe_endpoint: {allow: {networks: [10/8]}}",
        "probe_endpoint.allow.networks[0]",
        "Malformed",
    ),
    row("origins: []", "origins", "DuplicateKey"),
];

#[test]
fn a_bad_setting_is_refused_with_line_and_key() {
    for row in SETTINGS {
        let text = format!("{MINIMAL}{}\n", row.input);
        assert_eq!(kinds(&text), [row.error(4, "")], "{}", row.input);
    }
}

/// Files without an origin, each with the line, the key and the kind of its error.
pub(super) const WITHOUT_ORIGINS: &[(&str, Option<u32>, &str, &str)] = &[
    ("", None, "", "Nothing"),
    ("# only a comment\n", None, "", "Nothing"),
    ("---\n", None, "", "Nothing"),
    ("~", None, "", "Nothing"),
    ("web: {}\n", Some(1), "origins", "NoOrigins"),
    ("{}", Some(1), "origins", "NoOrigins"),
    ("origins: []", Some(1), "origins", "NoOrigins"),
    ("origins:\n", Some(1), "origins", "NoOrigins"),
];

#[test]
fn a_file_without_origins_is_refused() {
    for (text, line, key, kind) in WITHOUT_ORIGINS {
        let expected = (*line, (*key).to_owned(), (*kind).to_owned());
        assert_eq!(kinds(text), [expected], "{text:?}");
    }
}
