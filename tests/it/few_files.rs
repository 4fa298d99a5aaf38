//! The daemon with few files to open: origins that hang and connections that want nothing cost no
//! other origin its verdict, and where files run out the daemon says that it is itself to blame.

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::time::Duration;

use origin_probe::demo::dns::DnsRecord;
use origin_probe::demo::script::{Script, ScriptServer};
use origin_probe::demo::server::TlsServer;
use rustix::process::{Resource, Rlimit, prlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::http::{Answer, sample};
use crate::common::process::{Process, Ran, after, comes, series as of, yaml};
use crate::common::stage::Stage;

/// Healthy origins on servers with TLS, others that accept a connection and say nothing, and DNS.
struct World {
    stage: Stage,
    yaml: String,
    _servers: Vec<TlsServer>,
    _hanging: Vec<ScriptServer>,
}

impl World {
    async fn new(name: &str, healthy: usize, hanging: u8) -> Self {
        let stage = Stage::new(name, &[]).await;
        let options = stage.ca.options(&["*.healthy.example"]);
        let mut origins = Vec::new();
        let mut origin = |domain: String, address: Ipv4Addr, port: u16| {
            stage.dns.set(&domain, DnsRecord::v4([address])).unwrap();
            origins.push((domain, port));
        };
        // No more than 50 origins share an address.
        let mut servers = Vec::new();
        for n in 0..healthy {
            let address = Ipv4Addr::new(127, 0, 2, u8::try_from(1 + n / 50).unwrap());
            if n % 50 == 0 {
                servers.push(TlsServer::start(IpAddr::V4(address), 0, &options).await.unwrap());
            }
            origin(healthy_domain(n), address, servers[n / 50].address().port());
        }
        let mut silent = Vec::new();
        for n in 0..hanging {
            let address = Ipv4Addr::new(127, 0, 3, 1 + n);
            silent.push(ScriptServer::start(address.into(), 0, Script::Silence).await.unwrap());
            origin(format!("hangs-{n}.example"), address, silent.last().unwrap().address().port());
        }
        let head = stage.head() + "probe: {interval: 5s, handshake_timeout: 1s}\n";
        let origins = origins.iter().map(|(domain, port)| (&**domain, &**domain, *port));
        let yaml = yaml(&head, origins);
        Self { stage, yaml, _servers: servers, _hanging: silent }
    }

    /// Returns the daemon's command after these limits on the files that it may open.
    fn command(&self, limits: &str) -> Command {
        after(limits, &self.stage.serve(&self.yaml))
    }

    /// Starts the daemon with so many files to open.
    async fn serve(&self, files: usize) -> Process {
        Process::start(self.command(&format!("ulimit -n {files}"))).await
    }
}

fn healthy_domain(n: usize) -> String {
    format!("a{n}.healthy.example")
}

fn series(metric: &str, domain: &str) -> String {
    of(metric, domain, domain)
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
                let value = |n| sample(&metrics, &series(metric, &healthy_domain(n)));
                (0..healthy).all(|n| value(n) == Some(wanted))
            };
            assert!(all("failing", "0"), "{metrics}");
            if all("undecided", "0") && sample(&metrics, &hangs) == Some("1") {
                break metrics;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let metrics = tokio::time::timeout(Duration::from_secs(90), look).await;
    let metrics = metrics.unwrap_or_else(|_| panic!("not all are judged:\n{}", daemon.log()));
    let own = "origin_probe_probe_errors_total{reason=\"own-failure\"}";
    assert_eq!(sample(&metrics, own), Some("0"), "no socket is ever missing:\n{}", daemon.log());
    assert_eq!(sample(&metrics, "origin_probe_blind{cause=\"own-failure\"}"), Some("0"));
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
        Answer::parse(answer).unwrap().body
    }

    async fn shows(&mut self, series: &str, wanted: &str) {
        let is_shown = async || sample(&self.metrics().await, series) == Some(wanted);
        assert!(comes(is_shown).await, "{series} {wanted}:\n{}", self.metrics().await);
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
        assert_eq!(sample(&metrics, &series("failing", &domain)), Some("0"));
        let reason = series("undecided_reason", &domain).replace('}', ",reason=\"own-failure\"}");
        assert_eq!(sample(&metrics, &reason), Some("1"), "{metrics}");
        // What was known of the certificates stays known.
        let known = series("certificate_not_after_timestamp_seconds", &domain);
        assert!(sample(&metrics, &known).is_some());
    }
    for cause in ["resolver-silent", "prober-blind", "prober-overloaded"] {
        let other = format!("origin_probe_blind{{cause=\"{cause}\"}}");
        assert_eq!(sample(&metrics, &other), Some("0"), "{cause}");
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
    let ran = Ran::of(&mut world.command("ulimit -n 23"), b"");
    assert_eq!(ran.code, 3);
    let said = ran.err;
    assert!(said.contains("open file limit 23 is") && said.contains("to 24 or more"), "{said}");
}

#[tokio::test]
async fn the_soft_limit_on_files_is_raised_to_the_hard_one() {
    let world = World::new("soft-limit", 1, 0).await;
    let daemon = Process::start(world.command("ulimit -Sn 30; ulimit -Hn 300")).await;
    assert_eq!(daemon.metric("process_max_fds").await.as_deref(), Some("300"));
    assert_eq!(daemon.end().await, Some(0));
}
