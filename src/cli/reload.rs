//! Another configuration while the daemon runs: all of it or nothing.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::chain::MOZILLA_DATE;
use crate::chain::MOZILLA_VERSION;
use crate::chain::TrustAnchors;
use crate::config::Config;
use crate::discovery::Configured;
use crate::origin::DomainName;
use crate::origin::OriginKey;
use crate::origin::Shard;
use crate::origin::share_equal;
use crate::pages::Control;
use crate::pages::Door;
use crate::pages::Refusal;
use crate::pages::Reloaded;
use crate::pages::SourceStatus;
use crate::probe::Prober;
use crate::schedule::Changes;
use crate::schedule::NextRound;
use crate::schedule::Orders;
use crate::schedule::Probe;
use crate::schedule::Remote;
use crate::telemetry::Telemetry;
use crate::telemetry::TrustStore;

use super::discover::Fleet;
use super::discover::InUse;
use super::discover::Sources;
use super::logging;
use super::now;
use super::parts::Parts;
use super::source::Grounds;
use super::source::Reading;
use super::source::Source;

/// What is in use, and the way to something else.
#[derive(Debug)]
pub(super) struct Reloader {
    source: Source,
    running: ArcSwap<Running>,
    door: Arc<ArcSwap<Door>>,
    refusal: ArcSwapOption<Refusal>,
    telemetry: Arc<Telemetry>,
    remote: Remote,
    sources: Arc<Sources>,
    /// One reload at a time reads.
    reads: Mutex<()>,
    /// One at a time changes what is looked after; reading, which may take long, is done before.
    turn: Mutex<()>,
    /// When a request had AWS asked last.
    asked_aws: Mutex<Option<Instant>>,
}

/// Whether a reload has AWS asked at once, and not when the next refresh is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskAws {
    Yes,
    No,
}

/// An account's API calls are limited, and the reload is open to everybody by default.
const BETWEEN_REQUESTS: Duration = Duration::from_secs(300);

/// One configuration, in use.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) config: Arc<Config>,
    /// Every origin of the file.
    keys: HashSet<OriginKey>,
    parts: Parts,
    grounds: Grounds,
    pub(super) prober: Arc<Prober>,
}

impl Running {
    /// Makes what `reading` asks for, and tells the telemetry.
    pub(super) fn new(reading: Reading, telemetry: &Telemetry) -> anyhow::Result<Self> {
        let Reading { config, keys, parts, anchors, grounds, .. } = reading;
        let prober = Arc::new(parts.prober(Arc::clone(&anchors))?);
        note_anchors(telemetry, &anchors);
        telemetry.config_accepted(now());
        Ok(Self { config: Arc::new(config), keys, parts, grounds, prober })
    }

    pub(super) fn probe(&self) -> Probe {
        Probe::with(Arc::clone(&self.prober)).with_concurrency(self.parts.concurrency)
    }

    /// Returns the configured origins with those that `sources` have found so far.
    pub(super) fn fleet(&self, sources: &Sources, shard: Shard) -> (Fleet, InUse) {
        sources.gather(Configured { origins: &self.config.origins, keys: &self.keys }, shard)
    }
}

