//! What metrics and API tell of a distribution's viewers, and of origins with very many names.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::common::by_hand::{self, address};
use jiff::Timestamp;
use origin_probe::distribution::{
    Account, Behavior, CustomOrigin, DeriveOptions, Distribution, OriginConnection, OriginGroup,
    OriginSettings, derive,
};
use origin_probe::impact::Audience;
use origin_probe::observation::Failure;
use origin_probe::origin::{Origin, OriginMtls};
use origin_probe::report::{Entry, Report, Reports};

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn settings(id: &str) -> OriginSettings {
    OriginSettings {
        id: id.into(),
        domain_name: format!("{id}.shop.example").into(),
        connection: OriginConnection::Custom(CustomOrigin {
            https_port: 443,
            protocol_policy: "https-only".into(),
            ssl_protocols: vec!["TLSv1.2".into()],
            ip_address_type: None,
            origin_mtls: OriginMtls::NotConfigured,
        }),
        connection_attempts: None,
        connection_timeout: None,
        origin_access_control: None,
        unknown_members: Vec::new(),
    }
}

fn behavior(path_pattern: &str, target: &str, viewers: &str) -> Behavior {
    Behavior {
        path_pattern: path_pattern.into(),
        target_origin: target.into(),
        viewer_protocol_policy: viewers.into(),
        ..Behavior::default()
    }
}

/// Returns a report of an origin that answers or not, under the targets given.
fn report(origin: &Arc<Origin>, seen: &[(usize, Option<Failure>)]) -> Arc<Report> {
    let endpoints = seen.iter().map(|(target, failure)| match failure {
        Some(failure) => by_hand::failing(address(1), *target, failure.clone(), now()),
        None => by_hand::answering(address(1), *target, None, now()),
    });
    Arc::new(by_hand::report(origin, endpoints.collect(), now()))
}

fn refused() -> Option<Failure> {
    Some(by_hand::refusal())
}

/// Returns every series of a name, without it: labels and value as written.
fn series(reports: &Reports, name: &str) -> Vec<String> {
    let text = by_hand::exposed(reports, String::new());
    let prefix = format!("{name}{{");
    let named = text.lines().filter_map(|line| line.strip_prefix(&prefix));
    named.map(str::to_owned).collect()
}

/// `site` stands before `spare`; `api` is alone.
fn shop() -> (Reports, BTreeMap<String, Arc<Entry>>) {
    let distribution = Distribution {
        id: "E1SHOP".into(),
        aliases: vec!["www.shop.example".into()],
        is_enabled: true,
        origins: ["api", "site", "spare"].map(settings).to_vec(),
        origin_groups: vec![OriginGroup {
            id: "both".into(),
            members: vec!["site".into(), "spare".into()],
            failover_statuses: vec![502, 503, 504],
        }],
        behaviors: vec![
            behavior("/api/*", "api", "allow-all"),
            behavior("*", "both", "https-only"),
        ],
        ..Distribution::default()
    };
    let derivation = derive(&distribution, &Account::default(), &DeriveOptions::default());
    let origins: Vec<Arc<Origin>> =
        derivation.origins.iter().map(|derived| Arc::clone(&derived.origin)).collect();
    let reports = Reports::with_audiences(origins, vec![Audience::new(Arc::new(derivation))]);
    let entries = reports.entries();
    let by_id = entries.iter().map(|e| (e.origin.key.id.to_string(), Arc::clone(e))).collect();
    (reports, by_id)
}

fn play(entry: &Entry, failure: Option<Failure>) {
    entry.publish(&report(&entry.origin, &[(0, failure)]));
}

