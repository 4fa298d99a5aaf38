//! The program as a child process: run to its end, or served and asked.
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;

use super::http::{self, sample};

const PROGRAM: &str = env!("CARGO_BIN_EXE_origin-probe");

/// A configuration without a reachable nameserver, so that every probe ends at once.
pub const NO_DNS: &str = "resolver: {nameservers: [\"127.0.0.1:9\"]}\n";

/// Variables that change the output; tests must not inherit them.
pub const UNSET: &str =
    "NO_COLOR CLICOLOR CLICOLOR_FORCE CI COLORTERM COLUMNS LC_ALL LC_CTYPE RUST_LOG";

/// The folder of one test, in which the program runs.
pub struct Folder(PathBuf);

impl Folder {
    /// Returns a folder that is empty.
    pub fn new(name: &str) -> Self {
        let _ = std::fs::remove_dir_all(Self::shared(name).0);
        Self::shared(name)
    }

    /// Returns a folder that several tests share.
    pub fn shared(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.join(name)).unwrap()
    }

    /// Writes a file atomically, as editors do: a reader sees the old or the new content.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        let new = path.with_extension("new");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&new, content).unwrap();
        std::fs::rename(&new, &path).unwrap();
        path
    }

    /// Returns a command of the program in this folder.
    pub fn program(&self, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Command {
        let mut command = Command::new(PROGRAM);
        for variable in UNSET.split(' ') {
            command.env_remove(variable);
        }
        command.env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
        command.args(arguments).current_dir(&self.0);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.program(arguments), b"")
    }

    /// Mounts the first of two versions of a file as Kubernetes mounts a ConfigMap, behind two
    /// links. Returns a function that switches to the second version.
    pub fn config_map(&self, name: &str, versions: [String; 2]) -> impl FnOnce() {
        for (version, text) in ["..1", "..2"].into_iter().zip(versions) {
            self.write(&format!("{version}/{name}"), text);
        }
        let (data, new) = (self.join("..data"), self.join("..data_tmp"));
        symlink("..1", &data).unwrap();
        symlink(format!("..data/{name}"), self.join(name)).unwrap();
        move || {
            symlink("..2", &new).unwrap();
            std::fs::rename(new, data).unwrap();
        }
    }

    /// Creates a named pipe.
    pub fn pipe(&self, name: &str) -> PathBuf {
        let path = self.join(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    /// Writes the configuration, and returns the command that serves it.
    pub fn serve(&self, yaml: &str) -> Command {
        serve(&self.write("origin-probe.yaml", yaml))
    }

    /// Starts the daemon with this configuration.
    pub async fn start(&self, yaml: &str) -> Process {
        Process::start(self.serve(yaml)).await
    }
}

/// Returns a configuration of origins `(id, domain, port)` on a port of its own.
pub fn yaml<'a>(head: &str, origins: impl IntoIterator<Item = (&'a str, &'a str, u16)>) -> String {
    let mut yaml = format!("web: {{listen: \"127.0.0.1:0\"}}\n{head}origins:\n");
    for (id, domain, port) in origins {
        yaml.push_str(&format!("  - {{id: {id}, domain: {domain}, https_port: {port}}}\n"));
    }
    yaml
}

/// Returns the series of a metric of an origin that is in no distribution.
pub fn series(metric: &str, id: &str, domain: &str) -> String {
    format!(
        "cloudfront_origin_{metric}{{distribution=\"\",origin=\"{id}\",domain=\"{domain}\",\
         server_name=\"{domain}\"}}"
    )
}

/// A command that has ended: its arguments, its exit code and its output.
#[derive(Debug)]
pub struct Ran {
    pub arguments: Vec<String>,
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Runs a command to its end. It blocks the thread: servers of the same test need other threads.
    pub fn of(command: &mut Command, input: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that has not read to the end is no failure of the writer.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let ran = Self {
            arguments: command.get_args().map(|one| one.to_str().unwrap().to_owned()).collect(),
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!ran.err.contains("panicked"), "{ran:?}");
        ran
    }

