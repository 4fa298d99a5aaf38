//! From settings to the parts that a probe needs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ipnet::IpNet;

use crate::chain::TrustAnchors;
use crate::config::Config;
use crate::handshake::Client;
use crate::limits::ChainBudget;
use crate::limits::FileKinds;
use crate::limits::read_file;
use crate::probe::ProbeLimits;
use crate::probe::Prober;
use crate::probe::Sockets;
use crate::resolve::Breadth;
use crate::resolve::Resolver;
use crate::resolve::ResolverSettings;

/// What a prober is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) nameservers: Vec<SocketAddr>,
    pub(super) confirm_with: Vec<SocketAddr>,
    pub(super) breadth: Breadth,
    pub(super) mozilla: bool,
    pub(super) extra_anchors: Vec<PathBuf>,
    pub(super) concurrency: usize,
    pub(super) per_address: usize,
    pub(super) limits: ProbeLimits,
    /// Memory for chains in bytes; `None` is the default.
    pub(super) chain_bytes: Option<usize>,
}

impl Parts {
    /// Takes the parts from a configuration file.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            nameservers: config.resolver.nameservers.clone(),
            confirm_with: config.resolver.confirm_with.clone(),
            breadth: if config.resolver.check_all {
                Breadth::EveryNameserver
            } else {
                Breadth::UntilOneAnswers
            },
            mozilla: config.trust_anchors.mozilla,
            extra_anchors: config.trust_anchors.extra.clone(),
            concurrency: config.probe.concurrency,
            per_address: config.probe.per_address,
            limits: ProbeLimits {
                deadline: config.probe.deadline,
                handshake_timeout: config.probe.handshake_timeout,
                max_server_names: config.probe.max_server_names,
                assume_public: config.assume_public.clone(),
            },
            chain_bytes: config.limits.chain_bytes,
        }
    }

    /// Returns what a check from the command line alone uses: the file's defaults.
    pub(super) fn defaults() -> Self {
        Self {
            nameservers: Vec::new(),
            confirm_with: Vec::new(),
            breadth: Breadth::UntilOneAnswers,
            mozilla: true,
            extra_anchors: Vec::new(),
            concurrency: 256,
            per_address: 4,
            limits: ProbeLimits {
                deadline: Duration::from_secs(60),
                handshake_timeout: Duration::from_secs(10),
                max_server_names: usize::MAX,
                assume_public: Vec::<IpNet>::new(),
            },
            chain_bytes: None,
        }
    }

    /// Reads the trust anchors from files of these kinds.
    pub(super) fn anchors(&self, kinds: FileKinds) -> anyhow::Result<TrustAnchors> {
        let mut anchors = if self.mozilla { TrustAnchors::mozilla() } else { TrustAnchors::none() };
        for path in &self.extra_anchors {
            let pem = read_file(path, MOST_ANCHOR_BYTES, kinds);
            anchors.add_pem(path, &pem.with_context(|| path.display().to_string())?)?;
        }
        Ok(anchors)
    }

    /// Makes the prober.
    pub(super) fn prober(&self, anchors: Arc<TrustAnchors>) -> anyhow::Result<Prober> {
        let settings = ResolverSettings {
            nameservers: self.nameservers.clone(),
            confirm_with: self.confirm_with.clone(),
            breadth: self.breadth,
            timeout: DNS_TIMEOUT,
            attempts: 2,
        };
        ChainBudget::of_process().set_limit(self.chain_bytes);
        Ok(Prober::new(
            Arc::new(Resolver::new(&settings).context("cannot resolve names")?),
            Client::new().context("cannot make TLS connections")?,
            anchors,
            Sockets::new(self.concurrency, self.per_address),
            self.limits.clone(),
        ))
    }
}

/// Mozilla's whole list takes 240 kB.
const MOST_ANCHOR_BYTES: u64 = 16 << 20;
/// How long one nameserver may take for one question: what resolv.conf(5) gives by default.
const DNS_TIMEOUT: Duration = Duration::from_secs(5);
