//! One row: servers, what the distribution says, what is to be found, and whether AWS's library
//! is of the same opinion.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::script::{Demand, Refusal, Script};
use origin_probe::demo::server::TlsServerOptions;
use origin_probe::origin::{IpAddressType, Origin, OriginMtls, SslProtocol, SslProtocols, Target};

use super::kit::after;
use super::peer::{Peer, Running};
use super::process::Absent;
use super::stage::{DOMAIN, Leaf, Stage, now};

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
#[derive(Clone, Debug)]
pub struct Row {
    /// A fact.
    pub name: &'static str,
    /// What stands at which address; DNS knows exactly these.
    pub sites: Vec<(IpAddr, Peer)>,
    pub ssl_protocols: Vec<SslProtocol>,
    pub ip_address_type: IpAddressType,
    pub viewer_hosts: Vec<&'static str>,
    pub origin_mtls: OriginMtls,
    /// How long a handshake may take.
    pub patience: Duration,
    /// Rule and effect, sorted.
    pub findings: Vec<&'static str>,
    pub answer: &'static str,
    pub status: Option<u16>,
    pub reasons: Vec<&'static str>,
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

/// Begins a row with CloudFront's defaults, which answers.
pub fn row(name: &'static str) -> Row {
    Row {
        name,
        sites: Vec::new(),
        ssl_protocols: vec![SslProtocol::TlsV1_2],
        ip_address_type: IpAddressType::Ipv4,
        viewer_hosts: Vec::new(),
        origin_mtls: OriginMtls::NotConfigured,
        patience: Duration::from_secs(15),
        findings: Vec::new(),
        answer: "answers",
        status: None,
        reasons: Vec::new(),
        first_failure: None,
        engines: vec!["rustls"],
        chain: None,
        complaint: None,
        oracle: Oracle::Agrees,
    }
}

impl Row {
    pub fn at(mut self, ip: impl Into<IpAddr>, peer: Peer) -> Self {
        self.sites.push((ip.into(), peer));
        self
    }

    pub fn peer(self, peer: Peer) -> Self {
        self.at(Ipv4Addr::LOCALHOST, peer)
    }

    pub fn rustls(self, options: fn(&Stage) -> TlsServerOptions) -> Self {
        self.peer(Peer::Rustls(options))
    }

    /// `arguments` in one text, separated by spaces.
    pub fn openssl(self, leaf: Leaf, arguments: &'static str) -> Self {
        self.peer(openssl(leaf, arguments))
    }

    pub fn script(self, script: fn(&Stage) -> Script) -> Self {
        self.peer(Peer::Script(script))
    }

    pub fn plays(self, script: Script) -> Self {
        self.peer(Peer::Plays(script))
    }

    pub fn choosy(self, demands: Vec<Demand>, otherwise: Refusal, behind: Peer) -> Self {
        let behind = Box::new(behind);
        self.peer(Peer::Choosy { demands, otherwise, retry: None, behind })
    }

    /// As [`Row::choosy`], but a client that lists `group` is asked for it first.
    pub fn choosy_after_retry(
        self,
        group: u16,
        demands: Vec<Demand>,
        otherwise: Refusal,
        behind: Peer,
    ) -> Self {
        let behind = Box::new(behind);
        self.peer(Peer::Choosy { demands, otherwise, retry: Some(group), behind })
    }

    pub fn ssl_protocols(mut self, listed: &[SslProtocol]) -> Self {
        self.ssl_protocols = listed.to_vec();
        self
    }

    pub fn ip_address_type(mut self, ip_address_type: IpAddressType) -> Self {
        self.ip_address_type = ip_address_type;
        self
    }

    pub fn viewer_hosts(mut self, hosts: &[&'static str]) -> Self {
        self.viewer_hosts = hosts.to_vec();
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

    pub fn answers(self, findings: &[&'static str]) -> Self {
        self.expect(findings, "answers", None, &[])
    }

    pub fn fails(self, findings: &[&'static str]) -> Self {
        self.expect(findings, "fails", Some(502), &[])
    }

    pub fn fails_with_504(self, findings: &[&'static str]) -> Self {
        self.expect(findings, "fails", Some(504), &[])
    }

    /// No document settles it.
    pub fn undecided(self, findings: &[&'static str]) -> Self {
        self.expect(findings, "undecided", None, &["undocumented"])
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

    fn expect(
        mut self,
        findings: &[&'static str],
        answer: &'static str,
        status: Option<u16>,
        reasons: &[&'static str],
    ) -> Self {
        self.findings = findings.to_vec();
        self.findings.sort_unstable();
        (self.answer, self.status, self.reasons) = (answer, status, reasons.to_vec());
        self.first_failure = (answer == "fails").then(now);
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
        let domain = origin.domain().clone();
        let forwarded = self
            .viewer_hosts
            .iter()
            .map(|host| Target::forwarded(&host.parse().unwrap(), &domain))
            .collect::<Vec<_>>();
        Origin {
            https_port: port,
            ssl_protocols: SslProtocols::new(self.ssl_protocols.clone()).unwrap(),
            ip_address_type: self.ip_address_type,
            origin_mtls: self.origin_mtls,
            targets: if forwarded.is_empty() { origin.targets } else { forwarded },
            ..origin
        }
    }
}

/// How often a port is tried that is free on the first address and not on another.
const PORT_ATTEMPTS: usize = 32;

/// Returns OpenSSL's server; `arguments` in one text, separated by spaces.
pub fn openssl(leaf: Leaf, arguments: &'static str) -> Peer {
    Peer::OpenSsl { leaf, arguments: arguments.split_whitespace().collect() }
}
