//! What stands at an address of an origin.

use std::net::{IpAddr, SocketAddr};

use origin_probe::demo::script::{Choosy, Demand, Script, ScriptServer};
use origin_probe::demo::server::{TlsServer, TlsServerOptions};
use origin_probe::demo::{ClosedPort, DemoError};

use super::process;
use super::process::{Absent, Process};
use super::program::Program;
use super::stage::{Leaf, Stage};

/// A server of any make, not yet running.
pub enum Peer {
    Rustls(Box<dyn Fn(&Stage) -> TlsServerOptions + Send + Sync>),
    OpenSsl {
        leaf: Leaf,
        arguments: String,
    },
    Script(Box<dyn Fn(&Stage) -> Script + Send + Sync>),
    /// Lets those who meet the demand through to another; who lists the group of `retry` is asked
    /// for it first.
    Choosy {
        demand: Demand,
        otherwise: Script,
        retry: Option<u16>,
        behind: Box<Self>,
    },
    /// A product's server.
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
                Ok(Running::Rustls(TlsServer::start(ip, port, &options(stage)).await?))
            }
            Self::Script(script) => {
                Ok(Running::Script(ScriptServer::start(ip, port, script(stage)).await?))
            }
            Self::OpenSsl { leaf, arguments } => {
                let at = SocketAddr::new(ip, port);
                process::openssl(stage, at, *leaf, arguments).await.map(Running::process)
            }
            Self::Choosy { demand, otherwise, retry, behind } => {
                let behind = Box::new(Box::pin(behind.start(stage, ip, 0)).await?);
                let script = Script::Choosy(Choosy {
                    demands: vec![demand.clone()],
                    otherwise: Box::new(otherwise.clone()),
                    retry: *retry,
                    behind: behind.address(),
                });
                let front = ScriptServer::start(ip, port, script).await?;
                Ok(Running::Choosy { front, _behind: behind })
            }
            Self::Program(program) => program.start(stage, ip).await.map(Running::process),
            Self::Nobody => Ok(Running::Nobody(ClosedPort::bind(ip, port)?)),
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

impl From<DemoError> for Absent {
    fn from(error: DemoError) -> Self {
        match &error {
            DemoError::Listen { address, source } => match source.kind() {
                std::io::ErrorKind::AddrInUse => Self::PortTaken,
                _ => Self::NotHere(format!("{address}: {source}")),
            },
            _ => Self::Broken(format!("{error:?}")),
        }
    }
}
