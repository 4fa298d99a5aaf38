//! The JSON contract, against the one complete example in `tests/contract/origin.json`.
//!
//! Fields are added, never renamed and never removed: whoever has to change a line of the example
//! rather than add one breaks every script and dashboard that reads it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::common::by_hand::{self, answering, failing, refusal, timed};
use origin_probe::impact::{Impact, Outlook, Place, ViewerProtocol};
use origin_probe::observation::{FamilyAnswer, Observation, Resolution, ResolutionFailure};
use origin_probe::origin::Origin;
use origin_probe::report::{OriginJson, Report};

const EXAMPLE: &str = include_str!("../contract/origin.json");

/// Origin Domain is the load balancer's own name; one of its two addresses serves the site's
/// certificate, nothing listens at the other. It has been failing for five minutes. One of two
/// nameservers does not know the name.
fn report() -> Report {
    let mut origin =
        Origin::with_defaults("shop-alb-1234567890.eu-west-1.elb.amazonaws.com".parse().unwrap());
    origin.key.id = "shop".into();
    origin.key.distribution = "E2EXAMPLE0SHOP".into();
    let first: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
    let second: Timestamp = "2026-11-24T08:05:00.25Z".parse().unwrap();
    let origin = Arc::new(origin);
    let earlier = Report::new(None, Arc::new(observation(&origin, first)), first);
    Report::new(Some(&earlier.brief), Arc::new(observation(&origin, second)), second)
}

fn observation(origin: &Arc<Origin>, started_at: Timestamp) -> Observation {
    let [first, second] = ADDRESSES.map(|address| address.parse().unwrap());
    let serving = answering(first, 0, Some(by_hand::shop_chain()), started_at);
    Observation {
        resolution: Some(resolution()),
        endpoints: vec![timed(serving, 11, 23), failing(second, 0, refusal(), started_at)],
        resolve_time: Duration::from_millis(4),
        duration: Duration::from_millis(41),
        ..Observation::new(Arc::clone(origin), started_at)
    }
}

const ADDRESSES: [&str; 2] = ["192.0.2.10", "192.0.2.11"];

fn resolution() -> Resolution {
    let said = |last: u8, outcome| FamilyAnswer {
        nameserver: Some(SocketAddr::from(([203, 0, 113, last], 53))),
        ..by_hand::answer(outcome)
    };
    let records = by_hand::records(&ADDRESSES.map(|address| address.parse().unwrap()));
    let cnames = vec!["shop-alb.dns.example".parse().unwrap()];
    let first = FamilyAnswer { cnames, ..said(53, Ok(records)) };
    let unknown = said(54, Err(ResolutionFailure::NxDomain));
    let second = FamilyAnswer { negative_ttl_seconds: Some(300), ..unknown };
    let each_nameserver = vec![first.clone(), second];
    Resolution { each_nameserver, ..by_hand::resolution(vec![first]) }
}

/// The behavior of the distribution that leads to the origin.
fn impact() -> Impact {
    let key = report().origin.key.clone();
    Impact {
        path_pattern: "/api/*".into(),
        viewer_protocol: ViewerProtocol::Https,
        hosts: vec!["www.shop.example".parse().unwrap()],
        outlook: Outlook::Fails,
        status: Some(502),
        other_methods_status: None,
        doubt: None,
        failover: None,
        primary: Place { id: (*key.id).into(), key: Some(key) },
        secondary: None,
        is_dynamic: false,
    }
}

/// Lists every place of the contract with its value: `violations[0].rule = "…"`.
fn fields(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let dot = if place.is_empty() { "" } else { "." };
                fields(value, &format!("{place}{dot}{key}"), found);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (position, value) in list.iter().enumerate() {
                fields(value, &format!("{place}[{position}]"), found);
            }
        }
        value => found.push(format!("{place} = {value}")),
    }
}

fn listed(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    fields(value, "", &mut found);
    found
}

fn next_probe() -> Option<Timestamp> {
    "2026-11-24T08:10:00Z".parse().ok()
}

#[test]
fn every_field_is_as_in_the_example() {
    let example = listed(&serde_json::from_str(EXAMPLE).unwrap());
    let (report, impacts) = (report(), [impact()]);
    let json = OriginJson::new(&report)
        .with_next_probe(next_probe())
        .with_impacts(&report.origin, &impacts);
    let actual = listed(&serde_json::to_value(json).unwrap());
    let without = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|field| !those.contains(field)).cloned().collect()
    };
    let (gone, new) = (without(&example, &actual), without(&actual, &example));
    assert!(gone.is_empty(), "renamed, removed or changed, which breaks the contract: {gone:#?}");
    assert!(new.is_empty(), "new, which is allowed once the example has it, too: {new:#?}");
}

#[test]
fn the_fields_stand_in_the_order_of_the_example() {
    let (report, impacts) = (report(), [impact()]);
    let json = OriginJson::new(&report)
        .with_next_probe(next_probe())
        .with_impacts(&report.origin, &impacts);
    let actual = serde_json::to_string_pretty(&json).unwrap();
    assert_eq!(actual, EXAMPLE.trim_end());
}

#[test]
fn one_origin_is_one_line() {
    let (report, impacts) = (report(), [impact()]);
    let line = OriginJson::new(&report)
        .with_next_probe(next_probe())
        .with_impacts(&report.origin, &impacts)
        .to_string();
    assert_eq!(line.lines().count(), 1);
    let (line, example): (Value, Value) =
        (serde_json::from_str(&line).unwrap(), serde_json::from_str(EXAMPLE).unwrap());
    assert_eq!(line, example);
}
