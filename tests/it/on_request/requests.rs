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

/// A query that is refused, and the answer.
async fn row(stage: &Stage, query: &str, expected: &str) {
    let answer = stage.probe(query).await;
    assert_eq!((answer.status, answer.body), (400, format!("{expected}\n")), "{query}");
}

#[tokio::test]
async fn a_wrong_parameter_is_refused_with_what_would_be_right() {
    let stage = &Stage::set(&format!("{OPEN}\nprobe: {{max_server_names: 2}}")).await;
    let known = "use target, host, hostname, ssl_protocols, ip_address_type, reachable_from_here, \
                 module or debug";
    let missing = "target is missing; add the origin's domain, as in /probe?target=www.example.com";
    let control = "`target`: the value contains a control character; remove it";
    let long = format!("target={}", "a".repeat(1025));
    row(stage, "", missing).await;
    row(stage, "target=", missing).await;
    row(
        stage,
        "target=%ff",
        "the query is not percent-encoded UTF-8; write it as /probe?target=www.example.com",
    )
    .await;
    row(stage, "target=a.example%00", control).await;
    row(stage, "target=a.example%0d%0aX:y", control).await;
    row(stage, &long, "`target`: the value is longer than 1024 bytes; shorten it").await;
    row(stage, "target=a.example&tagret=b%0a", &format!("unknown parameter `tagret`; {known}"))
        .await;
    row(stage, "%1b=", &format!("unknown parameter `\\u{{1b}}`; {known}")).await;
    row(stage, "target=a.example&target=b.example", "target is given twice; give it once").await;
    row(stage, "target=a.example&module=a&module=a", "module is given twice; give it once").await;
    row(
        stage,
        "target=127.0.0.1",
        "target: `127.0.0.1` is an IP address; CloudFront accepts only DNS names as Origin Domain",
    )
    .await;
    row(
        stage,
        "target=a.example:22",
        "target: port 22 is not allowed by CloudFront; use 80, 443 or 1024-65535",
    )
    .await;
    row(
        stage,
        "target=http://a.example",
        "target: http:// has no TLS to check; use https:// or only the domain",
    )
    .await;
    row(
        stage,
        "target=a.example&host=0x7f.1",
        "host: `0x7f.1` ends in a number, which is not a top-level domain",
    )
    .await;
    row(
        stage,
        "target=a.example&host=b.example&hostname=B.example",
        "host: b.example is given twice; give each host once",
    )
    .await;
    row(
        stage,
        "target=a.example&host=b.example&host=c.example&host=d.example",
        "host is given more than 2 times; use fewer hosts",
    )
    .await;
    row(
        stage,
        "target=a.example&ssl_protocols=TLSv1.3",
        "ssl_protocols: `TLSv1.3` is not a valid value; use SSLv3, TLSv1, TLSv1.1, TLSv1.2",
    )
    .await;
    row(
        stage,
        "target=a.example&ssl_protocols=",
        "ssl_protocols: `` is not a valid value; use SSLv3, TLSv1, TLSv1.1, TLSv1.2",
    )
    .await;
    row(
        stage,
        "target=a.example&ip_address_type=ip4",
        "ip_address_type: `ip4` is not a valid value; use ipv4, ipv6, dualstack",
    )
    .await;
    row(stage, "target=a.example&debug=1", "debug: `1` is not a valid value; use true, false")
        .await;
}

#[tokio::test]
async fn a_scrape_timeout_that_is_none_is_refused() {
    let stage = Stage::set(OPEN).await;
    let (malformed, too_short) = ("is not a number of seconds", "scrape timeout is too short");
    for (values, expected) in [
        (&["soon"][..], malformed),
        (&["-1"], malformed),
        (&[""], malformed),
        (&["NaN"], malformed),
        (&["inf"], malformed),
        (&["1e300"], malformed),
        (&["é"], malformed),
        (&["10", "20"], malformed),
        (&["0"], too_short),
        (&["0.5"], too_short),
    ] {
        let answer = stage.probe_with(&format!("target={DOMAIN}"), &timeouts(values)).await;
        assert_eq!(answer.status, 400, "{values:?}");
        assert!(answer.body.contains(expected), "{values:?}: {}", answer.body);
    }
}

fn timeouts(values: &[&str]) -> String {
    let header = |value| format!("X-Prometheus-Scrape-Timeout-Seconds: {value}\r\n");
    values.iter().map(header).collect()
}

#[tokio::test]
async fn the_scrape_timeout_less_half_a_second_counts_but_never_more_than_is_configured() {
    let stage = async |deadline: &str| Stage::set(&format!("{OPEN}\nprobe: {deadline}")).await;
    let (short, long) = (stage("{deadline: 20s}").await, stage("{deadline: 10m}").await);
    for (stage, values, expected) in [
        (&short, &[][..], "20 s at most\n"),
        (&long, &[], "60 s at most\n"),
        (&short, &["10"], "9.5 s at most (scrape timeout 10 s)\n"),
        (&short, &["10.000000"], "9.5 s at most (scrape timeout 10 s)\n"),
        (&short, &["0.6"], "0.1 s at most (scrape timeout 0.6 s)\n"),
        (&short, &["30"], "20 s at most (scrape timeout 30 s)\n"),
        (&long, &["1e9"], "60 s at most (scrape timeout 1000000000 s)\n"),
    ] {
        let query = format!("target={DOMAIN}&debug=true");
        let answer = stage.probe_with(&query, &timeouts(values)).await;
        assert!(answer.body.contains(&format!(" of {expected}")), "{values:?}: {}", answer.body);
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
