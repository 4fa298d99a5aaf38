//! Every kind of bad setting beside the origins, with its line and key.

use super::MINIMAL;
use super::errors;

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

const NO_NAMES: &str = "holds no name, so nothing could be asked for; list names such as \
                        www.example.com, *.example.com or .example.com, or \"*\" for every name";

#[test]
fn a_bad_setting_is_refused_with_line_and_key() {
    for (setting, expected) in [
        ("wbe: {}", "wbe: is no key here; did you mean `web`?"),
        (
            "colour: red",
            "colour: is no key here; the keys are web, log, probe, resolver, trust_anchors, reachability, limits, renewal, probe_endpoint, discovery and origins",
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
            "limits: {chain_bytes: 16MiB}",
            "limits.chain_bytes: `16MiB` is no whole number; write digits only",
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
            "resolver: {check_all: each}",
            "resolver.check_all: `each` is not taken; use true or false",
        ),
        (
            "discovery: {cloudfront: [{}]}",
            "discovery.cloudfront[0].name: is missing; it is required",
        ),
        (
            "discovery: {files: ['*.jsn']}",
            "discovery.files[0]: `*.jsn` is no path of target files; end it in .json, .yml or .yaml, and write `*` only in what follows the last slash",
        ),
        ("probe_endpoint: {enabled: true}", &format!("probe_endpoint.allow.names: {NO_NAMES}")),
        (
            "discovery: {files: ['*/a.json']}",
            "discovery.files[0]: `*/a.json` is no path of target files; end it in .json, .yml or .yaml, and write `*` only in what follows the last slash",
        ),
        (
            "discovery: {files: [.json]}",
            "discovery.files[0]: `.json` is no path of target files; end it in .json, .yml or .yaml, and write `*` only in what follows the last slash",
        ),
        (
            "discovery: {files: [a.json, b.yml, a.json]}",
            "discovery.files[2]: `a.json` is listed already; list each once",
        ),
        ("discovery: {files: a.json}", "discovery.files: is a single value; write a list"),
        ("discovery: {file: [a.json]}", "discovery.file: is no key here; did you mean `files`?"),
        (
            "probe_endpoint: {enabled: true, allow: {names: [], ports: [8443]}}",
            &format!("probe_endpoint.allow.names: {NO_NAMES}"),
        ),
        (
            "probe_endpoint: {enabled: true, allow: {names: [a.example], ports: []}}",
            "probe_endpoint.allow.ports: holds no port, so nothing could be asked for; list ports, or leave the key out for 443",
        ),
        (
            "probe_endpoint: {enabled: true, allow: {names: ['**.example.com']}}",
            "probe_endpoint.allow.names[0]: `**.example.com` is no name; write such as www.example.com, *.example.com (one label), .example.com (every name below) or \"*\" (every name)",
        ),
        (
            "probe_endpoint: {allow: {names: [192.0.2.1]}}",
            "probe_endpoint.allow.names[0]: `192.0.2.1` is an IP address; CloudFront takes only DNS names as Origin Domain",
        ),
        (
            "probe_endpoint: {allow: {ports: [22]}}",
            "probe_endpoint.allow.ports[0]: 22 is no port CloudFront takes; use 80, 443 or 1024-65535",
        ),
        (
            "probe_endpoint: {allow: {networks: [10/8]}}",
            "probe_endpoint.allow.networks[0]: `10/8` is no network; write such as 10.0.0.0/8 or 2001:db8::/32",
        ),
        ("origins: []", "origins: is given twice; it stands on line 1 already"),
    ] {
        let text = format!("{MINIMAL}{setting}\n");
        assert_eq!(errors(&text), [format!("4: {expected}")], "{setting}");
    }
}

#[test]
fn a_file_without_origins_is_refused() {
    let no_origin = "origins: holds no origin, so there is nothing to probe; give at least an id and a domain, or say under `discovery` where origins come from";
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
