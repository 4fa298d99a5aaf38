//! The pages as a browser and an orchestrator see them: every route, every method, the order of
//! the status list.

use std::sync::Arc;

use crate::common::desk::Desk;
use crate::common::section::assert_section;
use crate::common::site::{Site, answering, earlier, now, origin, refused, text_of};
use crate::common::visible::{between, lines_of, main_of};
use origin_probe::origin::{Origin, ProtocolPolicy};
use origin_probe::report::Reports;
use origin_probe::rules::RULES;
use origin_probe::web::{NotReady, Readiness, SourceStatus};

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
    let mut all = String::new();
    let mut ask = async |path: &str, expected: u16| {
        let (status, _, body) = site.ask("GET", path).await;
        assert_eq!((status, body.lines().count()), (expected, 1), "{path}: {body}");
        all.push_str(&format!("GET {path}\n{status} {body}"));
    };
    ask("/-/ready", 503).await;
    site.readiness.not_ready(NotReady::FirstRoundNotDone);
    ask("/-/ready", 503).await;
    site.readiness.ready();
    ask("/-/ready", 200).await;
    site.readiness.not_ready(NotReady::ShuttingDown);
    ask("/-/ready", 503).await;
    ask("/-/healthy", 200).await;
    assert_section("pages", "readiness", &all);
}

#[test]
fn readiness_may_change_until_the_process_shuts_down() {
    use NotReady::{ConfigNotLoaded, FirstRoundNotDone, ShuttingDown, SourceNotRead};
    let readiness = Readiness::default();
    assert_eq!(readiness.reason(), Some(ConfigNotLoaded));
    for reason in [ConfigNotLoaded, SourceNotRead, FirstRoundNotDone, ShuttingDown] {
        readiness.ready();
        assert_eq!(readiness.reason(), None);
        readiness.not_ready(reason);
        assert_eq!(readiness.reason(), Some(reason));
    }
    readiness.ready();
    readiness.not_ready(FirstRoundNotDone);
    assert_eq!(readiness.reason(), Some(ShuttingDown));
}

#[tokio::test]
async fn the_list_begins_with_what_fails_and_began_last() {
    let plain = Origin { protocol_policy: ProtocolPolicy::HttpOnly, ..origin("plain") };
    let plays = vec![
        (plain, Some((Vec::new(), now()))),
        (origin("well"), Some((vec![answering(1)], now()))),
        (origin("unprobed"), None),
        (origin("limping"), Some((vec![refused(1), answering(2)], now()))),
        (origin("dead"), Some((vec![refused(1), refused(2)], now()))),
        (origin("long-dead"), Some((vec![refused(1)], earlier()))),
    ];
    let site = Site::of(plays).await;
    site.readiness.ready();
    let page = site.page("/").await;
    let rows: Vec<(&str, &str)> = page
        .split("<td class=\"is\"")
        .skip(1)
        .map(|row| (between(row, "href=\"/origins/", "?"), between(row, "class=\"verdict ", "\"")))
        .collect();
    assert_eq!(
        rows,
        [
            ("dead", "fails"),
            ("long-dead", "fails"),
            ("limping", "undecided"),
            ("unprobed", "undecided"),
            ("well", "answers"),
            ("plain", "not-applicable"),
        ]
    );
    let causes = page.split("<tr").skip(2).map(|row| row.matches("<p class=\"cause ").count());
    assert_eq!(causes.collect::<Vec<_>>(), [0, 2, 1, 0, 1, 0, 0, 0, 0, 0]);
    // The second cause of a row has the same remedy.
    assert_eq!(page.matches("<p class=\"hint\">").count(), 2, "{page}");
    assert_eq!(page.matches("<section class=\"alarm doubt\">").count(), 1, "{page}");
    let version = env!("CARGO_PKG_VERSION");
    assert_section("pages", "list of origins", &lines_of(&page).replace(version, "VERSION"));
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
    let page = site.page("/").await;
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
    site.telemetry.blinded_by("resolver-silent");
    let page = site.page("/").await;
    assert_eq!(page.matches("role=\"alert\"").count(), 2, "{page}");
    assert_eq!(page.matches("<section class=\"alarm doubt\">").count(), 1, "{page}");
    assert!(page.contains("a.yaml:1: &lt;b&gt;no&lt;/b&gt;"), "{page}");
    assert!(page.contains("<code>resolver-silent</code>"), "{page}");
    assert_section("pages", "list: the daemon has three troubles", &main_of(&page));
    let site = Site::new(nothing()).await;
    site.readiness.ready();
    let page = site.ask("GET", "/").await.2;
    assert!(!page.contains("<section class=\"alarm"), "{page}");
    assert_section("pages", "list: nothing is wrong", &main_of(&page));
}

