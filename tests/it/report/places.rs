use origin_probe::report::{Report, merge};

use crate::report::sample::Sample;

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
