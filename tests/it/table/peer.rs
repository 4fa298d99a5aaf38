//! What stands at an address of an origin.

use std::net::{IpAddr, SocketAddr};

use origin_probe::demo::script::{Choosy, Demand, Refusal, Script, ScriptServer};
use origin_probe::demo::server::{TlsServer, TlsServerOptions};
use origin_probe::demo::{ClosedPort, DemoError};

use super::process;
use super::process::{Absent, Process};
use super::program::Program;
use super::rows_haproxy::haproxy;
use super::rows_nginx::nginx;
use super::stage::{Leaf, Stage};

/// A server of any make, not yet running.
#[derive(Clone, Debug)]
pub enum Peer {
    Rustls(fn(&Stage) -> TlsServerOptions),
    OpenSsl {
        leaf: Leaf,
        arguments: Vec<&'static str>,
    },
    Script(fn(&Stage) -> Script),
    /// A script that needs no certificate.
    Plays(Script),
    /// Lets those who meet the demands through to another.
    Choosy {
        demands: Vec<Demand>,
        otherwise: Refusal,
        retry: Option<u16>,
        behind: Box<Self>,
    },
    /// The `server` blocks of its configuration.
    Nginx(&'static str),
    /// The options of its `bind`.
    HaProxy(&'static str),
    /// Any other product's server.
    Program(Program),
    /// Nobody listens.
    Nobody,
}

/// A server of any make, running until dropped.
#[derive(Debug)]
pub enum Running {
    Rustls(TlsServer),
    Script(ScriptServer),
    Choosy { front: ScriptServer, _behind: Box<Self> },
    Process(Box<Process>),
    Nobody(ClosedPort),
}

impl Peer {
    /// Starts it; port 0 is any.
    pub async fn start(&self, stage: &Stage, ip: IpAddr, port: u16) -> Result<Running, Absent> {
        match self {
            Self::Rustls(options) => {
                let server = TlsServer::start(ip, port, &options(stage)).await;
                server.map(Running::Rustls).map_err(absent)
            }
            Self::Script(script) => {
                let server = ScriptServer::start(ip, port, script(stage)).await;
                server.map(Running::Script).map_err(absent)
            }
            Self::Plays(script) => {
                let server = ScriptServer::start(ip, port, script.clone()).await;
                server.map(Running::Script).map_err(absent)
            }
            Self::OpenSsl { leaf, arguments } => {
                let at = SocketAddr::new(ip, port);
                process::openssl(stage, at, *leaf, arguments).await.map(Running::process)
            }
            Self::Choosy { demands, otherwise, retry, behind } => {
                let behind = Box::new(Box::pin(behind.start(stage, ip, 0)).await?);
                let script = Script::Choosy(Choosy {
                    demands: demands.clone(),
                    otherwise: *otherwise,
                    retry: *retry,
                    behind: behind.address(),
                });
                let front = ScriptServer::start(ip, port, script).await.map_err(absent)?;
                Ok(Running::Choosy { front, _behind: behind })
            }
            Self::Nginx(servers) => nginx(servers).start(stage, ip).await.map(Running::process),
            Self::HaProxy(bind) => haproxy(bind).start(stage, ip).await.map(Running::process),
            Self::Program(program) => program.start(stage, ip).await.map(Running::process),
            Self::Nobody => ClosedPort::bind(ip, port).map(Running::Nobody).map_err(absent),
        }
    }
}

impl Running {
    fn process(process: Process) -> Self {
        Self::Process(Box::new(process))
    }

    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Rustls(server) => server.address(),
            Self::Script(server) | Self::Choosy { front: server, .. } => server.address(),
            Self::Process(process) => process.address,
            Self::Nobody(port) => port.address(),
        }
    }

    /// Returns how many connections came, where the server counts them.
    pub fn connections(&self) -> Option<u64> {
        match self {
            Self::Rustls(server) => Some(server.connections()),
            Self::Script(server) | Self::Choosy { front: server, .. } => Some(server.connections()),
            Self::Process(_) | Self::Nobody(_) => None,
        }
    }
}

fn absent(error: DemoError) -> Absent {
    match &error {
        DemoError::Listen { address, source } => match source.kind() {
            std::io::ErrorKind::AddrInUse => Absent::PortTaken,
            _ => Absent::NotHere(format!("{address}: {source}")),
        },
        _ => Absent::Broken(format!("{error:?}")),
    }
}
