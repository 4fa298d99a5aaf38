//! Bad origins, with line, key and kind of the error.

use super::{Row, kinds, row, with_origin};

/// Settings of an origin on line 4 of a file, each with the key and the kind of its error.
pub(super) const ORIGINS: &[Row] = &[
    row("https_port: 0", "https_port", "Port"),
    row("https_port: 22", "https_port", "Port"),
    row("https_port: -1", "https_port", "Port"),
    row("https_port: tls", "https_port", "Port"),
    row("https_port: '443'", "https_port", "Quoted"),
    row("https_port: [443]", "https_port", "WrongKind"),
    row("https_port:", "https_port", "WrongKind"),
    row("id: other", "id", "DuplicateKey"),
    row("interval: 0s", "interval", "OutOfRange"),
    row("interval: 0", "interval", "Duration"),
    row("interval: 25h", "interval", "OutOfRange"),
    row("connection_attempts: 0", "connection_attempts", "OutOfRange"),
    row("connection_attempts: 4", "connection_attempts", "OutOfRange"),
    row("connection_attempts: 1.5", "connection_attempts", "Malformed"),
    row("connection_timeout: 11s", "connection_timeout", "OutOfRange"),
    row("protocol_policy: https", "protocol_policy", "NotOneOf"),
    row("ssl_protocols: [TLSv1.3]", "ssl_protocols[0]", "NotOneOf"),
    row("ssl_protocols: []", "ssl_protocols", "NoProtocolVersion"),
    row("ssl_protocols: TLSv1.2", "ssl_protocols", "WrongKind"),
    row("ip_address_type: IPv4", "ip_address_type", "NotOneOf"),
    row("reachable_from_here: false", "reachable_from_here", "NotOneOf"),
    row("origin_mtls: 'true'", "origin_mtls", "Quoted"),
    row("viewer_hosts: [a.example, A.example.]", "viewer_hosts[1]", "DuplicateServerName"),
    row(
        "<<: {viewer_hosts: [origin.example.com], host_also_unforwarded: true}",
        "host_also_unforwarded",
        "DuplicateServerName",
    ),
    row(
        "<<: {viewer_hosts: [a.example], targets: [{server_name: b.example}]}",
        "targets",
        "TargetsBesideViewerHosts",
    ),
    row(
        "<<: {host_also_unforwarded: true, targets: [{server_name: b.example}]}",
        "targets",
        "TargetsBesideViewerHosts",
    ),
    row(
        "targets: [{server_name: b.example}, {server_name: b.example}]",
        "targets[1].server_name",
        "DuplicateServerName",
    ),
    row("targets: [{allowed_names: [b.example]}]", "targets[0].server_name", "Missing"),
    row("targets: [b.example]", "targets[0]", "WrongKind"),
    row(
        "targets: [{server_name: b.example, allowed_names: ['*.*.a']}]",
        "targets[0].allowed_names[0]",
        "Name",
    ),
    row("renewal: {critical: {max: 22d}}", "renewal.critical.max", "CriticalBeforeWarning"),
    row("renewal: {warning: {lifetime: 5%}}", "renewal.warning.lifetime", "CriticalBeforeWarning"),
    row("renewal: {warning: {lifetime: 0%}}", "renewal.warning.lifetime", "OutOfRange"),
    row("renewal: {warning: {lifetime: 101%}}", "renewal.warning.lifetime", "OutOfRange"),
    row("renewal: {warning: {lifetime: 25}}", "renewal.warning.lifetime", "Malformed"),
    row("renewal: {notice: {}}", "renewal.notice", "UnknownKey"),
    row("labels: {team: a, team: b}", "labels.team", "DuplicateKey"),
    row("labels: {1a: b}", "labels.1a", "LabelName"),
    row("labels: {'': b}", "labels.", "LabelName"),
    row("labels: {a-b: b}", "labels.a-b", "LabelName"),
    row("labels: {origin: b}", "labels.origin", "ReservedLabel"),
    row("labels: {le: b}", "labels.le", "ReservedLabel"),
    row("labels: {quantile: b}", "labels.quantile", "ReservedLabel"),
    row("labels: {__a: b}", "labels.__a", "ReservedLabel"),
    row(
        "labels: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1}",
        "labels",
        "TooManyLabels",
    ),
    row(
        concat!(
            "labels: {a: ",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}"
        ),
        "labels.a",
        "TooLong",
    ),
    row(r#"labels: {a: "b\e[1m"}"#, "labels.a", "NotPrintable"),
    row("labels: {a: ''}", "labels.a", "WrongKind"),
    row("labels: [a]", "labels", "WrongKind"),
];

#[test]
fn a_bad_origin_is_refused_with_line_and_key() {
    for row in ORIGINS {
        let found = kinds(&with_origin(row.input));
        assert_eq!(found, [row.error(4, "origins[0].")], "{}", row.input);
    }
}

/// Origin domains, each with the kind of its error.
pub(super) const DOMAINS: &[(&str, &str)] = &[
    ("192.0.2.1", "Name"),
    ("'*.example.com'", "Name"),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "Name"),
];

/// Returns a file whose line 3 has the domain.
pub(super) fn with_domain(domain: &str) -> String {
    format!("origins:\n  - id: shop\n    domain: {domain}\n")
}

#[test]
fn a_bad_domain_is_refused_with_line_and_key() {
    for (domain, kind) in DOMAINS {
        let expected = (Some(3), "origins[0].domain".to_owned(), (*kind).to_owned());
        assert_eq!(kinds(&with_domain(domain)), [expected], "{domain}");
    }
}

/// A file whose third origin has the id and the domain of the first.
pub(super) const SAME_ORIGIN: &str = "origins:
  - {id: a, domain: a.example}
  - {id: a, domain: b.example}
  - {id: a, domain: A.example., enabled: false}
";

#[test]
fn an_origin_is_known_by_id_and_domain() {
    let expected = (Some(4), "origins[2].id".to_owned(), "DuplicateOrigin".to_owned());
    assert_eq!(kinds(SAME_ORIGIN), [expected]);
}
