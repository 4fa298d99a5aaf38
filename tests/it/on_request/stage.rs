//! A CA, a DNS server, a prober that takes loopback as public, and the pages over them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::server::TlsServer;
use origin_probe::report::Reports;

use crate::common;
use crate::common::desk::Desk;
use crate::common::http::{self, Answer};
use crate::common::site::Site;
use crate::common::stage::{Ca, dns};

pub const DOMAIN: &str = "origin.example.com";

/// A header with what the scraper waits for.
pub const SHORT_TIMEOUT: &str = "X-Prometheus-Scrape-Timeout-Seconds: 0.8\r\n";

pub fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

pub struct Stage {
    pub dns: DnsServer,
    pub site: Site,
}

impl Stage {
    /// Sets up everything with `probe_endpoint` as the file has it.
    pub async fn set(probe_endpoint: &str) -> Self {
        Self::with(&Ca::new(now()), probe_endpoint, HANDSHAKE_TIMEOUT).await
    }

    /// Sets up everything so that every name may be asked for at one port.
    pub async fn at(port: u16, networks: &str) -> Self {
        Self::set(&open(port, networks)).await
    }

    /// The same, with a prober that waits for a minute.
    pub async fn patient(port: u16, networks: &str) -> Self {
        Self::with(&Ca::new(now()), &open(port, networks), Duration::from_secs(60)).await
    }

    /// The same as [`Stage::at`], with the port of a server that has a sound certificate for
    /// `name`.
    pub async fn serving(name: &str, networks: &str) -> (Self, TlsServer, u16) {
        let ca = Ca::new(now());
        let server = ca.server(&[name]).await;
        let port = server.address().port();
        (Self::with(&ca, &open(port, networks), HANDSHAKE_TIMEOUT).await, server, port)
    }

    async fn with(ca: &Ca, probe_endpoint: &str, handshake_timeout: Duration) -> Self {
        let dns = dns(&[DOMAIN]).await;
        let prober = common::prober(dns.address(), &ca.root.pem(), handshake_timeout);
        let yaml =
            format!("origins: [{{id: a, domain: a.example}}]\nprobe_endpoint: {probe_endpoint}\n");
        let site = Site::behind(Desk::probing(now, &yaml, prober), Reports::new([])).await;
        Self { dns, site }
    }

    /// Gives the domain other addresses.
    pub fn resolves_to(&self, addresses: &[&str]) {
        let v4: Vec<Ipv4Addr> = addresses.iter().filter_map(|text| text.parse().ok()).collect();
        let v6: Vec<Ipv6Addr> = addresses.iter().filter_map(|text| text.parse().ok()).collect();
        assert_eq!(v4.len() + v6.len(), addresses.len(), "{addresses:?}");
        self.dns.set(DOMAIN, DnsRecord::Addresses { v4, v6, ttl_seconds: 60 }).unwrap();
    }

    /// Sends `GET /probe?` and the query.
    pub async fn probe(&self, query: &str) -> Answer {
        self.probe_with(query, "").await
    }

    /// The same with more headers.
    pub async fn probe_with(&self, query: &str, headers: &str) -> Answer {
        http::ask(self.site.address, "GET", &format!("/probe?{query}"), headers).await
    }
}

fn open(port: u16, networks: &str) -> String {
    format!("{{enabled: true, allow: {{names: ['*'], ports: [{port}], networks: [{networks}]}}}}")
}

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(3);

/// Returns the JSON of an answer to `debug=true`.
pub fn json(answer: &Answer) -> serde_json::Value {
    let (_, rest) = answer.body.split_once("\nJSON:\n").unwrap();
    let (json, _) = rest.split_once("\n\n").unwrap();
    serde_json::from_str(json).unwrap()
}

/// Returns each endpoint's address and its failure's kind, as `ADDRESS KIND`.
pub fn failures(answer: &Answer) -> Vec<String> {
    let json = json(answer);
    let endpoints = json["endpoints"].as_array().unwrap().iter();
    let failure = |endpoint: &serde_json::Value| {
        let address: IpAddr = endpoint["address"].as_str().unwrap().parse().unwrap();
        format!("{address} {}", endpoint["failure"]["kind"].as_str().unwrap_or("none"))
    };
    endpoints.map(failure).collect()
}
