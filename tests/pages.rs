//! The pages as a browser and an orchestrator see them: every route, every method, the order of
//! the status list.
#![allow(clippy::unwrap_used)]

#[path = "common/site.rs"]
mod site;

use std::sync::Arc;

use origin_probe::origin::Origin;
use origin_probe::origin::ProtocolPolicy;
use origin_probe::pages::NotReady;
use origin_probe::pages::SourceStatus;
use origin_probe::report::Reports;
use origin_probe::rules::RULES;
use origin_probe::telemetry::BlindCause;
use site::Site;
use site::answering;
use site::desk::Desk;
use site::earlier;
use site::now;
use site::origin;
use site::refused;
use site::report;
use site::text_of;

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
async fn the_list_begins_with_what_fails_and_began_last() {
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
    site.readiness.ready();
    let (_, _, page) = site.ask("GET", "/").await;
    let rows: Vec<String> = page.split("<tr").skip(2).map(words).collect();
    let hint = "Start the server, make it listen on the origin's HTTPS port, or correct the port in \
                the distribution's origin settings.";
    assert_eq!(
        rows,
        [
            "Fails now".to_owned(),
            format!(
                "fails 502|dead dead.example:443|connection-refused 203.0.114.1 port 443: the \
                 connection was refused (3 attempts) {hint} connection-refused 203.0.114.2 port \
                 443: the connection was refused (3 attempts)|now 2026-01-01 00:00 UTC|2 of 2"
            ),
            format!(
                "fails 502|long-dead long-dead.example:443|connection-refused 203.0.114.1 port \
                 443: the connection was refused (3 attempts) {hint}|12 hours ago 2025-12-31 \
                 12:00 UTC|1 of 1"
            ),
            "Undecided".to_owned(),
            "undecided undocumented|limping limping.example:443|connection-refused may fail: \
             203.0.114.1 port 443: the connection was refused (3 attempts)|–|1 of 2"
                .to_owned(),
            "undecided not-probed-yet|unprobed unprobed.example:443|Not probed yet|–|–".to_owned(),
            "Answers".to_owned(),
            "answers|well well.example:443|–|–|0 of 1".to_owned(),
            "Not applicable".to_owned(),
            "not applicable|plain plain.example:443|CloudFront speaks plain HTTP to this origin|–|–"
                .to_owned(),
        ]
    );
    let text = text_of(&page);
    for expected in [
        "2 of 6 origins fail",
        "Last probe now ( 2026-01-01 00:00 UTC ). 1 not probed yet.",
        "6 in all 2 fail now 0 fail next 2 undecided 1 answer 1 not applicable",
        "Probes are late : 1 origin was not probed for more than twice their interval.",
        "Not covered: the origin's own HTTP status, edge functions,",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

/// Returns what a reader sees of a row: cells apart.
fn words(html: &str) -> String {
    let html = format!("<tr{}", html.split("</tr>").next().unwrap()).replace("</th>", "</td>");
    let cells: Vec<String> =
        html.split("</td>").map(text_of).filter(|cell| !cell.is_empty()).collect();
    cells.join("|").replace("&quot;", "\"")
}

#[tokio::test]
async fn nothing_on_a_page_is_refused_by_its_own_policy() {
    let site = Site::new(Reports::new([Arc::new(origin("a"))])).await;
    for path in ["/", "/rules", "/?verdict=nonsense"] {
        let (_, head, page) = site.ask("GET", path).await;
        for directive in [
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(head.contains(directive), "{path}: {directive}\n{head}");
        }
        assert!(!head.contains("unsafe"), "{path}: {head}");
        for inline in [" style=", "<style", " onclick=", " onload=", "javascript:"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{path}");
        assert!(page.contains("<script src=\"/assets/script.js?"), "{path}");
        assert!(!page.contains("http:") && !page.contains("src=\"https:"), "{path}");
    }
}

#[tokio::test]
async fn files_of_the_pages_are_kept_by_browsers_as_long_as_they_are_the_same() {
    let site = Site::new(nothing()).await;
    let (_, _, page) = site.ask("GET", "/").await;
    let paths: Vec<&str> = page.split('"').filter(|piece| piece.starts_with("/assets/")).collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    for path in paths {
        let (status, head, body) = site.ask("GET", path).await;
        assert_eq!(status, 200, "{path}");
        assert!(head.contains("cache-control: public, max-age=31536000, immutable"), "{head}");
        assert!(!body.is_empty(), "{path}");
        let (name, _) = path.split_once('?').unwrap();
        let (status, head, _) = site.ask("GET", &format!("{name}?another")).await;
        assert_eq!(status, 200, "{path}");
        assert!(head.contains("cache-control: no-store"), "{head}");
    }
    assert_eq!(site.ask("GET", "/assets/other.css").await.0, 404);
}

#[tokio::test]
async fn the_page_says_how_the_daemon_is() {
    let site = Site::behind(
        Desk::refusing(now, "origins: [{id: a, domain: a.example}]\n", "a.yaml:1: <b>no</b>"),
        nothing(),
    )
    .await;
    site.readiness.not_ready(NotReady::FirstRoundNotDone);
    site.telemetry.blinded_by(BlindCause::ResolverSilent);
    let (_, _, page) = site.ask("GET", "/").await;
    let text = text_of(&page);
    for expected in [
        "The daemon is not ready : the first round of probes is not done yet.",
        "The daemon cannot see ( resolver-silent ): no nameserver answered.",
        "The configuration was refused at 2026-01-01 00:00 UTC",
        "a.yaml:1: &lt;b&gt;no&lt;/b&gt;",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("The daemon is well"), "{text}");
    let site = Site::new(nothing()).await;
    site.readiness.ready();
    let text = text_of(&site.ask("GET", "/").await.2);
    assert!(text.contains("The daemon is well"), "{text}");
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
        "Origins of file:&lt;b&gt;/*.yaml cannot be read since 2026-01-01 00:00 UTC . What was read \
         before stays in use; it was all there is at 2025-12-31 12:00 UTC .",
        "b/1.yaml:1: is &lt;no&gt; valid YAML",
        "Not all of file:&lt;b&gt;/*.yaml can be used : what cannot is left out or stays in use \
         as it was.",
        "b/2.yaml:19: no and 80 more",
        "Found besides the configuration: 3 in file:a.yaml, up to date at 2026-01-01 00:00 UTC ; 1 \
         in file:&lt;b&gt;/*.yaml, up to date at 2025-12-31 12:00 UTC .",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let site = Site::behind(Desk::finding(now, vec![well]), Reports::new([])).await;
    assert!(!site.ask("GET", "/").await.2.contains("role=\"alert\""));
}

#[tokio::test]
async fn targets_for_prometheus_are_json_and_nothing_else() {
    for (origins, expected) in [(vec![], "[]\n"), (vec![Arc::new(origin("a"))], "[{\"targets\":")] {
        let site = Site::new(Reports::new(origins)).await;
        let (status, head, body) = site.ask("GET", "/api/v1/sd").await;
        assert_eq!(status, 200);
        assert!(head.lines().any(|line| line == "content-type: application/json"), "{head}");
        assert!(body.starts_with(expected) && body.ends_with("]\n"), "{body}");
    }
}
