//! Who may ask for what, and how a wrong request is answered.

use super::stage::{DOMAIN, Stage};
use crate::common::http;

const OPEN: &str =
    "{enabled: true, allow: {names: [origin.example.com, '*.a.example', .b.example]}}";

#[tokio::test]
async fn it_is_off_unless_turned_on() {
    for endpoint in ["{}", "{enabled: false}", "{allow: {names: ['*']}}"] {
        let stage = Stage::set(endpoint).await;
        let answer = stage.probe(&format!("target={DOMAIN}")).await;
        assert_eq!(answer.status, 403, "{endpoint}");
        assert_eq!(
            answer.body,
            "probes on request are disabled; set probe_endpoint.enabled to true and list the \
             allowed origins under probe_endpoint.allow\n"
        );
        assert_eq!(stage.dns.questions(DOMAIN), 0);
    }
}

#[tokio::test]
async fn only_listed_names_and_ports_may_be_asked_for() {
    let stage = Stage::set(OPEN).await;
    let name =
        |name: &str| format!("{name} is not allowed; add it to probe_endpoint.allow.names\n");
    let port =
        |port: u16| format!("port {port} is not allowed; add it to probe_endpoint.allow.ports\n");
    for (query, expected) in [
        ("target=www.example.com", name("www.example.com")),
        ("target=x.origin.example.com", name("x.origin.example.com")),
        ("target=a.example", name("a.example")),
        ("target=x.y.a.example", name("x.y.a.example")),
        ("target=b.example", name("b.example")),
        ("target=origin.example.com.evil.example", name("origin.example.com.evil.example")),
        // No form of an address but a name like any other, of which only DNS is asked.
        ("target=0x7f000001", name("0x7f000001")),
        ("target=origin.example.com&host=www.example.com", name("www.example.com")),
        ("target=origin.example.com&host=x.b.example&hostname=y.example", name("y.example")),
        ("target=origin.example.com:8443", port(8443)),
        ("target=https://origin.example.com:80/", port(80)),
    ] {
        let answer = stage.probe(query).await;
        assert_eq!((answer.status, answer.body), (403, expected), "{query}");
    }
    assert_eq!(stage.dns.questions("www.example.com"), 0);
    for query in ["Origin.Example.com.", "x.a.example", "x.y.b.example&host=z.b.example"] {
        assert_eq!(stage.probe(&format!("target={query}")).await.status, 200, "{query}");
    }
}

#[tokio::test]
async fn hostile_requests_are_answered_with_what_is_wrong() {
    let stage = Stage::set(OPEN).await;
    let long = format!("target={}", "a.".repeat(600));
    let many = format!("target={DOMAIN}&{}", "host=x.b.example&".repeat(1800));
    for (query, expected) in [
        ("", "target is missing"),
        ("target=origin.example.com%00", "control character"),
        ("target=origin.example.com%0d%0aX-Injected:%201", "control character"),
        ("target=%1b[31m", "control character"),
        ("target=%ff%fe", "not percent-encoded UTF-8"),
        ("target=%", "not percent-encoded UTF-8"),
        ("target=origin.example.com&target=a.a.example", "target is given twice"),
        ("target=origin.example.com&timeout=1h", "unknown parameter `timeout`"),
        ("target=origin.example.com%23@127.0.0.1", "contains '#'"),
        ("target=origin.example.com:443@127.0.0.1", "not allowed by CloudFront"),
        ("target=https://origin.example.com@127.0.0.1", "contains '@'"),
        ("target=https://127.0.0.1%23.b.example", "is an IP address"),
        ("target=2130706433", "ends in a number"),
        ("target=[::1]:443", "is an IP address"),
        ("target=http://origin.example.com", "no TLS to check"),
        ("target=file:///etc/passwd", "target: "),
        (&long, "longer than 1024 bytes"),
        (&many, "x.b.example is given twice"),
    ] {
        let answer = stage.probe(query).await;
        let shown: String = query.chars().take(80).collect();
        assert_eq!(answer.status, 400, "{shown}: {}", answer.body);
        assert!(answer.body.contains(expected), "{shown}: {}", answer.body);
        assert!(answer.body.len() < 2000, "{shown}: {} bytes", answer.body.len());
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{shown}");
        assert_eq!(answer.header("x-injected"), None, "{shown}");
        let control = answer.body.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{shown}");
    }
    assert_eq!(stage.dns.questions(DOMAIN), 0);
    let path = format!("/probe?target={DOMAIN}");
    assert_eq!(http::ask(stage.site.address, "POST", &path, "").await.status, 405);
}

#[tokio::test]
async fn a_scrape_timeout_that_is_none_is_refused() {
    let stage = Stage::set(OPEN).await;
    for (value, expected) in [
        ("soon", "is not a number of seconds"),
        ("-1", "is not a number of seconds"),
        ("NaN", "is not a number of seconds"),
        ("0.5", "scrape timeout is too short"),
    ] {
        let header = format!("X-Prometheus-Scrape-Timeout-Seconds: {value}\r\n");
        let answer = stage.probe_with(&format!("target={DOMAIN}"), &header).await;
        assert_eq!(answer.status, 400, "{value}");
        assert!(answer.body.contains(expected), "{value}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_daemon_counts_how_it_answered() {
    let stage = Stage::set(OPEN).await;
    for query in ["", "target=www.example.com", "target=b.example", "target=origin.example.com"] {
        stage.probe(query).await;
    }
    let metrics = stage.site.get("/metrics").await.body;
    let counted = metrics.lines().filter(|line| line.starts_with("origin_probe_probe_requests"));
    let expected = [(200, 1), (400, 1), (403, 2), (429, 0), (500, 0), (503, 0)];
    let expected = expected.map(|(code, count)| {
        format!("origin_probe_probe_requests_total{{code=\"{code}\"}} {count}")
    });
    assert_eq!(counted.collect::<Vec<_>>(), expected);
}
