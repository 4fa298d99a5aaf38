//! Origins on 127.0.0.1: a prober that finds them by DNS, and servers of one chain.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, EndEntity, Issued, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};
use origin_probe::origin::Origin;
use origin_probe::probe::{ProbeOptions, Prober};
use origin_probe::report::Report;

pub const DOMAIN: &str = "origin.example.com";

pub fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// Returns an end entity for [`DOMAIN`] that is valid between the given days.
pub fn end_entity(days: std::ops::Range<i64>) -> EndEntity {
    EndEntity::new(&[DOMAIN], Window::days(days, now()))
}

/// A prober that finds [`DOMAIN`] on 127.0.0.1.
pub struct Loopback {
    _dns: DnsServer,
    prober: Prober,
}

impl Loopback {
    pub async fn trusting(root: &Authority, handshake_timeout: Duration) -> Self {
        let here = DnsRecord::v4([Ipv4Addr::LOCALHOST]);
        let dns = DnsServer::start([(DOMAIN, here)]).await.unwrap();
        let prober = super::prober(dns.address(), &root.pem(), handshake_timeout);
        Self { _dns: dns, prober }
    }

    pub async fn probe(&self, origin: Origin) -> Report {
        probe(&self.prober, origin).await
    }
}

/// Returns the first report on an origin.
pub async fn probe(prober: &Prober, origin: Origin) -> Report {
    let observation = prober.probe(Arc::new(origin), &ProbeOptions::default(), now()).await;
    Report::new(None, Arc::new(observation), now())
}

/// Starts a server that sends this list to everyone.
pub async fn serve(chain: Vec<Vec<u8>>, key: Vec<u8>) -> TlsServer {
    let served = ServedCertificate::new(chain, key);
    start(&TlsServerOptions::new(Certificates::for_everyone(served))).await
}

/// Starts a server of a certificate below these authorities.
pub async fn serve_below(end_entity: Issued, authorities: &[&Authority]) -> TlsServer {
    let above = authorities.iter().map(|authority| authority.der());
    serve([end_entity.der].into_iter().chain(above).collect(), end_entity.key).await
}

pub async fn start(options: &TlsServerOptions) -> TlsServer {
    TlsServer::start(Ipv4Addr::LOCALHOST.into(), 0, options).await.unwrap()
}
