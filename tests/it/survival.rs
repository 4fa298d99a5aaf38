//! What production does to the daemon, done to a process of its own: it says what it cannot see,
//! goes on with the rest, and never ends or falls silent.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::common::process::{Process, ask, folder, serve};
use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::demo::script::{Script, ScriptServer};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Four origins of different domains on one server, and their DNS.
struct World {
    root: Authority,
    certificates: Certificates,
    server: TlsServer,
    dns: DnsServer,
}

const DOMAINS: [&str; 4] = ["a.example", "b.example", "c.example", "d.example"];

fn records() -> [(&'static str, DnsRecord); 4] {
    DOMAINS.map(|domain| (domain, DnsRecord::v4([Ipv4Addr::LOCALHOST])))
}

impl World {
    async fn new() -> Self {
        let year = || Window::days(-10..355, now());
        let root = Authority::root("Root", year()).unwrap();
        let issued = root.issue(&EndEntity::new(&DOMAINS, year())).unwrap();
        let served = ServedCertificate::new(vec![issued.der], issued.key);
        let certificates = Certificates::for_everyone(served);
        let options = TlsServerOptions::new(certificates.clone());
        let server = TlsServer::start(LOOPBACK, port_of_its_own(), &options).await.unwrap();
        let dns = (LOOPBACK, port_of_its_own()).into();
        let dns = DnsServer::start_at(dns, records()).await.unwrap();
        Self { root, certificates, server, dns }
    }

    /// Writes a configuration of the four, probed every second, and of `more`.
    fn write(&self, folder: &Path, more: &str) -> std::path::PathBuf {
        let (path, pem) = (folder.join("c.yaml"), folder.join("root.pem"));
        std::fs::write(&pem, self.root.pem()).unwrap();
        let (dns, port) = (self.dns.address(), self.server.address().port());
        let mut yaml = format!(
            "web: {{listen: \"127.0.0.1:0\"}}\nresolver: {{nameservers: [\"{dns}\"]}}\n\
             reachability: {{assume_public: [127.0.0.0/8]}}\ntrust_anchors: {{extra: [root.pem]}}\n\
             probe: {{interval: 1s, handshake_timeout: 2s}}\norigins:\n"
        );
        for domain in DOMAINS {
            yaml.push_str(&format!("  - {{id: {domain}, domain: {domain}, https_port: {port}}}\n"));
        }
        std::fs::write(&path, yaml + more).unwrap();
        path
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
    let bind = async {
        loop {
            match start().await {
                Ok(server) => break server,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), bind).await.unwrap()
}

fn series(metric: &str, domain: &str) -> String {
    format!(
        "cloudfront_origin_{metric}{{distribution=\"\",origin=\"{domain}\",domain=\"{domain}\",\
         server_name=\"{domain}\"}}"
    )
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
    let mut world = World::new().await;
    let path = world.write(&folder("dns-dies"), "");
    let daemon = Process::start(serve(&path)).await;
    all_answer(&daemon).await;
    let address = world.dns.address();
    drop(world.dns);
    daemon.shows("origin_probe_blind{cause=\"resolver-silent\"}", "1").await;
    all_show(&daemon, "undecided", "1").await;
    for domain in DOMAINS {
        assert_eq!(daemon.metric(&series("failing", domain)).await.as_deref(), Some("0"));
        // What was known of the certificates stays known.
        let known = series("certificate_not_after_timestamp_seconds", domain);
        assert!(daemon.metric(&known).await.is_some());
    }
    world.dns = back(async || DnsServer::start_at(address, records()).await).await;
    all_answer(&daemon).await;
    daemon.shows("origin_probe_blind{cause=\"resolver-silent\"}", "0").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_that_all_go_away_at_once_make_the_daemon_doubt_itself() {
    let mut world = World::new().await;
    let path = world.write(&folder("all-gone"), "");
    let daemon = Process::start(serve(&path)).await;
    all_answer(&daemon).await;
    let port = world.server.address().port();
    drop(world.server);
    daemon.shows("origin_probe_blind{cause=\"prober-blind\"}", "1").await;
    all_show(&daemon, "undecided", "1").await;
    let options = TlsServerOptions::new(world.certificates.clone());
    world.server = back(async || TlsServer::start(LOOPBACK, port, &options).await).await;
    all_answer(&daemon).await;
    daemon.shows("origin_probe_blind{cause=\"prober-blind\"}", "0").await;
    assert_eq!(daemon.end().await, Some(0));
}

/// A TCP connection came up, so that it is no matter of the network: CloudFront would fail as well.
#[tokio::test(flavor = "multi_thread")]
async fn origins_that_are_all_reset_at_once_fail_and_recover() {
    let mut world = World::new().await;
    let path = world.write(&folder("all-reset"), "");
    let daemon = Process::start(serve(&path)).await;
    all_answer(&daemon).await;
    let port = world.server.address().port();
    drop(world.server);
    let start = async || ScriptServer::start(LOOPBACK, port, Script::ResetAfterClientHello).await;
    let resets = back(start).await;
    all_show(&daemon, "failing", "1").await;
    drop(resets);
    let options = TlsServerOptions::new(world.certificates.clone());
    world.server = back(async || TlsServer::start(LOOPBACK, port, &options).await).await;
    all_answer(&daemon).await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_stops_nothing() {
    let world = World::new().await;
    let folder = folder("full-disk");
    let path = world.write(&folder, "");
    // Where it listens cannot be read from a log that nobody keeps.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let yaml = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, yaml.replace("127.0.0.1:0", &format!("127.0.0.1:{port}"))).unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = serve(&path).stderr(Stdio::from(full)).kill_on_drop(true).spawn().unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let answers = async {
        loop {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                let (_, metrics) = ask(address, "GET", "/metrics").await;
                let wanted = format!("{} 0\n", series("failing", "d.example"));
                if metrics.contains(&wanted) && !metrics.contains("undecided_reason{") {
                    break;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), answers).await.unwrap();
    assert_eq!(child.try_wait().unwrap(), None);
}
