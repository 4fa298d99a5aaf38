//! A CA, a DNS server, a prober that takes loopback as public, and the pages over them.
#![allow(unreachable_pub)]

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};
use origin_probe::origin::Origin;
use origin_probe::report::Reports;
use origin_probe::telemetry::Telemetry;
use origin_probe::web;
use origin_probe::web::{PagesState, Readiness, WebAccess};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::common;
use crate::common::desk::Desk;

pub const DOMAIN: &str = "origin.example.com";
pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

pub struct Stage {
    pub dns: DnsServer,
    pub address: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
}

/// What a request was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: String,
}

impl Stage {
    /// Sets up everything with `probe_endpoint` as the file has it.
    pub async fn set(probe_endpoint: &str) -> Self {
        Self::with(root(), probe_endpoint, HANDSHAKE_TIMEOUT).await
    }

    /// Sets up everything so that every name may be asked for at one port.
    pub async fn at(port: u16, networks: &str) -> Self {
        Self::set(&open(port, networks)).await
    }

    /// The same, with a prober that waits for a minute.
    pub async fn patient(port: u16, networks: &str) -> Self {
        Self::with(root(), &open(port, networks), Duration::from_secs(60)).await
    }

    /// The same as [`Stage::at`], with the port of a server that has a sound certificate for
    /// `name`.
    pub async fn serving(name: &str, networks: &str) -> (Self, TlsServer) {
        let root = root();
        let end_entity = EndEntity::new(&[name], Window::days(-20..70, now()));
        let issued = root.issue(&end_entity).unwrap();
        let served = ServedCertificate::new(vec![issued.der], issued.key);
        let options = TlsServerOptions::new(Certificates::for_everyone(served));
        let server = TlsServer::start(LOOPBACK, 0, &options).await.unwrap();
        let endpoint = open(server.address().port(), networks);
        (Self::with(root, &endpoint, HANDSHAKE_TIMEOUT).await, server)
    }

    async fn with(root: Authority, probe_endpoint: &str, handshake_timeout: Duration) -> Self {
        let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
        let prober = common::prober(dns.address(), &root.pem(), handshake_timeout);
        let yaml =
            format!("origins: [{{id: a, domain: a.example}}]\nprobe_endpoint: {probe_endpoint}\n");
        let state = PagesState {
            reports: Arc::new(Reports::new(std::iter::empty::<Arc<Origin>>())),
            telemetry: Arc::new(Telemetry::new("0.0.0").unwrap()),
            readiness: Arc::new(Readiness::new()),
            control: Desk::probing(now, &yaml, prober),
            access: Arc::new(ArcSwap::from_pointee(WebAccess::open())),
        };
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(web::serve(listener, state, pending()));
        Self { dns, address, server }
    }

    /// Gives the domain other addresses.
    pub fn resolves_to(&self, addresses: &[&str]) {
        let parsed = || addresses.iter().map(|text| text.parse::<IpAddr>().unwrap());
        let v4: Vec<Ipv4Addr> = parsed()
            .filter_map(|address| if let IpAddr::V4(v4) = address { Some(v4) } else { None })
            .collect();
        let v6: Vec<Ipv6Addr> = parsed()
            .filter_map(|address| if let IpAddr::V6(v6) = address { Some(v6) } else { None })
            .collect();
        let record = DnsRecord::Addresses { v4, v6, ttl_seconds: 60 };
        self.dns.set(DOMAIN, record).unwrap();
    }

    /// Sends `GET /probe?` and the query.
    pub async fn probe(&self, query: &str) -> Answer {
        self.ask("GET", &format!("/probe?{query}"), "").await
    }

    /// Sends a request with more headers.
    pub async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("{method} {path} HTTP/1.0\r\nHost: x\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }
}

fn root() -> Authority {
    Authority::root("Test Root", Window::days(-1000..3000, now())).unwrap()
}

fn open(port: u16, networks: &str) -> String {
    format!("{{enabled: true, allow: {{names: ['*'], ports: [{port}], networks: [{networks}]}}}}")
}

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(3);

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&*prefix))
    }

    /// Returns the value of one series; `None` where it is not there.
    pub fn sample(&self, series: &str) -> Option<&str> {
        let prefix = format!("{series} ");
        self.body.lines().find_map(|line| line.strip_prefix(&*prefix))
    }

    /// Returns the values of one label over the series of one metric.
    pub fn labels(&self, metric: &str, label: &str) -> Vec<&str> {
        let lines = self.body.lines().filter(|line| line.starts_with(&format!("{metric}{{")));
        lines
            .map(|line| {
                let (_, rest) = line.split_once(&format!("{label}=\"")).unwrap();
                rest.split('"').next().unwrap()
            })
            .collect()
    }

    /// Returns the JSON of the answer to `debug=true`.
    pub fn json(&self) -> serde_json::Value {
        let (_, rest) = self.body.split_once("\nJSON:\n").unwrap();
        let (json, _) = rest.split_once("\n\n").unwrap();
        serde_json::from_str(json).unwrap()
    }

    /// Returns each endpoint's address and its failure's kind.
    pub fn failures(&self) -> Vec<(String, String)> {
        let json = self.json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
        let endpoints = json["endpoints"].as_array().unwrap();
        endpoints.iter().map(|e| (text(&e["address"]), text(&e["failure"]["kind"]))).collect()
    }
}
