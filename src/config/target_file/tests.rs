use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use super::MOST_ORIGINS;
use super::TargetFile;
use crate::config::OriginDefaults;
use crate::origin::IpAddressType;
use crate::origin::Origin;
use crate::origin::OriginMtls;
use crate::origin::Percent;
use crate::origin::ProtocolPolicy;
use crate::origin::Reachability;
use crate::origin::RenewalPolicy;
use crate::origin::SslProtocol;
use crate::origin::SslProtocols;
use crate::origin::Target;

fn defaults() -> OriginDefaults {
    OriginDefaults {
        interval: Duration::from_secs(60),
        reachable_from_here: Reachability::Reachable,
        renewal: RenewalPolicy::default(),
    }
}

fn parse(text: &str) -> TargetFile {
    TargetFile::parse(Path::new("t.yaml"), text, &defaults()).unwrap()
}

/// Returns the origins of a file as `line id domain:port`, and what is said of the rest of it.
fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let file = parse(text);
    let origins = file.origins.iter().map(|listed| {
        let (key, port) = (&listed.origin.key, listed.origin.https_port);
        format!("{} {} {}:{port}", listed.line, key.id, key.domain)
    });
    let errors = file.errors.map(|errors| errors.to_string()).unwrap_or_default();
    let errors = errors.lines().map(|line| line.strip_prefix("t.yaml:").unwrap().to_owned());
    (origins.collect(), errors.collect())
}

#[test]
fn every_setting_has_its_label_and_all_other_labels_are_the_origins_own() {
    let file = parse(
        "
- targets: ['Shop.example:8443']
  labels:
    __origin_probe_id: shop
    __origin_probe_protocol_policy: match-viewer
    __origin_probe_ssl_protocols: TLSv1.2, TLSv1.1
    __origin_probe_ip_address_type: dualstack
    __origin_probe_connection_attempts: '1'
    __origin_probe_connection_timeout: 2s
    __origin_probe_viewer_hosts: ',www.shop.example,m.shop.example,'
    __origin_probe_host_also_unforwarded: 'true'
    __origin_probe_origin_mtls: true
    __origin_probe_interval: 7m
    __origin_probe_enabled: 'true'
    __origin_probe_reachable_from_here: no
    __origin_probe_renewal_warning_max: 30d
    __origin_probe_renewal_critical_lifetime: 5%
    __meta_whatever: x
    __param_module: tcp
    team: 'null'
    empty: ''
    nothing:
",
    );
    assert_eq!(file.errors, None);
    let domain = "shop.example".parse().unwrap();
    let mut expected = Origin::with_defaults("shop.example".parse().unwrap());
    expected.key.id = "shop".into();
    expected.https_port = 8443;
    expected.protocol_policy = ProtocolPolicy::MatchViewer;
    expected.ssl_protocols =
        SslProtocols::new(vec![SslProtocol::TlsV1_1, SslProtocol::TlsV1_2]).unwrap();
    expected.ip_address_type = IpAddressType::Dualstack;
    expected.connection_attempts = 1;
    expected.connection_timeout = Duration::from_secs(2);
    expected.targets = vec![
        Target::forwarded(&"www.shop.example".parse().unwrap(), &domain),
        Target::forwarded(&"m.shop.example".parse().unwrap(), &domain),
        Target::unforwarded(&domain),
    ];
    expected.origin_mtls = OriginMtls::Configured;
    expected.interval = Duration::from_secs(420);
    expected.reachable_from_here = Reachability::Unreachable;
    expected.renewal.warning.max = Duration::from_secs(30 * 86_400);
    expected.renewal.critical.lifetime = Percent(5.0);
    expected.labels.insert("team".to_owned(), "null".to_owned());
    let origins: Vec<Origin> = file.origins.iter().map(|at| Origin::clone(&at.origin)).collect();
    assert_eq!(origins, [expected]);
}

#[test]
fn without_labels_an_origin_has_the_defaults() {
    let file = parse("[{targets: [a.example]}]");
    let mut expected = Origin::with_defaults("a.example".parse().unwrap());
    expected.interval = Duration::from_secs(60);
    expected.reachable_from_here = Reachability::Reachable;
    assert_eq!(*file.origins[0].origin, expected);
}

