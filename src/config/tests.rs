//! Whole files: what is taken, and every kind of bad input with its line and key.

use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use super::Config;
use super::ConfigErrors;
use super::Fault;
use super::origins::ORIGIN_KEYS;
use super::renewal::RENEWAL_KEYS;
use super::renewal::THRESHOLD_KEYS;
use super::settings;
use super::targets::TARGET_KEYS;
use super::tree::Node;
use super::tree::Value;
use crate::origin::Origin;
use crate::origin::OriginMtls;
use crate::origin::Percent;
use crate::origin::ProtocolPolicy;
use crate::origin::Reachability;
use crate::origin::SslProtocol;
use crate::origin::Target;

const EXAMPLE: &str = include_str!("../../config/origin-probe.yaml");
const MINIMAL: &str = include_str!("../../config/minimal.yaml");

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    Config::parse(Path::new("c.yaml"), text.as_bytes())
}

/// Returns what is said of a file, without the file's name before each line.
fn errors(text: &str) -> Vec<String> {
    match parse(text) {
        Ok(config) => panic!("taken: {config:?}"),
        Err(errors) => errors
            .to_string()
            .lines()
            .map(|line| line.strip_prefix("c.yaml:").unwrap().trim_start().to_owned())
            .collect(),
    }
}

/// Returns the only origin of a file with `more` after its id and domain.
fn origin(more: &str) -> Origin {
    let config = parse(&with_origin(more)).unwrap();
    assert_eq!(config.origins.len(), 1);
    Origin::clone(&config.origins[0])
}

/// Returns a file whose line 4 is `more`.
fn with_origin(more: &str) -> String {
    format!("{MINIMAL}    {more}\n")
}

fn names(targets: &[Target]) -> Vec<String> {
    targets
        .iter()
        .map(|target| {
            let ids: Vec<_> = target.reference_ids.iter().map(ToString::to_string).collect();
            format!("{}: {}", target.server_name, ids.join(" "))
        })
        .collect()
}

#[test]
fn the_minimal_file_has_every_default() {
    assert_eq!(MINIMAL.lines().count(), 3);
    let config = parse(MINIMAL).unwrap();
    let mut expected = Origin::with_defaults("origin.example.com".parse().unwrap());
    expected.key.id = "shop".into();
    assert_eq!(
        config,
        Config {
            web: super::WebSettings { listen: "0.0.0.0:10502".parse().unwrap(), lifecycle: true },
            log: super::LogSettings {
                level: super::LogLevel::Info,
                format: super::LogFormat::Text,
            },
            probe: super::ProbeSettings {
                deadline: Duration::from_secs(60),
                handshake_timeout: Duration::from_secs(10),
                concurrency: 4096,
                per_address: 4,
                start_rate: 500,
                max_server_names: 20,
            },
            resolver: super::ResolverSettings {
                nameservers: vec![],
                confirm_with: vec![],
                check_all: false,
            },
            trust_anchors: super::TrustAnchorSettings { mozilla: true, extra: vec![] },
            assume_public: vec![],
            origins: vec![expected.into()],
            disabled_origins: 0,
        }
    );
}

#[test]
fn the_example_file_shows_the_defaults() {
    let mut expected = parse(MINIMAL).unwrap();
    expected.resolver.confirm_with =
        vec!["1.1.1.1:53".parse().unwrap(), "8.8.8.8:53".parse().unwrap()];
    expected.origins = vec![origin("viewer_hosts: [www.example.com]").into()];
    assert_eq!(parse(EXAMPLE), Ok(expected));
}

