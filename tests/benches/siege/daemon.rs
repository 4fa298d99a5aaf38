//! The daemon in its cell, with a log that is never read.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::cell::Cell;
use super::fleet::Fleet;

/// A running daemon; it is killed when dropped.
pub struct Daemon {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

/// Resident memory.
pub struct Memory {
    pub resident_mib: f64,
    pub peak_mib: f64,
}

impl Daemon {
    /// Starts it with so many files and the memory of its cell. Nothing is ever read from the pipe that is its
    /// standard error, unless `ORIGIN_PROBE_LOG_IS_READ` is set.
    pub async fn start(cell: &Cell, files: usize, fleet: &Fleet) -> Self {
        let program = std::env::var("ORIGIN_PROBE_COMMAND");
        let program = program.unwrap_or_else(|_| env!("CARGO_BIN_EXE_origin-probe").to_owned());
        let mut child = Command::new("sh")
            .args(["-c", "echo $$ >\"$1\"; ulimit -n \"$2\"; shift 2; exec \"$@\"", "sh"])
            .arg(cell.processes())
            .arg(files.to_string())
            .args(program.split_whitespace())
            .args(["serve", "--config"])
            .arg(fleet.inside("origin-probe.yaml"))
            .arg("--web.config.file")
            .arg(fleet.inside("web.yaml"))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        if std::env::var_os("ORIGIN_PROBE_LOG_IS_READ").is_some() {
            let mut log = child.stderr.take().unwrap();
            tokio::spawn(async move { tokio::io::copy(&mut log, &mut tokio::io::sink()).await });
        }
        let folder = PathBuf::from(format!("/proc/{}", child.id().unwrap()));
        let mut daemon = Self { child, address: fleet.listen, folder };
        while TcpStream::connect(daemon.address).await.is_err() {
            assert!(!daemon.has_ended(), "the daemon has ended at its start; {cell}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        daemon
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(self.folder.join("status")).unwrap_or_default();
        let mib = |field: &str| {
            let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
            let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok());
            kib.unwrap_or_default() / 1024.0
        };
        Memory { resident_mib: mib("VmRSS:"), peak_mib: mib("VmHWM:") }
    }

    /// Begins the measurement of the peak again.
    pub fn forget_peak(&self) {
        let _ = std::fs::write(self.folder.join("clear_refs"), "5");
    }

    pub fn signal(&self, signal: Signal) {
        if let Some(id) = self.child.id() {
            let _ = rustix::process::kill_process(Pid::from_raw(id.cast_signed()).unwrap(), signal);
        }
    }

    /// Ends it as an orchestrator would; returns what was wrong about its end.
    pub async fn end(mut self, patience: Duration) -> Option<String> {
        self.signal(Signal::TERM);
        match tokio::time::timeout(patience, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => None,
            Ok(status) => Some(format!("SIGTERM: {status:?}")),
            Err(_) => Some(format!("SIGTERM: it has not ended after {patience:?}")),
        }
    }
}
