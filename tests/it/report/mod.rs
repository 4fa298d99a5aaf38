//! `report` through its public interface.

mod commands;
mod json;
mod kept;
mod resolution;
mod sample;
mod shares;
mod text;
mod timeline;
mod view;

use jiff::{SignedDuration, Timestamp};
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::report::{
    Line, NameComparison, OriginJson, Report, Role, Text, merge, pem, relative, served_chains,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;

use crate::report::sample::Sample;

#[test]
fn what_fails_comes_first_and_each_chain_once() {
    let report = Sample::of("www.shop.example")
        .serving("192.0.2.1")
        .serving_until("192.0.2.2", "2026-11-01T23:59:59Z")
        .serving("192.0.2.3")
        .report();
    let chains = served_chains(&report, &report.verdict);
    let places: Vec<(&[usize], bool)> =
        chains.iter().map(|chain| (&*chain.endpoints, chain.fails)).collect();
    assert_eq!(places, [(&[1][..], true), (&[0, 2][..], false)]);
}

#[test]
fn bytes_that_are_no_certificate_keep_their_place() {
    let chain = ChainFacts::analyse(&[b"nothing"], &TrustAnchors::none());
    let sample = Sample::of("www.shop.example").serving_chain("192.0.2.1", chain);
    let report = sample.report();
    let value = serde_json::to_value(OriginJson::new(&report)).unwrap();
    assert_eq!(
        value["endpoints"][0]["served_chain"],
        json!([{
            "subject": null, "issuer": null, "serial": null, "not_before": null,
            "not_after": null, "sha256": null, "dns_names": []
        }])
    );
}

#[test]
fn what_was_served_can_be_read_back() {
    let report = Sample::of("www.shop.example").serving("192.0.2.1").report();
    let chain = report.observation.endpoints[0].chain.as_ref().unwrap();
    let text = pem(chain);
    assert!(text.starts_with("# 0 s:CN=www.shop.example\n#   i:CN=Example Issuing CA 1"));
    assert!(text.lines().all(|line| line.len() <= 64 || line.starts_with('#')));
    let read: Vec<Vec<u8>> =
        CertificateDer::pem_slice_iter(text.as_bytes()).map(|der| der.unwrap().to_vec()).collect();
    let served: Vec<Vec<u8>> = chain.certificates().map(|(_, c)| c.der().to_vec()).collect();
    assert_eq!(read, served);
}

#[test]
fn a_part_cannot_move_a_cursor() {
    let line = Line::indented(2).with(Role::Name, "a\u{1b}[2Jb\r\n").with(Role::Plain, " é");
    assert_eq!(line.to_string(), "  a\\u{1b}[2Jb\\u{d}\\u{a} é");
}

#[test]
fn text_that_is_laid_out_stays_as_it_is() {
    let text = "a: b\n\n  - c\n";
    let laid_out = Text::laid_out(text);
    assert_eq!(laid_out.to_string(), text);
    assert_eq!((laid_out.lines[2].indent, laid_out.lines[2].hang), (2, 2));
}

fn comparison(sample: Sample) -> NameComparison {
    let report = sample.serving("192.0.2.1").report();
    let chain = report.observation.endpoints[0].chain.as_ref().unwrap();
    let targets = 0..report.origin.targets.len();
    NameComparison::new(chain.end_entity().unwrap(), &report.origin, targets)
}

#[test]
fn a_name_that_matches_is_marked_and_comes_first() {
    let names = comparison(Sample::of("shop.example"));
    let presented: Vec<(&str, bool)> =
        names.presented.iter().map(|n| (n.name.as_str(), !n.matches.is_empty())).collect();
    assert_eq!(presented, [("shop.example", true), ("www.shop.example", false)]);
    assert_eq!(names.presented[0].matches, ["shop.example"]);
    assert!(names.wanted[0].is_met());
}

#[test]
fn one_of_the_wanted_names_suffices() {
    let names =
        comparison(Sample::of("origin.example").forwarding(&["www.shop.example", "a.example"]));
    let wanted: Vec<(&str, bool)> =
        names.wanted.iter().map(|w| (w.server_name.as_str(), w.is_met())).collect();
    assert_eq!(wanted, [("www.shop.example", true), ("a.example", false)]);
    assert_eq!(
        names.wanted[0].any_of,
        [("www.shop.example".to_owned(), true), ("origin.example".to_owned(), false)]
    );
}

#[test]
fn the_largest_unit_that_counts_at_least_two_is_used() {
    let now: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
    for (seconds, words) in [
        (0, "now"),
        (1, "in 1 second"),
        (-1, "1 second ago"),
        (119, "in 119 seconds"),
        (120, "in 2 minutes"),
        (7_199, "in 119 minutes"),
        (7_200, "in 2 hours"),
        (-18_000, "5 hours ago"),
        (172_799, "in 47 hours"),
        (172_800, "in 2 days"),
        (10 * 86_400 - 1, "in 9 days"),
        (10 * 86_400, "in 10 days"),
        (-2 * 86_400 - 1, "3 days ago"),
        (-3 * 86_400, "3 days ago"),
        (400 * 86_400, "in 400 days"),
    ] {
        assert_eq!(relative(now + SignedDuration::from_secs(seconds), now), words);
    }
}

#[test]
fn days_are_the_difference_of_the_dates() {
    for (at, now, words) in [
        ("2026-12-10T00:07:03Z", "2026-11-30T00:07:04Z", "in 10 days"),
        ("2026-12-31T23:59:59Z", "2026-11-24T00:00:00Z", "in 37 days"),
        ("2026-11-20T00:07:05Z", "2026-11-30T00:07:04Z", "10 days ago"),
        ("2026-12-03T00:00:00Z", "2026-11-30T23:59:59Z", "in 3 days"),
        ("2026-12-02T23:59:58Z", "2026-11-30T23:59:59Z", "in 47 hours"),
        ("1969-12-20T23:59:59Z", "1970-01-01T00:00:00Z", "12 days ago"),
    ] {
        assert_eq!(relative(at.parse().unwrap(), now.parse().unwrap()), words);
    }
}

#[test]
fn the_ends_of_time_are_bearable() {
    assert_eq!(relative(Timestamp::MAX, Timestamp::MIN), "in 7304481 days");
    assert_eq!(relative(Timestamp::MIN, Timestamp::MAX), "7304481 days ago");
}

const ENDED: &str = "2026-11-01T23:59:59Z";

fn places(report: &Report) -> Vec<Option<String>> {
    let findings = &report.verdict.findings;
    merge(findings).iter().map(|merged| merged.places(&report.observation)).collect()
}

fn shop() -> Sample {
    Sample::of("www.shop.example")
}

#[test]
fn what_holds_everywhere_has_no_place() {
    let report = shop().serving_until("192.0.2.1", ENDED).serving_until("192.0.2.2", ENDED);
    assert_eq!(places(&report.report()), [None]);
}

#[test]
fn many_addresses_are_counted() {
    let expired = |sample: Sample, n: u8| sample.serving_until(&format!("192.0.2.{n}"), ENDED);
    let report = (1..=9).fold(shop().serving("2001:db8::1"), expired).report();
    let expected = "at 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4 and 5 more";
    assert_eq!(places(&report), [Some(expected.to_owned())]);
}

#[test]
fn a_server_name_is_given_where_others_are_better_off() {
    let hosts = ["www.shop.example", "shop.example", "other.example"];
    for (expired_at, expected) in [
        // Positions cover the targets of the first address, then those of the second.
        (vec![1], "for shop.example at 192.0.2.1"),
        (vec![1, 4], "for shop.example"),
        (vec![0, 1], "for www.shop.example, shop.example at 192.0.2.1"),
        (vec![0, 1, 2], "at 192.0.2.1"),
        (vec![0, 4], "for www.shop.example at 192.0.2.1; for shop.example at 192.0.2.2"),
    ] {
        let expired = shop().forwarding(&hosts).serving_until("192.0.2.1", ENDED);
        let expired = expired.endpoints[0].chain.clone();
        let mut sample = shop().forwarding(&hosts).serving("192.0.2.1").serving("192.0.2.2");
        for position in expired_at {
            sample.endpoints[position].chain = expired.clone();
        }
        assert_eq!(places(&sample.report())[0].as_deref(), Some(expected));
    }
}
