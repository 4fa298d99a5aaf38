use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use origin_probe::config::{OriginDefaults, TargetFile};

use super::{Row, kinds_of, row};

/// What a file may list at most.
const MOST_ORIGINS: usize = 250_000;
use origin_probe::origin::{
    IpAddressType, Origin, OriginMtls, Percent, ProtocolPolicy, Reachability, RenewalPolicy,
    SslProtocol, SslProtocols, Target,
};

pub(super) fn defaults() -> OriginDefaults {
    OriginDefaults {
        interval: Duration::from_secs(60),
        reachable_from_here: Reachability::Reachable,
        renewal: RenewalPolicy::default(),
    }
}

pub(super) fn parse(text: &str) -> TargetFile {
    TargetFile::parse(Path::new("t.yaml"), text, &defaults()).unwrap()
}

/// What a file gives.
#[derive(Debug, Default, PartialEq)]
struct Read {
    /// As `line id domain:port`.
    origins: Vec<String>,
    /// The line, the key and the kind of each.
    errors: Vec<(Option<u32>, String, String)>,
}

fn read(text: &str) -> Read {
    let file = parse(text);
    let origins = file.origins.iter().map(|listed| {
        let (key, port) = (&listed.origin.key, listed.origin.https_port);
        format!("{} {} {}:{port}", listed.line, key.id, key.domain)
    });
    let errors = file.errors.as_ref().map(kinds_of).unwrap_or_default();
    Read { origins: origins.collect(), errors }
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
    let Read { origins, errors } =
        read(&format!("- targets: {targets}\n- labels: {{}}\n  targets: []\n"));
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

/// Entries on line 2 of a file, each with the key and the kind of each error.
pub(super) const ENTRIES: &[(&str, &[(&str, &str)])] = &[
    (r#"{"targets":["a.example:70000"]}"#, &[("[0].targets[0]", "Port")]),
    (r#"{"targets":["192.0.2.1:443"]}"#, &[("[0].targets[0]", "Name")]),
    (r#"{"targets":["http://a.example"]}"#, &[("[0].targets[0]", "PlainHttp")]),
    (
        r#"{"targets":[1.5, {}, null]}"#,
        &[
            ("[0].targets[0]", "Name"),
            ("[0].targets[1]", "WrongKind"),
            ("[0].targets[2]", "WrongKind"),
        ],
    ),
    (r#"{"targets":"a.example"}"#, &[("[0].targets", "WrongKind")]),
    (r#"{"labels":{"team":"x"}}"#, &[("[0].targets", "Missing")]),
    (r#"{"targets":["a.example"],"label":{}}"#, &[("[0].label", "UnknownKey")]),
    (r#"{"targets":["a.example"],"labels":["x"]}"#, &[("[0].labels", "WrongKind")]),
    (
        r#"{"targets":["a.example"],"labels":{"__origin_probe_viewer_host":"x"}}"#,
        &[("[0].labels.__origin_probe_viewer_host", "UnknownKey")],
    ),
    (
        r#"{"targets":["a.example"],"labels":{"__origin_probe_viewer_hosts":["x.example"]}}"#,
        &[("[0].labels.__origin_probe_viewer_hosts", "WrongKind")],
    ),
    // What is wrong with the labels of several targets is said once.
    (
        r#"{"targets":["a.example","b.example"],"labels":{"__origin_probe_viewer_hosts":"x.example,*.x.example","__origin_probe_enabled":"yes"}}"#,
        &[
            ("[0].labels.__origin_probe_viewer_hosts[1]", "Name"),
            ("[0].labels.__origin_probe_enabled", "NotOneOf"),
        ],
    ),
    (
        r#"{"targets":["a.example"],"labels":{"__origin_probe_renewal_critical_max":"40d"}}"#,
        &[("[0].labels.__origin_probe_renewal_critical_max", "CriticalBeforeWarning")],
    ),
    (
        r#"{"targets":["a.example"],"labels":{"__origin_probe_ssl_protocols":","}}"#,
        &[("[0].labels.__origin_probe_ssl_protocols", "NoProtocolVersion")],
    ),
    (r#""a.example""#, &[("[0]", "WrongKind")]),
];

/// Returns a file with the entry on line 2 and a good one on line 3.
pub(super) fn with_entry(entry: &str) -> String {
    format!("[\n{entry},\n{{\"targets\":[\"good.example\"]}}]")
}

#[test]
fn a_bad_entry_loses_only_itself() {
    for (entry, expected) in ENTRIES {
        let Read { origins, errors } = read(&with_entry(entry));
        assert_eq!(errors, all(2, expected), "{entry}");
        assert_eq!(origins, ["3 good.example good.example:443"], "{entry}");
    }
}

fn all(line: u32, errors: &[(&str, &str)]) -> Vec<(Option<u32>, String, String)> {
    let one = |(key, kind): &(&str, &str)| (Some(line), (*key).to_owned(), (*kind).to_owned());
    errors.iter().map(one).collect()
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
        (3, "[0].labels.__origin_probe_intervall", "UnknownKey"),
        (4, "[0].labels.__origin_probe_enabled", "NotOneOf"),
        (5, "[0].labels.__origin_probe_viewer_hosts[0]", "Name"),
        (6, "[0].labels.0a", "LabelName"),
        (7, "[0].labels.le", "ReservedLabel"),
    ];
    let port = (1, "[0].targets[0]", "Port");
    for (targets, first) in [
        ("targets: [a.example]", None),
        ("targets: ['a.example:22', b.example]", Some(port)),
        ("targets: ['a.example:22']", Some(port)),
        ("targets: []", None),
        ("targets: a", Some((1, "[0].targets", "WrongKind"))),
    ] {
        let Read { origins, errors } = read(&format!("- {targets}\n  labels:{labels}\n"));
        let expected: Vec<_> = first
            .into_iter()
            .chain(expected)
            .map(|(line, key, kind)| (Some(line), key.to_owned(), kind.to_owned()))
            .collect();
        assert_eq!((origins, errors), (vec![], expected));
    }
}

/// Labels of a group, each with the key and the kind of its error; the origin stays.
pub(super) const LABELS: &[Row] = &[
    row("{job: x, team: shop}", "[0].labels.job", "ReservedLabel"),
    row("{le: x, team: shop}", "[0].labels.le", "ReservedLabel"),
    row("{quantile: x, team: shop}", "[0].labels.quantile", "ReservedLabel"),
    row("{0a: x, team: shop}", "[0].labels.0a", "LabelName"),
    row("{a: {}, team: shop}", "[0].labels.a", "WrongKind"),
];

/// Returns a file of one group with the labels.
pub(super) fn with_labels(labels: &str) -> String {
    format!("[{{targets: [a.example], labels: {labels}}}]")
}

#[test]
fn a_label_of_its_own_that_cannot_be_used_does_not_cost_the_origin() {
    for row in LABELS {
        let text = with_labels(row.input);
        let Read { origins, errors } = read(&text);
        assert_eq!((origins.len(), errors), (1, vec![row.error(1, "")]), "{}", row.input);
        assert_eq!(parse(&text).origins[0].origin.labels.len(), 1, "{}", row.input);
    }
    let many: Vec<String> = (0..9).map(|n| format!("l{n}: x")).collect();
    let text = with_labels(&format!("{{{}}}", many.join(", ")));
    assert_eq!(read(&text).errors, all(1, &[("[0].labels", "TooManyLabels")]));
    assert!(parse(&text).origins[0].origin.labels.is_empty());
}

#[test]
fn an_origin_that_is_turned_off_is_none() {
    let off = "{targets: [a.example], labels: {__origin_probe_enabled: 'false'}}";
    assert_eq!(read(&format!("[{off}]")), Read::default());
}

/// Files of which nothing can be used, each with the line and the kind of the error.
pub(super) const UNUSABLE: &[(&str, Option<u32>, &str)] = &[
    ("", None, "NoGroups"),
    ("# nothing\n", None, "NoGroups"),
    ("null", None, "NoGroups"),
    ("{\"targets\": [\"a.example\"]}", Some(1), "WrongKind"),
    ("a.example", Some(1), "WrongKind"),
    ("[]\n---\n[]\n", Some(2), "SecondDocument"),
];

#[test]
fn a_file_of_which_nothing_can_be_used_is_one_error() {
    let refused =
        |text: &str| TargetFile::parse(Path::new("t.yaml"), text, &defaults()).unwrap_err();
    for (text, line, kind) in UNUSABLE {
        let expected = (*line, String::new(), (*kind).to_owned());
        assert_eq!(kinds_of(&refused(text)), [expected], "{text:?}");
    }
    let whole = "[{\"targets\": [\"a.example\"],\n\t\"labels\": {\"team\": \"shop\"}}]\n";
    assert_eq!(read(whole).origins, ["1 a.example a.example:443"], "JSON may have tabs");
    for end in [5, 20, 40, whole.len() - 3] {
        let half = kinds_of(&refused(&whole[..end]));
        assert!(half.iter().all(|(_, _, kind)| kind == "Syntax"), "{end}: {half:?}");
    }
    assert_eq!(read("[]"), Read::default(), "none are none");
}

#[test]
fn origins_and_errors_beyond_measure_are_left_out_and_said_to_be() {
    let mut text = String::new();
    for group in 0..=MOST_ORIGINS / 1000 {
        let targets: Vec<String> = (0..1000).map(|n| format!("o{n}.g{group}.example")).collect();
        writeln!(text, "- targets: [{}]", targets.join(", ")).unwrap();
    }
    let file = parse(&text);
    assert_eq!(file.origins.len(), MOST_ORIGINS);
    let expected = (Some(250), String::new(), "TooManyOrigins".to_owned());
    assert_eq!(kinds_of(&file.errors.unwrap()), [expected]);
    let text = "- targets: ['a.example:1']\n".repeat(100_000);
    let file = parse(&text);
    assert!(file.origins.is_empty());
    assert_eq!(file.errors.unwrap().count(), 100_000);
}