impl Reloader {
    pub(super) fn new(
        source: Source,
        running: Running,
        door: Arc<ArcSwap<Door>>,
        telemetry: Arc<Telemetry>,
        remote: Remote,
        sources: Arc<Sources>,
    ) -> Self {
        Self {
            source,
            running: ArcSwap::from_pointee(running),
            door,
            refusal: ArcSwapOption::empty(),
            telemetry,
            remote,
            sources,
            reads: Mutex::new(()),
            turn: Mutex::new(()),
            asked_aws: Mutex::default(),
        }
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn door(&self) -> Arc<Door> {
        self.door.load_full()
    }

    /// Reads everything again and uses it; what is wrong leaves all as it was, and is told in the
    /// log, the metrics and on the page.
    pub(super) async fn reload(&self, why: &str, ask: AskAws) -> Result<(), Arc<Refusal>> {
        let _reads = self.reads.lock().await;
        match self.try_to_reload(why, ask).await {
            Ok(()) => {
                self.refusal.store(None);
                Ok(())
            }
            Err(reason) => {
                error!(%why, "the new configuration is refused, the old one stays in use: {reason:#}");
                self.telemetry.config_refused();
                let refusal = Arc::new(Refusal { at: now(), reason: format!("{reason:#}") });
                self.refusal.store(Some(Arc::clone(&refusal)));
                Err(refusal)
            }
        }
    }

    async fn try_to_reload(&self, why: &str, ask: AskAws) -> anyhow::Result<()> {
        let source = self.source.clone();
        let mut reading = tokio::task::spawn_blocking(move || source.read()).await??;
        let door = std::mem::replace(&mut reading.door, Door::open());
        let before = self.running.load_full();
        share_equal(&mut reading.config.origins, &before.config.origins);
        let round = match reading.grounds == before.grounds {
            true => NextRound::AsPlanned,
            false => NextRound::AtOnce,
        };
        let after = if round == NextRound::AsPlanned && reading.parts == before.parts {
            // Chains, lookups and sockets in use stay known.
            before.prober.look_for_routes_again();
            self.telemetry.config_accepted(now());
            let prober = Arc::clone(&before.prober);
            let Reading { config, keys, parts, grounds, .. } = reading;
            Running { config: Arc::new(config), keys, parts, grounds, prober }
        } else {
            let telemetry = Arc::clone(&self.telemetry);
            // The system's nameservers stand in a file, too.
            tokio::task::spawn_blocking(move || Running::new(reading, &telemetry)).await??
        };
        let _turn = self.turn.lock().await;
        self.door.store(Arc::new(door));
        say_what_needs_a_start(&before.config, &after.config);
        logging::set_level(after.config.log.level);
        self.running.store(Arc::new(after));
        // Those that are new begin by looking.
        if ask == AskAws::Yes {
            self.sources.hurry();
        }
        self.sources.follow(&self.running.load().config);
        self.sources.have_spoken().await;
        match self.order(round).await {
            Some(changes) => info!(%why, origins = %changes, "the configuration is reloaded"),
            None => warn!(%why, "the configuration is reloaded, but the daemon is ending"),
        }
        Ok(())
    }

    /// Reloads for a request, which anybody may make who reaches the pages.
    async fn reload_for_request(&self) -> Result<Reloaded, Arc<Refusal>> {
        let mut asked_aws = self.asked_aws.lock().await;
        let wait = asked_aws
            .map_or(Duration::ZERO, |asked| BETWEEN_REQUESTS.saturating_sub(asked.elapsed()));
        if wait.is_zero() {
            self.reload("/-/reload", AskAws::Yes).await?;
            *asked_aws = Some(Instant::now());
            return Ok(Reloaded::Everything);
        }
        self.reload("/-/reload", AskAws::No).await?;
        if self.running.load().config.discovery.cloudfront.is_empty() {
            return Ok(Reloaded::Everything);
        }
        let until = now() + wait;
        info!(%until, "AWS is not asked again, because it was for another request");
        Ok(Reloaded::WithoutAws { until })
    }

    /// Looks after what the sources give now beside what is configured.
    pub(super) async fn take_what_is_found(&self) {
        let _turn = self.turn.lock().await;
        if let Some(changes) = self.order(NextRound::AsPlanned).await
            && changes.are_any()
        {
            info!(origins = %changes, "the origins found have changed");
        }
    }

    /// Hands over what is to be looked after; `None` when the scheduler has ended.
    async fn order(&self, round: NextRound) -> Option<Changes> {
        let running = self.running.load_full();
        let (Fleet { origins, audiences }, in_use) =
            running.fleet(&self.sources, self.source.shard);
        let orders = Orders {
            origins,
            audiences,
            probe: running.probe(),
            start_rate: running.config.probe.start_rate,
            round,
        };
        let origins = orders.origins.clone();
        let changes = self.remote.change(orders).await;
        if changes.is_some_and(|changes| changes.removed > 0) {
            let used: HashSet<&DomainName> = origins.iter().map(|origin| origin.domain()).collect();
            running.prober.forget_domains_unless(|domain| used.contains(domain));
        }
        self.sources.are_in_use(in_use);
        changes
    }
}

impl Control for Reloader {
    fn now(&self) -> Timestamp {
        now()
    }

    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.running.load().config)
    }

    fn prober(&self) -> Arc<Prober> {
        Arc::clone(&self.running.load().prober)
    }

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, Arc<Refusal>>> {
        self.reload_for_request().boxed()
    }

    fn refusal(&self) -> Option<Arc<Refusal>> {
        self.refusal.load_full()
    }

    fn sources(&self) -> Vec<SourceStatus> {
        self.sources.status()
    }
}

/// Names the settings that a reload does not reach.
fn say_what_needs_a_start(before: &Config, after: &Config) {
    if before.web.listen != after.web.listen {
        warn!(listen = %before.web.listen, "web.listen has changed; that takes effect at the next start");
    }
    if before.log.format != after.log.format {
        warn!("log.format has changed; that takes effect at the next start");
    }
}

/// Tells the metrics which trust anchors decide.
fn note_anchors(telemetry: &Telemetry, anchors: &TrustAnchors) {
    let mozilla = anchors.mozilla_count();
    let (version, date) = if mozilla > 0 { (MOZILLA_VERSION, MOZILLA_DATE) } else { ("", "") };
    telemetry.trusts(&TrustStore {
        id: &hex(&anchors.id()[..8]),
        version,
        date,
        mozilla,
        extra: anchors.len() - mozilla,
    });
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
