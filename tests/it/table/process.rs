//! Other people's servers as child processes, which end when they are dropped.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpSocket;
use tokio::process::{Child, Command};

use super::stage::{Leaf, Stage};

/// A server in a process of its own.
#[derive(Debug)]
pub struct Process {
    pub address: SocketAddr,
    /// Unless it runs in one of [`Hosts`](super::host::Hosts).
    pub(super) child: Option<Child>,
    /// Where it writes, unless that is a pipe.
    pub(super) output: Option<PathBuf>,
    /// Unless it has found one by itself.
    pub(super) _port: Option<ReservedPort>,
}

impl Process {
    /// Waits for its end and returns what it said, if it ends by itself.
    pub async fn ended(mut self) -> Option<String> {
        let _ = tokio::time::timeout(PATIENCE, self.child.as_mut()?.wait()).await.ok()?;
        fs::read_to_string(self.output?).ok()
    }
}

/// Why a server is not there.
#[derive(Debug)]
pub enum Absent {
    /// The program is not installed, or the machine lacks the address: the row can be skipped.
    NotHere(String),
    /// The port is taken on one of the addresses: try another.
    PortTaken,
    /// It would not start, for the reason that it gives.
    Broken(String),
}

impl Absent {
    /// What a program means that printed this and ended.
    pub(super) fn told(complaint: String) -> Self {
        let complains_of_port = ["in use", "EADDRINUSE", "eaddrinuse"];
        match complains_of_port.iter().any(|words| complaint.contains(words)) {
            true => Self::PortTaken,
            false => Self::Broken(complaint),
        }
    }

    pub(super) fn not_spawned(program: &str, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotHere(format!("`{program}` is not installed")),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Starts `openssl s_server` with a certificate; `{folder}` in an argument is that of the stage.
pub async fn openssl(
    stage: &Stage,
    at: SocketAddr,
    leaf: Leaf,
    arguments: &str,
) -> Result<Process, Absent> {
    let folder = stage.folder.to_str().unwrap();
    let mut command = Command::new("openssl");
    command
        .args(["s_server", "-accept", &at.to_string(), "-www", "-no_ticket"])
        .args(arguments.split_whitespace().map(|argument| argument.replace("{folder}", folder)));
    if !arguments.contains("-nocert") {
        command
            .args(["-cert", &format!("{folder}/{leaf:?}.pem")])
            .args(["-key", &format!("{folder}/{leaf:?}.key")]);
    }
    let mut child = spawn(&mut command)?;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let listening = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(address) = line.strip_prefix("ACCEPT") {
                // It names the port only where it has chosen it.
                return Some(address.trim().parse().unwrap_or(at));
            }
        }
        None
    };
    if let Ok(Some(address)) = tokio::time::timeout(PATIENCE, listening).await {
        // Whatever else it prints must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        return Ok(Process { address, child: Some(child), output: None, _port: None });
    }
    Err(broken(child).await)
}

/// How long a program may take to listen.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The pause between two looks whether it listens; these programs do not say so.
pub(super) const PAUSE: Duration = Duration::from_millis(10);

/// A port that the kernel gives to no one who asks for any, and that a program can listen on which
/// shares it, as servers do that must be able to start again.
#[derive(Debug)]
pub(super) struct ReservedPort {
    pub(super) address: SocketAddr,
    _socket: TcpSocket,
}

impl ReservedPort {
    pub(super) fn bind(ip: IpAddr) -> Self {
        let socket = match ip {
            IpAddr::V4(_) => TcpSocket::new_v4(),
            IpAddr::V6(_) => TcpSocket::new_v6(),
        }
        .unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.set_reuseport(true).unwrap();
        socket.bind(SocketAddr::new(ip, 0)).unwrap();
        Self { address: socket.local_addr().unwrap(), _socket: socket }
    }
}

fn spawn(command: &mut Command) -> Result<Child, Absent> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            Absent::not_spawned(&command.as_std().get_program().to_string_lossy(), &error)
        })
}

async fn broken(mut child: Child) -> Absent {
    let _ = child.start_kill();
    let mut complaint = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut complaint).await;
    }
    Absent::told(complaint)
}
