//! The release binary as a process, and what `/proc` says of it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::farm::Farm;
use super::measure::{cpu_of, status_of};
use super::scrape::{Reading, Scrape};

/// A running daemon; it is killed when dropped.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// What the process has used up to an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) at: Instant,
    pub(crate) cpu: Duration,
    pub(crate) resident_mib: f64,
    /// The part of it that is not a file.
    pub(crate) anonymous_mib: f64,
    pub(crate) peak_mib: f64,
    pub(crate) files: usize,
    pub(crate) threads: u64,
}

impl Usage {
    /// Returns how much of one core was used since `earlier`.
    pub(crate) fn cpu_since(&self, earlier: &Self) -> f64 {
        (self.cpu - earlier.cpu).as_secs_f64() / (self.at - earlier.at).as_secs_f64()
    }
}

impl Daemon {
    /// Starts the release binary over a farm; `ORIGIN_PROBE_BINARY` names another one.
    pub(crate) async fn start(farm: &Farm) -> Self {
        // Benchmarks are built with the release's settings, beside the binary itself.
        let release = || env!("CARGO_BIN_EXE_origin-probe").into();
        let binary = PathBuf::from(std::env::var_os("ORIGIN_PROBE_BINARY").unwrap_or_else(release));
        assert!(binary.exists(), "{} is missing: cargo build --release", binary.display());
        // The port is chosen here, for the log says nothing at this level.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let yaml = std::fs::read_to_string(&farm.config).unwrap();
        std::fs::write(&farm.config, yaml.replace("127.0.0.1:0\"", &format!("{address}\"")))
            .unwrap();
        let child = Command::new(binary)
            .args(["serve", "--config"])
            .arg(&farm.config)
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut daemon = Self { child, address };
        while TcpStream::connect(daemon.address).await.is_err() {
            assert!(daemon.child.try_wait().unwrap().is_none(), "the daemon has ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        daemon
    }

    /// Waits until so many probes have ended.
    pub(crate) async fn has_probed(&self, probes: usize) {
        while self.scrape(Scrape::Plain).await.probes < probes as u64 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Asks for the metrics once.
    pub(crate) async fn scrape(&self, kind: Scrape) -> Reading {
        let encoding = match kind {
            Scrape::Plain => "identity",
            Scrape::Gzip => "gzip",
        };
        Reading::of(&self.ask("GET", "/metrics", encoding).await, kind)
    }

    /// Returns the whole answer to one request.
    pub(crate) async fn ask(&self, method: &str, path: &str, encoding: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request =
            format!("{method} {path} HTTP/1.0\r\nHost: x\r\nAccept-Encoding: {encoding}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    }

    pub(crate) fn usage(&self) -> Usage {
        let process = self.child.id().unwrap();
        let field = |name| status_of(process, name);
        Usage {
            at: Instant::now(),
            cpu: cpu_of(process),
            resident_mib: field("VmRSS") / 1024.0,
            anonymous_mib: field("RssAnon") / 1024.0,
            peak_mib: field("VmHWM") / 1024.0,
            files: std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count(),
            threads: field("Threads") as u64,
        }
    }

    /// Has it read its configuration again.
    pub(crate) fn reload(&self) {
        self.signal(rustix::process::Signal::HUP);
    }

    /// Begins a new peak of resident memory.
    pub(crate) fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id().unwrap()), "5").unwrap();
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Ends it as an orchestrator would.
    pub(crate) async fn end(mut self) {
        self.signal(rustix::process::Signal::TERM);
        let status = self.child.wait().await.unwrap();
        assert!(status.success(), "{status}");
    }
}
