//! One row: servers, what the distribution says, what is to be found, and whether AWS's library
//! is of the same opinion.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::script::{Demand, Script};
use origin_probe::demo::server::TlsServerOptions;
use origin_probe::origin::{IpAddressType, Origin, OriginMtls, SslProtocol, SslProtocols, Target};

use crate::common;
use crate::common::Found;

use super::kit::{SOUND, after};
use super::peer::{Peer, Running};
use super::process::Absent;
use super::program::Program;
use super::stage::{DOMAIN, Leaf, Stage, VIEWER_HOST, now};

// Findings: the rule and its effect.
pub const ANCHOR: &str = "trust-anchor-served notice";
pub const BROKEN: &str = "handshake-refused may-fail";
pub const CLOSED: &str = "connection-closed fails";
pub const DEAD_END: &str = "chain-dead-end may-fail";
pub const EARLY: &str = "certificate-not-yet-valid fails";
pub const EXPIRED: &str = "certificate-expired fails";
pub const GROUP_UNDOCUMENTED: &str = "no-shared-group may-fail";
pub const KEY: &str = "key-unsupported fails";
pub const KEY_MISMATCH: &str = "key-mismatch fails";
pub const KEY_UNDOCUMENTED: &str = "key-unsupported may-fail";
pub const MALFORMED: &str = "certificate-malformed fails";
pub const MISSING: &str = "intermediate-missing fails";
pub const NAME_REFUSED: &str = "server-name-refused fails";
pub const NAME_WARNING: &str = "server-name-refused may-fail";
pub const NO_CERTIFICATE: &str = "no-certificate fails";
pub const NO_GROUP: &str = "no-shared-group fails";
pub const NO_LISTENER: &str = "connection-refused fails";
pub const NO_SUITE: &str = "no-shared-cipher-suite fails";
pub const NO_VERSION: &str = "no-shared-protocol-version fails";
pub const NOT_NAMED: &str = "name-not-in-certificate fails";
pub const NOT_TLS: &str = "not-tls fails";
pub const OUT_OF_ORDER: &str = "chain-out-of-order fails";
pub const REFUSED: &str = "handshake-refused fails";
pub const REQUESTED: &str = "client-certificate-requested may-fail";
pub const REQUIRED: &str = "client-certificate-required fails";
pub const SELF_SIGNED: &str = "certificate-self-signed fails";
pub const TIMED_OUT: &str = "handshake-timed-out fails";
pub const TOO_LONG: &str = "chain-too-long may-fail";
pub const TWICE: &str = "certificate-served-twice may-fail";
pub const UNRELATED: &str = "unrelated-certificate-served may-fail";
pub const UNTRUSTED: &str = "issuer-untrusted fails";

