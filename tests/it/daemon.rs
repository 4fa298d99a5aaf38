//! The daemon as a process, over the demo's origins: its metrics say of every origin what its
//! story deserves and nothing else, its pages answer, and it ends when asked.

use std::collections::{BTreeMap, BTreeSet};

use origin_probe::demo::Scenario;
use rustix::process::Signal;

use crate::common::http::{self, Answer};
use crate::common::process::{Process, comes};
use crate::common::stage::{DemoStage, now};

/// A daemon over the demo's origins, both of which end with it.
struct Daemon {
    process: Process,
    stage: DemoStage,
}

impl Daemon {
    async fn start(name: &str) -> Self {
        let stage = DemoStage::new(&format!("daemon-{name}"), now()).await;
        // Half the first round of the demo's own.
        let yaml = stage.yaml("root.pem").replace("interval: 15s", "interval: 5s");
        Self { process: stage.start(&yaml).await, stage }
    }

    /// Waits until the daemon says that it is ready.
    async fn is_ready(&self) {
        assert!(comes(async || self.get("/-/ready").await.status == 200).await);
    }

    async fn get(&self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        http::request(self.process.address, &request).await
    }

    async fn end(mut self) -> (Option<i32>, String) {
        self.process.signal(Signal::TERM);
        let code = self.process.ended().await;
        self.process.says("stopped").await;
        (code, self.process.log())
    }
}

/// The labels and value of every series of one family that an origin has.
fn series<'a>(metrics: &'a str, family: &str, id: &str) -> Vec<(BTreeMap<&'a str, &'a str>, f64)> {
    let series = metrics.lines().filter_map(|line| line.strip_prefix(family)?.strip_prefix('{'));
    let series = series.map(|line| {
        let (labels, value) = line.rsplit_once("\"} ").unwrap();
        let labels = labels.split("\",").map(|label| label.split_once("=\"").unwrap());
        (labels.collect::<BTreeMap<_, _>>(), value.parse().unwrap())
    });
    series.filter(|(labels, _)| labels["origin"] == id).collect()
}

/// The values of one family that an origin has.
fn values(metrics: &str, family: &str, id: &str) -> Vec<f64> {
    series(metrics, family, id).into_iter().map(|(_, value)| value).collect()
}

fn compare(metrics: &str, scenario: &Scenario) {
    let id = scenario.id;
    let number = |answer: &str| f64::from(u8::from(scenario.verdict == answer));
    for (family, expected) in [
        ("cloudfront_origin_failing", number("fails")),
        ("cloudfront_origin_undecided", number("undecided")),
        ("cloudfront_origin_failing_ratio", scenario.failing_ratio),
    ] {
        let names = scenario.viewer_hosts.len().max(1);
        assert_eq!(values(metrics, family, id), vec![expected; names], "{family} of {id}");
    }
    let violations = series(metrics, "cloudfront_origin_violation", id);
    let violated: BTreeSet<&str> = violations.iter().map(|(labels, _)| labels["rule"]).collect();
    let expected: BTreeSet<&str> = scenario.violates.iter().copied().collect();
    assert_eq!(violated, expected, "{id}");
    if let Some(status) = scenario.status {
        let fails = violations.iter().filter(|(labels, _)| labels["effect"] == "fails");
        let statuses: BTreeSet<&str> = fails.map(|(labels, _)| labels["status"]).collect();
        assert!(statuses.contains(status.to_string().as_str()), "{id}: {statuses:?}");
    }
    let reasons = series(metrics, "cloudfront_origin_undecided_reason", id);
    let reasons: Vec<&str> = reasons.iter().map(|(labels, _)| labels["reason"]).collect();
    assert_eq!(reasons, scenario.undecided_reasons, "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_say_of_every_origin_what_its_story_deserves() {
    let daemon = Daemon::start("metrics").await;
    let Answer { status, body, .. } = daemon.get("/-/ready").await;
    assert_eq!(status, 503, "{body}");
    daemon.is_ready().await;
    let Answer { status, head, body: metrics } = daemon.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    for scenario in daemon.stage.demo.scenarios() {
        compare(&metrics, scenario);
    }
    for scenario in daemon.stage.demo.scenarios().filter(|s| s.answers_for_days.is_some()) {
        let days = scenario.answers_for_days.unwrap();
        let expected = daemon.stage.demo.started_at().as_second() + days * 86_400 + 1;
        let first = "cloudfront_origin_first_failure_timestamp_seconds";
        let found = values(&metrics, first, scenario.id);
        let names = scenario.viewer_hosts.len().max(1);
        assert_eq!(found, vec![expected as f64; names], "{}", scenario.id);
    }
    let (code, log) = daemon.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("by=\"SIGTERM\"") || log.contains("by=SIGTERM"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_answer_and_the_log_tells_changes() {
    let daemon = Daemon::start("pages").await;
    assert_eq!(daemon.get("/-/healthy").await.status, 200);
    daemon.is_ready().await;
    let Answer { status, head, body: page } = daemon.get("/").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/html; charset=utf-8"), "{head}");
    for scenario in daemon.stage.demo.scenarios() {
        assert!(page.contains(scenario.id), "{} is on the page", scenario.id);
    }
    let Answer { status, head, body } = daemon.get("/api/v1/origins").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"), "{head}");
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(json["origins"].as_array().unwrap().len(), daemon.stage.demo.scenarios().count());
    assert_eq!(json["origins"][0]["verdict"], "fails");
    assert_eq!(daemon.get("/rules").await.status, 200);
    assert_eq!(daemon.get("/nothing-here").await.status, 404);
    let (_, log) = daemon.end().await;
    let classic = log.lines().filter(|line| line.contains("origin=load-balancers-own-name"));
    let classic: Vec<&str> = classic.collect();
    assert_eq!(classic.len(), 1, "unchanged results are not told at this level: {classic:?}");
    assert!(classic[0].contains("WARN") && classic[0].contains("name-not-in-certificate"));
    assert!(!log.contains('\u{1b}'), "no colours where there is no terminal");
}
