//! The pages on a port of their own, and the demo behind them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use origin_probe::config::Config;
use origin_probe::demo::Demo;
use origin_probe::probe::ProbeOptions;
use origin_probe::report::{Report, Reports};
use origin_probe::telemetry::Telemetry;
use origin_probe::web;
use origin_probe::web::{PagesState, Readiness, WebAccess};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::desk::Desk;
use crate::common::visible::main_of;

pub(super) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// The pages on a port of their own.
pub(super) struct Site {
    address: SocketAddr,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    /// In lower case.
    pub(super) head: String,
    pub(super) body: String,
}

impl Site {
    pub(super) async fn new(control: Arc<Desk>, reports: Reports) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = PagesState {
            reports: Arc::new(reports),
            telemetry: Arc::new(Telemetry::new("0.0.0").unwrap()),
            readiness: Arc::new(Readiness::new()),
            control,
            access: Arc::new(ArcSwap::from_pointee(WebAccess::open())),
        };
        let server = tokio::spawn(web::serve(listener, state, std::future::pending()));
        Self { address, server }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Returns a page that must be there and must hold to the policy of the pages.
    pub(super) async fn page(&self, path: &str) -> String {
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
pub(super) fn keeps_to_the_policy(path: &str, page: &str) {
    for inline in ["<style", "style=\"", "onclick", "onload", "onerror=", "javascript:"] {
        assert!(!page.contains(inline), "{path}: {inline}");
    }
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, page.matches("<script src=\"/assets/").count(), "{path}");
}

/// Returns a page without its tags, what stands in blocks of its own apart.
pub(super) fn words(page: &str) -> String {
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
pub(super) struct Stage {
    pub(super) demo: Demo,
    pub(super) site: Site,
    pub(super) reports: Vec<Arc<Report>>,
    folder: std::path::PathBuf,
}

impl Stage {
    pub(super) async fn new(name: &str) -> Self {
        let demo = Demo::start(now()).await.unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let root = folder.join("it's the root.pem");
        std::fs::write(&root, demo.root_pem()).unwrap();
        let yaml = demo.config_yaml("127.0.0.1:0".parse().unwrap(), &root);
        let config = Config::parse(Path::new("demo.yaml"), yaml.as_bytes()).unwrap();
        let prober =
            crate::common::prober(demo.dns().address(), demo.root_pem(), Duration::from_secs(2));
        let probes = config.origins.iter().map(|origin| {
            let (prober, origin) = (&prober, Arc::clone(origin));
            async move {
                let observation = prober.probe(origin, &ProbeOptions::default(), now()).await;
                Arc::new(Report::new(None, Arc::new(observation), now()))
            }
        });
        let reports: Vec<Arc<Report>> = futures_util::future::join_all(probes).await;
        let store = Reports::new(config.origins.iter().cloned());
        for (entry, report) in store.entries().iter().zip(&reports) {
            entry.publish(Arc::clone(report));
        }
        let site = Site::new(Desk::with(now, &yaml), store).await;
        Self { demo, site, reports, folder }
    }

    pub(super) fn report(&self, id: &str) -> &Report {
        self.reports.iter().find(|report| *report.origin.key.id == *id).unwrap()
    }

    /// Returns what the page of an origin says, for a section: without what differs between runs.
    pub(super) fn shown(&self, id: &str, page: &str) -> String {
        let nameserver = self.demo.dns().address().to_string();
        let folder = self.folder.to_str().unwrap();
        let page = page.replace(&nameserver, "NAMESERVER").replace(folder, "FOLDER");
        // What rules say has a snapshot of its own.
        let page = match page.split_once("<details class=\"repair\">") {
            Some((before, rest)) => {
                let (summary, rest) = rest.split_once("</summary>").unwrap();
                let (_, after) = rest.split_once("</details>").unwrap();
                format!("{before}{summary}</summary>{after}")
            }
            None => page,
        };
        let mut text = String::new();
        let mut before = String::new();
        let mut is_in_pem = false;
        for line in main_of(&page).lines() {
            is_in_pem &= !line.starts_with("-----END ");
            let line = match before.as_str() {
                _ if is_in_pem => continue,
                "Serial" => "SERIAL".to_owned(),
                "SHA-256" => "FINGERPRINT".to_owned(),
                _ if line.starts_with("| connect ") => without_times(line),
                _ => line.to_owned(),
            };
            is_in_pem = line.starts_with("-----BEGIN ");
            text.push_str(&format!("{line}\n"));
            before = line;
        }
        match self.demo.https_port(id).filter(|&port| port != 443) {
            Some(port) => text.replace(&port.to_string(), "PORT"),
            None => text,
        }
    }
}

/// Returns a line with the lengths of time in it left out.
fn without_times(line: &str) -> String {
    line.replace(|c: char| c.is_ascii_digit() || c == '<', "").replace("  ms", " TIME")
}
