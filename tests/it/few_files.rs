//! The daemon with few files to open: origins that hang and connections that want nothing cost no
//! other origin its verdict, and where files run out the daemon says that it is itself to blame.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use crate::common::process::{Process, folder};
use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::demo::script::{Script, ScriptServer};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};
use rustix::process::{Resource, Rlimit, prlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Healthy origins on servers with TLS, others that accept a connection and say nothing, and DNS.
struct World {
    config: PathBuf,
    _servers: Vec<TlsServer>,
    _hanging: Vec<ScriptServer>,
    _dns: DnsServer,
}

impl World {
    async fn new(name: &str, healthy: usize, hanging: u8) -> Self {
        let year = || Window::days(-10..355, now());
        let root = Authority::root("Root", year()).unwrap();
        let issued = root.issue(&EndEntity::new(&["*.healthy.example"], year())).unwrap();
        let served = ServedCertificate::new(vec![issued.der], issued.key);
        let options = TlsServerOptions::new(Certificates::for_everyone(served));
        let dns = DnsServer::start([]).await.unwrap();
        let folder = folder(name);
        std::fs::write(folder.join("root.pem"), root.pem()).unwrap();
        let mut yaml = format!(
            "web: {{listen: \"127.0.0.1:0\"}}\nresolver: {{nameservers: [\"{}\"]}}\n\
             reachability: {{assume_public: [127.0.0.0/8]}}\ntrust_anchors: {{extra: [root.pem]}}\n\
             probe: {{interval: 5s, handshake_timeout: 1s}}\norigins:\n",
            dns.address()
        );
        let mut origin = |domain: &str, address: Ipv4Addr, port: u16| {
            dns.set(domain, DnsRecord::v4([address])).unwrap();
            yaml.push_str(&format!("  - {{id: {domain}, domain: {domain}, https_port: {port}}}\n"));
        };
        // No more than 50 origins share an address.
        let mut servers = Vec::new();
        for n in 0..healthy {
            let address = Ipv4Addr::new(127, 0, 2, u8::try_from(1 + n / 50).unwrap());
            if n % 50 == 0 {
                servers.push(TlsServer::start(IpAddr::V4(address), 0, &options).await.unwrap());
            }
            origin(&healthy_domain(n), address, servers[n / 50].address().port());
        }
        let mut silent = Vec::new();
        for n in 0..hanging {
            let address = Ipv4Addr::new(127, 0, 3, 1 + n);
            silent.push(ScriptServer::start(address.into(), 0, Script::Silence).await.unwrap());
            origin(&format!("hangs-{n}.example"), address, silent.last().unwrap().address().port());
        }
        let config = folder.join("c.yaml");
        std::fs::write(&config, yaml).unwrap();
        Self { config, _servers: servers, _hanging: silent, _dns: dns }
    }

    /// Starts the daemon with so many files to open.
    async fn serve(&self, files: usize) -> Process {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -n {files}; exec \"$0\" serve --config \"$1\""));
        command.arg(env!("CARGO_BIN_EXE_origin-probe")).arg(&self.config);
        Process::start(command).await
    }
}

fn healthy_domain(n: usize) -> String {
    format!("a{n}.healthy.example")
}

fn series(metric: &str, domain: &str) -> String {
    format!(
        "cloudfront_origin_{metric}{{distribution=\"\",origin=\"{domain}\",domain=\"{domain}\",\
         server_name=\"{domain}\"}}"
    )
}

/// Returns the value of one line of the metrics.
fn value<'a>(metrics: &'a str, series: &str) -> Option<&'a str> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

