//! The daemon as a process of its own.
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A folder of one test, empty at its beginning.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns the command `origin-probe serve --config FILE`.
pub fn serve(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_origin-probe"));
    command.args(["serve", "--config"]).arg(config);
    command
}

/// A running daemon; it is killed when dropped.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Process {
    /// Runs a command of [`serve`], and waits until it says where it listens.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let address = loop {
            let line = lines.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| panic!("it ended:\n{log}"));
            log.push_str(&line);
            log.push('\n');
            if let Some((_, rest)) = line.split_once("listen=") {
                break rest.split_whitespace().next().unwrap().parse().unwrap();
            }
        };
        let log = Arc::new(Mutex::new(log));
        let written = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                written.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { child, address, log }
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Returns the status and the body of the answer to one request.
    pub async fn ask(&self, method: &str, path: &str) -> (u16, String) {
        ask(self.address, method, path).await
    }

    /// Makes a request and closes the connection while it is under way.
    pub async fn abandon(&self, method: &str, path: &str) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        // The daemon has the request once it has answered a later one.
        self.ask("GET", "/-/healthy").await;
    }

    /// Returns the value of one line of the metrics, up to the last space; `None` without it.
    pub async fn metric(&self, series: &str) -> Option<String> {
        let (_, metrics) = self.ask("GET", "/metrics").await;
        let prefix = format!("{series} ");
        metrics.lines().find_map(|line| Some(line.strip_prefix(&prefix)?.to_owned()))
    }

    /// Waits until a line of the metrics has a value.
    pub async fn shows(&self, series: &str, value: &str) {
        let wanted = async {
            while self.metric(series).await.as_deref() != Some(value) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, wanted).await.is_err() {
            let (_, metrics) = self.ask("GET", "/metrics").await;
            panic!("{series} {value} never came:\n{metrics}\n{}", self.log());
        }
    }

    /// Waits until the log has a text, counted from its beginning.
    pub async fn says(&self, text: &str) {
        let wanted = async {
            while !self.log().contains(text) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, wanted).await.is_err() {
            panic!("`{text}` was never said:\n{}", self.log());
        }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end, and returns the exit code.
    pub async fn ended(&mut self) -> Option<i32> {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().code()
    }

    pub async fn end(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.ended().await
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the status and the body of the answer to one request.
pub async fn ask(address: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{method} {path} HTTP/1.0\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Runs `test`, the caller, once more in a process of its own, which it may deprive of anything.
/// Returns whether this is that process.
pub fn alone(test: &str) -> bool {
    const ALONE: &str = "ORIGIN_PROBE_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let output = command.args([test, "--exact"]).env(ALONE, "yes").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}