/// What AWS's library has to say of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oracle {
    /// It connects where we say `answers`, and does not where we say `fails`.
    Agrees,
    /// It does the opposite, for this reason.
    Differs(&'static str),
    /// Asking it would prove nothing, for this reason.
    NotAsked(&'static str),
    /// It connects where we are undecided.
    Connects,
    /// It does not connect where we are undecided.
    Fails,
}

/// One origin and what is to be said of it.
pub struct Row {
    /// A fact.
    pub name: String,
    /// What stands at which address; DNS knows exactly these.
    pub sites: Vec<(IpAddr, Peer)>,
    pub ssl_protocols: Vec<SslProtocol>,
    pub ip_address_type: IpAddressType,
    /// Where `Host` is forwarded.
    pub viewer_host: Option<&'static str>,
    pub origin_mtls: OriginMtls,
    /// How long a handshake may take.
    pub patience: Duration,
    /// With the findings sorted.
    pub expected: Found,
    /// When the origin begins to fail, where the row says so; one that fails does so now.
    pub first_failure: Option<Timestamp>,
    /// Of each endpoint, in the order of the addresses; not compared where it is empty.
    pub engines: Vec<&'static str>,
    /// What is served, by the letters of `files`; not compared where it is `None`.
    pub chain: Option<&'static str>,
    /// What the server says that does not start.
    pub complaint: Option<&'static str>,
    pub oracle: Oracle,
}

/// Begins a row with CloudFront's defaults, which answers without a finding.
pub fn row(name: impl Into<String>) -> Row {
    Row {
        name: name.into(),
        sites: Vec::new(),
        ssl_protocols: vec![SslProtocol::TlsV1_2],
        ip_address_type: IpAddressType::Ipv4,
        viewer_host: None,
        origin_mtls: OriginMtls::NotConfigured,
        patience: Duration::from_secs(15),
        expected: common::answers(&[]),
        first_failure: None,
        engines: vec!["rustls"],
        chain: None,
        complaint: None,
        oracle: Oracle::Agrees,
    }
}

/// Begins a row about a server that only the hello can judge.
pub fn by_hello(name: impl Into<String>) -> Row {
    row(name).hello()
}

impl Row {
    pub fn at(mut self, ip: impl Into<IpAddr>, peer: Peer) -> Self {
        self.sites.push((ip.into(), peer));
        self
    }

    pub fn peer(self, peer: Peer) -> Self {
        self.at(Ipv4Addr::LOCALHOST, peer)
    }

    pub fn program(self, program: Program) -> Self {
        self.peer(Peer::Program(program))
    }

    pub fn rustls(
        self,
        options: impl Fn(&Stage) -> TlsServerOptions + Send + Sync + 'static,
    ) -> Self {
        self.peer(rustls(options))
    }

    /// A server of rustls with that certificate.
    pub fn certificate(self, leaf: Leaf) -> Self {
        self.rustls(move |stage| stage.options(leaf))
    }

    /// A server of rustls with an ordinary end entity, whose end is the first failure.
    pub fn serves(
        self,
        options: impl Fn(&Stage) -> TlsServerOptions + Send + Sync + 'static,
    ) -> Self {
        self.rustls(options).until(SOUND.end)
    }

    /// `arguments` in one text, separated by spaces.
    pub fn openssl(self, leaf: Leaf, arguments: impl Into<String>) -> Self {
        self.peer(openssl(leaf, arguments))
    }

    /// OpenSSL's server with a suite of CBC alone, which only the hello offers.
    pub fn openssl_cbc(self, leaf: Leaf) -> Self {
        self.hello().openssl(leaf, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA")
    }

    pub fn script(self, script: impl Fn(&Stage) -> Script + Send + Sync + 'static) -> Self {
        self.peer(Peer::Script(Box::new(script)))
    }

    /// A script that needs no certificate.
    pub fn plays(self, script: Script) -> Self {
        self.script(move |_| script.clone())
    }

    pub fn choosy(self, demand: Demand, otherwise: Script, behind: Peer) -> Self {
        self.peer(Peer::Choosy { demand, otherwise, retry: None, behind: Box::new(behind) })
    }

    /// The distribution lists these versions.
    pub fn lists(mut self, listed: &[SslProtocol]) -> Self {
        self.ssl_protocols = listed.to_vec();
        self
    }

    pub fn ip_address_type(mut self, ip_address_type: IpAddressType) -> Self {
        self.ip_address_type = ip_address_type;
        self
    }

    pub fn forwards_host(mut self) -> Self {
        self.viewer_host = Some(VIEWER_HOST);
        self
    }

    pub fn origin_mtls(mut self) -> Self {
        self.origin_mtls = OriginMtls::Configured;
        self
    }

    /// For servers that never answer.
    pub fn impatient(mut self) -> Self {
        self.patience = Duration::from_secs(2);
        self
    }

    pub fn answers(self, findings: &[&str]) -> Self {
        self.expect(common::answers(findings))
    }

    pub fn fails(self, findings: &[&str]) -> Self {
        self.expect(common::fails(findings, 502))
    }

    pub fn fails_with_504(self, findings: &[&str]) -> Self {
        self.expect(common::fails(findings, 504))
    }

    /// It fails for its order, which AWS's library does not mind.
    pub fn fails_for_order(self, findings: &[&str]) -> Self {
        self.fails(findings).differs("aws's pages ask for the order, its library does not mind it")
    }

    /// No document settles it.
    pub fn undecided(self, findings: &[&str]) -> Self {
        self.expect(common::undecided(findings, "undocumented"))
    }

    /// It begins to fail in the second after so many days.
    pub fn until(mut self, days: i64) -> Self {
        self.first_failure = Some(after(days));
        self
    }

    pub fn hello(self) -> Self {
        self.engines(&["hello"])
    }

    pub fn engines(mut self, engines: &[&'static str]) -> Self {
        self.engines = engines.to_vec();
        self
    }

    pub fn differs(mut self, reason: &'static str) -> Self {
        self.oracle = Oracle::Differs(reason);
        self
    }

    pub fn not_asked(mut self, reason: &'static str) -> Self {
        self.oracle = Oracle::NotAsked(reason);
        self
    }

    fn expect(mut self, mut expected: Found) -> Self {
        expected.findings.sort_unstable();
        self.first_failure = match expected.answer {
            "fails" => Some(now()),
            _ => self.first_failure.filter(|at| *at > now()),
        };
        self.expected = expected;
        self
    }

    /// Compiles what its servers need, unless that is done.
    pub async fn compile(&self, stage: &Stage) {
        for (_, peer) in &self.sites {
            if let Peer::Program(program) = peer {
                // The start says what is wrong.
                let _ = program.compile(stage).await;
            }
        }
    }

    /// Starts everything, all on one port.
    pub async fn start(&self, stage: &Stage) -> Result<Vec<Running>, Absent> {
        for _ in 0..PORT_ATTEMPTS {
            match self.try_to_start(stage).await {
                Err(Absent::PortTaken) => {}
                result => return result,
            }
        }
        Err(Absent::PortTaken)
    }

    /// Starts what does not start, and returns what it says about it.
    pub async fn complaint(&self, stage: &Stage) -> Result<String, Absent> {
        let running = match self.start(stage).await {
            Err(Absent::Broken(said)) => return Ok(said),
            result => result?,
        };
        // Some listen before they read their certificates.
        match running.into_iter().next() {
            Some(Running::Process(process)) => process.ended().await,
            _ => None,
        }
        .ok_or_else(|| Absent::Broken("it starts".to_owned()))
    }

    async fn try_to_start(&self, stage: &Stage) -> Result<Vec<Running>, Absent> {
        let mut running: Vec<Running> = Vec::new();
        for (ip, peer) in &self.sites {
            let port = running.first().map_or(0, |first| first.address().port());
            running.push(peer.start(stage, *ip, port).await?);
        }
        Ok(running)
    }

    /// Returns what the distribution says.
    pub fn origin(&self, port: u16) -> Origin {
        let origin = Origin::with_defaults(DOMAIN.parse().unwrap());
        let targets = match self.viewer_host {
            Some(host) => vec![Target::forwarded(&host.parse().unwrap(), origin.domain())],
            None => origin.targets.clone(),
        };
        Origin {
            https_port: port,
            ssl_protocols: SslProtocols::new(self.ssl_protocols.clone()).unwrap(),
            ip_address_type: self.ip_address_type,
            origin_mtls: self.origin_mtls,
            targets,
            ..origin
        }
    }
}

/// How often a port is tried that is free on the first address and not on another.
const PORT_ATTEMPTS: usize = 32;

/// Returns a server of rustls.
pub fn rustls(options: impl Fn(&Stage) -> TlsServerOptions + Send + Sync + 'static) -> Peer {
    Peer::Rustls(Box::new(options))
}

/// Returns OpenSSL's server; `arguments` in one text, separated by spaces.
pub fn openssl(leaf: Leaf, arguments: impl Into<String>) -> Peer {
    Peer::OpenSsl { leaf, arguments: arguments.into() }
}
