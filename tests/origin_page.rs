//! The page of one origin and those of the rules, over real HTTP: every origin of the demo, what
//! is downloaded and copied, origins of one name, and certificates made to harm.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used)]

#[path = "common/by_hand.rs"]
mod by_hand;
mod common;
#[path = "common/desk.rs"]
mod desk;
#[path = "common/forge.rs"]
mod forge;
#[path = "common/hostile.rs"]
mod hostile;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use desk::Desk;
use hostile::DOMAIN;
use hostile::Hostile;
use jiff::SignedDuration;
use jiff::Timestamp;
use origin_probe::chain::ChainFacts;
use origin_probe::chain::TrustAnchors;
use origin_probe::config::Config;
use origin_probe::demo::Demo;
use origin_probe::origin::Origin;
use origin_probe::pages;
use origin_probe::pages::Door;
use origin_probe::pages::PagesState;
use origin_probe::pages::Readiness;
use origin_probe::probe::Errand;
use origin_probe::report::Report;
use origin_probe::report::Reports;
use origin_probe::rules::RULES;
use origin_probe::telemetry::Telemetry;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// The pages on a port of their own.
struct Site {
    address: SocketAddr,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

struct Answer {
    status: u16,
    /// In lower case.
    head: String,
    body: String,
}

impl Site {
    async fn new(control: Arc<Desk>, reports: Reports) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = PagesState {
            reports: Arc::new(reports),
            telemetry: Arc::new(Telemetry::new("0.0.0").unwrap()),
            readiness: Arc::new(Readiness::new()),
            control,
            door: Arc::new(ArcSwap::from_pointee(Door::open())),
        };
        let server = tokio::spawn(pages::serve(listener, state, std::future::pending()));
        Self { address, server }
    }

