use origin_probe::observation::{Family, FamilyAnswer, Resolution, ResolutionFailure, View};
use origin_probe::report::OriginJson;
use serde_json::{Value, json};

use crate::common::by_hand;
use crate::report::sample::Sample;

fn value(sample: Sample) -> Value {
    serde_json::to_value(OriginJson::new(&sample.report())).unwrap()
}

fn answer(
    family: Family,
    outcome: Result<&str, ResolutionFailure>,
    nameserver: &str,
) -> FamilyAnswer {
    let negative_ttl_seconds = outcome.is_err().then_some(300);
    let outcome = outcome.map(|address| by_hand::records(&[address.parse().unwrap()]));
    let nameserver = Some(nameserver.parse().unwrap());
    FamilyAnswer { family, nameserver, negative_ttl_seconds, ..by_hand::answer(outcome) }
}

fn resolved(view: View, answers: Vec<FamilyAnswer>) -> Resolution {
    Resolution { view, ..by_hand::resolution(answers) }
}

/// Returns the resolution with these fields, and the others empty.
fn shown(fields: Value) -> Value {
    let mut all = json!({
        "cnames": [], "addresses": [], "nameserver": null, "error": null,
        "negative_ttl_seconds": null, "nameservers": []
    });
    let Value::Object(fields) = fields else { panic!("{fields}") };
    all.as_object_mut().unwrap().extend(fields);
    all
}

#[test]
fn an_address_given_by_hand_leaves_the_resolution_empty() {
    let by_hand = Sample::of("www.shop.example").serving("192.0.2.1");
    assert_eq!(value(by_hand)["resolution"], shown(json!({})));
}

#[test]
fn the_view_that_was_probed_is_shown() {
    for (second, sample, fields) in [
        (
            "192.0.2.1",
            Sample::of("www.shop.example").serving("192.0.2.1"),
            json!({
                "addresses": [{"address": "192.0.2.1", "ttl_seconds": 60}],
                "nameserver": "203.0.113.53:53"
            }),
        ),
        (
            "10.1.1.1",
            Sample::of("www.shop.example"),
            json!({"nameserver": "10.0.0.2:53", "error": "nxdomain", "negative_ttl_seconds": 300}),
        ),
    ] {
        let second = vec![answer(Family::Ipv4, Ok(second), "203.0.113.53:53")];
        let first = answer(Family::Ipv4, Err(ResolutionFailure::NxDomain), "10.0.0.2:53");
        let resolution = Some(Resolution {
            confirmation: Some(Box::new(resolved(View::Configured, second))),
            ..resolved(View::System, vec![first])
        });
        let sample = Sample { resolution, ..sample };
        assert_eq!(value(sample)["resolution"], shown(fields));
    }
}

#[test]
fn a_family_without_records_is_an_error_only_when_there_is_no_address() {
    let no_data = || Err(ResolutionFailure::NoData);
    for (ipv4, ipv6, error) in [
        (Ok("192.0.2.1"), no_data(), Value::Null),
        (no_data(), no_data(), json!("no-data")),
        (no_data(), Err(ResolutionFailure::ServFail), json!("servfail")),
        (Ok("192.0.2.1"), Err(ResolutionFailure::CnameLoop), json!("cname-loop")),
    ] {
        let mut sample = Sample::of("www.shop.example");
        let answers = vec![
            answer(Family::Ipv4, ipv4, "[2001:db8::53]:53"),
            answer(Family::Ipv6, ipv6, "[2001:db8::53]:53"),
        ];
        sample.resolution = Some(resolved(View::System, answers));
        assert_eq!(value(sample)["resolution"]["error"], error);
    }
}

#[test]
fn what_each_nameserver_says_is_shown() {
    let mut second = answer(Family::Ipv4, Err(ResolutionFailure::NoData), "10.0.0.3:53");
    second.cnames = vec!["alb.example".parse().unwrap()];
    let first = answer(Family::Ipv4, Ok("192.0.2.1"), "10.0.0.2:53");
    let mut sample = Sample::of("www.shop.example").serving("192.0.2.1");
    sample.resolution = Some(Resolution {
        each_nameserver: vec![first.clone(), second],
        ..resolved(View::System, vec![first])
    });
    let addresses = json!([{"address": "192.0.2.1", "ttl_seconds": 60}]);
    let fields = json!({
        "addresses": addresses,
        "nameserver": "10.0.0.2:53",
        "nameservers": [
            {
                "nameserver": "10.0.0.2:53", "family": "ipv4", "cnames": [],
                "addresses": addresses, "error": null, "negative_ttl_seconds": null
            },
            {
                "nameserver": "10.0.0.3:53", "family": "ipv4", "cnames": ["alb.example"],
                "addresses": [], "error": "no-data", "negative_ttl_seconds": 300
            }
        ]
    });
    assert_eq!(value(sample)["resolution"], shown(fields));
}
