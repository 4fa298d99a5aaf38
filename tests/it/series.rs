//! The series of one origin, whole: what stands there for an origin that is well, for several
//! addresses and for several server names, and how many series that is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::common::by_hand;
use jiff::{SignedDuration, Timestamp};
use origin_probe::chain::ChainFacts;
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::metrics::{self, Selection, is_essential};
use origin_probe::observation::{
    Endpoint, Failure, Family, FamilyAnswer, NotProbed, Observation, TlsParameters,
};
use origin_probe::origin::{Origin, ProtocolPolicy};
use origin_probe::report::{Report, Reports};

const DOMAIN: &str = "origin.example.com";

/// 1767225600 in Unix time.
fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn in_days(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(days * 24)
}

/// A root and an authority below it.
struct Pki {
    root: Authority,
    intermediate: Authority,
}

impl Pki {
    fn new() -> Self {
        let long = || Window::days(-1000..3000, now());
        let root = Authority::root("Test Root", long()).unwrap();
        let intermediate = root.intermediate("Test CA 1", long(), &Default::default()).unwrap();
        Self { root, intermediate }
    }

    /// Returns the chain of an origin whose certificate is valid between the given days.
    fn chain(&self, days: std::ops::Range<i64>) -> Arc<ChainFacts> {
        let end_entity = EndEntity::new(&[DOMAIN], Window::days(days, now()));
        let issued = self.intermediate.issue(&end_entity).unwrap();
        by_hand::chain(&[issued.der, self.intermediate.der()], &self.root.der())
    }
}

fn origin() -> Origin {
    let mut origin = Origin::with_defaults(DOMAIN.parse().unwrap());
    origin.key.distribution = "E2QWRUHAPOMQZL".into();
    origin.key.id = "shop".into();
    origin
}

fn forwarding(hosts: &[&str]) -> Origin {
    Origin { targets: by_hand::forwarding(DOMAIN, hosts).targets, ..origin() }
}

fn well(address: &str, target: usize, chain: &Arc<ChainFacts>) -> Endpoint {
    let chain = Some(Arc::clone(chain));
    let well = by_hand::answering(address.parse().unwrap(), target, chain, now());
    by_hand::timed(Endpoint { assumed_public: true, ..well }, 250, 500)
}

fn failed(address: &str, target: usize, failure: Failure) -> Endpoint {
    let failed = by_hand::failing(address.parse().unwrap(), target, failure, now());
    Endpoint { assumed_public: true, ..failed }
}

fn refused(address: &str, target: usize) -> Endpoint {
    failed(address, target, by_hand::refusal())
}

fn report(previous: Option<&Report>, origin: &Origin, endpoints: Vec<Endpoint>) -> Report {
    let mut addresses: Vec<IpAddr> = endpoints.iter().map(|each| each.address).collect();
    addresses.dedup();
    let families: BTreeSet<Family> = addresses.iter().map(|address| Family::of(*address)).collect();
    let answer = |family: Family| {
        let of_family = addresses.iter().copied().filter(|each| Family::of(*each) == family);
        let records = by_hand::records(&of_family.collect::<Vec<_>>());
        FamilyAnswer { family, nameserver: None, ..by_hand::answer(Ok(records)) }
    };
    let observation = Observation {
        resolution: Some(by_hand::resolution(families.into_iter().map(answer).collect())),
        endpoints,
        resolve_time: Duration::from_millis(125),
        duration: Duration::from_secs(1),
        ..Observation::new(Arc::new(origin.clone()), now())
    };
    Report::new(previous.map(|report| &report.brief), Arc::new(observation), now())
}

/// Returns the series of one report, as written.
fn samples(report: Report) -> Vec<String> {
    samples_of(report, &Selection::default())
}

