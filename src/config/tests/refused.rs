//! Every kind of bad setting, with its line and key.

use super::MINIMAL;
use super::errors;
use super::with_origin;

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
        errors(text),
        [
            "2: web.listen: `nowhere` is no address and port; write such as 0.0.0.0:10502 or [::]:10502",
            "4: probe.intervall: is no key here; did you mean `interval`?",
            "5: probe.deadline: 0s is out of range; use 1s to 10m",
            "8: origins[0].domain: `192.0.2.1` is an IP address; CloudFront takes only DNS names as Origin Domain",
            "9: origins[0].https_prot: is no key here; did you mean `https_port`?",
            "10: origins[0].https_port: 70000 is no port CloudFront takes; use 80, 443 or 1024-65535",
            "11: origins[1].domain: `*.example.com` is a wildcard; name one host, such as `www.example.com`",
            "13: origins[1].enabled: `yes` is not taken; use true or false",
        ]
    );
}

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
            "https_port: `443` is in quotes; write a port, 80, 443 or 1024-65535, without them",
        ),
        ("https_port: [443]", "https_port: is a list; write a port, 80, 443 or 1024-65535,"),
        ("https_port:", "https_port: is empty; write a port, 80, 443 or 1024-65535,"),
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
fn a_bad_setting_is_refused_with_line_and_key() {
    for (setting, expected) in [
        ("wbe: {}", "wbe: is no key here; did you mean `web`?"),
        (
            "colour: red",
            "colour: is no key here; the keys are web, log, probe, resolver, trust_anchors, reachability, renewal, probe_endpoint, discovery and origins",
        ),
        ("web: 1", "web: is a single value; write a mapping, `key: value`"),
        (
            "web: {listen: 'localhost:1'}",
            "web.listen: `localhost:1` is no address and port; write such as 0.0.0.0:10502 or [::]:10502",
        ),
        ("web: {lifecycle: on}", "web.lifecycle: `on` is not taken; use true or false"),
        (
            "log: {level: loud}",
            "log.level: `loud` is not taken; use error, warn, info, debug or trace",
        ),
        ("probe: {interval: 0s}", "probe.interval: 0s is out of range; use 1s to 1d"),
        ("probe: {deadline: 11m}", "probe.deadline: 11m is out of range; use 1s to 10m"),
        (
            "probe: {deadline: 5s}",
            "probe.deadline: 5s is shorter than probe.handshake_timeout (10s); make it longer or the other shorter",
        ),
        (
            "probe: {handshake_timeout: 61s}",
            "probe.handshake_timeout: 1m1s is longer than probe.deadline (1m); make it shorter or the other longer",
        ),
        ("probe: {concurrency: 0}", "probe.concurrency: 0 is out of range; use 1 to 1000000"),
        ("probe: {start_rate: 0}", "probe.start_rate: 0 is out of range; use 1 to 1000000"),
        ("probe: {per_address: 0}", "probe.per_address: 0 is out of range; use 1 to 1000000"),
        (
            "probe: {max_server_names: 0}",
            "probe.max_server_names: 0 is out of range; use 1 to 1000000",
        ),
        (
            "probe: {concurrency: 99999999999999999999}",
            "probe.concurrency: 99999999999999999999 is out of range; use 1 to 1000000",
        ),
        (
            "resolver: {nameservers: [dns.example]}",
            "resolver.nameservers[0]: `dns.example` is no nameserver; write an address, such as 192.0.2.53 or [2001:db8::53]:5353",
        ),
        (
            "resolver: {confirm_with: ['1.1.1.1:0']}",
            "resolver.confirm_with[0]: `1.1.1.1:0` is no nameserver; write an address, such as 192.0.2.53 or [2001:db8::53]:5353",
        ),
        (
            "trust_anchors: {extra: ['']}",
            "trust_anchors.extra[0]: is empty; write the path of a PEM file",
        ),
        (
            "trust_anchors: {mozilla: false}",
            "trust_anchors.mozilla: leaves no trust anchor; name PEM files under `extra` or keep `mozilla: true`",
        ),
        (
            "reachability: {assume_public: [10/8]}",
            "reachability.assume_public[0]: `10/8` is no network; write such as 10.0.0.0/8 or 2001:db8::/32",
        ),
        (
            "renewal: {critical: {max: 30d}}",
            "renewal.critical.max: turns critical 30d before the end, earlier than it warns (21d); critical may be at most the warning's",
        ),
        (
            "discovery: {cloudfront: [{}]}",
            "discovery.cloudfront: asks for origins from the CloudFront API, which this version cannot do yet; leave it at its default",
        ),
        (
            "discovery: {files: ['*.json']}",
            "discovery.files: asks for origins from files, which this version cannot do yet; leave it at its default",
        ),
        (
            "probe_endpoint: {enabled: true}",
            "probe_endpoint.enabled: asks for probes on request, which this version cannot do yet; leave it at its default",
        ),
        (
            "probe_endpoint: {allow: {ports: [8443]}}",
            "probe_endpoint.allow.ports: asks for probes on request, which this version cannot do yet; leave it at its default",
        ),
        ("origins: []", "origins: is given twice; it stands on line 1 already"),
    ] {
        let text = format!("{MINIMAL}{setting}\n");
        assert_eq!(errors(&text), [format!("4: {expected}")], "{setting}");
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

#[test]
fn a_file_without_origins_is_refused() {
    let no_origin =
        "origins: holds no origin, so there is nothing to probe; give at least an id and a domain";
    let nothing = "holds no settings; write `origins:` with at least an id and a domain";
    for (text, expected) in [
        ("", nothing.to_owned()),
        ("# only a comment\n", nothing.to_owned()),
        ("---\n", nothing.to_owned()),
        ("~", nothing.to_owned()),
        ("web: {}\n", format!("1: {no_origin}")),
        ("{}", format!("1: {no_origin}")),
        ("origins: []", format!("1: {no_origin}")),
        ("origins:\n", format!("1: {no_origin}")),
    ] {
        assert_eq!(errors(text), [expected], "{text:?}");
    }
}
