//! The demo, and the pages over it.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use origin_probe::config::Config;
use origin_probe::report::{Report, Reports};

use crate::common::desk::Desk;
use crate::common::site::Site;
use crate::common::stage::{DemoStage, probed};
use crate::common::visible::{main_of, unescaped};

pub(super) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// Returns the pages over some reports.
pub(super) async fn site(reports: Reports) -> Site {
    Site::behind(Desk::new(now), reports).await
}

/// Returns a page that must be there and must hold to the policy of the pages.
pub(super) async fn page(site: &Site, path: &str) -> String {
    let answer = site.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    keeps_to_the_policy(path, &answer.body);
    answer.body
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
    let text = pieces.collect::<String>();
    unescaped(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The demo, everything in it probed once, and the pages over it.
pub(super) struct Stage {
    pub(super) demo: DemoStage,
    pub(super) site: Site,
    pub(super) reports: Vec<Arc<Report>>,
}

impl Stage {
    pub(super) async fn new(name: &str) -> Self {
        let demo = DemoStage::new(&format!("origin-page-{name}"), now()).await;
        demo.write(ROOT, demo.demo.root_pem());
        let yaml = demo.yaml(ROOT);
        let config = Config::parse(Path::new("demo.yaml"), yaml.as_bytes()).unwrap();
        let prober = demo.prober();
        let probes = config.origins.iter().map(|one| probed(&prober, Arc::clone(one), now()));
        let reports: Vec<_> = join_all(probes).await.into_iter().map(Arc::new).collect();
        let store = Reports::new(config.origins.iter().cloned());
        for (entry, report) in store.entries().iter().zip(&reports) {
            entry.publish(report);
        }
        let site = Site::behind(Desk::with(now, &yaml), store).await;
        Self { demo, site, reports }
    }

    /// Returns the page of an origin.
    pub(super) async fn page(&self, id: &str) -> String {
        page(&self.site, &format!("/origins/{id}")).await
    }

    pub(super) fn report(&self, id: &str) -> &Report {
        self.reports.iter().find(|report| *report.origin.key.id == *id).unwrap()
    }

    /// Returns what the page of an origin says, for a section: without what differs between runs.
    pub(super) fn shown(&self, id: &str, page: &str) -> String {
        let nameserver = self.demo.demo.dns().address().to_string();
        let root = self.demo.join(ROOT);
        let folder = root.parent().unwrap().to_str().unwrap();
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
        match self.demo.demo.https_port(id).filter(|&port| port != 443) {
            Some(port) => text.replace(&port.to_string(), "PORT"),
            None => text,
        }
    }
}

/// A name that a shell needs in quotes.
const ROOT: &str = "it's the root.pem";

/// Returns a line with the lengths of time in it left out.
fn without_times(line: &str) -> String {
    line.replace(|c: char| c.is_ascii_digit() || c == '<', "").replace("  ms", " TIME")
}