/// Returns the series of the chosen families of one report, as written.
fn samples_of(report: Report, selection: &Selection) -> Vec<String> {
    let reports = Reports::new([Arc::clone(&report.origin)]);
    reports.entries()[0].publish(&report);
    let text = by_hand::exposed_of(&reports, String::new(), selection);
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Returns the values of some metrics by name and what stands behind the subject's labels.
fn values(samples: &[String], names: &[&str]) -> Vec<String> {
    let short = samples.iter().filter_map(|line| {
        let (name, rest) = line.strip_prefix("cloudfront_origin_")?.split_once('{')?;
        let (labels, value) = rest.split_once("} ")?;
        let own: Vec<&str> = labels.split(',').skip(3).collect();
        names.contains(&name).then(|| format!("{name} {} {value}", own.join(" ")))
    });
    short.collect()
}

#[test]
fn an_origin_that_is_well_has_these_series() {
    let pki = Pki::new();
    let mut origin = origin();
    origin.labels = BTreeMap::from(
        [("team", "web"), ("origin", "hidden"), ("no-label", "x"), ("__name__", "y")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let endpoints = vec![well("203.0.114.1", 0, &pki.chain(-30..60))];
    let subject = "distribution=\"E2QWRUHAPOMQZL\",origin=\"shop\",domain=\"origin.example.com\",\
                   server_name=\"origin.example.com\"";
    let expected = [
        ("failing", "", "0"),
        ("undecided", "", "0"),
        ("failing_ratio", "", "0"),
        ("first_failure_timestamp_seconds", "", "1772409601"),
        ("certificate_not_before_timestamp_seconds", "", "1764633600"),
        ("certificate_not_after_timestamp_seconds", "", "1772409600"),
        ("path_not_after_timestamp_seconds", "", "1772409600"),
        ("renewal_warning_timestamp_seconds", "", "1770595200"),
        ("renewal_critical_timestamp_seconds", "", "1771804800"),
        ("chain_read_timestamp_seconds", "", "1767225600"),
        ("addresses", ",family=\"ipv4\"", "1"),
        (
            "tls_info",
            ",version=\"TLSv1.3\",cipher_suite=\"TLS_AES_128_GCM_SHA256\",group=\"x25519\"",
            "1",
        ),
        ("last_probe_timestamp_seconds", "", "1767225600"),
        ("probe_duration_seconds", ",phase=\"resolve\"", "0.125"),
        ("probe_duration_seconds", ",phase=\"connect\"", "0.25"),
        ("probe_duration_seconds", ",phase=\"handshake\"", "0.5"),
        ("certificate_changes_total", "", "0"),
        (
            "info",
            ",verdict_applicable=\"true\",protocol_policy=\"https-only\",port=\"443\",team=\"web\"",
            "1",
        ),
    ];
    let lines = expected.map(|(name, labels, value)| {
        format!("cloudfront_origin_{name}{{{subject}{labels}}} {value}")
    });
    assert_eq!(samples(report(None, &origin, endpoints)), lines);
}

#[test]
fn a_healthy_server_name_costs_at_most_seventeen_series_and_its_info() {
    let pki = Pki::new();
    let origin = forwarding(&["www.example.com", "shop.example.com"]);
    let chain = pki.chain(-30..60);
    let endpoints = vec![well("203.0.114.1", 0, &chain), well("203.0.114.1", 1, &chain)];
    let report = report(None, &origin, endpoints);
    let notices = report.verdict.findings.len();
    let samples = samples(report);
    let (info, others): (Vec<_>, Vec<_>) =
        samples.iter().partition(|line| line.starts_with("cloudfront_origin_info{"));
    assert_eq!(info.len(), 2);
    assert_eq!(others.len() - notices, 2 * 17, "{others:#?}");
}

#[test]
fn a_healthy_server_name_has_these_seven_essential_series() {
    let origin = forwarding(&["www.example.com"]);
    let endpoints = vec![well("203.0.114.1", 0, &Pki::new().chain(-30..60))];
    let essential = samples_of(report(None, &origin, endpoints), &Selection::of(is_essential));
    let names = essential.iter().map(|line| line.split('{').next().unwrap());
    // Some generated certificates deserve a notice.
    let names: Vec<&str> = names.filter(|name| !name.ends_with("_violation")).collect();
    let expected = [
        "failing",
        "undecided",
        "failing_ratio",
        "path_not_after_timestamp_seconds",
        "renewal_warning_timestamp_seconds",
        "renewal_critical_timestamp_seconds",
        "last_probe_timestamp_seconds",
    ];
    assert_eq!(names, expected.map(|name| format!("cloudfront_origin_{name}")));
}

/// The figure of its CPU is that of `cargo bench --bench load`.
#[test]
fn an_essential_scrape_is_at_most_45_percent_as_long() {
    let chain = Pki::new().chain(-30..60);
    let [essential, all] = [Selection::of(is_essential), Selection::default()].map(|selection| {
        let report = report(None, &origin(), vec![well("203.0.114.1", 0, &chain)]);
        samples_of(report, &selection).iter().map(|line| line.len() + 1).sum::<usize>()
    });
    assert!(essential * 100 <= all * 45, "{essential} of {all} bytes");
}

#[test]
fn the_cardinality_budget_of_the_reference_is_right() {
    let page = std::fs::read_to_string("deploy/docs/metrics.md").unwrap();
    let chain = Pki::new().chain(-30..60);
    let endpoints = ["203.0.114.1", "2606:4700::1"].map(|address| well(address, 0, &chain));
    let [all, essential] = [Selection::default(), Selection::of(is_essential)];
    for (what, endpoints, selection) in [
        ("a healthy origin and server name", &endpoints[..1], &all),
        ("the same over IPv4 and IPv6", &endpoints[..], &all),
        ("either of them with [`essential`](#choosing-families)", &endpoints[..], &essential),
    ] {
        let report = report(None, &origin(), endpoints.to_vec());
        let series = samples_of(report, selection).len();
        assert!(page.contains(&format!("| {what} | {series} |\n")), "{what}: {series}");
    }
}

#[test]
fn the_info_has_an_alias_of_the_distribution_unless_an_own_label_is_called_so() {
    let pki = Pki::new();
    let chain = pki.chain(-30..60);
    let alias_of = |change: &dyn Fn(&mut Origin)| {
        let mut origin = origin();
        origin.key.distribution = "E1".into();
        change(&mut origin);
        let samples = samples(report(None, &origin, vec![well("203.0.114.1", 0, &chain)]));
        let info = samples.iter().find(|line| line.starts_with("cloudfront_origin_info{")).unwrap();
        let (_, alias) = info.split_once(",alias=\"")?;
        alias.split_once('"').map(|(alias, _)| alias.to_owned())
    };
    let viewers_use = |origin: &mut Origin| {
        origin.viewer_alias = Some("www.example.com".parse().unwrap());
    };
    let alias = alias_of(&|origin| {
        origin.targets = forwarding(&["shop.example.com"]).targets;
    });
    assert_eq!(alias.as_deref(), Some("shop.example.com"));
    assert_eq!(alias_of(&viewers_use).as_deref(), Some("www.example.com"));
    assert_eq!(alias_of(&|_| ()), None);
    let own =
        |origin: &mut Origin| origin.viewer_alias = Some("d1.cloudfront.net".parse().unwrap());
    assert_eq!(alias_of(&own), None);
    let alias = alias_of(&|origin| {
        viewers_use(origin);
        origin.key.distribution = "".into();
    });
    assert_eq!(alias, None);
    let alias = alias_of(&|origin| {
        viewers_use(origin);
        origin.labels = [("alias".to_owned(), "mine".to_owned())].into();
    });
    assert_eq!(alias.as_deref(), Some("mine"));
}

#[test]
fn the_most_urgent_of_several_addresses_counts() {
    let pki = Pki::new();
    let mut slow = well("203.0.114.2", 0, &pki.chain(-10..30));
    slow.handshake.handshake_time = Some(Duration::from_millis(750));
    slow.handshake.tls = slow.handshake.tls.map(|tls| TlsParameters {
        version: "TLSv1.2".into(),
        group: None,
        ..tls
    });
    let endpoints = vec![
        refused("203.0.114.3", 0),
        well("203.0.114.1", 0, &pki.chain(-30..60)),
        slow,
        well("2001:db8::1", 0, &pki.chain(-20..50)),
    ];
    let samples = samples(report(None, &origin(), endpoints));
    let seconds = |days: i64| in_days(days).as_second();
    let name = "server_name=\"origin.example.com\"";
    let names = [
        "failing_ratio",
        "certificate_not_before_timestamp_seconds",
        "certificate_not_after_timestamp_seconds",
        "path_not_after_timestamp_seconds",
        "addresses",
        "tls_info",
        "probe_duration_seconds",
    ];
    assert_eq!(
        values(&samples, &names),
        [
            format!("failing_ratio {name} 0.25"),
            format!("certificate_not_before_timestamp_seconds {name} {}", seconds(-10)),
            format!("certificate_not_after_timestamp_seconds {name} {}", seconds(30)),
            format!("path_not_after_timestamp_seconds {name} {}", seconds(30)),
            format!("addresses {name} family=\"ipv4\" 3"),
            format!("addresses {name} family=\"ipv6\" 1"),
            format!(
                "tls_info {name} version=\"TLSv1.3\" cipher_suite=\"TLS_AES_128_GCM_SHA256\" \
                 group=\"x25519\" 1"
            ),
            format!("probe_duration_seconds {name} phase=\"resolve\" 0.125"),
            format!("probe_duration_seconds {name} phase=\"connect\" 0.25"),
            format!("probe_duration_seconds {name} phase=\"handshake\" 0.75"),
        ]
    );
}

#[test]
fn a_failure_leaves_the_dates_of_the_last_chain() {
    let pki = Pki::new();
    let origin = origin();
    let first = report(None, &origin, vec![well("203.0.114.1", 0, &pki.chain(-30..60))]);
    let renewed = report(Some(&first), &origin, vec![well("203.0.114.1", 0, &pki.chain(-1..89))]);
    let failing = report(Some(&renewed), &origin, vec![refused("203.0.114.1", 0)]);
    let names = [
        "failing",
        "first_failure_timestamp_seconds",
        "violation",
        "certificate_not_after_timestamp_seconds",
        "tls_info",
        "probe_duration_seconds",
        "certificate_changes_total",
    ];
    let name = "server_name=\"origin.example.com\"";
    assert_eq!(
        values(&samples(failing), &names),
        [
            format!("failing {name} 1"),
            format!("first_failure_timestamp_seconds {name} {}", now().as_second()),
            format!(
                "violation {name} rule=\"connection-refused\" effect=\"fails\" status=\"502\" 1"
            ),
            format!("certificate_not_after_timestamp_seconds {name} {}", in_days(89).as_second()),
            format!("probe_duration_seconds {name} phase=\"resolve\" 0.125"),
            format!("certificate_changes_total {name} 1"),
        ]
    );
}

#[test]
fn a_rule_violated_at_several_addresses_is_one_series_for_each_server_name() {
    let origin = forwarding(&[DOMAIN, "www.example.com"]);
    let addresses = ["203.0.114.1", "203.0.114.2"];
    let endpoints =
        addresses.iter().flat_map(|address| [refused(address, 0), refused(address, 1)]).collect();
    let rule = "rule=\"connection-refused\" effect=\"fails\" status=\"502\"";
    assert_eq!(
        values(&samples(report(None, &origin, endpoints)), &["violation", "failing_ratio"]),
        [
            "failing_ratio server_name=\"origin.example.com\" 1".to_owned(),
            "failing_ratio server_name=\"www.example.com\" 1".to_owned(),
            format!("violation server_name=\"origin.example.com\" {rule} 1"),
            format!("violation server_name=\"www.example.com\" {rule} 1"),
        ]
    );
}

#[test]
fn a_violation_of_the_origin_as_a_whole_counts_for_every_server_name() {
    let origin = forwarding(&[DOMAIN, "www.example.com"]);
    let found = values(&samples(report(None, &origin, Vec::new())), &["violation"]);
    let rule = "rule=\"no-usable-address\" effect=\"fails\" status=\"502\"";
    assert_eq!(
        found,
        [
            format!("violation server_name=\"origin.example.com\" {rule} 1"),
            format!("violation server_name=\"www.example.com\" {rule} 1"),
        ]
    );
}

#[test]
fn a_server_name_that_was_not_reached_is_undecided_and_one_reached_elsewhere_is_not() {
    let pki = Pki::new();
    let chain = pki.chain(-9..90);
    let names = ["a.example.com", "b.example.com"];
    let origin = forwarding(&names);
    let out_of_time = || Failure::NotProbed { reason: NotProbed::OutOfTime };
    let missed = |address, target| failed(address, target, out_of_time());
    let (first, second) = ("192.0.2.1", "192.0.2.2");
    for (endpoints, undecided) in [
        (vec![well(first, 0, &chain), missed(first, 1)], ["0", "1"]),
        (vec![missed(first, 0), well(first, 1, &chain)], ["1", "0"]),
        (
            vec![
                well(first, 0, &chain),
                missed(first, 1),
                missed(second, 0),
                well(second, 1, &chain),
            ],
            ["0", "0"],
        ),
        (vec![missed(first, 0), missed(first, 1)], ["1", "1"]),
    ] {
        let samples = samples(report(None, &origin, endpoints));
        let of = |metric: &str, name: &str| {
            let start = format!("{metric}{{");
            let label = format!("server_name=\"{name}\"");
            let sample = samples.iter().find(|s| s.starts_with(&start) && s.contains(&label));
            sample.and_then(|sample| sample.rsplit(' ').next()).map(str::to_owned)
        };
        let found = names.map(|name| of("cloudfront_origin_undecided", name));
        assert_eq!(found, undecided.map(|value| Some(value.to_owned())), "{samples:#?}");
        let reasons: Vec<&String> = samples
            .iter()
            .filter(|s| s.starts_with("cloudfront_origin_undecided_reason{"))
            .collect();
        assert_eq!(reasons.len(), undecided.iter().filter(|value| **value == "1").count());
        assert!(reasons.iter().all(|reason| reason.contains("reason=\"not-enough-time\"")));
    }
}

#[test]
fn an_origin_is_overdue_after_three_intervals_and_ten_minutes() {
    let pki = Pki::new();
    let chain = pki.chain(-30..60);
    let hours = |hours: u64| Origin { interval: Duration::from_secs(hours * 3600), ..origin() };
    let plain = Origin { protocol_policy: ProtocolPolicy::HttpOnly, ..hours(1) };
    let [hourly, plain, slow, new] = [hours(1), plain, hours(6), hours(1)].map(Arc::new);
    let reports = Reports::new([hourly, plain, slow, new]);
    for entry in &reports.entries()[..3] {
        let report = report(None, &entry.origin, vec![well("203.0.114.1", 0, &chain)]);
        entry.publish(&report);
    }
    for (minutes, expected) in [(0, 0), (190, 0), (191, 1), (18 * 60 + 10, 1), (18 * 60 + 11, 2)] {
        let later = now() + SignedDuration::from_mins(minutes);
        assert_eq!(metrics::overdue(&reports, later), expected, "after {minutes} min");
    }
}
