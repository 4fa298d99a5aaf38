//! What the pages say of the demo's origins, and what can be taken from them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use jiff::SignedDuration;
use origin_probe::probe::ProbeOptions;
use origin_probe::report::{Report, Reports, State};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::stage::{Stage, now, page, site, words};
use crate::common::section::assert_section;
use crate::common::stage::{DemoStage, LOAD_BALANCER};
use crate::common::visible::{between, lines_of, unescaped};

#[tokio::test]
async fn every_origin_of_the_demo_has_its_story_told() {
    let stage = Stage::new("demo").await;
    let mut stories = String::new();
    for scenario in stage.demo.demo.scenarios() {
        let page = stage.page(scenario.id).await;
        let text = words(&page);
        let report = stage.report(scenario.id);
        for finding in &report.verdict.findings {
            // Backticks become markup.
            let remedy = finding.remedy.replace('`', "");
            for part in [finding.rule.title, &remedy, finding.repair.setting()] {
                assert!(text.contains(part), "{}: {part}\n{text}", scenario.id);
            }
            let link = format!("href=\"/rules/{}\"", finding.rule.name);
            assert!(page.contains(&link), "{}: {link}", scenario.id);
        }
        let story = between(&page, "<section class=\"story\"", "</section>");
        let class = match scenario.answers_for_days {
            Some(10) => "soon",
            _ => scenario.verdict,
        };
        assert_eq!(between(story, "class=\"verdict ", "\""), class, "{}", scenario.id);
        let verdict = between(story, "class=\"verdict ", "</span>");
        let status = scenario.status.map(|status| status.to_string());
        assert!(status.is_none_or(|status| verdict.contains(&status)), "{}", scenario.id);
        for endpoint in &report.observation.endpoints {
            assert!(text.contains(&endpoint.address.to_string()), "{}", scenario.id);
        }
        let has_chain = report.observation.chains().next().is_some();
        assert_eq!(page.contains("<svg"), has_chain, "{}", scenario.id);
        let drawings = |class| page.matches(&format!("<figure class=\"{class}\"")).count();
        assert_eq!(drawings("chain"), drawings("timeline"), "a chain has both drawings");
        let history = between(&page, "<ol class=\"history\">", "</ol>");
        assert_eq!(history.matches("<li>").count(), 1, "{}: {history}", scenario.id);
        let lead = lines_of(&format!("<p {}", between(story, "<p class=\"lead\"", "</p>")));
        let headings = page.split("<h2>").skip(1).map(|rest| rest.split_once("</h2>").unwrap().0);
        let headings = headings.collect::<Vec<_>>().join(" | ");
        let history = lines_of(history);
        stories.push_str(&format!("{}\n{lead}{headings}\n{history}\n", scenario.id));
    }
    assert_section("pages", "origins of the demo", &stories);
}

#[tokio::test]
async fn the_classic_case_says_what_to_change_and_where() {
    let stage = Stage::new("classic").await;
    let id = "load-balancers-own-name";
    let page = stage.page(id).await;
    let text = words(&page);
    for part in [&format!("✕ {LOAD_BALANCER}")[..], "· www.shop.example"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let [finding] = &*stage.report(id).verdict.findings else { panic!() };
    assert_eq!(finding.rule.name, "name-not-in-certificate");
    // The detail stands at the top once, in place of a second time below it.
    assert_eq!(text.matches(&finding.detail.replace('`', "")[1..]).count(), 1, "{text}");
    assert_section("pages", "origin: a load balancer's own name", &stage.shown(id, &page));
    let id = "repaired-by-custom-domain";
    let page = stage.page(id).await;
    assert!(stage.report(id).verdict.findings.is_empty());
    let hops = between(&page, "<ol class=\"hops\">", "</ol>");
    assert!(hops.contains(LOAD_BALANCER), "{hops}");
    assert!(words(&page).contains("✓ origin.shop.example"), "{page}");
    assert!(page.contains("2026-07-10 12:00 UTC") && page.contains("2026-06-19"), "{page}");
    assert_section("pages", "origin: repaired by a custom domain", &stage.shown(id, &page));
    for id in ["one-of-three-expired", "unresolvable", "nothing-listening"] {
        let page = stage.page(id).await;
        assert_section("pages", &format!("origin: {id}"), &stage.shown(id, &page));
    }
}

#[tokio::test]
async fn the_served_chain_can_be_downloaded_and_copied() {
    let stage = Stage::new("pem").await;
    let answer = stage.site.get("/origins/wrong-order/chain.pem").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/x-pem-file"), "{}", answer.head);
    let name = "content-disposition: attachment; filename=\"disordered.shop.example.pem\"";
    assert!(answer.head.contains(name), "{}", answer.head);
    let read = CertificateDer::pem_slice_iter(answer.body.as_bytes());
    let read: Vec<Vec<u8>> = read.map(|der| der.unwrap().to_vec()).collect();
    let report = stage.report("wrong-order");
    let (_, chain) = report.observation.chains().next().unwrap();
    let served: Vec<Vec<u8>> = chain.certificates().map(|(_, c)| c.der().to_vec()).collect();
    assert_eq!(read, served, "in the order served");
    let page = stage.page("wrong-order").await;
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
    unescaped(between(page, &format!("id=\"{id}\">"), "<"))
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
    let stage = Stage::new("lines").await;
    for (id, verdict, answers_until, code) in [
        ("load-balancers-own-name", "fails", None, 1),
        ("host-forwarded", "answers", Some("2026-07-10T12:00:00Z"), 0),
        ("healthy-dualstack", "answers", Some("2026-07-10T12:00:00Z"), 0),
        ("one-of-three-expired", "fails", None, 1),
    ] {
        let page = stage.page(id).await;
        let line = element(&page, "check-0");
        assert!(line.starts_with("origin-probe check "), "{line}");
        let json = "--at 2026-05-01T12:00:00Z -o json 2>&1";
        let (text, code_of_it) = shell(format!("{line} {json}")).await;
        let json: Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(json["verdict"], verdict, "{id}: {line}\n{text}");
        let status = if verdict == "fails" { json!(502) } else { Value::Null };
        assert_eq!(json["status"], status, "{id}: {line}\n{text}");
        if let Some(until) = answers_until {
            assert_eq!(json["endpoints"][0]["path_not_after"], until, "{id}: {text}");
        }
        assert_eq!(code_of_it, Some(code), "{id}: {line}\n{text}");
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
        let line = element(&stage.page(id).await, "openssl");
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
    let demo = DemoStage::new("origin-page-changes", now()).await;
    let (prober, port) = (demo.prober(), demo.demo.https_port("expiring-in-ten-days").unwrap());
    let origin = Arc::new(crate::common::origin("expiring.shop.example", port));
    let mut latest: Option<Report> = None;
    // On the ninth day it answers, on the eleventh it has expired.
    for day in [9, 9, 11, 11] {
        let at = now() + SignedDuration::from_hours(24 * day);
        let observation = prober.probe(Arc::clone(&origin), &ProbeOptions::default(), at).await;
        latest = Some(Report::new(
            latest.as_ref().map(|latest: &Report| &latest.brief),
            Arc::new(observation),
            at,
        ));
    }
    let reports = Reports::new([origin]);
    reports.entries()[0].publish(&latest.unwrap());
    let page = page(&site(reports).await, "/origins/expiring.shop.example").await;
    let history = between(&page, "<ol class=\"history\">", "</ol>");
    let of = |one| (between(one, "class=\"verdict ", "\""), between(one, "datetime=\"", "\""));
    let periods: Vec<_> = history.split("<li>").skip(1).map(of).collect();
    let expected = [("fails", "2026-05-12T12:00:00Z"), ("answers", "2026-05-10T12:00:00Z")];
    assert_eq!(periods, expected, "the latest first: {history}");
    assert!(history.contains("href=\"/rules/certificate-expired\""), "{history}");
    assert_section("pages", "origin: changes of the verdict", &lines_of(history));
}

/// Returns the text of the element that begins with `begin`, up to the next that begins so.
fn part<'a>(text: &'a str, begin: &str) -> &'a str {
    text.split_once(begin).map_or("", |(_, rest)| rest)
}

