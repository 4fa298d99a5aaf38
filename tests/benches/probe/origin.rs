//! The origin that everybody connects to, and its DNS, on a thread of their own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::KeyAlgorithm;
use origin_probe::demo::server::{TlsServer, TlsVersions};

use super::stage::{OwnThread, Pki};

/// One of the names that the origin has.
pub(crate) const DOMAIN: &str = "origin.example.com";

/// How many more names there are: one for each origin that the daemon looks after.
pub(crate) const NAMES: usize = 1000;

/// How long an answer about a further name may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ttl {
    /// For less than the interval: every probe asks.
    OneSecond,
    /// For much longer than the interval.
    AnHour,
}

impl Ttl {
    /// Returns one of the further names.
    pub(crate) fn name(self, number: usize) -> String {
        match self {
            Self::OneSecond => format!("s{number}.example.com"),
            Self::AnHour => format!("h{number}.example.com"),
        }
    }

    fn record(self) -> DnsRecord {
        let ttl_seconds = match self {
            Self::OneSecond => 1,
            Self::AnHour => 3600,
        };
        DnsRecord::Addresses { v4: vec![Ipv4Addr::LOCALHOST], v6: Vec::new(), ttl_seconds }
    }
}

/// A TLS 1.3 server with an ECDSA P-256 end entity and one intermediate, and the DNS server that
/// knows its names.
#[derive(Debug)]
pub(crate) struct TestOrigin {
    pub(crate) root: Root,
    pub(crate) dns: SocketAddr,
    pub(crate) address: SocketAddr,
    tls: Arc<TlsServer>,
    _serving: OwnThread,
}

/// The authority that the origin's chain leads to.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    pub(crate) der: Vec<u8>,
    pub(crate) pem: String,
}

impl TestOrigin {
    /// Starts both on loopback.
    pub(crate) fn start(now: Timestamp) -> Self {
        let (serving, (root, dns, tls)) = OwnThread::start(async move || {
            let pki = Pki::new(now);
            let issued = pki.issue(&["*.example.com"], KeyAlgorithm::default());
            let tls = pki.serve(Ipv4Addr::LOCALHOST.into(), issued, TlsVersions::Tls13).await;
            let here = DnsRecord::v4([Ipv4Addr::LOCALHOST]);
            let dns = DnsServer::start([(DOMAIN, here)]).await.unwrap();
            for ttl in [Ttl::OneSecond, Ttl::AnHour] {
                for number in 0..NAMES {
                    dns.set(&ttl.name(number), ttl.record()).unwrap();
                }
            }
            let root = Root { der: pki.root.der(), pem: pki.root.pem() };
            let address = dns.address();
            (dns, (root, address, Arc::new(tls)))
        });
        Self { root, dns, address: tls.address(), tls, _serving: serving }
    }

    /// Returns how many handshakes it has seen to their end.
    pub(crate) fn handshakes(&self) -> u64 {
        self.tls.handshakes()
    }
}