#[test]
fn the_example_file_has_every_key() {
    let root = Node::parse(EXAMPLE).unwrap();
    for (path, keys) in [
        (&[][..], settings::FILE_KEYS),
        (&["web"], settings::WEB_KEYS),
        (&["log"], settings::LOG_KEYS),
        (&["probe"], settings::PROBE_KEYS),
        (&["resolver"], settings::RESOLVER_KEYS),
        (&["trust_anchors"], settings::TRUST_ANCHORS_KEYS),
        (&["reachability"], settings::REACHABILITY_KEYS),
        (&["renewal"], RENEWAL_KEYS),
        (&["renewal", "warning"], THRESHOLD_KEYS),
        (&["renewal", "critical"], THRESHOLD_KEYS),
        (&["probe_endpoint"], settings::PROBE_ENDPOINT_KEYS),
        (&["probe_endpoint", "allow"], settings::ALLOW_KEYS),
        (&["discovery"], settings::DISCOVERY_KEYS),
        (&["origins"], ORIGIN_KEYS),
    ] {
        let mut node = &root;
        for step in path {
            let Value::Mapping(entries) = &node.value else { panic!("{path:?}") };
            node = &entries.iter().find(|entry| entry.key == *step).unwrap().node;
        }
        if let Value::List(items) = &node.value {
            node = &items[0];
        }
        let Value::Mapping(entries) = &node.value else { panic!("{path:?}") };
        assert_eq!(entries.iter().map(|entry| &entry.key).collect::<Vec<_>>(), keys, "{path:?}");
    }
    for key in TARGET_KEYS {
        assert!(EXAMPLE.contains(&format!("{key}:")), "{key}");
    }
}