#[tokio::test]
async fn a_failure_by_date_began_then_and_others_as_seen() {
    let stage = Stage::new("since").await;
    let mut all = String::new();
    for (id, since) in [("expired", "2026-04-21"), ("load-balancers-own-name", "2026-05-01")] {
        let since = &format!("{since} 12:00 UTC");
        let search = format!("/?search={}", stage.report(id).origin.key.id);
        let list = page(&stage.site, &search).await;
        let row = list.split("<tr").find(|row| row.contains(&format!(">{id}<"))).unwrap();
        let cell = format!("<td {}", between(row, "<td class=\"when\"", "</td>"));
        assert!(cell.contains(since), "{id}: {cell}");
        let page = stage.page(id).await;
        let lead = format!("<p {}", between(&page, "<p class=\"lead\"", "</p>"));
        assert!(lead.contains(since), "{id}: {lead}");
        all.push_str(&format!("{id}\n{}{}\n", lines_of(&cell), lines_of(&lead)));
    }
    assert_section("pages", "origin: when a failure began", &all);
}

#[tokio::test]
async fn the_list_and_the_page_of_an_origin_show_the_same_verdict() {
    let stage = Stage::new("verdicts").await;
    let list = page(&stage.site, "/").await;
    let verdict = |html: &str| between(html, "<span class=\"verdict ", "</span>").to_owned();
    for scenario in stage.demo.demo.scenarios() {
        let mut rows = list.split("<tr").skip(1);
        let row = rows.find(|row| row.contains(&format!(">{}<", scenario.id))).unwrap();
        let page = stage.page(scenario.id).await;
        assert_eq!(verdict(row), verdict(part(&page, "class=\"story\"")), "{}", scenario.id);
    }
}

#[tokio::test]
async fn nothing_is_to_change_until_a_renewal_is_due() {
    let stage = Stage::new("due").await;
    let mut said = BTreeMap::new();
    for scenario in stage.demo.demo.scenarios() {
        let page = stage.page(scenario.id).await;
        let view = stage.report(scenario.id);
        let view = view.view();
        let (_, after) = part(&page, "<section class=\"story\"").split_once("</section>").unwrap();
        let (next, _) = after.split_once("<section").unwrap();
        let is_due_later = next.starts_with("<p>") && next.contains("<time datetime=");
        let is_to_change = next.is_empty()
            && between(after, "<section><h2>", "</ol>").contains("</h2><ol class=\"changes\">");
        let is_well = matches!(view.state, State::Answers);
        assert_eq!([is_due_later, is_to_change], [is_well, !is_well], "{}: {page}", scenario.id);
        let text = match is_due_later {
            true => lines_of(next),
            false => lines_of(between(after, "<h2>", "</h2>")),
        };
        said.entry(format!("{:?}", view.state)).or_insert(text);
    }
    let all: Vec<String> = said.iter().map(|(state, text)| format!("{state}: {text}")).collect();
    assert_section("pages", "origin: what is to change", &all.concat());
}
