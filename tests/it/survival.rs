//! What production does to the daemon, done to a process of its own: it says what it cannot see,
//! goes on with the rest, and never ends or falls silent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};

use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::script::{Script, ScriptServer};
use origin_probe::demo::server::{TlsServer, TlsServerOptions};

use crate::common::process::{Process, ask, comes, series as of, spawn, yaml};
use crate::common::stage::{LOOPBACK, Stage};

/// Four origins of different domains on one server, and their DNS.
struct World {
    stage: Stage,
    options: TlsServerOptions,
    server: TlsServer,
}

const DOMAINS: [&str; 4] = ["a.example", "b.example", "c.example", "d.example"];

async fn dns(address: SocketAddr) -> Result<DnsServer, impl std::fmt::Debug> {
    let records = DOMAINS.map(|domain| (domain, DnsRecord::v4([Ipv4Addr::LOCALHOST])));
    DnsServer::start_at(address, records).await
}

impl World {
    async fn new(name: &str) -> Self {
        let mut stage = Stage::new(name, &[]).await;
        stage.dns = dns((LOOPBACK, port_of_its_own()).into()).await.unwrap();
        let options = stage.ca.options(&DOMAINS);
        let server = TlsServer::start(LOOPBACK, port_of_its_own(), &options).await.unwrap();
        Self { stage, options, server }
    }

    fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// Returns a configuration of the four, probed every second.
    fn yaml(&self) -> String {
        let head = self.stage.head() + "probe: {interval: 1s, handshake_timeout: 2s}\n";
        yaml(&head, DOMAINS.map(|domain| (domain, domain, self.port())))
    }

    /// Starts a daemon over the four, and waits until all answer.
    async fn serve(&self) -> Process {
        let daemon = self.stage.start(&self.yaml()).await;
        all_answer(&daemon).await;
        daemon
    }

    /// Stops the server, and returns its port. An unused server replaces it.
    async fn leave(&mut self) -> u16 {
        let port = self.port();
        self.server = TlsServer::start(LOOPBACK, 0, &self.options).await.unwrap();
        port
    }

    /// Starts the server where it was.
    async fn return_server(&mut self, port: u16) {
        self.server = back(async || TlsServer::start(LOOPBACK, port, &self.options).await).await;
    }
}

/// Returns a port that is free and that the system gives nobody who asks for any: whoever goes away and
/// comes back finds it free again (`ip_local_port_range` begins at 32768).
fn port_of_its_own() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id() % 10_000;
    loop {
        let next = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + (start + next) % 10_000).unwrap();
        let is_free = std::net::TcpListener::bind((LOOPBACK, port)).is_ok()
            && std::net::UdpSocket::bind((LOOPBACK, port)).is_ok();
        if is_free {
            return port;
        }
    }
}

/// Starts a server where another one was: its last connections may still hold the port.
async fn back<S, E>(mut start: impl AsyncFnMut() -> Result<S, E>) -> S {
    let mut server = None;
    let starts = async || {
        server = start().await.ok();
        server.is_some()
    };
    assert!(comes(starts).await);
    server.unwrap()
}

fn series(metric: &str, domain: &str) -> String {
    of(metric, domain, domain)
}

async fn all_show(daemon: &Process, metric: &str, value: &str) {
    for domain in DOMAINS {
        daemon.shows(&series(metric, domain), value).await;
    }
}

/// Returns the answers of all origins: (failing, undecided).
async fn all_answer(daemon: &Process) {
    all_show(daemon, "failing", "0").await;
    all_show(daemon, "undecided", "0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dns_that_dies_blinds_the_daemon_and_its_return_heals_it() {
    let mut world = World::new("dns-dies").await;
    let daemon = world.serve().await;
    let address = world.stage.dns.address();
    // An unused nameserver replaces it.
    world.stage.dns = DnsServer::start([]).await.unwrap();
    daemon.shows("origin_probe_blind{cause=\"resolver-silent\"}", "1").await;
    all_show(&daemon, "undecided", "1").await;
    for domain in DOMAINS {
        assert_eq!(daemon.metric(&series("failing", domain)).await.as_deref(), Some("0"));
        // What was known of the certificates stays known.
        let known = series("certificate_not_after_timestamp_seconds", domain);
        assert!(daemon.metric(&known).await.is_some());
    }
    world.stage.dns = back(async || dns(address).await).await;
    all_answer(&daemon).await;
    daemon.shows("origin_probe_blind{cause=\"resolver-silent\"}", "0").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_that_all_go_away_at_once_make_the_daemon_doubt_itself() {
    let mut world = World::new("all-gone").await;
    let daemon = world.serve().await;
    let port = world.leave().await;
    daemon.shows("origin_probe_blind{cause=\"prober-blind\"}", "1").await;
    all_show(&daemon, "undecided", "1").await;
    world.return_server(port).await;
    all_answer(&daemon).await;
    daemon.shows("origin_probe_blind{cause=\"prober-blind\"}", "0").await;
    assert_eq!(daemon.end().await, Some(0));
}

/// A TCP connection came up, so that it is no matter of the network: CloudFront would fail as well.
#[tokio::test(flavor = "multi_thread")]
async fn origins_that_are_all_reset_at_once_fail_and_recover() {
    let mut world = World::new("all-reset").await;
    let daemon = world.serve().await;
    let port = world.leave().await;
    let start = async || ScriptServer::start(LOOPBACK, port, Script::ResetAfterClientHello).await;
    let resets = back(start).await;
    all_show(&daemon, "failing", "1").await;
    drop(resets);
    world.return_server(port).await;
    all_answer(&daemon).await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_stops_nothing() {
    let world = World::new("full-disk").await;
    // Where it listens cannot be read from a log that nobody keeps.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let yaml = world.yaml().replace("127.0.0.1:0", &format!("127.0.0.1:{port}"));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = spawn(world.stage.serve(&yaml), full);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let wanted = format!("{} 0\n", series("failing", "d.example"));
    let answers = comes(async || {
        if tokio::net::TcpStream::connect(address).await.is_err() {
            return false;
        }
        let (_, metrics) = ask(address, "GET", "/metrics").await;
        metrics.contains(&wanted) && !metrics.contains("undecided_reason{")
    });
    assert!(answers.await);
    assert_eq!(child.try_wait().unwrap(), None);
}
