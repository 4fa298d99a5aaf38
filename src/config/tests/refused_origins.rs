//! Every kind of bad origin, with its line and key.

use super::errors;
use super::with_origin;

#[test]
fn a_bad_origin_is_refused_with_line_and_key() {
    let long = "a".repeat(64);
    let eight = "a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1";
    for (more, expected) in [
        ("https_port: 0", "https_port: 0 is no port CloudFront takes; use 80, 443 or 1024-65535"),
        ("https_port: 22", "https_port: 22 is no port CloudFront takes; use 80, 443 or 1024-65535"),
        ("https_port: -1", "https_port: -1 is no port CloudFront takes; use 80, 443 or 1024-65535"),
        (
            "https_port: tls",
            "https_port: tls is no port CloudFront takes; use 80, 443 or 1024-65535",
        ),
        (
            "https_port: '443'",
            "https_port: `443` is in quotes; write a port (80, 443 or 1024-65535) without them",
        ),
        ("https_port: [443]", "https_port: is a list; write a port (80, 443 or 1024-65535)"),
        ("https_port:", "https_port: is empty; write a port (80, 443 or 1024-65535)"),
        ("id: other", "id: is given twice; it stands on line 2 already"),
        ("interval: 0s", "interval: 0s is out of range; use 1s to 1d"),
        ("interval: 0", "interval: `0` has no unit; the units are ms, s, m, h and d"),
        ("interval: 25h", "interval: 25h is out of range; use 1s to 1d"),
        ("connection_attempts: 0", "connection_attempts: 0 is out of range; use 1 to 3"),
        ("connection_attempts: 4", "connection_attempts: 4 is out of range; use 1 to 3"),
        (
            "connection_attempts: 1.5",
            "connection_attempts: `1.5` is no whole number; write digits only",
        ),
        ("connection_timeout: 11s", "connection_timeout: 11s is out of range; use 1s to 10s"),
        (
            "protocol_policy: https",
            "protocol_policy: `https` is not taken; use http-only, match-viewer or https-only",
        ),
        (
            "ssl_protocols: [TLSv1.3]",
            "ssl_protocols[0]: `TLSv1.3` is not taken; use SSLv3, TLSv1, TLSv1.1 or TLSv1.2",
        ),
        (
            "ssl_protocols: []",
            "ssl_protocols: holds no protocol version; use SSLv3, TLSv1, TLSv1.1 or TLSv1.2",
        ),
        ("ssl_protocols: TLSv1.2", "ssl_protocols: is a single value; write a list"),
        (
            "ip_address_type: IPv4",
            "ip_address_type: `IPv4` is not taken; use ipv4, ipv6 or dualstack",
        ),
        (
            "reachable_from_here: false",
            "reachable_from_here: `false` is not taken; use auto, yes or no",
        ),
        (
            "origin_mtls: 'true'",
            "origin_mtls: `true` is in quotes; write true or false without them",
        ),
        (
            "viewer_hosts: [a.example, A.example.]",
            "viewer_hosts[1]: a.example is a server name of this origin already; name each once",
        ),
        (
            "<<: {viewer_hosts: [origin.example.com], host_also_unforwarded: true}",
            "host_also_unforwarded: origin.example.com is a server name of this origin already; name each once",
        ),
        (
            "<<: {viewer_hosts: [a.example], targets: [{server_name: b.example}]}",
            "targets: replaces `viewer_hosts` and `host_also_unforwarded`; give either it or them",
        ),
        (
            "<<: {host_also_unforwarded: true, targets: [{server_name: b.example}]}",
            "targets: replaces `viewer_hosts` and `host_also_unforwarded`; give either it or them",
        ),
        (
            "targets: [{server_name: b.example}, {server_name: b.example}]",
            "targets[1].server_name: b.example is a server name of this origin already; name each once",
        ),
        (
            "targets: [{allowed_names: [b.example]}]",
            "targets[0].server_name: is missing; it is required",
        ),
        ("targets: [b.example]", "targets[0]: is a single value; write a mapping, `key: value`"),
        (
            "targets: [{server_name: b.example, allowed_names: ['*.*.a']}]",
            "targets[0].allowed_names[0]: `*.*.a` is a wildcard; name one host, such as `www.example.com`",
        ),
        (
            "renewal: {critical: {max: 22d}}",
            "renewal.critical.max: turns critical 22d before the end, earlier than it warns (21d); critical may be at most the warning's",
        ),
        (
            "renewal: {warning: {lifetime: 5%}}",
            "renewal.warning.lifetime: turns critical 10% before the end, earlier than it warns (5%); critical may be at most the warning's",
        ),
        (
            "renewal: {warning: {lifetime: 0%}}",
            "renewal.warning.lifetime: 0% is out of range; use more than 0% to 100%",
        ),
        (
            "renewal: {warning: {lifetime: 101%}}",
            "renewal.warning.lifetime: 101% is out of range; use more than 0% to 100%",
        ),
        (
            "renewal: {warning: {lifetime: 25}}",
            "renewal.warning.lifetime: `25` is no share; write a number and a percent sign, such as 25%",
        ),
        (
            "renewal: {notice: {}}",
            "renewal.notice: is no key here; the keys are warning and critical",
        ),
        ("labels: {team: a, team: b}", "labels.team: is given twice; it stands on line 4 already"),
        (
            "labels: {1a: b}",
            "labels.1a: is no label name; use letters, digits and underscores, no digit first",
        ),
        (
            "labels: {'': b}",
            "labels.: is no label name; use letters, digits and underscores, no digit first",
        ),
        (
            "labels: {a-b: b}",
            "labels.a-b: is no label name; use letters, digits and underscores, no digit first",
        ),
        (
            "labels: {origin: b}",
            "labels.origin: is a label that origin-probe or Prometheus sets itself; choose another name",
        ),
        (
            "labels: {le: b}",
            "labels.le: is a label that origin-probe or Prometheus sets itself; choose another name",
        ),
        (
            "labels: {quantile: b}",
            "labels.quantile: is a label that origin-probe or Prometheus sets itself; choose another name",
        ),
        (
            "labels: {__a: b}",
            "labels.__a: is a label that origin-probe or Prometheus sets itself; choose another name",
        ),
        (&format!("labels: {{{eight}, i: 1}}"), "labels: holds 9 labels; at most 8 are taken"),
        (
            &format!("labels: {{a: {long}{long}a}}"),
            "labels.a: is 129 bytes long; at most 128 are taken",
        ),
        (
            r#"labels: {a: "b\e[1m"}"#,
            r"labels.a: `b\u{1b}[1m` holds a control character; write printable text",
        ),
        ("labels: {a: ''}", "labels.a: is empty; write printable text"),
        ("labels: [a]", "labels: is a list; write a mapping, `key: value`"),
    ] {
        assert_eq!(errors(&with_origin(more)), [format!("4: origins[0].{expected}")], "{more}");
    }
}

#[test]
fn a_bad_domain_is_refused_with_line_and_key() {
    let long = "a".repeat(64);
    for (domain, expected) in [
        ("192.0.2.1", "is an IP address; CloudFront takes only DNS names as Origin Domain"),
        ("'*.example.com'", "is a wildcard; name one host, such as `www.example.com`"),
        (&format!("{long}.example"), "has a label of 64 characters; a label has at most 63"),
    ] {
        let text = format!("origins:\n  - id: shop\n    domain: {domain}\n");
        let shown = domain.trim_matches('\'');
        let expected = format!("3: origins[0].domain: `{shown}` {expected}");
        assert_eq!(errors(&text), [expected], "{domain}");
    }
}

#[test]
fn an_origin_is_known_by_id_and_domain() {
    let text = "origins:
  - {id: a, domain: a.example}
  - {id: a, domain: b.example}
  - {id: a, domain: A.example., enabled: false}
";
    assert_eq!(
        errors(text),
        [
            "4: origins[2].id: `a` with domain a.example stands on line 2 already; give each origin of a domain its own id"
        ]
    );
}