    async fn get(&self, path: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Returns a page that must be there and must hold to the policy of the pages.
    async fn page(&self, path: &str) -> String {
        let Answer { status, head, body } = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        assert!(head.contains("content-security-policy: default-src 'none'; style-src 'self'"));
        keeps_to_the_policy(path, &body);
        body
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Nothing inline that a browser would refuse.
fn keeps_to_the_policy(path: &str, page: &str) {
    for inline in ["<style", "style=\"", "onclick", "onload", "onerror=", "javascript:"] {
        assert!(!page.contains(inline), "{path}: {inline}");
    }
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, page.matches("<script src=\"/assets/").count(), "{path}");
}

/// Returns a page without its tags, what stands in blocks of its own apart.
fn words(page: &str) -> String {
    let mut page = page.to_owned();
    for block in ["p", "h1", "h2", "h3", "dt", "dd", "li", "div", "td", "th"] {
        page = page.replace(&format!("</{block}>"), " ");
    }
    let pieces = page.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let text = pieces.collect::<String>().replace("&quot;", "\"").replace("&amp;", "&");
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The demo, everything in it probed once, and the pages over it.
struct Stage {
    demo: Demo,
    site: Site,
    reports: Vec<Arc<Report>>,
    _folder: std::path::PathBuf,
}

impl Stage {
    async fn new(name: &str) -> Self {
        let demo = Demo::start(now()).await.unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let root = folder.join("it's the root.pem");
        std::fs::write(&root, demo.root_pem()).unwrap();
        let yaml = demo.config_yaml("127.0.0.1:0".parse().unwrap(), &root);
        let config = Config::parse(Path::new("demo.yaml"), yaml.as_bytes()).unwrap();
        let prober = common::prober(demo.dns().address(), demo.root_pem(), Duration::from_secs(2));
        let probes = config.origins.iter().map(|origin| {
            let (prober, origin) = (&prober, Arc::clone(origin));
            async move {
                let observation = prober.probe(origin, &Errand::default(), now()).await;
                Arc::new(Report::new(None, Arc::new(observation), now()))
            }
        });
        let reports: Vec<Arc<Report>> = futures_util::future::join_all(probes).await;
        let store = Reports::new(config.origins.iter().cloned());
        for (entry, report) in store.entries().iter().zip(&reports) {
            entry.publish(Arc::clone(report));
        }
        let site = Site::new(Desk::with(now, &yaml), store).await;
        Self { demo, site, reports, _folder: folder }
    }

    fn report(&self, id: &str) -> &Report {
        self.reports.iter().find(|report| *report.origin.key.id == *id).unwrap()
    }
}

#[tokio::test]
async fn every_origin_of_the_demo_has_its_story_told() {
    let stage = Stage::new("origin-page-demo").await;
    for scenario in stage.demo.scenarios() {
        let page = stage.site.page(&format!("/origins/{}", scenario.id)).await;
        let text = words(&page);
        let report = stage.report(scenario.id);
        for finding in &report.verdict.findings {
            for part in [finding.rule.title, &finding.remedy, finding.rule.repair.setting] {
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

fn origin(distribution: &str, id: &str, domain: &str) -> Arc<Origin> {
    let mut origin = Origin::with_defaults(domain.parse().unwrap());
    origin.key.distribution = distribution.into();
    origin.key.id = id.into();
    Arc::new(origin)
}

#[tokio::test]
async fn origins_of_one_id_are_told_apart() {
    let reports = Reports::new([
        origin("E1", "alb", "a.example"),
        origin("E2", "alb", "a.example"),
        origin("", "a/b c<d>", "b.example"),
        origin("", "shop", "shop.example"),
    ]);
    let site = Site::new(Desk::new(now), reports).await;
    let choice = site.get("/origins/alb").await;
    assert_eq!(choice.status, 300);
    for distribution in ["E1", "E2"] {
        let href = format!("/origins/alb?distribution={distribution}&amp;domain=a.example");
        assert!(choice.body.contains(&format!("href=\"{href}\"")), "{}", choice.body);
        let page = site.page(&href.replace("&amp;", "&")).await;
        assert!(words(&page).contains(&format!("a.example:443 of distribution {distribution}")));
    }
    let page = site.page("/origins/a%2Fb%20c%3Cd%3E").await;
    assert!(page.contains("<h1>a/b c&lt;d&gt;</h1>"), "{page}");
    assert!(words(&page).contains("not probed yet"), "{page}");
    let unknown = site.get("/origins/shpo").await;
    assert_eq!(unknown.status, 404);
    assert!(words(&unknown.body).contains("Was one of these meant? shop: shop.example:443"));
    keeps_to_the_policy("/origins/shpo", &unknown.body);
    let elsewhere = site.get("/origins/alb?distribution=E3").await;
    assert_eq!(elsewhere.status, 404);
    assert!(words(&elsewhere.body).contains("E1/alb"), "{}", elsewhere.body);
    let script = site.get("/origins/%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!(script.status, 404);
    assert!(script.body.contains("&lt;script&gt;alert(1)"), "{}", script.body);
    assert_eq!(site.get("/origins/shop?domain=%zz").await.status, 400);
    assert_eq!(site.get("/origins/%ff").await.status, 400);
    let long = format!("/origins/{}", "x".repeat(4_000));
    let answer = site.get(&long).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.len() < 8_000, "what is asked for is not given back at length");
}

#[tokio::test]
async fn changes_of_the_verdict_are_listed_with_their_causes() {
    let demo = Demo::start(now()).await.unwrap();
    let prober = common::prober(demo.dns().address(), demo.root_pem(), Duration::from_secs(2));
    let origin = Arc::new(common::origin(
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

#[tokio::test]
async fn no_hostile_certificate_reaches_the_page_as_it_is() {
    let Hostile { chains, root } = Hostile::new();
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from(root)).unwrap();
    for (story, served) in chains {
        let chain = Arc::new(ChainFacts::analyse(&served, &anchors));
        let observation = Arc::new(by_hand::observation(DOMAIN, vec![chain], now()));
        let report = Arc::new(Report::new(None, observation, now()));
        let reports = Reports::new([Arc::clone(&report.origin)]);
        reports.entries()[0].publish(report);
        let site = Site::new(Desk::new(now), reports).await;
        let page = site.page("/origins/origin.example.com").await;
        let is_ugly = |c: char| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let page = page.replace("\r\n", "\n");
        assert_eq!(page.chars().find(|c| is_ugly(*c)), None, "{story}");
        assert!(page.len() < 400_000, "{story}: {} bytes", page.len());
        let pem = site.get("/origins/origin.example.com/chain.pem").await;
        assert_eq!(pem.status, 200, "{story}");
        assert_eq!(pem.body.chars().find(|c| is_ugly(*c) && *c != '\r'), None, "{story}");
    }
}

#[tokio::test]
async fn every_rule_has_a_page_with_each_of_its_parts() {
    let site = Site::new(Desk::new(now), Reports::new([])).await;
    let list = site.page("/rules").await;
    for rule in RULES {
        let href = format!("/rules/{}", rule.id);
        assert!(list.contains(&format!("href=\"{href}\"")), "{href}");
        let page = site.page(&href).await;
        assert!(page.contains(&format!("href=\"{}\"", rule.citation)), "{href}");
        let text = words(&page);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = [rule.title, rule.explanation, rule.remedy, rule.repair.setting];
        let advice = rule.repair.on_servers().map(|(_, advice)| advice);
        let advice: Vec<_> = std::iter::once(rule.repair.first).chain(advice).collect();
        let advice = advice.iter().flat_map(|advice| [advice.text, advice.code]);
        for part in parts.into_iter().chain(advice) {
            let shown = text.replace("&#39;", "'");
            assert!(shown.contains(&squeezed(part)), "{href}: {part}\n{shown}");
        }
        for (server, _) in rule.repair.on_servers() {
            assert!(text.contains(&format!("On {}", server.as_str())), "{href}");
        }
    }
    let unknown = site.get("/rules/not-tsl").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("href=\"/rules/not-tls\""), "{}", unknown.body);
    assert_eq!(site.get("/rules/elephant").await.status, 404);
}