#[test]
fn every_setting_is_taken() {
    let text = "
web: {listen: '[::1]:9', lifecycle: false}
log: {level: debug, format: json}
probe: {interval: 1m, deadline: 20s, handshake_timeout: 500ms, concurrency: 8, per_address: 1,
        start_rate: 3, reachable_from_here: no, max_server_names: 2}
resolver: {nameservers: [192.0.2.1, '192.0.2.2:5353', '2001:db8::1', '[2001:db8::2]:54'], check_all: true}
trust_anchors: {mozilla: false, extra: [own.pem, /etc/roots.pem]}
reachability: {assume_public: [10.1.2.3/8, 192.168.0.1]}
renewal: {warning: {max: 30d}, critical: {lifetime: 12.5%}}
origins:
  - {id: a, domain: A.Example.com.}
  - {id: b, domain: b.example.com, enabled: false}
  - id: c
    domain: bücher.example
    https_port: 8443
    protocol_policy: match-viewer
    ssl_protocols: [TLSv1.2, SSLv3]
    ip_address_type: dualstack
    connection_attempts: 1
    connection_timeout: 2s
    origin_mtls: true
    interval: 90s
    reachable_from_here: yes
    renewal: {warning: {lifetime: 50%}, critical: {max: 1d}}
    labels: {team: shop, Tier_1: 1}
";
    let config = Config::parse(Path::new("/etc/probe/c.yaml"), text.as_bytes()).unwrap();
    assert_eq!(config.web.listen, "[::1]:9".parse().unwrap());
    assert!(!config.web.lifecycle);
    assert_eq!(config.log.level, super::LogLevel::Debug);
    assert_eq!(config.log.format, super::LogFormat::Json);
    assert_eq!(
        config.probe,
        super::ProbeSettings {
            deadline: Duration::from_secs(20),
            handshake_timeout: Duration::from_millis(500),
            concurrency: 8,
            per_address: 1,
            start_rate: 3,
            max_server_names: 2,
        }
    );
    assert_eq!(
        config.resolver.nameservers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["192.0.2.1:53", "192.0.2.2:5353", "[2001:db8::1]:53", "[2001:db8::2]:54"]
    );
    assert!(config.resolver.check_all);
    assert_eq!(
        config.trust_anchors,
        super::TrustAnchorSettings {
            mozilla: false,
            extra: vec![PathBuf::from("/etc/probe/own.pem"), PathBuf::from("/etc/roots.pem")],
        }
    );
    assert_eq!(
        config.assume_public,
        ["10.0.0.0/8".parse().unwrap(), "192.168.0.1/32".parse().unwrap()]
    );
    assert_eq!(config.disabled_origins, 1);

    let mut first = Origin::with_defaults("a.example.com".parse().unwrap());
    first.key.id = "a".into();
    first.interval = Duration::from_secs(60);
    first.reachable_from_here = Reachability::Unreachable;
    first.renewal.warning.max = Duration::from_secs(30 * 86_400);
    first.renewal.critical.lifetime = Percent(12.5);
    let mut last = Origin::with_defaults("xn--bcher-kva.example".parse().unwrap());
    last.key.id = "c".into();
    last.https_port = 8443;
    last.protocol_policy = ProtocolPolicy::MatchViewer;
    last.ssl_protocols =
        crate::origin::SslProtocols::new(vec![SslProtocol::SslV3, SslProtocol::TlsV1_2]).unwrap();
    last.ip_address_type = crate::origin::IpAddressType::Dualstack;
    last.connection_attempts = 1;
    last.connection_timeout = Duration::from_secs(2);
    last.origin_mtls = OriginMtls::Configured;
    last.interval = Duration::from_secs(90);
    last.reachable_from_here = Reachability::Reachable;
    last.renewal = first.renewal;
    last.renewal.warning.lifetime = Percent(50.0);
    last.renewal.critical.max = Duration::from_secs(86_400);
    last.labels =
        [("team", "shop"), ("Tier_1", "1")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    assert_eq!(config.origins, [first.into(), last.into()]);
}

#[test]
fn hosts_become_targets() {
    let domain = "origin.example.com";
    for (more, expected) in [
        ("viewer_hosts: []", vec![format!("{domain}: {domain}")]),
        ("viewer_hosts:", vec![format!("{domain}: {domain}")]),
        ("host_also_unforwarded: true", vec![format!("{domain}: {domain}")]),
        (
            "viewer_hosts: [WWW.example.com, a.example]",
            vec![
                format!("www.example.com: www.example.com {domain}"),
                format!("a.example: a.example {domain}"),
            ],
        ),
        ("viewer_hosts: [origin.example.com]", vec![format!("{domain}: {domain}")]),
        (
            "{viewer_hosts: [a.example], host_also_unforwarded: true}",
            vec![format!("a.example: a.example {domain}"), format!("{domain}: {domain}")],
        ),
        (
            "targets: [{server_name: a.example}, {server_name: b.example, allowed_names: ['*.c.example', d.example]}]",
            vec![
                format!("a.example: a.example {domain}"),
                "b.example: d.example *.c.example".to_owned(),
            ],
        ),
    ] {
        let more = match more.strip_prefix('{').and_then(|more| more.strip_suffix('}')) {
            Some(merged) if more.starts_with("{viewer") => format!("<<: {{{merged}}}"),
            _ => more.to_owned(),
        };
        assert_eq!(names(&origin(&more).targets), expected, "{more}");
    }
}

#[test]
fn json_is_taken() {
    let json = r#"{"web":{"listen":"127.0.0.1:1"},"origins":[{"id":"shop","domain":"origin.example.com","https_port":443,"reachable_from_here":"auto","labels":{}}]}"#;
    let config = parse(json).unwrap();
    assert_eq!(config.origins, parse(MINIMAL).unwrap().origins);
}

#[test]
fn aliases_and_merge_keys_are_written_out() {
    let text = "
origins:
  - &first {id: a, domain: a.example.com, interval: 1m, labels: &labels {team: x}}
  - {<<: *first, id: b, interval: 2m}
  - {id: c, domain: c.example.com, labels: *labels}
";
    let origins = parse(text).unwrap().origins;
    let seen: Vec<_> = origins
        .iter()
        .map(|o| (&*o.key.id, o.domain().as_str(), o.interval.as_secs(), o.labels.len()))
        .collect();
    assert_eq!(
        seen,
        [
            ("a", "a.example.com", 60, 1),
            ("b", "a.example.com", 120, 1),
            ("c", "c.example.com", 300, 1)
        ]
    );
}

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
        ("renewal: {warn: {}}", "renewal.warn: is no key here; the keys are warning and critical"),
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

#[test]
fn what_is_no_yaml_is_one_error_with_its_line() {
    for (text, line) in [
        ("a: [1\nb: 2\n", 2),
        ("a: b: c\n", 1),
        ("a:\n\t- b\n", 2),
        ("a: *unknown\n", 1),
        ("%YAML 1.2\n---\na: b\n", 1),
    ] {
        let errors = parse(text).unwrap_err();
        let [error] = errors.errors() else { panic!("{errors}") };
        assert_eq!(error.line, Some(line), "{text:?}: {error}");
        assert!(matches!(error.fault, Fault::Syntax { .. }), "{error}");
    }
}

#[test]
fn what_the_file_may_not_do_is_one_error_with_its_line() {
    let deep = format!("a:\n{}", "[".repeat(10_000));
    let deep_block = (0..100).fold(String::new(), |mut text, level| {
        writeln!(text, "{}a:", " ".repeat(level)).unwrap();
        text
    });
    for (text, expected) in [
        ("a: 1\n---\nb: 2\n", "2: begins a second document; write one document to a file"),
        ("a: 1\nb: !!str 2\n", "2: has the tag !!str; write the value without a tag"),
        (
            "a: 1\n? [b]\n: c\n",
            "2: has a list or a mapping where a key should be; keys are plain words",
        ),
        ("a: &a [*a]\n", "1: is an alias of what it stands in; it can never be written out"),
        (
            "a:\n  <<: 1\n",
            "2: merges what is no mapping; `<<` takes a mapping or a list of mappings",
        ),
        (&deep, "2: nests deeper than 32 levels, which no setting does"),
        (&deep_block, "33: nests deeper than 32 levels, which no setting does"),
    ] {
        assert_eq!(errors(text), [expected]);
    }
}

#[test]
fn an_alias_bomb_is_refused() {
    let wide = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |mut text, level| {
        let below = level - 1;
        writeln!(text, "a{level}: &a{level} [{}]", vec![format!("*a{below}"); 10].join(", "))
            .unwrap();
        text
    });
    let deep = (1..1000).fold("a0: &a0 [x]\n".to_owned(), |mut text, level| {
        writeln!(text, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
        text
    });
    for (text, expected) in
        [(wide, Fault::TooManyValues { limit: 4_000_000 }), (deep, Fault::TooDeep { limit: 32 })]
    {
        let errors = parse(&text).unwrap_err();
        assert_eq!(errors.errors().iter().map(|e| &e.fault).collect::<Vec<_>>(), [&expected]);
    }
}

#[test]
fn a_file_that_cannot_be_text_is_refused() {
    let place = Path::new("c.yaml");
    for (bytes, expected) in [
        (
            &b"a: 1\nb: \xff\n"[..],
            "c.yaml:2: is not UTF-8 from this line on; save the file as UTF-8",
        ),
        (
            &vec![b'#'; (64 << 20) + 1],
            "c.yaml: is larger than 64 MiB, the most that is read; split the origins over several daemons",
        ),
    ] {
        assert_eq!(Config::parse(place, bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_large_file_of_garbage_is_refused() {
    let mut bytes = vec![b'x'; 50 << 20];
    let errors = Config::parse(Path::new("c.yaml"), &bytes).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "c.yaml:1: is a single value; write a mapping, `key: value`\nc.yaml:1: origins: holds no origin, so there is nothing to probe; give at least an id and a domain"
    );
    bytes.fill(b'[');
    let errors = Config::parse(Path::new("c.yaml"), &bytes).unwrap_err();
    assert_eq!(errors.to_string(), "c.yaml:1: nests deeper than 32 levels, which no setting does");
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let directory = std::env::temp_dir();
    let missing = directory.join("origin-probe-no-such-file.yaml");
    for (place, expected) in [(directory, Fault::IsDirectory), (missing, Fault::NotFound)] {
        let errors = Config::load(&place).unwrap_err();
        assert_eq!(errors.place(), place);
        assert_eq!(errors.errors().iter().map(|e| &e.fault).collect::<Vec<_>>(), [&expected]);
    }
}

#[test]
fn a_file_is_read_from_its_path() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/minimal.yaml");
    assert_eq!(Config::load(&place), parse(MINIMAL));
}
