use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use expect_test::expect_file;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::observation::Failure;
use origin_probe::origin::{ProtocolPolicy, Usage};
use origin_probe::report::{pem, summary, text, texts, trace};

use crate::common::by_hand::{refusal, silence};
use crate::report::sample::{Sample, now, resolved};

const LOAD_BALANCER: &str = "shop-alb-1234567890.eu-west-1.elb.amazonaws.com";
const TWO_MONTHS: Duration = Duration::from_secs(60 * 86_400);
const FORTY_DAYS: Duration = Duration::from_secs(40 * 86_400);
const ENDED: &str = "2026-11-01T23:59:59Z";

fn shop() -> Sample {
    Sample::of("www.shop.example")
}

fn http_only() -> Sample {
    let mut sample = shop();
    sample.origin.protocol_policy = ProtocolPolicy::HttpOnly;
    sample
}

fn discovered() -> Sample {
    let mut sample = shop().serving("192.0.2.1").with_id("E2/\u{1b}[31m");
    sample.origin.key.distribution = "E1".into();
    sample.origin.viewer_alias = Some("viewers.example".parse().unwrap());
    sample
}

fn under_an_alias() -> Sample {
    let mut sample = shop().forwarding(&["www.shop.example", "d111.cloudfront.net"]);
    sample.origin.targets[1].usage = Usage::OwnDomain;
    sample.serving_until("192.0.2.1", ENDED).serving("192.0.2.2").serving("192.0.2.3")
}

fn some_addresses() -> Sample {
    let names = ["www.shop.example", "shop.example"];
    let sample = shop().forwarding(&names).failing("192.0.2.4", &refusal());
    let sample = sample.serving_until("192.0.2.1", ENDED).serving_until("192.0.2.2", ENDED);
    sample.serving("192.0.2.3")
}

/// Every sentence of this module, in one file.
#[test]
fn sentences() {
    let mut all = String::new();
    let mut row = |title: &str, said: &str| {
        let _ = write!(all, "# {title}\n{said}\n");
    };
    for (title, sample, within) in [
        ("answers", shop().serving("192.0.2.1"), None),
        ("will fail within the time to look ahead", shop().serving("192.0.2.1"), Some(TWO_MONTHS)),
        ("answers, with no chain", shop(), None),
        ("ends today", shop().serving_until("192.0.2.1", "2026-11-24T05:00:00Z"), None),
        ("fails everywhere", shop().failing("192.0.2.1", &refusal()), Some(TWO_MONTHS)),
        (
            "one of two addresses refuses",
            shop().serving("192.0.2.1").failing("192.0.2.2", &refusal()),
            Some(TWO_MONTHS),
        ),
        ("no address answers", shop().failing("192.0.2.1", &silence()), None),
        ("plain HTTP", http_only(), None),
        ("the id of a distribution's origin is printable", discovered(), None),
        (
            "the load balancer's own name",
            Sample::of(LOAD_BALANCER).with_id("shop").serving("192.0.2.1"),
            None,
        ),
        ("one of three addresses fails, under one alias", under_an_alias(), None),
        ("some addresses expired, another refuses", some_addresses(), None),
        ("a notice", shop().forwarding(&["old.shop.example"]).serving("192.0.2.1"), None),
    ] {
        row(title, &text(&sample.report(), now(), within).to_string());
    }

    let good = Arc::new(shop().serving("192.0.2.1").report());
    let bad = Arc::new(shop().failing("192.0.2.1", &refusal()).report());
    for (title, reports) in [
        ("a failing origin leaves nothing uncovered", vec![&bad]),
        ("one good answer", vec![&good]),
        ("several origins", vec![&good, &bad, &good]),
    ] {
        let reports: Vec<_> = reports.into_iter().map(Arc::clone).collect();
        row(title, &texts(&reports, now(), None).to_string());
    }

    let soon = shop().with_id("soon").serving_until("192.0.2.1", "2026-12-03T23:59:59Z");
    let half = shop().failing("192.0.2.1", &refusal()).serving("192.0.2.2");
    let [soon, half, http] = [soon, half, http_only()].map(|sample| Arc::new(sample.report()));
    for (title, reports, within) in [
        ("summary of failing origins", vec![&bad, &bad], None),
        ("summary of all kinds", vec![&good, &bad, &soon, &half, &http], None),
        ("summary of what will fail", vec![&good, &soon, &half], Some(FORTY_DAYS)),
    ] {
        let reports: Vec<_> = reports.into_iter().map(Arc::clone).collect();
        row(title, &format!("{}\n", summary(&reports, now(), within).unwrap()));
    }
    for too_few in [vec![], vec![Arc::clone(&bad)]] {
        assert_eq!(summary(&too_few, now(), None), None);
    }

    let mut seen = shop()
        .serving("192.0.2.1")
        .failing("192.0.2.2", &Failure::NotPublic { kind: "documentation (RFC 5737)".into() });
    seen.resolution = Some(resolved(&["192.0.2.1", "192.0.2.2"]));
    row("trace", &trace(&seen.report()));
    let chain = || ChainFacts::analyse(&[b"nothing"], &TrustAnchors::none());
    let nothing = shop().serving_chain("192.0.2.1", chain()).report();
    row("trace of bytes that are no certificate", &trace(&nothing));
    row("PEM of bytes that are no certificate", &pem(&chain()));
    expect_file!["../../snapshots/report.txt"].assert_eq(&all);
}
