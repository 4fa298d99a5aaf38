//! The origin that everybody connects to, and its DNS, on a thread of their own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, Window};
use origin_probe::demo::server::{
    Certificates, ServedCertificate, TlsServer, TlsServerOptions, TlsVersions,
};

use super::clock::current_thread;

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
    serving: Option<JoinHandle<()>>,
    hold: Option<mpsc::Sender<()>>,
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
        let (send, receive) = mpsc::channel();
        let (hold, wait) = mpsc::channel::<()>();
        let serving = std::thread::spawn(move || {
            current_thread().block_on(async {
                let (root, dns, tls) = serve(now).await;
                send.send((root, dns.address(), Arc::new(tls))).unwrap();
                tokio::task::spawn_blocking(move || wait.recv()).await.unwrap().unwrap_err();
            });
        });
        let (root, dns, tls) = receive.recv().unwrap();
        let address = tls.address();
        Self { root, dns, address, tls, serving: Some(serving), hold: Some(hold) }
    }

    /// Returns how many handshakes it has seen to their end.
    pub(crate) fn handshakes(&self) -> u64 {
        self.tls.handshakes()
    }
}

impl Drop for TestOrigin {
    fn drop(&mut self) {
        self.hold.take();
        if let Some(serving) = self.serving.take() {
            serving.join().unwrap();
        }
    }
}

async fn serve(now: Timestamp) -> (Root, DnsServer, TlsServer) {
    let long = || Window::days(-100..1000, now);
    let root = Authority::root("Bench Root", long()).unwrap();
    let intermediate = root.intermediate("Bench CA", long(), &AuthorityOptions::default()).unwrap();
    let end_entity = EndEntity::new(&["*.example.com"], Window::days(-20..70, now));
    let issued = intermediate.issue(&end_entity).unwrap();
    let served = ServedCertificate::new(vec![issued.der, intermediate.der()], issued.key);
    let options = TlsServerOptions {
        versions: TlsVersions::Tls13,
        ..TlsServerOptions::new(Certificates::for_everyone(served))
    };
    let tls = TlsServer::start(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, &options).await.unwrap();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    for ttl in [Ttl::OneSecond, Ttl::AnHour] {
        for number in 0..NAMES {
            dns.set(&ttl.name(number), ttl.record()).unwrap();
        }
    }
    (Root { der: root.der(), pem: root.pem() }, dns, tls)
}
