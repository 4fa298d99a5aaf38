//! The pages as a browser and an orchestrator see them: every route, every method, the order of
//! the status list.
#![allow(clippy::unwrap_used)]

#[path = "common/desk.rs"]
mod desk;

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use desk::Desk;
use jiff::Timestamp;
use origin_probe::observation::Endpoint;
use origin_probe::observation::Failure;
use origin_probe::observation::Observation;
use origin_probe::observation::ProberState;
use origin_probe::origin::Origin;
use origin_probe::origin::ProtocolPolicy;
use origin_probe::pages;
use origin_probe::pages::Door;
use origin_probe::pages::NotReady;
use origin_probe::pages::PagesState;
use origin_probe::pages::Readiness;
use origin_probe::pages::SourceStatus;
use origin_probe::report::Report;
use origin_probe::report::Reports;
use origin_probe::rules::RULES;
use origin_probe::telemetry::Telemetry;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

fn now() -> Timestamp {
    "2026-01-01T00:00:00.25Z".parse().unwrap()
}

fn earlier() -> Timestamp {
    "2025-12-31T12:00:00Z".parse().unwrap()
}

fn origin(id: &str) -> Origin {
    let mut origin = Origin::with_defaults(format!("{id}.example").parse().unwrap());
    origin.key.id = id.into();
    origin
}

fn refused(last: u8) -> Endpoint {
    Endpoint {
        address: IpAddr::from([203, 0, 114, last]),
        failure: Some(Failure::ConnectionRefused { attempts: 3 }),
        connect_time: None,
        ..answering(last)
    }
}

fn answering(last: u8) -> Endpoint {
    Endpoint {
        assumed_public: true,
        connect_time: Some(Duration::from_millis(250)),
        ..Endpoint::new(IpAddr::from([203, 0, 114, last]), 0, now())
    }
}

fn report(origin: &Origin, endpoints: Vec<Endpoint>, at: Timestamp) -> Report {
    let observation = Observation {
        origin: Arc::new(origin.clone()),
        started_at: at,
        resolution: None,
        endpoints,
        prober: ProberState::default(),
        resolve_time: Duration::ZERO,
        duration: Duration::ZERO,
    };
    Report::new(None, Arc::new(observation), at)
}

/// The pages over a few origins, on a port of their own.
struct Site {
    address: SocketAddr,
    readiness: Arc<Readiness>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Site {
    async fn new(reports: Reports) -> Self {
        Self::behind(Desk::new(now), reports).await
    }

    async fn behind(control: Arc<Desk>, reports: Reports) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let readiness = Arc::new(Readiness::new());
        let state = PagesState {
            reports: Arc::new(reports),
            telemetry: Arc::new(Telemetry::new("0.0.0").unwrap()),
            readiness: Arc::clone(&readiness),
            control,
            door: Arc::new(ArcSwap::from_pointee(Door::open())),
        };
        let server = tokio::spawn(pages::serve(listener, state, std::future::pending()));
        Self { address, readiness, server }
    }