#[test]
fn behaviors_follow_the_verdicts_of_the_origins_on_their_way() {
    let (reports, entries) = shop();
    let told = || {
        ["failing", "undecided", "degraded"].map(|name| {
            let series = series(&reports, &format!("cloudfront_behavior_{name}"));
            let of = |(path, protocol): (&str, &str)| {
                let labels = format!(
                    "distribution=\"E1SHOP\",path_pattern=\"{path}\",viewer_protocol=\"{protocol}\""
                );
                let line = series.iter().find_map(|line| line.strip_prefix(&*labels)).unwrap();
                line.strip_prefix("} ").unwrap().to_owned()
            };
            assert_eq!(series.len(), 3, "{series:?}");
            [("/api/*", "https"), ("/api/*", "http"), ("*", "https")].map(of).concat()
        })
    };
    // Not probed yet.
    assert_eq!(told(), ["000", "111", "000"]);
    for (api, site, spare, expected) in [
        (None, None, None, ["000", "000", "000"]),
        (refused(), None, None, ["110", "000", "000"]),
        // Masked by failover, and a rotten secondary is nothing that viewers notice.
        (None, refused(), None, ["000", "000", "001"]),
        (None, None, refused(), ["000", "000", "000"]),
        (None, refused(), refused(), ["001", "000", "000"]),
        (None, None, None, ["000", "000", "000"]),
    ] {
        play(&entries["api"], api);
        play(&entries["site"], site);
        play(&entries["spare"], spare);
        assert_eq!(told(), expected);
    }
}

#[test]
fn a_remedy_names_the_setting_and_the_call_that_shows_it() {
    let (reports, entries) = shop();
    play(&entries["api"], refused());
    let shown = reports.shown();
    let report = shown.latest(&entries["api"]).unwrap();
    let remedy = &report.verdict.findings[0].remedy;
    let setting = "Origin `api` of distribution E1SHOP: its HTTPSPort is 443";
    assert!(remedy.contains(setting), "{remedy}");
    assert!(remedy.contains("aws cloudfront get-distribution-config --id E1SHOP"), "{remedy}");
    // The stored one is as it was judged.
    assert!(!entries["api"].latest().unwrap().verdict.findings[0].remedy.contains("E1SHOP"));
}

#[test]
fn of_very_many_server_names_the_worst_have_series_and_all_are_counted() {
    let names: Vec<String> = (0..150).map(|n| format!("t{n}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let origin = Arc::new(by_hand::forwarding("origin.example.com", &names));
    let reports = Reports::new([Arc::clone(&origin)]);
    // Ten have not had their turn, three fail.
    let seen: Vec<(usize, Option<Failure>)> = (0..140)
        .map(|target| (target, matches!(target, 5 | 120 | 139).then_some(Failure::NoCertificate)))
        .collect();
    reports.entries()[0].publish(&report(&origin, &seen));
    let failing = series(&reports, "cloudfront_origin_failing");
    assert_eq!(failing.len(), 100);
    let named: Vec<&str> = failing
        .iter()
        .filter_map(|line| line.strip_suffix("\"} 1")?.rsplit_once('"'))
        .map(|(_, name)| name)
        .collect();
    assert_eq!(named, ["t5.example", "t120.example", "t139.example"]);
    assert!(failing.iter().any(|line| line.contains("\"t97.example\"")));
    assert!(!failing.iter().any(|line| line.contains("\"t98.example\"")));
    let states: Vec<String> = series(&reports, "cloudfront_origin_server_names")
        .iter()
        .map(|line| line.rsplit_once("state=").unwrap().1.to_owned())
        .collect();
    let expected = ["\"answers\"} 137", "\"fails\"} 3", "\"undecided\"} 0", "\"waiting\"} 10"];
    assert_eq!(states, expected);
}

#[test]
fn a_server_name_whose_turn_has_not_come_is_undecided_and_the_origin_is_not() {
    let origin = by_hand::forwarding("origin.example.com", &["a.example", "b.example"]);
    let report = report(&Arc::new(origin), &[(0, None)]);
    let answers = |conclusion: &origin_probe::verdict::Conclusion| conclusion.answer.as_str();
    assert_eq!(answers(&report.verdict.conclusion), "answers");
    let targets: Vec<_> = report.verdict.targets.iter().map(answers).collect();
    assert_eq!(targets, ["answers", "undecided"]);
    let reasons = &report.verdict.targets[1].undecided_reasons;
    assert_eq!(reasons.iter().map(|r| r.as_str()).collect::<Vec<_>>(), ["not-probed-yet"]);
}
