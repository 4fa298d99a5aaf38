//! The pages over a few origins, on a port of their own.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::http::{self, Answer};
use super::{by_hand, desk::Desk};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use origin_probe::config::WebFile;
use origin_probe::observation::{Endpoint, Handshake};
use origin_probe::origin::Origin;
use origin_probe::report::{Report, Reports};
use origin_probe::telemetry::Telemetry;
use origin_probe::web;
use origin_probe::web::{PagesState, Readiness, WebAccess};
use serde_json::Value;
use tokio::net::TcpListener;

/// The pages over a few origins, on a port of their own.
pub struct Site {
    pub address: SocketAddr,
    pub readiness: Arc<Readiness>,
    pub telemetry: Arc<Telemetry>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// An origin, and what its probe found and when.
pub type Play = (Origin, Option<(Vec<Endpoint>, Timestamp)>);

impl Site {
    pub async fn new(reports: Reports) -> Self {
        Self::behind(Desk::new(now), reports).await
    }

    /// The pages over origins that have been probed at a time, or not yet.
    pub async fn of(plays: Vec<Play>) -> Self {
        let reports = Reports::new(plays.iter().map(|(origin, _)| Arc::new(origin.clone())));
        for (entry, (origin, play)) in reports.entries().iter().zip(plays) {
            if let Some((endpoints, at)) = play {
                entry.publish(&report(&origin, endpoints, at));
            }
        }
        Self::new(reports).await
    }

    /// Returns the status and the JSON of the answer to a request.
    pub async fn json(&self, path: &str) -> (u16, Value) {
        let (status, _, body) = self.ask("GET", path).await;
        let answer = serde_json::from_str(&body);
        (status, answer.unwrap_or_else(|error| panic!("{path}: {error}\n{body}")))
    }

    /// Returns the page at a path.
    pub async fn page(&self, path: &str) -> String {
        self.ask("GET", path).await.2
    }

    pub async fn behind(control: Arc<Desk>, reports: Reports) -> Self {
        Self::serving(control, reports, WebAccess::open(), 256).await
    }

    /// The pages over no origins, for at most `places` connections.
    pub async fn with_places(places: usize) -> Self {
        Self::serving(Desk::new(now), Reports::new([]), WebAccess::open(), places).await
    }

    /// The pages over no origins, with a web configuration file.
    pub async fn guarded(web: &str) -> Self {
        let access = WebAccess::new(WebFile::parse(Path::new("web.yaml"), web).unwrap()).unwrap();
        Self::serving(Desk::new(now), Reports::new([]), access, 256).await
    }

    async fn serving(
        control: Arc<Desk>,
        reports: Reports,
        access: WebAccess,
        places: usize,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = state(control, reports, access);
        let readiness = Arc::clone(&state.readiness);
        let telemetry = Arc::clone(&state.telemetry);
        let server = tokio::spawn(web::serve(places, listener, state, std::future::pending()));
        Self { address, readiness, telemetry, server }
    }

    /// Returns the status, the head in lower case and the body of the answer to one request.
    pub async fn ask(&self, method: &str, path: &str) -> (u16, String, String) {
        let Answer { status, head, body } = http::ask(self.address, method, path, "").await;
        (status, head, body)
    }

    pub async fn get(&self, path: &str) -> Answer {
        http::ask(self.address, "GET", path, "").await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Returns what the pages show.
pub fn state(control: Arc<Desk>, reports: Reports, access: WebAccess) -> PagesState {
    PagesState {
        reports: Arc::new(reports),
        telemetry: Arc::new(Telemetry::new("0.0.0").unwrap()),
        readiness: Arc::default(),
        control,
        access: Arc::new(ArcSwap::from_pointee(access)),
    }
}

/// Returns a page without its tags.
pub fn text_of(page: &str) -> String {
    let pieces = page.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let text: String = pieces.collect::<Vec<&str>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn now() -> Timestamp {
    "2026-01-01T00:00:00.25Z".parse().unwrap()
}

pub fn earlier() -> Timestamp {
    "2025-12-31T12:00:00Z".parse().unwrap()
}

pub fn origin(id: &str) -> Origin {
    let mut origin = Origin::with_defaults(format!("{id}.example").parse().unwrap());
    origin.key.id = id.into();
    origin
}

pub fn refused(last: u8) -> Endpoint {
    let refused = by_hand::failing(by_hand::address(last), 0, by_hand::refusal(), now());
    Endpoint { assumed_public: true, ..refused }
}

pub fn answering(last: u8) -> Endpoint {
    let connect_time = Some(Duration::from_millis(250));
    Endpoint {
        assumed_public: true,
        handshake: Handshake { connect_time, ..Handshake::default() },
        ..Endpoint::new(IpAddr::from([203, 0, 114, last]), 0, now())
    }
}

pub fn report(origin: &Origin, endpoints: Vec<Endpoint>, at: Timestamp) -> Report {
    by_hand::report(&Arc::new(origin.clone()), endpoints, at)
}
