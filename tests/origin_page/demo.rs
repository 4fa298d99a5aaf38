//! What the pages say of the demo's origins, and what can be taken from them.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use origin_probe::demo::Demo;
use origin_probe::probe::Errand;
use origin_probe::report::Report;
use origin_probe::report::Reports;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::stage::Site;
use super::stage::Stage;
use super::stage::now;
use super::stage::words;
use crate::desk::Desk;

#[tokio::test]
async fn every_origin_of_the_demo_has_its_story_told() {
    let stage = Stage::new("origin-page-demo").await;
    for scenario in stage.demo.scenarios() {
        let page = stage.site.page(&format!("/origins/{}", scenario.id)).await;
        let text = words(&page);
        let report = stage.report(scenario.id);
        for finding in &report.verdict.findings {
            for part in [finding.rule.title, &finding.remedy, finding.repair.setting] {
                assert!(text.contains(part), "{}: {part}\n{text}", scenario.id);
            }
            let link = format!("href=\"/rules/{}\"", finding.rule.id);
            assert!(page.contains(&link), "{}: {link}", scenario.id);
        }
        let verdict = match (scenario.verdict, scenario.status) {
            ("fails", Some(status)) => format!("fails with {status}"),
            ("answers", _) if scenario.answers_for_days == Some(10) => "fails in 10 days".into(),
            (verdict, _) => verdict.to_owned(),
        };
        assert!(text.contains(&verdict), "{}: {verdict}\n{text}", scenario.id);
        for endpoint in &report.observation.endpoints {
            assert!(text.contains(&endpoint.address.to_string()), "{}", scenario.id);
        }
        let has_chain = report.observation.chains().next().is_some();
        assert_eq!(page.contains("<svg"), has_chain, "{}", scenario.id);
        assert_eq!(page.matches("role=\"img\"").count() % 2, 0, "a chain has both drawings");
        assert!(text.contains("Results since this process began"), "{}", scenario.id);
        assert!(text.contains("1 probe"), "{}", scenario.id);
    }
}

