//! Which metric families `metrics` in the configuration file chooses, and what the alerts need.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use origin_probe::config::{Config, ConfigErrors, ErrorKind, Shown};
use origin_probe::metrics::{Selection, families, is_essential};
use serde_json::Value;

const INFO: &str = "cloudfront_origin_info";
const TLS_INFO: &str = "cloudfront_origin_tls_info";
const FAILING: &str = "cloudfront_origin_failing";
const RATIO: &str = "cloudfront_origin_failing_ratio";

fn parse(metrics: &str) -> Result<Config, ConfigErrors> {
    let yaml = format!("metrics: {metrics}\norigins: [{{id: a, domain: a.example}}]\n");
    Config::parse(Path::new("c.yaml"), yaml.as_bytes())
}

fn selection(metrics: &str) -> Selection {
    parse(metrics).unwrap().metrics
}

fn names() -> impl Iterator<Item = &'static str> {
    families().map(|family| family.name)
}

#[test]
fn deny_wins_over_allow_and_allow_over_set() {
    for (metrics, family, expected) in [
        ("{set: all}", INFO, true),
        ("{set: essential}", INFO, false),
        ("{set: essential}", FAILING, true),
        ("{set: essential, allow: [cloudfront_origin_info]}", INFO, true),
        ("{set: essential, allow: [cloudfront_origin_info]}", TLS_INFO, false),
        ("{set: essential, allow: ['*_info']}", TLS_INFO, true),
        ("{allow: [cloudfront_origin_info]}", FAILING, true),
        ("{deny: [cloudfront_origin_info]}", INFO, false),
        ("{deny: [cloudfront_origin_info]}", TLS_INFO, true),
        ("{set: essential, deny: [cloudfront_origin_failing]}", FAILING, false),
        ("{set: essential, deny: [cloudfront_origin_failing]}", RATIO, true),
        ("{deny: [cloudfront_origin_fail*]}", RATIO, false),
        ("{allow: [cloudfront_origin_info], deny: [cloudfront_origin_*]}", INFO, false),
        ("{allow: ['*'], deny: [cloudfront_*_info]}", INFO, false),
        ("{allow: ['*'], deny: [cloudfront_*_info]}", RATIO, true),
        ("{deny: ['*']}", "process_cpu_seconds_total", true),
    ] {
        assert_eq!(selection(metrics).has(family), expected, "{metrics}: {family}");
    }
}

#[test]
fn without_the_key_every_family_is_chosen() {
    let empty = "origins: [{id: a, domain: a.example}]\n".as_bytes();
    let without = Config::parse(Path::new("c.yaml"), empty).unwrap().metrics;
    assert!(names().count() > 50 && names().all(|name| without.has(name)));
    assert_eq!(without, Selection::default());
    assert_eq!(without, selection("{}"));
}

#[test]
fn the_essential_families_are_these() {
    let essential = selection("{set: essential}");
    let (of_origins, others): (Vec<&str>, Vec<&str>) =
        names().partition(|name| name.starts_with("cloudfront_origin_"));
    let chosen: Vec<&str> = of_origins.into_iter().filter(|name| essential.has(name)).collect();
    let expected = [
        "failing",
        "undecided",
        "undecided_reason",
        "failing_ratio",
        "violation",
        "path_not_after_timestamp_seconds",
        "renewal_warning_timestamp_seconds",
        "renewal_critical_timestamp_seconds",
        "last_probe_timestamp_seconds",
    ];
    assert_eq!(chosen, expected.map(|name| format!("cloudfront_origin_{name}")));
    assert!(others.iter().all(|name| essential.has(name)), "{others:?}");
}

#[test]
fn a_wrong_family_name_is_an_error_with_the_nearest_name() {
    let meant = |pattern: &str| {
        let errors = parse(&format!("{{deny: ['{pattern}']}}")).unwrap_err();
        let [error] = errors.errors() else { panic!("{errors}") };
        assert_eq!((error.line, &*error.key), (Some(1), "metrics.deny[0]"));
        let ErrorKind::UnknownFamily { value, meant } = &error.kind else { panic!("{error}") };
        assert_eq!(*value, Shown::of(pattern));
        *meant
    };
    for name in names() {
        let (begin, end) = name.split_at(name.len() - 4);
        assert_eq!(meant(&format!("{begin}{}", &end[1..])), Some(name));
    }
    for (pattern, name) in [
        ("tls_info", Some(TLS_INFO)),
        ("cloudfront_orgin_*", Some(FAILING)),
        ("cloudfront_behaviour_*", Some("cloudfront_behavior_degraded")),
        ("origin_prob_*_total", Some("origin_probe_blind")),
        ("CLOUDFRONT_ORIGIN_INFO", Some(INFO)),
        ("cloudfront_origin_info*x", Some(INFO)),
        ("process_cpu_seconds_total", None),
        ("*_none", None),
        ("", None),
    ] {
        assert_eq!(meant(pattern), name, "{pattern}");
    }
}

/// Returns every alert of `alerts.yaml`.
fn alerts() -> Vec<Value> {
    let text = fs::read_to_string("deploy/prometheus/alerts.yaml").unwrap();
    let file: Value = serde_saphyr::from_str(&text).unwrap();
    let groups = file["groups"].as_array().unwrap().iter();
    groups.flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// Returns the families that a text names.
fn named(text: &str) -> BTreeSet<&'static str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_metric = |word: &&str| {
        ["cloudfront_", "origin_probe_", "process_"].iter().any(|prefix| word.starts_with(prefix))
    };
    let family = |word: &str| names().find(|name| *name == word).expect(word);
    words.filter(is_metric).map(family).collect()
}

#[test]
fn the_expressions_of_the_alerts_name_essential_families_only() {
    let essential = selection("{set: essential}");
    let mut used = BTreeSet::new();
    for alert in alerts() {
        let of_alert = named(alert["expr"].as_str().unwrap());
        assert!(!of_alert.is_empty(), "{alert}");
        for family in of_alert {
            assert!(essential.has(family), "{}: {family}", alert["alert"]);
            used.insert(family);
        }
    }
    assert!(used.len() > 20, "{used:?}");
}

/// In a template, `first` of an empty result is an error that replaces the whole text.
#[test]
fn the_texts_of_the_alerts_do_without_the_other_families() {
    let dates = "cloudfront_origin_certificate_not_after_timestamp_seconds";
    let mut others = BTreeSet::new();
    for alert in alerts() {
        for text in alert["annotations"].as_object().unwrap().values() {
            let text = text.as_str().unwrap();
            others.extend(named(text).into_iter().filter(|family| !is_essential(family)));
            for (part, before) in [
                ("cloudfront_origin_info{", &["{{ $info := printf \"", "with printf \""][..]),
                ("$info", &["{{ ", "{{ with "]),
                (dates, &["{%s}) or min("]),
                ("$ends", &["{{ ", "range "]),
            ] {
                for (at, _) in text.match_indices(part) {
                    let is_optional = before.iter().any(|before| text[..at].ends_with(before));
                    assert!(is_optional, "{part} in {text}");
                }
            }
        }
    }
    assert_eq!(others, BTreeSet::from([INFO, dates]));
}