#[test]
fn an_origin_is_called_as_its_target_unless_it_says_otherwise() {
    let targets = "[a.example, 'a.example:443', 'a.example:8443', 'https://b.example/x']";
    let (origins, errors) = read(&format!("- targets: {targets}\n- labels: {{}}\n  targets: []\n"));
    assert_eq!(
        origins,
        [
            "1 a.example a.example:443",
            "1 a.example a.example:443",
            "1 a.example:8443 a.example:8443",
            "1 b.example b.example:443",
        ]
    );
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn a_bad_entry_loses_only_itself() {
    let bad = |what: &str| format!("[\n{what},\n{{\"targets\":[\"good.example\"]}}]");
    for (text, expected) in [
        (
            r#"{"targets":["a.example:70000"]}"#,
            &["2: [0].targets[0]: 70000 is no port CloudFront takes; use 80, 443 or 1024-65535"][..],
        ),
        (
            r#"{"targets":["192.0.2.1:443"]}"#,
            &[
                "2: [0].targets[0]: `192.0.2.1` is an IP address; CloudFront takes only DNS names as Origin Domain",
            ],
        ),
        (
            r#"{"targets":["http://a.example"]}"#,
            &[
                "2: [0].targets[0]: `http://a.example` is plain HTTP, which has no TLS to judge; leave http:// out",
            ],
        ),
        (
            r#"{"targets":[1.5, {}, null]}"#,
            &[
                "2: [0].targets[0]: `1.5` ends in a number, which no top-level domain is",
                "2: [0].targets[1]: is a mapping; write a host name such as origin.example.com or origin.example.com:8443",
                "2: [0].targets[2]: is empty; write a host name such as origin.example.com or origin.example.com:8443",
            ],
        ),
        (r#"{"targets":"a.example"}"#, &["2: [0].targets: is a single value; write a list"]),
        (r#"{"labels":{"team":"x"}}"#, &["2: [0].targets: is missing; it is required"]),
        (
            r#"{"targets":["a.example"],"label":{}}"#,
            &["2: [0].label: is no key here; did you mean `labels`?"],
        ),
        (
            r#"{"targets":["a.example"],"labels":["x"]}"#,
            &["2: [0].labels: is a list; write a mapping, `key: value`"],
        ),
        (
            r#"{"targets":["a.example"],"labels":{"__origin_probe_viewer_host":"x"}}"#,
            &[
                "2: [0].labels.__origin_probe_viewer_host: is no key here; did you mean `viewer_hosts`?",
            ],
        ),
        (
            r#"{"targets":["a.example"],"labels":{"__origin_probe_viewer_hosts":["x.example"]}}"#,
            &[
                "2: [0].labels.__origin_probe_viewer_hosts: is a list; write one text; in lists, put commas between the values",
            ],
        ),
        // What is wrong with the labels of several targets is said once.
        (
            r#"{"targets":["a.example","b.example"],"labels":{"__origin_probe_viewer_hosts":"x.example,*.x.example","__origin_probe_enabled":"yes"}}"#,
            &[
                "2: [0].labels.__origin_probe_enabled: `yes` is not taken; use true or false",
                "2: [0].labels.__origin_probe_viewer_hosts[1]: `*.x.example` is a wildcard; name one host, such as `www.example.com`",
            ],
        ),
        (
            r#"{"targets":["a.example"],"labels":{"__origin_probe_renewal_critical_max":"40d"}}"#,
            &[
                "2: [0].labels.__origin_probe_renewal_critical_max: turns critical 40d before the end, earlier than it warns (21d); critical may be at most the warning's",
            ],
        ),
        (
            r#"{"targets":["a.example"],"labels":{"__origin_probe_ssl_protocols":","}}"#,
            &[
                "2: [0].labels.__origin_probe_ssl_protocols: holds no protocol version; use SSLv3, TLSv1, TLSv1.1 or TLSv1.2",
            ],
        ),
        (r#""a.example""#, &["2: [0]: is a single value; write a mapping, `key: value`"]),
    ] {
        let (origins, errors) = read(&bad(text));
        assert_eq!(errors, expected, "{text}");
        assert_eq!(origins, ["3 good.example good.example:443"], "{text}");
    }
}

#[test]
fn all_mistakes_of_a_group_are_reported() {
    let labels = "
   __origin_probe_intervall: 1m
   __origin_probe_enabled: 'yes'
   __origin_probe_viewer_hosts: '*.x.example'
   0a: x
   le: y";
    let expected = [
        "3: [0].labels.__origin_probe_intervall: is no key here; did you mean `interval`?",
        "4: [0].labels.__origin_probe_enabled: `yes` is not taken; use true or false",
        "5: [0].labels.__origin_probe_viewer_hosts[0]: `*.x.example` is a wildcard; name one host, such as `www.example.com`",
        "6: [0].labels.0a: is no label name; use letters, digits and underscores, no digit first",
        "7: [0].labels.le: is a label that origin-probe or Prometheus sets itself; choose another name",
    ];
    let port = "1: [0].targets[0]: 22 is no port CloudFront takes; use 80, 443 or 1024-65535";
    for (targets, first) in [
        ("targets: [a.example]", None),
        ("targets: ['a.example:22', b.example]", Some(port)),
        ("targets: ['a.example:22']", Some(port)),
        ("targets: []", None),
        ("targets: a", Some("1: [0].targets: is a single value; write a list")),
    ] {
        let (origins, errors) = read(&format!("- {targets}\n  labels:{labels}\n"));
        let expected: Vec<&str> = first.into_iter().chain(expected).collect();
        assert_eq!((origins, errors), (vec![], expected.iter().map(|e| e.to_string()).collect()));
    }
}

#[test]
fn a_label_of_its_own_that_cannot_be_used_does_not_cost_the_origin() {
    for (labels, expected) in [
        (
            "{job: x, team: shop}",
            "1: [0].labels.job: is a label that origin-probe or Prometheus sets itself; choose another name",
        ),
        (
            "{le: x, team: shop}",
            "1: [0].labels.le: is a label that origin-probe or Prometheus sets itself; choose another name",
        ),
        (
            "{quantile: x, team: shop}",
            "1: [0].labels.quantile: is a label that origin-probe or Prometheus sets itself; choose another name",
        ),
        (
            "{0a: x, team: shop}",
            "1: [0].labels.0a: is no label name; use letters, digits and underscores, no digit first",
        ),
        (
            "{a: {}, team: shop}",
            "1: [0].labels.a: is a mapping; write one text; in lists, put commas between the values",
        ),
    ] {
        let text = format!("[{{targets: [a.example], labels: {labels}}}]");
        let (origins, errors) = read(&text);
        assert_eq!((origins.len(), &errors[..]), (1, &[expected.to_owned()][..]), "{labels}");
        assert_eq!(parse(&text).origins[0].origin.labels.len(), 1, "{labels}");
    }
    let many: Vec<String> = (0..9).map(|n| format!("l{n}: x")).collect();
    let text = format!("[{{targets: [a.example], labels: {{{}}}}}]", many.join(", "));
    assert_eq!(read(&text).1, ["1: [0].labels: holds 9 labels; at most 8 are taken"]);
    assert!(parse(&text).origins[0].origin.labels.is_empty());
}

#[test]
fn an_origin_that_is_turned_off_is_none() {
    let off = "{targets: [a.example], labels: {__origin_probe_enabled: 'false'}}";
    assert_eq!(read(&format!("[{off}]")), (vec![], vec![]));
}

#[test]
fn a_file_of_which_nothing_can_be_used_is_one_error() {
    for (text, expected) in [
        ("", "t.yaml: holds nothing; write a list of target groups, or [] where there are none"),
        (
            "# nothing\n",
            "t.yaml: holds nothing; write a list of target groups, or [] where there are none",
        ),
        (
            "null",
            "t.yaml: holds nothing; write a list of target groups, or [] where there are none",
        ),
        (
            "{\"targets\": [\"a.example\"]}",
            "t.yaml:1: is a mapping; write a list of target groups, `- targets: [origin.example.com]`",
        ),
        (
            "a.example",
            "t.yaml:1: is a single value; write a list of target groups, `- targets: [origin.example.com]`",
        ),
        ("[]\n---\n[]\n", "t.yaml:2: begins a second document; write one document to a file"),
    ] {
        let error = TargetFile::parse(Path::new("t.yaml"), text, &defaults()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text:?}");
    }
    let whole = "[{\"targets\": [\"a.example\"],\n\t\"labels\": {\"team\": \"shop\"}}]\n";
    assert_eq!(read(whole).0, ["1 a.example a.example:443"], "tabs may stand in JSON");
    for end in [5, 20, 40, whole.len() - 3] {
        let half = TargetFile::parse(Path::new("t.yaml"), &whole[..end], &defaults());
        assert!(half.unwrap_err().to_string().contains("is no valid YAML at column"), "{end}");
    }
    assert_eq!(read("[]"), (vec![], vec![]), "none are none");
}

#[test]
fn origins_and_errors_beyond_measure_are_left_out_and_said_to_be() {
    let mut text = String::new();
    for n in 0..MOST_ORIGINS + 2 {
        writeln!(text, "- targets: [o{n}.example]").unwrap();
    }
    let file = parse(&text);
    assert_eq!(file.origins.len(), MOST_ORIGINS);
    assert_eq!(
        file.errors.unwrap().to_string(),
        "t.yaml:100000: holds more than 100000 origins, the most that are taken of one file; split it, and divide the origins among several processes with --shard"
    );
    let text = "- targets: ['a.example:1']\n".repeat(100_000);
    let file = parse(&text);
    assert!(file.origins.is_empty());
    assert_eq!(file.errors.unwrap().count(), 100_000);
}
