//! Every origin of the demo, through real sockets, gets the verdict that its story deserves and no
//! finding besides.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use origin_probe::demo::Demo;
use origin_probe::origin::{IpAddressType, Target};
use origin_probe::probe::ProbeOptions;
use origin_probe::report::Report;

#[tokio::test]
async fn every_origin_gets_the_verdict_its_story_deserves() {
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let demo = Demo::start(now).await.unwrap();
    let prober =
        crate::common::prober(demo.dns().address(), demo.root_pem(), Duration::from_secs(3));
    for scenario in demo.scenarios() {
        let mut origin =
            crate::common::origin(scenario.domain, demo.https_port(scenario.id).unwrap());
        if !scenario.viewer_hosts.is_empty() {
            let domain = origin.domain().clone();
            let target = |host: &&str| Target::forwarded(&host.parse().unwrap(), &domain);
            origin.targets = scenario.viewer_hosts.iter().map(target).collect();
        }
        if scenario.id == "healthy-dualstack" {
            origin.ip_address_type = IpAddressType::Dualstack;
        }
        let observation = prober.probe(Arc::new(origin), &ProbeOptions::default(), now).await;
        let report = Report::new(None, Arc::new(observation), now);
        let conclusion = &report.verdict.conclusion;
        let id = scenario.id;
        let violated: BTreeSet<&str> =
            report.verdict.findings.iter().map(|finding| finding.rule.name).collect();
        let violated: Vec<&str> = violated.into_iter().collect();
        assert_eq!(violated, scenario.violates, "{id}: {:#?}", report.verdict);
        assert_eq!(conclusion.answer.as_str(), scenario.verdict, "{id}");
        assert_eq!(conclusion.status, scenario.status, "{id}");
        assert_eq!(conclusion.failing_ratio, Some(scenario.failing_ratio), "{id}");
        let reasons: Vec<&str> =
            conclusion.undecided_reasons.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(reasons, scenario.undecided_reasons, "{id}");
        let first_failure = match scenario.answers_for_days {
            Some(days) => Some(demo.started_at() + SignedDuration::from_secs(days * 86_400 + 1)),
            None if scenario.verdict == "fails" => Some(now),
            None => report.brief.first_failure(),
        };
        assert_eq!(report.brief.first_failure(), first_failure, "{id}");
    }
}
