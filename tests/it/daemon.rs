//! The daemon as a process, over the demo's origins: its metrics say of every origin what its
//! story deserves and nothing else, its pages answer, and it ends when asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::{Demo, Scenario};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// A daemon over the demo's origins, both of which end with it.
struct Daemon {
    child: Child,
    address: SocketAddr,
    demo: Demo,
    /// The daemon's log, from the beginning.
    log: tokio::task::JoinHandle<String>,
    folder: PathBuf,
}

impl Daemon {
    async fn start(name: &str) -> Self {
        let demo = Demo::start(now()).await.unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let pem = folder.join("root.pem");
        std::fs::write(&pem, demo.root_pem()).unwrap();
        let config = folder.join("origin-probe.yaml");
        let yaml = demo.config_yaml(SocketAddr::from(([127, 0, 0, 1], 0)), &pem);
        // Half the first round of the demo's own.
        std::fs::write(&config, yaml.replace("interval: 15s", "interval: 5s")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_origin-probe"))
            .args(["serve", "--config"])
            .arg(&config)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("the daemon says where it listens");
            // Probes may have begun, and told of what they found, before.
            log.push_str(&line);
            log.push('\n');
            if let Some((_, rest)) = line.split_once("listen=") {
                break rest.split_whitespace().next().unwrap().parse().unwrap();
            }
        };
        let log = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        Self { child, address, demo, log, folder }
    }

    /// Waits until the daemon says that it is ready.
    async fn is_ready(&self) {
        let ready = async {
            while self.get("/-/ready").await.0 != 200 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), ready).await.unwrap();
    }

    async fn get(&self, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
            unchunked(body)
        } else {
            body.to_owned()
        };
        (status, head.to_lowercase(), body)
    }

    async fn end(mut self) -> (Option<i32>, String) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status =
            tokio::time::timeout(Duration::from_secs(10), self.child.wait()).await.unwrap();
        let _ = std::fs::remove_dir_all(&self.folder);
        (status.unwrap().code(), self.log.await.unwrap())
    }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&rest[..length]);
        body = rest[length..].strip_prefix("\r\n").unwrap();
        if length == 0 {
            break;
        }
    }
    whole
}

/// The labels and value of every series of one family.
fn series(metrics: &str, family: &str) -> Vec<(BTreeMap<String, String>, f64)> {
    metrics
        .lines()
        .filter_map(|line| line.strip_prefix(family)?.strip_prefix('{'))
        .map(|line| {
            let (labels, value) = line.rsplit_once("} ").unwrap();
            let labels = labels.strip_suffix('"').unwrap().split("\",").map(|label| {
                let (name, value) = label.split_once("=\"").unwrap();
                (name.to_owned(), value.to_owned())
            });
            (labels.collect(), value.parse().unwrap())
        })
        .collect()
}

fn of<'a>(
    all: &'a [(BTreeMap<String, String>, f64)],
    origin: &'a str,
) -> impl Iterator<Item = &'a (BTreeMap<String, String>, f64)> {
    all.iter().filter(move |(labels, _)| labels["origin"] == origin)
}

fn compare(metrics: &str, scenario: &Scenario) {
    let id = scenario.id;
    let number = |answer: &str| f64::from(u8::from(scenario.verdict == answer));
    for (family, expected) in [
        ("cloudfront_origin_failing", number("fails")),
        ("cloudfront_origin_undecided", number("undecided")),
        ("cloudfront_origin_failing_ratio", scenario.failing_ratio),
    ] {
        let all = series(metrics, family);
        let values: Vec<f64> = of(&all, id).map(|(_, value)| *value).collect();
        let names = scenario.viewer_hosts.len().max(1);
        assert_eq!(values, vec![expected; names], "{family} of {id}");
    }
    let violations = series(metrics, "cloudfront_origin_violation");
    let violated: BTreeSet<&str> =
        of(&violations, id).map(|(labels, _)| labels["rule"].as_str()).collect();
    let expected: BTreeSet<&str> = scenario.violates.iter().copied().collect();
    assert_eq!(violated, expected, "{id}");
    if let Some(status) = scenario.status {
        let statuses: BTreeSet<&str> = of(&violations, id)
            .filter(|(labels, _)| labels["effect"] == "fails")
            .map(|(labels, _)| labels["status"].as_str())
            .collect();
        assert!(statuses.contains(status.to_string().as_str()), "{id}: {statuses:?}");
    }
    let reasons = series(metrics, "cloudfront_origin_undecided_reason");
    let reasons: Vec<&str> = of(&reasons, id).map(|(l, _)| l["reason"].as_str()).collect();
    assert_eq!(reasons, scenario.undecided_reasons, "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_say_of_every_origin_what_its_story_deserves() {
    let daemon = Daemon::start("metrics").await;
    let (status, _, body) = daemon.get("/-/ready").await;
    assert_eq!(status, 503, "{body}");
    daemon.is_ready().await;
    let (status, head, metrics) = daemon.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    for scenario in daemon.demo.scenarios() {
        compare(&metrics, scenario);
    }
    for scenario in daemon.demo.scenarios().filter(|s| s.answers_for_days.is_some()) {
        let days = scenario.answers_for_days.unwrap();
        let expected = daemon.demo.started_at().as_second() + days * 86_400 + 1;
        let first = series(&metrics, "cloudfront_origin_first_failure_timestamp_seconds");
        let found: Vec<f64> = of(&first, scenario.id).map(|(_, value)| *value).collect();
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
    assert_eq!(daemon.get("/-/healthy").await.0, 200);
    daemon.is_ready().await;
    let (status, head, page) = daemon.get("/").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/html; charset=utf-8"), "{head}");
    for scenario in daemon.demo.scenarios() {
        assert!(page.contains(scenario.id), "{} is on the page", scenario.id);
    }
    let (status, head, body) = daemon.get("/api/v1/origins").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"), "{head}");
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(json["origins"].as_array().unwrap().len(), daemon.demo.scenarios().count());
    assert_eq!(json["origins"][0]["verdict"], "fails");
    assert_eq!(daemon.get("/rules").await.0, 200);
    assert_eq!(daemon.get("/nothing-here").await.0, 404);
    let (_, log) = daemon.end().await;
    let classic = log.lines().filter(|line| line.contains("origin=load-balancers-own-name"));
    let classic: Vec<&str> = classic.collect();
    assert_eq!(classic.len(), 1, "unchanged results are not told at this level: {classic:?}");
    assert!(classic[0].contains("WARN") && classic[0].contains("name-not-in-certificate"));
    assert!(!log.contains('\u{1b}'), "no colours where there is no terminal");
}
