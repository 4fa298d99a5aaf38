//! What an answer holds: blackbox_exporter's names, ours, and with `debug=true` everything.

use std::process::Command;

use origin_probe::demo::script::Script;
use origin_probe::metrics;

use super::stage::{DOMAIN, Stage, json, now};
use crate::common::process::{Ran, series};
use crate::common::stage::scripted;

/// Returns blackbox_exporter's metrics: the name of each, and its line.
fn probe_lines(body: &str) -> Vec<(&str, &str)> {
    let lines = body.lines().filter(|line| line.starts_with("probe_"));
    lines.map(|line| (line.split([' ', '{']).next().unwrap(), line)).collect()
}

#[tokio::test]
async fn a_good_origin_is_told_in_both_languages() {
    let (stage, _server, port) = Stage::serving(DOMAIN, "127.0.0.0/8").await;
    let answer = stage.probe(&format!("target=https://{DOMAIN}:{port}/&module=http_2xx")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    // What differs from run to run is left out.
    let varying = |name| match name {
        "probe_duration_seconds" | "probe_dns_lookup_time_seconds" => true,
        _ => name == "probe_ssl_last_chain_info",
    };
    let shown = |(name, line)| if varying(name) { name } else { line };
    let theirs: Vec<&str> = probe_lines(&answer.body).into_iter().map(shown).collect();
    // Seventy days from the first of May.
    let until = now().as_second() + 70 * 86_400;
    assert_eq!(
        theirs,
        [
            "probe_success 1",
            "probe_duration_seconds",
            "probe_dns_lookup_time_seconds",
            "probe_ip_protocol 4",
            "probe_ip_addr_hash 3668918509",
            &format!("probe_ssl_earliest_cert_expiry {until}"),
            &format!("probe_ssl_last_chain_expiry_timestamp_seconds {until}"),
            "probe_ssl_last_chain_info",
            "probe_tls_version_info{version=\"TLS 1.3\"} 1",
            "probe_tls_cipher_info{cipher=\"TLS_AES_128_GCM_SHA256\"} 1",
        ]
    );
    let fingerprints = answer.labels("probe_ssl_last_chain_info", "fingerprint_sha256");
    let is_hex = |text: &&str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(fingerprints.len() == 1 && fingerprints.iter().all(is_hex), "{fingerprints:?}");
    assert_eq!(answer.sample(&series("failing", DOMAIN, DOMAIN)), Some("0"));
    // Neither the daemon's own metrics nor a counter that would start anew with every probe.
    for foreign in ["\norigin_probe_", "\nprocess_", "_total", "scheduled"] {
        assert!(!answer.body.contains(foreign), "{foreign}: {}", answer.body);
    }
}

/// `metrics` chooses what a scrape of all origins returns.
#[tokio::test]
async fn a_probe_on_request_has_every_metric_whatever_metrics_denies() {
    let endpoint = "{enabled: true, allow: {names: ['*']}}";
    let stage = Stage::set(&format!("{endpoint}\nmetrics: {{deny: ['*']}}")).await;
    let of_origins = |text: &str| {
        let named = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let named = named.map(|line| line.split(' ').next().unwrap().to_owned());
        named.filter(|name| name.starts_with("cloudfront_origin_")).collect::<Vec<_>>()
    };
    let counter = "cloudfront_origin_certificate_changes_total";
    let families = metrics::families().map(|family| family.name);
    let expected: Vec<&str> = families
        .filter(|name| name.starts_with("cloudfront_origin_") && *name != counter)
        .collect();
    let answer = stage.probe(&format!("target={DOMAIN}")).await;
    assert_eq!(of_origins(&answer.body), expected);
    assert_eq!(of_origins(&stage.site.page("/metrics").await), [""; 0]);
}

#[tokio::test]
async fn hosts_are_sent_and_judged_each_by_itself() {
    let (stage, server, port) = Stage::serving("www.example.com", "127.0.0.0/8").await;
    let target = format!("target={DOMAIN}:{port}");
    let unforwarded = stage.probe(&target).await;
    assert_eq!(unforwarded.sample("probe_success"), Some("0"));
    let rules = unforwarded.labels("cloudfront_origin_violation", "rule");
    assert_eq!(rules, ["name-not-in-certificate"]);
    let forwarded = stage.probe(&format!("{target}&host=www.example.com")).await;
    assert_eq!(forwarded.sample("probe_success"), Some("1"));
    let both = stage.probe(&format!("{target}&host=www.example.com&host=a.example.com")).await;
    assert_eq!(both.sample("probe_success"), Some("0"));
    let names = both.labels("cloudfront_origin_failing", "server_name");
    assert_eq!(names, ["www.example.com", "a.example.com"]);
    let sent: Vec<(Option<String>, u64)> = server.server_names().into_iter().collect();
    let expected = [("a.example.com", 1), (DOMAIN, 1), ("www.example.com", 2)];
    assert_eq!(sent, expected.map(|(name, times)| (Some(name.to_owned()), times)));
}

#[tokio::test]
async fn without_a_chain_its_metrics_are_left_out() {
    let server = scripted(Script::PlainHttp).await;
    let port = server.address().port();
    let stage = Stage::at(port, "127.0.0.0/8").await;
    let answer = stage.probe(&format!("target={DOMAIN}:{port}")).await;
    let names: Vec<&str> = probe_lines(&answer.body).into_iter().map(|(name, _)| name).collect();
    let expected =
        ["success", "duration_seconds", "dns_lookup_time_seconds", "ip_protocol", "ip_addr_hash"];
    assert_eq!(names, expected.map(|name| format!("probe_{name}")));
    assert_eq!(answer.sample("probe_success"), Some("0"));
}

#[tokio::test]
async fn debug_shows_what_the_probe_saw_and_what_a_scrape_would_get() {
    let (stage, _server, port) = Stage::serving(DOMAIN, "127.0.0.0/8").await;
    let query = format!("target={DOMAIN}:{port}&debug=true");
    let answer = stage.probe_with(&query, "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let dns = stage.dns.address();
    for expected in [
        format!("{DOMAIN}:{port}  answers until 2026-07-10 (in 70 days)\n"),
        " of 9.5 s at most (scrape timeout 10 s)\n".to_owned(),
        format!("\nresolved {DOMAIN} A by {dns}: 127.0.0.1 (TTL 60 s)\n"),
        format!("\nendpoint 127.0.0.1 port {port} as {DOMAIN}: connected in "),
        format!("\n  certificate 0: CN={DOMAIN}, issued by O=Demo Authority, CN=Test Root"),
        "\n  path 0 to the anchor O=Demo Authority, CN=Test Root until 2026-07-10T12:00:00Z\n"
            .to_owned(),
        "\nMetrics:\n# HELP probe_success ".to_owned(),
    ] {
        assert!(answer.body.contains(&expected), "{expected:?} is not in:\n{}", answer.body);
    }
    assert_eq!(json(&answer)["verdict"], "answers");
    assert_eq!(json(&answer)["domain"], DOMAIN);
    let control = answer.body.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None);
}

#[tokio::test]
async fn promtool_finds_nothing_to_say() {
    if Command::new("promtool").arg("--version").output().is_err() {
        println!("skipped: promtool is not installed");
        return;
    }
    let (stage, _server, port) = Stage::serving("www.example.com", "127.0.0.0/8").await;
    for hosts in ["", "&host=www.example.com", "&host=www.example.com&host=a.example.com"] {
        let answer = stage.probe(&format!("target={DOMAIN}:{port}{hosts}")).await;
        let mut promtool = Command::new("promtool");
        let ran = Ran::of(promtool.args(["check", "metrics"]), answer.body.as_bytes());
        assert_eq!((ran.code, &*ran.out, &*ran.err), (0, "", ""), "{hosts}");
    }
}