#[tokio::test]
async fn the_rules_page_has_every_rule_with_its_source() {
    let site = Site::new(nothing()).await;
    let page = site.page("/rules").await;
    for rule in RULES {
        assert!(page.contains(&format!("<tr id=\"{}\">", rule.name)), "{}", rule.name);
        assert!(page.contains(&format!("href=\"{}\"", rule.citation)), "{}", rule.name);
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
    let page = site.page("/").await;
    assert_eq!(page.matches("role=\"alert\"").count(), 2, "{page}");
    for expected in ["file:&lt;b&gt;/*.yaml", "b/1.yaml:1: is &lt;no&gt; valid", "b/2.yaml:19: no"]
    {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    assert!(!page.contains("b/2.yaml:20"), "{page}");
    assert_section("pages", "list: sources in trouble", &main_of(&page));
    let partly = SourceStatus {
        problems: vec!["a.yaml:2: no".to_owned()],
        problem_count: 1,
        ..well.clone()
    };
    for (source, is_well) in [(well, true), (partly, false)] {
        let site = Site::behind(Desk::finding(now, vec![source]), Reports::new([])).await;
        site.readiness.ready();
        let page = site.ask("GET", "/").await.2;
        assert_eq!(page.contains("role=\"alert\""), !is_well, "{page}");
        assert_eq!(page.contains("<section class=\"alarm"), !is_well, "{page}");
        let title = if is_well { "list: a sound source" } else { "list: a source used in part" };
        assert_section("pages", title, &main_of(&page));
    }
}

/// Every origin is counted by one tab, whatever will fail next.
#[tokio::test]
async fn tabs_add_up_to_all_origins() {
    let plays = vec![
        (origin("a"), Some((vec![answering(1)], now()))),
        (origin("b"), Some((vec![refused(1)], now()))),
        (origin("c"), None),
    ];
    let site = Site::of(plays).await;
    let page = site.ask("GET", "/").await.2;
    let counts: Vec<usize> = page
        .split("<span class=\"count\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(counts, [3, 1, 1, 1, 0]);
    assert_eq!(counts[0], counts[1..].iter().sum::<usize>());
}

#[tokio::test]
async fn origins_of_one_id_look_different() {
    let of = |distribution: &str, alias: &str| {
        let mut origin = origin("alb");
        origin.key.distribution = distribution.into();
        origin.viewer_alias = Some(alias.parse().unwrap());
        Arc::new(origin)
    };
    let reports = Reports::new([of("E1", "www.a.example"), of("E2", "www.b.example")]);
    let site = Site::new(reports).await;
    let page = site.ask("GET", "/").await.2;
    let rows: Vec<&str> = page.split("<th class=\"who\" scope=\"row\"").skip(1).collect();
    assert_eq!(rows.len(), 2, "{page}");
    for (row, alias) in rows.iter().zip(["www.a.example", "www.b.example"]) {
        assert!(row.contains(alias), "{row}");
    }
    assert!(text_of(rows[0]).contains("E1/alb alb.example:443"), "{}", rows[0]);
    assert!(text_of(rows[1]).contains("E2/alb alb.example:443"), "{}", rows[1]);
    let one = site.ask("GET", "/origins/alb?distribution=E2").await.2;
    assert!(one.contains("www.b.example") && !one.contains("www.a.example"), "{one}");
    let table = lines_of(between(&page, "<table class=\"origins\" role=\"table\">", "</table>"));
    let all = format!("{table}\n{}", main_of(&one));
    assert_section("pages", "two origins of one id", &all);
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