    /// Returns the status, the head in lower case and the body of the answer to one request.
    async fn ask(&self, method: &str, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn nothing() -> Reports {
    Reports::new(std::iter::empty::<Arc<Origin>>())
}

#[tokio::test]
async fn every_route_answers_and_a_head_request_has_no_body() {
    let site = Site::new(nothing()).await;
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8"),
        ("/rules", 200, "text/html; charset=utf-8"),
        ("/config", 200, "text/plain; charset=utf-8"),
        ("/api/v1/origins", 200, "application/json"),
        ("/-/healthy", 200, "text/plain; charset=utf-8"),
        ("/-/ready", 503, "text/plain; charset=utf-8"),
        ("/nothing-here", 404, "text/plain; charset=utf-8"),
        ("/metrics/", 404, "text/plain; charset=utf-8"),
    ] {
        let (found, head, body) = site.ask("GET", path).await;
        assert_eq!(found, status, "{path}");
        assert!(head.lines().any(|line| line == format!("content-type: {kind}")), "{head}");
        assert!(!body.is_empty(), "{path}");
        let (found, head, body) = site.ask("HEAD", path).await;
        assert_eq!((found, body.as_str()), (status, ""), "{path}");
        assert!(head.lines().any(|line| line == format!("content-type: {kind}")), "{head}");
    }
    assert_eq!(site.ask("POST", "/metrics").await.0, 405);
}

#[tokio::test]
async fn readiness_says_what_is_missing() {
    let site = Site::new(nothing()).await;
    let ready = async || {
        let (status, _, body) = site.ask("GET", "/-/ready").await;
        (status, body)
    };
    let expected = |status: u16, text: &str| (status, text.to_owned());
    site.readiness.not_ready(NotReady::FirstRoundNotDone);
    assert_eq!(
        ready().await,
        expected(503, "not ready: the first round of probes is not done yet\n")
    );
    site.readiness.ready();
    assert_eq!(ready().await, expected(200, "ready\n"));
    site.readiness.not_ready(NotReady::ShuttingDown);
    assert_eq!(ready().await, expected(503, "not ready: shutting down\n"));
    assert_eq!(site.ask("GET", "/-/healthy").await.2, "ok\n");
}

#[tokio::test]
async fn the_list_begins_with_what_fails_and_has_failed_longest() {
    let plain = Origin { protocol_policy: ProtocolPolicy::HttpOnly, ..origin("plain") };
    let plays = [
        (plain, Some((Vec::new(), now()))),
        (origin("well"), Some((vec![answering(1)], now()))),
        (origin("unprobed"), None),
        (origin("limping"), Some((vec![refused(1), answering(2)], now()))),
        (origin("dead"), Some((vec![refused(1), refused(2)], now()))),
        (origin("long-dead"), Some((vec![refused(1)], earlier()))),
    ];
    let reports = Reports::new(plays.iter().map(|(origin, _)| Arc::new(origin.clone())));
    for (entry, (origin, play)) in reports.entries().iter().zip(plays) {
        if let Some((endpoints, at)) = play {
            entry.publish(Arc::new(report(&origin, endpoints, at)));
        }
    }
    let site = Site::new(reports).await;
    let (_, head, page) = site.ask("GET", "/").await;
    let rows: Vec<String> = page.split("<tr>").skip(2).map(words).collect();
    assert_eq!(
        rows,
        [
            "fails with 502|long-dead|long-dead.example:443|connection-refused: 203.0.114.1 port \
             443: the connection was refused (3 attempts) hint: …|failing since \
             2025-12-31T12:00:00Z|1 of 1|2025-12-31T12:00:00Z",
            "fails with 502|dead|dead.example:443|connection-refused: 203.0.114.1 port 443: the \
             connection was refused (3 attempts) hint: … connection-refused: 203.0.114.2 port 443: \
             the connection was refused (3 attempts) hint: …|failing since \
             2026-01-01T00:00:00Z|2 of 2|2026-01-01T00:00:00Z",
            "undecided: undocumented|limping|limping.example:443|may-fail connection-refused: \
             203.0.114.1 port 443: the connection was refused (3 attempts) hint: …|–|1 of 2|\
             2026-01-01T00:00:00Z",
            "undecided: not-probed-yet|unprobed|unprobed.example:443|it has not been probed \
             yet|–|–|–",
            "answers|well|well.example:443|–|–|0 of 1|2026-01-01T00:00:00Z",
            "not applicable|plain|plain.example:443|CloudFront speaks plain HTTP to this \
             origin|–|–|2026-01-01T00:00:00Z",
        ]
    );
    assert!(
        words(&page).contains(
            "6 origins: 2 failing, 2 undecided, 1 answering, 1 not applicable; as of \
             2026-01-01T00:00:00Z."
        ),
        "{page}"
    );
    assert!(head.contains("content-security-policy: default-src 'none';"), "{head}");
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(page.contains("<script src=\"/assets/script.js?"), "{page}");
}

#[tokio::test]
async fn a_fleet_too_large_for_a_page_is_cut_and_says_so() {
    let origins = (0..1001).map(|number| Arc::new(origin(&format!("origin-{number}"))));
    let site = Site::new(Reports::new(origins)).await;
    let (_, _, page) = site.ask("GET", "/").await;
    assert_eq!(page.matches("<tr>").count(), 1 + 1000);
    assert!(page.contains("Not shown: 1 more origins"), "the cut is told");
}

#[tokio::test]
async fn the_rules_page_has_every_rule_with_its_source() {
    let site = Site::new(nothing()).await;
    let (_, _, page) = site.ask("GET", "/rules").await;
    for rule in RULES {
        assert!(page.contains(&format!("<tr id=\"{}\">", rule.id)), "{}", rule.id);
        assert!(page.contains(&format!("href=\"{}\"", rule.citation)), "{}", rule.id);
    }
}

/// Returns what a reader sees of a piece of a page: cells apart, hints cut short.
fn words(html: &str) -> String {
    let html = html.replace("<br>", " ").replace("</td><td>", "|").replace("</p><p", " <p");
    let mut text = String::new();
    for piece in html.split("hint: ") {
        if !text.is_empty() {
            text.push_str("hint: …");
        }
        // What the hint says ends where its element does.
        let shown = if text.is_empty() { piece } else { &piece[piece.find('<').unwrap()..] };
        for part in shown.split('<') {
            text.push_str(part.split_once('>').map_or(part, |(_, shown)| shown));
        }
    }
    text.replace("&quot;", "\"")
}

#[tokio::test]
async fn sources_say_what_cannot_be_read_and_what_cannot_be_used() {
    let well = SourceStatus {
        name: "file:a.yaml".to_owned(),
        origins: 3,
        last_success: Some(now()),
        ..SourceStatus::default()
    };
    let broken = SourceStatus {
        name: "file:<b>/*.yaml".to_owned(),
        origins: 1,
        last_success: Some(earlier()),
        failing_since: Some(now()),
        failures: vec!["b/1.yaml:1: is <no> valid YAML".to_owned()],
        problems: (0..30).map(|n| format!("b/2.yaml:{n}: no")).collect(),
        problem_count: 100,
    };
    let desk = Desk::finding(now, vec![well.clone(), broken]);
    let site = Site::behind(desk, Reports::new([])).await;
    let (_, _, page) = site.ask("GET", "/").await;
    let text = text_of(&page);
    for expected in [
        "Origins of file:&lt;b&gt;/*.yaml cannot be read since 2026-01-01T00:00:00Z. What was read \
         before stays in use; it was all there is at 2025-12-31T12:00:00Z.",
        "b/1.yaml:1: is &lt;no&gt; valid YAML",
        "Not all of file:&lt;b&gt;/*.yaml can be used: what cannot is left out.",
        "b/2.yaml:19: no and 80 more",
        "found besides the configuration: 3 in file:a.yaml, up to date at 2026-01-01T00:00:00Z; 1 \
         in file:&lt;b&gt;/*.yaml, up to date at 2025-12-31T12:00:00Z.",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let site = Site::behind(Desk::finding(now, vec![well]), Reports::new([])).await;
    assert!(!site.ask("GET", "/").await.2.contains("role=\"alert\""));
}

/// Returns a page without its tags.
fn text_of(page: &str) -> String {
    let pieces = page.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn targets_for_prometheus_are_json_and_nothing_else() {
    for (origins, expected) in [(vec![], "[]\n"), (vec![Arc::new(origin("a"))], "[{\"targets\":")] {
        let site = Site::new(Reports::new(origins)).await;
        let (status, head, body) = site.ask("GET", "/api/v1/sd").await;
        assert_eq!(status, 200);
        assert!(head.lines().any(|line| line == "content-type: application/json"), "{head}");
        // The answer comes in pieces, each after its length.
        let pieces: String = body.split("\r\n").skip(1).step_by(2).collect();
        assert!(pieces.starts_with(expected) && pieces.ends_with("]\n"), "{body}");
    }
}
