//! What a file may say, and what becomes of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{MINIMAL, names, origin, parse};
use origin_probe::config::{
    Allowance, Config, DiscoverySettings, LogFormat, LogLevel, LogSettings, OriginDefaults,
    ProbeEndpoint, WebSettings,
};
use origin_probe::limits::FileKinds;
use origin_probe::metrics::Selection;
use origin_probe::origin::{
    IpAddressType, Origin, OriginMtls, Percent, ProberConfig, ProtocolPolicy, Reachability,
    RenewalPolicy, SslProtocol, SslProtocols, WindowLimits,
};

#[test]
fn the_minimal_file_has_every_default() {
    assert_eq!(MINIMAL.lines().count(), 3);
    let config = parse(MINIMAL).unwrap();
    let mut expected = Origin::with_defaults("origin.example.com".parse().unwrap());
    expected.key.id = "shop".into();
    assert_eq!(
        config.web,
        WebSettings { listen: "0.0.0.0:10502".parse().unwrap(), lifecycle: true }
    );
    assert_eq!(config.log, LogSettings { level: LogLevel::Info, format: LogFormat::Text });
    assert_eq!(config.metrics, Selection::default());
    assert_eq!(
        config.prober,
        ProberConfig {
            nameservers: vec![],
            confirm_with: vec![],
            check_all: false,
            dns_timeout: Duration::from_secs(5),
            dns_attempts: 2,
            mozilla: true,
            extra_anchors: vec![],
            assume_public: vec![],
            deadline: Duration::from_secs(60),
            handshake_timeout: Duration::from_secs(10),
            concurrency: 4096,
            per_address: 4,
            max_server_names: 20,
            chain_bytes: None,
            window: WindowLimits::default(),
        }
    );
    assert_eq!(config.start_rate, 500);
    assert_eq!(
        config.probe_endpoint,
        ProbeEndpoint {
            enabled: false,
            allow: Allowance { names: vec![], ports: vec![443], networks: vec![] },
        }
    );
    assert_eq!(config.discovery, DiscoverySettings::default());
    assert_eq!(
        config.origin_defaults,
        OriginDefaults {
            interval: Duration::from_secs(300),
            reachable_from_here: Reachability::Auto,
            renewal: RenewalPolicy::default(),
        }
    );
    assert_eq!(config.origins, [expected.into()]);
    assert_eq!(config.disabled_origins, []);
}

#[test]
fn every_setting_is_taken() {
    let text = "
web: {listen: '[::1]:9', lifecycle: false}
log: {level: debug, format: json}
probe: {interval: 1m, deadline: 20s, handshake_timeout: 500ms, concurrency: 8, per_address: 1,
        start_rate: 3, reachable_from_here: no, max_server_names: 2}
resolver: {nameservers: [192.0.2.1, '192.0.2.2:5353', '2001:db8::1', '[2001:db8::2]:54'],
           check_all: true}
trust_anchors: {mozilla: false, extra: [own.pem, /etc/roots.pem]}
reachability: {assume_public: [10.1.2.3/8, 192.168.0.1]}
probe_endpoint:
  enabled: true
  allow: {names: [www.example.com, '*.a.example', .b.example], ports: [443, 8443],
          networks: [10.1.2.3/8, '::1']}
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
    assert_eq!(config.log.level, LogLevel::Debug);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(
        config.prober,
        ProberConfig {
            nameservers: ["192.0.2.1:53", "192.0.2.2:5353", "[2001:db8::1]:53", "[2001:db8::2]:54"]
                .map(|address| address.parse().unwrap())
                .to_vec(),
            confirm_with: vec![],
            check_all: true,
            dns_timeout: Duration::from_secs(5),
            dns_attempts: 2,
            mozilla: false,
            extra_anchors: vec![
                PathBuf::from("/etc/probe/own.pem"),
                PathBuf::from("/etc/roots.pem")
            ],
            assume_public: vec!["10.0.0.0/8".parse().unwrap(), "192.168.0.1/32".parse().unwrap()],
            deadline: Duration::from_secs(20),
            handshake_timeout: Duration::from_millis(500),
            concurrency: 8,
            per_address: 1,
            max_server_names: 2,
            chain_bytes: None,
            window: WindowLimits::default(),
        }
    );
    assert_eq!(config.start_rate, 3);
    let disabled: Vec<&str> = config.disabled_origins.iter().map(|key| &*key.id).collect();
    assert_eq!(disabled, ["b"]);
    let probe_endpoint = &config.probe_endpoint;
    assert!(probe_endpoint.enabled);
    assert_eq!(
        probe_endpoint.allow.names.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["www.example.com", "*.a.example", ".b.example"]
    );
    assert_eq!(probe_endpoint.allow.ports, [443, 8443]);
    assert_eq!(
        probe_endpoint.allow.networks,
        ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]
    );

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
    last.ssl_protocols = SslProtocols::new(vec![SslProtocol::SslV3, SslProtocol::TlsV1_2]).unwrap();
    last.ip_address_type = IpAddressType::Dualstack;
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
                "b.example: *.c.example d.example".to_owned(),
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
fn a_file_is_read_from_its_path() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/minimal.yaml");
    assert_eq!(Config::load(&place, FileKinds::Regular), parse(MINIMAL));
}