#[tokio::test]
async fn the_classic_case_says_what_to_change_and_where() {
    let stage = Stage::new("origin-page-classic").await;
    let text = words(&stage.site.page("/origins/load-balancers-own-name").await);
    for part in [
        "CloudFront gets no TLS connection to this origin: viewers get 502 (Bad Gateway)",
        "The certificate names www.shop.example, not shop-alb-1234567890.eu-west-1.elb.amazonaws.com",
        "is the load balancer's own name, for which you cannot have a certificate",
        "Setting Origin domain (DomainName), or the origin request policy that forwards Host",
        "✕ shop-alb-1234567890.eu-west-1.elb.amazonaws.com not on the certificate",
        "· www.shop.example",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // The detail stands at the top once, in place of a second time below it.
    assert_eq!(text.matches("names www.shop.example, not").count(), 1, "{text}");
    let text = words(&stage.site.page("/origins/repaired-by-custom-domain").await);
    for part in [
        "CNAMEshop-alb-1234567890.eu-west-1.elb.amazonaws.com",
        "✓ origin.shop.example matches",
        "and will until 2026-07-10 12:00 UTC (in 70 days)",
        "What to change before then The certificate has expired",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[tokio::test]
async fn the_served_chain_can_be_downloaded_and_copied() {
    let stage = Stage::new("origin-page-pem").await;
    let answer = stage.site.get("/origins/wrong-order/chain.pem").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/x-pem-file"), "{}", answer.head);
    let name = "content-disposition: attachment; filename=\"disordered.shop.example.pem\"";
    assert!(answer.head.contains(name), "{}", answer.head);
    let read: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(answer.body.as_bytes())
        .map(|der| der.unwrap().to_vec())
        .collect();
    let report = stage.report("wrong-order");
    let (_, chain) = report.observation.chains().next().unwrap();
    let served: Vec<Vec<u8>> = chain.certificates().map(|(_, c)| c.der().to_vec()).collect();
    assert_eq!(read, served, "in the order served");
    let page = stage.site.page("/origins/wrong-order").await;
    assert!(page.contains(answer.body.trim()), "the page has the same");
    assert!(page.contains("data-copy=\"pem-0\""));
    // One address of three serves another chain, which comes first because it fails.
    let first = stage.site.get("/origins/one-of-three-expired/chain.pem").await.body;
    let second = stage.site.get("/origins/one-of-three-expired/chain.pem?chain=2").await;
    assert!(second.head.contains("filename=\"three.shop.example-2.pem\""), "{}", second.head);
    assert_ne!(first, second.body);
    for (path, status) in [
        ("/origins/one-of-three-expired/chain.pem?chain=3", 404),
        ("/origins/one-of-three-expired/chain.pem?chain=0", 404),
        ("/origins/one-of-three-expired/chain.pem?chain=x", 400),
        ("/origins/unresolvable/chain.pem", 404),
        ("/origins/nobody/chain.pem", 404),
    ] {
        assert_eq!(stage.site.get(path).await.status, status, "{path}");
    }
}

/// Returns the text of the element with that id.
fn element(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("id=\"{id}\">")).unwrap();
    let text = rest.split_once('<').unwrap().0;
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Runs a line as the reader's shell would, with this program in its path.
async fn shell(line: String) -> (String, Option<i32>) {
    let program = Path::new(env!("CARGO_BIN_EXE_origin-probe")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let run = move || Command::new("sh").args(["-c", &line]).env("PATH", path).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (text + &String::from_utf8_lossy(&output.stderr), output.status.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_to_copy_do_what_the_prober_did() {
    let stage = Stage::new("origin-page-lines").await;
    for (id, first_line, code) in [
        ("load-balancers-own-name", "fails (502)", 1),
        ("host-forwarded", "answers until 2026-07-10", 0),
        ("healthy-dualstack", "answers until 2026-07-10", 0),
        ("one-of-three-expired", "fails (502)", 1),
    ] {
        let page = stage.site.page(&format!("/origins/{id}")).await;
        let line = element(&page, "check-0");
        assert!(line.starts_with("origin-probe check "), "{line}");
        let (text, status) = shell(format!("{line} --at 2026-05-01T12:00:00Z")).await;
        assert!(text.lines().next().unwrap().contains(first_line), "{id}: {line}\n{text}");
        assert_eq!(status, Some(code), "{id}: {line}\n{text}");
    }
    let has_openssl = Command::new("openssl").arg("version").output().is_ok();
    assert!(has_openssl || std::env::var_os("ORIGIN_PROBE_REQUIRE_PEERS").is_none());
    if !has_openssl {
        println!("skipped: there is no openssl");
        return;
    }
    for (id, name) in [
        ("healthy", "CN = healthy.shop.example"),
        ("host-forwarded", "CN = www.shop.example"),
        ("tls-1-1-only", ""),
    ] {
        let line = element(&stage.site.page(&format!("/origins/{id}")).await, "openssl");
        let (text, _) = shell(line.clone()).await;
        // OpenSSL 3.2 and later leave the spaces out.
        let text = text.replace(" = ", "=");
        assert!(text.contains("CONNECTED"), "{line}\n{text}");
        assert!(text.contains(&name.replace(" = ", "=")), "{line}\n{text}");
        assert!(!text.contains("unknown option") && !text.contains("Unknown option"), "{text}");
        assert_eq!(text.contains("BEGIN CERTIFICATE"), !name.is_empty(), "{line}\n{text}");
    }
}

#[tokio::test]
async fn changes_of_the_verdict_are_listed_with_their_causes() {
    let demo = Demo::start(now()).await.unwrap();
    let prober =
        crate::common::prober(demo.dns().address(), demo.root_pem(), Duration::from_secs(2));
    let origin = Arc::new(crate::common::origin(
        "expiring.shop.example",
        demo.https_port("expiring-in-ten-days").unwrap(),
    ));
    let mut latest: Option<Report> = None;
    // On the ninth day it answers, on the eleventh it has expired.
    for day in [9, 9, 11, 11] {
        let at = now() + SignedDuration::from_hours(24 * day);
        let observation = prober.probe(Arc::clone(&origin), &Errand::default(), at).await;
        latest = Some(Report::new(latest.as_ref(), Arc::new(observation), at));
    }
    let reports = Reports::new([origin]);
    reports.entries()[0].publish(Arc::new(latest.unwrap()));
    let site = Site::new(Desk::new(now), reports).await;
    let text = words(&site.page("/origins/expiring.shop.example").await);
    let (_, history) = text.split_once("Results since this process began").unwrap();
    let fails = history.find("fails with 502 from 2026-05-12 12:00 UTC").unwrap();
    let answers = history.find("answers from 2026-05-10 12:00 UTC").unwrap();
    assert!(fails < answers, "the latest first: {history}");
    assert!(history.contains(": certificate-expired"), "{history}");
}