    /// Returns the command with its exit code and what it printed, for a section.
    pub fn transcript(&self) -> String {
        let quoted = |argument: &String| match argument.is_empty() || argument.contains(' ') {
            true => format!("'{argument}'"),
            false => argument.clone(),
        };
        let arguments = self.arguments.iter().map(quoted).collect::<Vec<_>>().join(" ");
        let lines = self.err.lines().filter(|line| !line.is_empty());
        let err: String = lines.map(|line| format!("stderr: {line}\n")).collect();
        let out: String = self.out.lines().map(|line| format!("{line}\n")).collect();
        format!("$ origin-probe {arguments}\nexit code {}\n{out}{err}\n", self.code)
    }

    /// Returns the origins printed as JSON, each on a line of its own.
    pub fn origins(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {self:?}"));
        self.out.lines().map(line).collect()
    }

    /// Returns the first origin printed as JSON.
    pub fn json(&self) -> Value {
        self.origins().swap_remove(0)
    }
}

/// Returns the command `origin-probe serve --config FILE`.
pub fn serve(config: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--config"]).arg(config);
    command
}

/// Clears the environment of a command, and keeps the AWS SDK from reading files and metadata.
pub fn without_aws(command: &mut Command) -> &mut Command {
    command.env_clear().envs([
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ])
}

/// Returns a command that runs `first` in a shell, such as `ulimit -n 24`, and then `command`.
pub fn after(first: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{first}; exec \"$0\" \"$@\"")]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

/// Waits until a condition holds; returns false if it does not within [`PATIENCE`].
pub async fn comes(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let wanted = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wanted).await.is_ok()
}

const PATIENCE: Duration = Duration::from_secs(60);

/// A running daemon; it is killed when dropped.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Process {
    /// Runs a command of [`serve`], and waits until it says where it listens.
    pub async fn start(command: Command) -> Self {
        let mut child = spawn(command, Stdio::piped());
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let address = loop {
            let line = lines.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| panic!("it ended:\n{log}"));
            log.push_str(&line);
            log.push('\n');
            if let Some(address) = listens(&line) {
                break address;
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
        sample(&metrics, series).map(str::to_owned)
    }

    /// Waits until a line of the metrics has a value.
    pub async fn shows(&self, series: &str, value: &str) {
        if !comes(async || self.metric(series).await.as_deref() == Some(value)).await {
            let (_, metrics) = self.ask("GET", "/metrics").await;
            panic!("{series} {value} never came:\n{metrics}\n{}", self.log());
        }
    }

    /// Waits until the log has a text, counted from its beginning.
    pub async fn says(&self, text: &str) {
        let is_said = comes(async || self.log().contains(text)).await;
        assert!(is_said, "`{text}` was never said:\n{}", self.log());
    }

    pub fn pid(&self) -> Pid {
        pid(&self.child)
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

/// Starts a command whose log goes there; it is killed when dropped.
pub fn spawn(command: Command, log: impl Into<Stdio>) -> Child {
    tokio::process::Command::from(command).stderr(log).kill_on_drop(true).spawn().unwrap()
}

pub fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap()
}

/// Returns where the daemon listens if a line of its log says so.
pub fn listens(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listen=")?;
    Some(rest.split_whitespace().next().unwrap().parse().unwrap())
}

/// Returns the status and the body of the answer to one request.
pub async fn ask(address: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let answer = http::ask(address, method, path, "").await;
    (answer.status, answer.body)
}

/// Runs `test`, the caller, once more in a process of its own, which it may deprive of anything.
/// Returns whether this is that process.
pub fn alone(test: &str) -> bool {
    const ALONE: &str = "ORIGIN_PROBE_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args([test, "--exact"]).env(ALONE, "yes").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}
