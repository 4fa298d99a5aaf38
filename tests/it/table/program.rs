//! Server products as child processes: the files of their configuration and their commands.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::compiled;
use super::compiled::Source;
use super::host::Hosts;
use super::process::{Absent, PATIENCE, PAUSE, Process, ReservedPort};
use super::stage::Stage;

/// A program that serves TLS, and what it reads.
///
/// These placeholders are filled in everywhere: `{address}` and its parts `{ip}` and `{port}`,
/// `{folder}` with the certificates, `{here}` for the files and the state of this one server,
/// `{peers}` for what `.ci/install peers` installs outside the system's folders, `{programs}` for
/// our own sources, and `{compiled}` for what has been made of one of them.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Words separated by spaces.
    command: String,
    preparations: Vec<String>,
    environment: Vec<(&'static str, String)>,
    files: Vec<(&'static str, String)>,
    parts: Vec<String>,
    runs_as_root_only: bool,
    source: Option<Source>,
    order: Option<String>,
    awaited: Option<String>,
}

impl Program {
    /// A server that `command` runs in the foreground, in the folder `{here}`.
    pub fn new(command: impl Into<String>) -> Self {
        Self { command: command.into(), ..Self::default() }
    }

    /// Writes a file below `{here}`.
    pub fn file(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.files.push((name, text.into()));
        self
    }

    /// Runs a command before the server, such as one that makes a keystore.
    pub fn prepare(mut self, command: impl Into<String>) -> Self {
        self.preparations.push(command.into());
        self
    }

    pub fn environment(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Names a file that the server cannot do without, such as a module in a package of its own.
    pub fn needs(mut self, path: impl Into<String>) -> Self {
        self.parts.push(path.into());
        self
    }

    /// Says that the server gives up root's rights and cannot start without them.
    pub fn needs_root(mut self) -> Self {
        self.runs_as_root_only = true;
        self
    }

    /// Says which of our programs has to be compiled for it.
    pub fn compiled(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// Says that the command runs a process for many servers, which begins one for this line.
    pub fn ordered(mut self, order: impl Into<String>) -> Self {
        self.order = Some(order.into());
        self
    }

    /// Names a file that the server writes once it is ready, which is later than it listens.
    pub fn awaits(mut self, path: impl Into<String>) -> Self {
        self.awaited = Some(path.into());
        self
    }

    /// Compiles what the server needs, unless that is done; it can take longer than a row may.
    pub async fn compile(&self, stage: &Stage) -> Result<Option<PathBuf>, Absent> {
        match self.source {
            Some(source) => stage.compiled.of(source, &stage.folder).await.map(Some),
            None => Ok(None),
        }
    }

    /// Starts the server on a free port.
    pub async fn start(&self, stage: &Stage, ip: IpAddr) -> Result<Process, Absent> {
        if self.runs_as_root_only && !rustix::process::getuid().is_root() {
            return Err(Absent::NotHere(format!("`{}` runs as root only", self.command)));
        }
        let compiled = self.compile(stage).await?;
        let port = ReservedPort::bind(ip);
        let place = Place::new(stage, port.address, compiled);
        for part in &self.parts {
            let part = place.fill_in(part)?;
            if !Path::new(&part).exists() {
                return Err(Absent::NotHere(format!("`{part}` is not installed")));
            }
        }
        for (name, text) in &self.files {
            let path = place.here.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, place.fill_in(text)?).unwrap();
        }
        for command in &self.preparations {
            let status = self.spawn(command, &place)?.wait().await.unwrap();
            if !status.success() {
                return Err(Absent::Broken(format!("{command}: {}", place.output())));
            }
        }
        let command = place.fill_in(&self.command)?;
        let (mut runner, output) = match &self.order {
            None => (Runner::Own(self.spawn(&self.command, &place)?), place.output_file()),
            Some(order) => {
                let spawn = || Ok((self.spawn(&command, &place)?, place.output_file()));
                let output = stage.hosts.order(&command, &place.fill_in(order)?, spawn).await?;
                (Runner::Host(&stage.hosts, &command), output)
            }
        };
        let awaited = self.awaited.as_deref().map(|path| place.fill_in(path)).transpose()?;
        let address = place.address;
        if !is_ready(address, awaited.as_deref(), &mut runner).await {
            // Its own process ends here, where it is dropped.
            return Err(Absent::told(fs::read_to_string(output).unwrap_or_default()));
        }
        let child = match runner {
            Runner::Own(child) => Some(child),
            Runner::Host(..) => None,
        };
        Ok(Process { address, child, output: Some(output), _port: Some(port) })
    }

    fn spawn(&self, command: &str, place: &Place) -> Result<Child, Absent> {
        let mut words = command.split_whitespace().map(|word| place.fill_in(word));
        let program = words.next().unwrap()?;
        let output = fs::File::options().create(true).append(true).open(place.output_file());
        let output = output.unwrap();
        let mut command = Command::new(&program);
        for word in words {
            command.arg(word?);
        }
        for (name, value) in &self.environment {
            command.env(name, place.fill_in(value)?);
        }
        command
            .current_dir(&place.here)
            .stdin(if self.order.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Absent::not_spawned(&program, &error))
    }
}

/// Where one server runs.
struct Place {
    address: SocketAddr,
    folder: PathBuf,
    here: PathBuf,
    compiled: Option<PathBuf>,
}

impl Place {
    fn new(stage: &Stage, address: SocketAddr, compiled: Option<PathBuf>) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let here = stage.folder.join(format!("server-{number}"));
        fs::create_dir_all(&here).unwrap();
        Self { address, folder: stage.folder.clone(), here, compiled }
    }

    fn output_file(&self) -> PathBuf {
        self.here.join("output")
    }

    fn output(&self) -> String {
        fs::read_to_string(self.output_file()).unwrap_or_default()
    }

    fn fill_in(&self, text: &str) -> Result<String, Absent> {
        let compiled = self.compiled.as_deref().map_or("", |path| path.to_str().unwrap());
        let text = text
            .replace("{compiled}", compiled)
            .replace("{programs}", compiled::programs().to_str().unwrap())
            .replace("{folder}", self.folder.to_str().unwrap())
            .replace("{here}", self.here.to_str().unwrap())
            .replace("{address}", &self.address.to_string())
            .replace("{ip}", &self.address.ip().to_string())
            .replace("{port}", &self.address.port().to_string());
        if !text.contains("{peers}") {
            return Ok(text);
        }
        Ok(text.replace("{peers}", compiled::peers()?.to_str().unwrap()))
    }
}

/// The process that a server runs in.
enum Runner<'a> {
    Own(Child),
    /// With its command.
    Host(&'a Hosts, &'a str),
}

impl Runner<'_> {
    async fn has_ended(&mut self) -> bool {
        match self {
            Self::Own(child) => child.try_wait().unwrap().is_some(),
            Self::Host(hosts, command) => hosts.has_ended(command).await,
        }
    }
}

async fn is_ready(address: SocketAddr, file: Option<&str>, runner: &mut Runner<'_>) -> bool {
    let listening = async {
        loop {
            let has_written = file.is_none_or(|file| Path::new(file).exists());
            let answers = has_written && TcpStream::connect(address).await.is_ok();
            // Asked for last: somebody else may have been faster and answer there.
            if runner.has_ended().await {
                return false;
            }
            if answers {
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, listening).await.unwrap_or(false)
}
