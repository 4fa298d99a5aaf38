//! `origin` through its public interface.

mod name;
mod platform;
mod shard;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use origin_probe::origin::{
    DomainAndPort, DomainAndPortError, Origin, RenewalPolicy, nearest, share_equal,
};

#[test]
fn what_is_read_again_is_shared_unless_anything_is_new() {
    let origin = |domain: &str, seconds| {
        let interval = Duration::from_secs(seconds);
        Arc::new(Origin { interval, ..Origin::with_defaults(domain.parse().unwrap()) })
    };
    let before = [origin("a.example", 60), origin("b.example", 60), origin("gone.example", 60)];
    let read = [origin("new.example", 60), origin("b.example", 30), origin("a.example", 60)];
    let mut shared = read.clone();
    share_equal(&mut shared, &before);
    assert_eq!(shared, read);
    let is_shared = shared.each_ref().map(|own| before.iter().any(|old| Arc::ptr_eq(own, old)));
    assert_eq!(is_shared, [false, false, true]);
}

#[test]
fn the_thresholds_follow_the_lifetime() {
    let not_after: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    for (lifetime_days, warning_hours, critical_hours) in [
        (398, 21 * 24, 7 * 24),
        (200, 21 * 24, 7 * 24),
        (90, 21 * 24, 7 * 24),
        (47, 282, 112),
        (6, 36, 14),
    ] {
        let not_before = not_after - SignedDuration::from_hours(lifetime_days * 24);
        let instants = RenewalPolicy::default().instants(not_before, not_after);
        assert_eq!(not_after.duration_since(instants.warning).as_hours(), warning_hours);
        assert_eq!(not_after.duration_since(instants.critical).as_hours(), critical_hours);
    }
}

#[test]
fn a_certificate_that_ends_before_it_begins_is_due_at_its_end() {
    let begin: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let end: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
    assert_eq!(RenewalPolicy::default().instants(begin, end).warning, end);
}

const KEYS: [&str; 5] = ["id", "domain", "https_port", "interval", "labels"];
const RULES: [&str; 5] = [
    "certificate-expired",
    "intermediate-expired",
    "intermediate-missing",
    "origin-domain-unresolvable",
    "not-tls",
];

#[test]
fn a_mistyped_name_is_recognised() {
    let long = "x".repeat(100_000);
    for (names, mistyped, meant) in [
        (KEYS, "https_prot", Some("https_port")),
        (KEYS, "httpsport", Some("https_port")),
        (KEYS, "HTTPS-Port", Some("https_port")),
        (KEYS, "intervall", Some("interval")),
        (KEYS, "label", Some("labels")),
        (KEYS, "domain_name", Some("domain")),
        (KEYS, "di", Some("id")),
        (KEYS, "name", None),
        (KEYS, "", None),
        (KEYS, "colour", None),
        (KEYS, &long, None),
        (RULES, "certificate-expird", Some("certificate-expired")),
        (RULES, "Certificate_Expired", Some("certificate-expired")),
        (RULES, "expired", Some("certificate-expired")),
        (RULES, "missing-intermediate", Some("intermediate-missing")),
        (RULES, "unresolvable", Some("origin-domain-unresolvable")),
        (RULES, "not-tsl", Some("not-tls")),
        (RULES, "elephant", None),
        (RULES, "é", None),
    ] {
        assert_eq!(nearest(mistyped, names), meant, "{mistyped}");
    }
    let names = ["cloudfront_origin_failing", "cloudfront_origin_failing_ratio"];
    assert_eq!(nearest("cloudfront_origin_failing_rtio", names), Some(names[1]));
}

#[test]
fn a_port_may_follow_the_domain_and_a_path_does_not_count() {
    for (text, domain, port) in [
        ("a.example", "a.example", None),
        ("a.example:8443", "a.example", Some(8443)),
        ("https://a.example", "a.example", None),
        ("https://a.example/", "a.example", None),
        ("https://A.example:8443/health?x=1:2#y", "a.example", Some(8443)),
        ("https://a.example?https://b.example", "a.example", None),
    ] {
        let expected = DomainAndPort { domain: domain.parse().unwrap(), port };
        assert_eq!(text.parse(), Ok(expected), "{text}");
    }
}

#[test]
fn anything_else_is_refused() {
    for wrong in [
        "",
        "a.example:0",
        "a.example:22",
        "a.example:70000",
        "a.example:",
        "192.0.2.1:443",
        "[2001:db8::1]:443",
        "a.example/path",
        "ftp://a.example",
        "https://user@a.example",
        "https://a.example\\@b.example",
        "https://",
    ] {
        assert!(wrong.parse::<DomainAndPort>().is_err(), "{wrong}");
    }
    let plain = "http://a.example/".parse::<DomainAndPort>();
    assert_eq!(plain, Err(DomainAndPortError::PlainHttp));
}