/// Looks at the metrics until all healthy origins were judged and a hanging one was; no healthy one
/// may fail at any time.
async fn no_healthy_origin_ever_fails(files: usize, healthy: usize, hanging: u8, idle: usize) {
    let world = World::new(&format!("few-files-{files}"), healthy, hanging).await;
    let daemon = world.serve(files).await;
    let mut connections = Vec::new();
    for _ in 0..idle {
        connections.push(TcpStream::connect(daemon.address).await.unwrap());
    }
    let hangs = series("failing", "hangs-0.example");
    let look = async {
        loop {
            let (status, metrics) = daemon.ask("GET", "/metrics").await;
            assert_eq!(status, 200);
            let all = |metric: &str, wanted: &str| {
                let mut values =
                    (0..healthy).map(|n| value(&metrics, &series(metric, &healthy_domain(n))));
                values.all(|value| value == Some(wanted))
            };
            assert!(all("failing", "0"), "{metrics}");
            if all("undecided", "0") && value(&metrics, &hangs) == Some("1") {
                break metrics;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let metrics = tokio::time::timeout(Duration::from_secs(90), look).await;
    let metrics = metrics.unwrap_or_else(|_| panic!("not all are judged:\n{}", daemon.log()));
    let own = "origin_probe_probe_errors_total{reason=\"own-failure\"}";
    assert_eq!(value(&metrics, own), Some("0"), "no socket is ever missing:\n{}", daemon.log());
    assert_eq!(value(&metrics, "origin_probe_blind{cause=\"own-failure\"}"), Some("0"));
    drop(connections);
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_24_files_no_healthy_origin_ever_fails() {
    no_healthy_origin_ever_fails(24, 20, 6, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_64_files_no_healthy_origin_ever_fails() {
    no_healthy_origin_ever_fails(64, 60, 20, 80).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_256_files_no_healthy_origin_ever_fails() {
    no_healthy_origin_ever_fails(256, 200, 60, 250).await;
}

/// Returns the body of a response whose length was not known at its beginning (RFC 9112 §7.1).
fn without_chunks(response: &str) -> String {
    let (mut body, mut rest) = (String::new(), response.split_once("\r\n\r\n").unwrap().1);
    loop {
        let (length, chunks) = rest.split_once("\r\n").unwrap();
        let (chunk, after) = chunks.split_at(usize::from_str_radix(length, 16).unwrap());
        if chunk.is_empty() {
            break body;
        }
        body.push_str(chunk);
        rest = after.strip_prefix("\r\n").unwrap();
    }
}

/// A connection to the pages that is kept, so that no further file is needed to look.
struct Kept(TcpStream);

impl Kept {
    async fn metrics(&mut self) -> String {
        self.0.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let (mut answer, mut buffer) = (Vec::new(), vec![0; 65_536]);
        while !answer.ends_with(b"\r\n0\r\n\r\n") {
            let count = self.0.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "it was closed");
            answer.extend_from_slice(&buffer[..count]);
        }
        without_chunks(&String::from_utf8(answer).unwrap())
    }

    async fn shows(&mut self, series: &str, wanted: &str) {
        let look = async {
            while value(&self.metrics().await, series) != Some(wanted) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(60), look).await.is_err() {
            panic!("{series} {wanted} never came:\n{}", self.metrics().await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_run_out_make_origins_undecided_and_the_daemon_blind_until_there_are_more() {
    let world = World::new("no-files", 20, 0).await;
    let daemon = world.serve(256).await;
    let mut page = Kept(TcpStream::connect(daemon.address).await.unwrap());
    let all: Vec<_> = (0..20).map(|n| series("undecided", &healthy_domain(n))).collect();
    for undecided in &all {
        page.shows(undecided, "0").await;
    }

    let limit = |files| Rlimit { current: Some(files), maximum: Some(256) };
    let set = |files| prlimit(Some(daemon.pid()), Resource::Nofile, limit(files)).unwrap();
    set(4);
    let blind = "origin_probe_blind{cause=\"own-failure\"}";
    page.shows(blind, "1").await;
    for undecided in &all {
        page.shows(undecided, "1").await;
    }
    let metrics = page.metrics().await;
    for n in 0..20 {
        let domain = healthy_domain(n);
        assert_eq!(value(&metrics, &series("failing", &domain)), Some("0"));
        let reason = series("undecided_reason", &domain).replace('}', ",reason=\"own-failure\"}");
        assert_eq!(value(&metrics, &reason), Some("1"), "{metrics}");
        // What was known of the certificates stays known.
        let known = series("certificate_not_after_timestamp_seconds", &domain);
        assert!(value(&metrics, &known).is_some());
    }
    for cause in ["resolver-silent", "prober-blind", "prober-overloaded"] {
        let other = format!("origin_probe_blind{{cause=\"{cause}\"}}");
        assert_eq!(value(&metrics, &other), Some("0"), "{cause}");
    }

    set(256);
    page.shows(blind, "0").await;
    for undecided in &all {
        page.shows(undecided, "0").await;
    }
    let (_, origin) = daemon.ask("GET", &format!("/api/v1/origins/{}", healthy_domain(0))).await;
    assert!(origin.contains("\"answers\""), "{origin}");
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test]
async fn too_few_files_for_the_daemon_are_refused_with_the_number_that_it_needs() {
    let world = World::new("fewest-files", 1, 0).await;
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 23; exec \"$0\" serve --config \"$1\""])
        .arg(env!("CARGO_BIN_EXE_origin-probe"))
        .arg(&world.config)
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("open file limit 23 is") && said.contains("to 24 or more"), "{said}");
}

#[tokio::test]
async fn the_soft_limit_on_files_is_raised_to_the_hard_one() {
    let world = World::new("soft-limit", 1, 0).await;
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -Sn 30; ulimit -Hn 300; exec \"$0\" serve --config \"$1\""]);
    command.arg(env!("CARGO_BIN_EXE_origin-probe")).arg(&world.config);
    let daemon = Process::start(command).await;
    assert_eq!(daemon.metric("process_max_fds").await.as_deref(), Some("300"));
    assert_eq!(daemon.end().await, Some(0));
}
