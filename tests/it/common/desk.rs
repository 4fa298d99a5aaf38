//! What stands behind the pages when no daemon does.
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use origin_probe::chain::TrustAnchors;
use origin_probe::config::Config;
use origin_probe::handshake::Client;
use origin_probe::origin::{OriginKey, ProberConfig};
use origin_probe::probe::Prober;
use origin_probe::resolve::Resolver;
use origin_probe::schedule::ProbeNow;
use origin_probe::web::{Control, NotReloaded, Refusal, Reloaded, SourceStatus};

/// A daemon of which nothing runs: its clock, a configuration, a prober that trusts nobody.
#[derive(Debug)]
pub struct Desk {
    clock: fn() -> Timestamp,
    config: Arc<Config>,
    prober: Arc<Prober>,
    refusal: Option<Arc<Refusal>>,
    sources: Vec<SourceStatus>,
}

impl Desk {
    /// Returns a desk with the shortest configuration.
    pub fn new(clock: fn() -> Timestamp) -> Arc<Self> {
        Self::with(clock, "origins: [{id: a, domain: a.example}]\n")
    }

    /// Returns a desk that has refused a configuration, and does so again.
    pub fn refusing(clock: fn() -> Timestamp, yaml: &str, reason: &str) -> Arc<Self> {
        let refusal = Refusal { at: clock(), reason: reason.to_owned() };
        let desk = Arc::into_inner(Self::with(clock, yaml)).unwrap();
        Arc::new(Self { refusal: Some(Arc::new(refusal)), ..desk })
    }

    /// Returns a desk that has sources besides the shortest configuration.
    pub fn finding(clock: fn() -> Timestamp, sources: Vec<SourceStatus>) -> Arc<Self> {
        let desk = Arc::into_inner(Self::new(clock)).unwrap();
        Arc::new(Self { sources, ..desk })
    }

    /// Returns a desk with the configuration `yaml` that probes with `prober`.
    pub fn probing(clock: fn() -> Timestamp, yaml: &str, prober: Prober) -> Arc<Self> {
        let desk = Arc::into_inner(Self::with(clock, yaml)).unwrap();
        Arc::new(Self { prober: Arc::new(prober), ..desk })
    }

    /// Returns a desk with the configuration `yaml`.
    pub fn with(clock: fn() -> Timestamp, yaml: &str) -> Arc<Self> {
        let config = Config::parse(Path::new("origin-probe.yaml"), yaml.as_bytes()).unwrap();
        let prober = ProberConfig {
            nameservers: vec!["127.0.0.1:9".parse().unwrap()],
            dns_timeout: Duration::from_millis(200),
            dns_attempts: 1,
            deadline: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(5),
            ..ProberConfig::default()
        };
        let prober = Prober::new(
            Arc::new(Resolver::new(&prober).unwrap()),
            Client::new().unwrap(),
            Arc::new(TrustAnchors::none()),
            prober,
        );
        Arc::new(Self {
            clock,
            config: Arc::new(config),
            prober: Arc::new(prober),
            refusal: None,
            sources: Vec::new(),
        })
    }
}

impl Control for Desk {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config)
    }

    fn prober(&self) -> Arc<Prober> {
        Arc::clone(&self.prober)
    }

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, NotReloaded>> {
        let refused = |refusal| Err(NotReloaded::Refused(refusal));
        let result = self.refusal().map_or(Ok(Reloaded::Everything), refused);
        std::future::ready(result).boxed()
    }

    fn probe_now(&self, _: OriginKey) -> BoxFuture<'_, Option<ProbeNow>> {
        std::future::ready(Some(ProbeNow::Begins)).boxed()
    }

    fn refusal(&self) -> Option<Arc<Refusal>> {
        self.refusal.clone()
    }

    fn sources(&self) -> Vec<SourceStatus> {
        self.sources.clone()
    }
}
