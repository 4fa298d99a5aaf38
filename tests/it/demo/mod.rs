//! The running demo, as an independent client finds it.

mod dns;
mod pki;
mod script;
mod server;
mod visitor;
mod whole;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use jiff::Timestamp;
use origin_probe::demo::{Demo, DemoError, SCENARIOS};
use origin_probe::origin::DomainName;
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use visitor::visit;

async fn demo() -> Demo {
    let now: Timestamp = "2026-08-01T12:34:56.789Z".parse().unwrap();
    Demo::start(now).await.unwrap()
}

#[tokio::test]
async fn every_scenario_runs_or_is_left_out_for_want_of_an_address() {
    let demo = demo().await;
    assert_eq!(demo.scenarios().count() + demo.left_out().len(), SCENARIOS.len());
    for left_out in demo.left_out() {
        // There is no such address on this machine.
        let DemoError::Listen { address, .. } = &left_out.reason else { panic!("{left_out:?}") };
        assert_ne!(address.ip(), IpAddr::V4(Ipv4Addr::LOCALHOST), "{left_out:?}");
    }
    assert_eq!(demo.started_at().to_string(), "2026-08-01T12:34:56Z");
    assert_eq!(demo.https_port("no-such-scenario"), None);
}

#[tokio::test]
async fn the_first_three_origins_are_one_load_balancer() {
    let demo = demo().await;
    let ports = ["load-balancers-own-name", "host-forwarded", "repaired-by-custom-domain"]
        .map(|id| demo.https_port(id).unwrap());
    assert!(ports.iter().all(|port| *port == ports[0]), "{ports:?}");
}

#[tokio::test]
async fn each_kind_of_chain_is_served_in_its_order() {
    let demo = demo().await;
    let issuing = "Demo Issuing CA 1";
    for (id, above, days) in [
        ("healthy", vec![issuing], (-20, 70)),
        ("expiring-in-ten-days", vec![issuing], (-80, 10)),
        ("expired", vec![issuing], (-100, -10)),
        ("not-yet-valid", vec![issuing], (5, 95)),
        ("self-signed", vec![], (-20, 70)),
        ("expired-and-self-signed", vec![], (-100, -10)),
        ("missing-intermediate", vec![], (-20, 70)),
        ("wrong-order", vec!["Demo Root CA", issuing], (-20, 70)),
        ("intermediate-expired", vec!["Demo Issuing CA 0"], (-20, 70)),
        ("untrusted-root", vec!["Shop Internal Issuing CA"], (-20, 70)),
        ("key-mismatch", vec![issuing], (-20, 70)),
    ] {
        let domain = demo.scenarios().find(|scenario| scenario.id == id).unwrap().domain;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, demo.https_port(id).unwrap()));
        let chain = visit(address, domain).await.shown.chain;
        let chain: Vec<_> =
            chain.iter().map(|der| X509Certificate::from_der(der).unwrap().1).collect();
        let names: Vec<&str> = chain
            .iter()
            .map(|c| c.subject().iter_common_name().next().unwrap().as_str().unwrap())
            .collect();
        assert_eq!(names, [vec![domain], above].concat(), "{id}");
        let validity = chain[0].validity();
        let day = |at: ASN1Time| (at.timestamp() - demo.started_at().as_second()) / (24 * 60 * 60);
        assert_eq!((day(validity.not_before), day(validity.not_after)), days, "{id}");
    }
}

#[tokio::test]
async fn the_configuration_is_yaml_that_names_every_origin() {
    let demo = demo().await;
    let listen = "127.0.0.1:10502".parse().unwrap();
    let yaml = demo.config_yaml(listen, Path::new("/tmp/a \"root\".pem"));
    let mut config: Value = serde_saphyr::from_str(&yaml).unwrap();
    let origins = config["origins"].take();
    assert_eq!(
        config,
        json!({
            "web": {"listen": "127.0.0.1:10502"},
            "probe": {"interval": "15s", "handshake_timeout": "3s"},
            "resolver": {"nameservers": [demo.dns().address().to_string()]},
            "trust_anchors": {"mozilla": false, "extra": ["/tmp/a \"root\".pem"]},
            "reachability": {"assume_public": ["127.0.0.0/8", "::1/128"]},
            "origins": null,
        })
    );
    let expected = demo.scenarios().map(|scenario| {
        let (id, port) = (scenario.id, demo.https_port(scenario.id));
        let mut origin = json!({"id": id, "domain": scenario.domain, "https_port": port});
        if !scenario.viewer_hosts.is_empty() {
            origin["viewer_hosts"] = json!(scenario.viewer_hosts);
        }
        if scenario.id == "healthy-dualstack" {
            origin["ip_address_type"] = json!("dualstack");
        }
        origin
    });
    assert_eq!(origins, Value::Array(expected.collect()));
}

#[test]
fn every_id_is_unique() {
    let ids: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
    assert_eq!(ids.len(), SCENARIOS.len());
}

#[test]
fn every_name_is_one_that_cloudfront_takes() {
    for scenario in SCENARIOS {
        for name in std::iter::once(&scenario.domain).chain(scenario.viewer_hosts) {
            assert_eq!(name.parse::<DomainName>().unwrap().as_str(), *name);
        }
    }
}

#[test]
fn the_expectations_of_each_scenario_agree_with_each_other() {
    for scenario in SCENARIOS {
        let fails = scenario.verdict == "fails";
        assert_eq!(scenario.status.is_some(), fails, "{}", scenario.id);
        assert!(scenario.failing_ratio > 0.0 || !fails, "{}", scenario.id);
        let undecided = scenario.verdict == "undecided";
        assert_eq!(!scenario.undecided_reasons.is_empty(), undecided, "{}", scenario.id);
        let answers = scenario.verdict == "answers";
        assert!(scenario.failing_ratio == 0.0 || !answers, "{}", scenario.id);
        assert_eq!(scenario.answers_for_days.is_some(), answers, "{}", scenario.id);
        assert!(answers || !scenario.violates.is_empty(), "{}", scenario.id);
        assert!(scenario.violates.is_sorted(), "{}", scenario.id);
        assert_eq!([fails, undecided, answers].map(usize::from).iter().sum::<usize>(), 1);
    }
}
