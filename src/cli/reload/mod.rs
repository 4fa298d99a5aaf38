//! Another configuration while the daemon runs: all of it or nothing.

mod requests;
mod running;

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::config::Config;
use crate::origin::DomainName;
use crate::origin::share_equal;
use crate::pages::Control;
use crate::pages::Door;
use crate::pages::NotReloaded;
use crate::pages::Refusal;
use crate::pages::Reloaded;
use crate::pages::SourceStatus;
use crate::probe::Prober;
use crate::schedule::Changes;
use crate::schedule::NextRound;
use crate::schedule::Orders;
use crate::schedule::Remote;
use crate::telemetry::Telemetry;

use super::discover::Fleet;
use super::discover::Sources;
use super::logging;
use super::now;
use super::source::Fingerprint;
use super::source::Reading;
use super::source::Source;
pub(super) use requests::Cause;
use requests::Causes;
pub(super) use requests::Queue;
use requests::Requests;
pub(super) use running::Running;

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
    requests: Requests,
    /// One for each client that may wait for a reload.
    places: Semaphore,
    /// One at a time changes what is looked after; reading, which may take long, is done before.
    turn: tokio::sync::Mutex<()>,
    /// When a request had AWS asked last.
    asked_aws: Mutex<Option<Instant>>,
}

/// An account's API calls are limited, and the reload is open to everybody by default.
const BETWEEN_REQUESTS: Duration = Duration::from_secs(300);
/// Each waiting client holds a connection, which others need for scrapes.
const MOST_WAITING: usize = 8;

impl Reloader {
    /// Returns what is in use with the queue of the requests to change it.
    pub(super) fn new(
        source: Source,
        running: Running,
        door: Arc<ArcSwap<Door>>,
        telemetry: Arc<Telemetry>,
        remote: Remote,
        sources: Arc<Sources>,
    ) -> (Self, Queue) {
        let (requests, queue) = requests::queue();
        let reloader = Self {
            source,
            running: ArcSwap::from_pointee(running),
            door,
            refusal: ArcSwapOption::empty(),
            telemetry,
            remote,
            sources,
            requests,
            places: Semaphore::new(MOST_WAITING),
            turn: tokio::sync::Mutex::default(),
            asked_aws: Mutex::default(),
        };
        (reloader, queue)
    }

    /// Returns how the files in use looked before they were read.
    pub(super) fn looks(&self) -> Fingerprint {
        self.running.load().looks.clone()
    }

    /// Requests a reload, and waits for it.
    pub(super) async fn reload(&self, cause: Cause) -> Result<Reloaded, NotReloaded> {
        self.requests.reload(cause).await
    }

    /// Reloads whenever the queue has a request, for ever. No client can interrupt it: a reload
    /// must neither end halfway nor leave its reading behind.
    pub(super) async fn run(self: Arc<Self>, mut queue: Queue) {
        loop {
            let causes = queue.begin().await;
            let result = self.reload_once(&causes).await;
            queue.end(result.map_err(NotReloaded::Refused));
        }
    }

    /// Reads everything again and uses it; what is wrong leaves all as it was, and is told in the
    /// log, the metrics and on the page.
    async fn reload_once(&self, why: &Causes) -> Result<Reloaded, Arc<Refusal>> {
        let attempt = AssertUnwindSafe(self.try_to_reload(why)).catch_unwind().await;
        let result = attempt.unwrap_or_else(|_| {
            Err(anyhow::anyhow!("the reload panicked; this is a bug of origin-probe"))
        });
        match result {
            Ok(reloaded) => {
                self.refusal.store(None);
                Ok(reloaded)
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

    async fn try_to_reload(&self, why: &Causes) -> anyhow::Result<Reloaded> {
        let mut reading = self.source.read_on_its_own_thread().await?;
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
            let Reading { config, keys, parts, grounds, looks, .. } = reading;
            Running { config: Arc::new(config), keys, parts, grounds, looks, prober }
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
        let reloaded = self.hurry(why);
        self.sources.follow(&self.running.load().config);
        self.sources.have_spoken().await;
        match self.order(round).await {
            Some(changes) => info!(%why, origins = %changes, "the configuration is reloaded"),
            None => warn!(%why, "the configuration is reloaded, but the daemon is ending"),
        }
        Ok(reloaded)
    }

    /// Has the sources look again at once, unless only requests ask for it and one did a short time
    /// ago.
    fn hurry(&self, why: &Causes) -> Reloaded {
        if why.are_requests() {
            let mut asked_aws = self.asked_aws.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = asked_aws
                .map_or(Duration::ZERO, |asked| BETWEEN_REQUESTS.saturating_sub(asked.elapsed()));
            if !wait.is_zero() {
                if self.running.load().config.discovery.cloudfront.is_empty() {
                    return Reloaded::Everything;
                }
                let until = now() + wait;
                info!(%until, "AWS is not asked again, because it was for another request");
                return Reloaded::WithoutAws { until };
            }
            *asked_aws = Some(Instant::now());
        }
        self.sources.hurry();
        Reloaded::Everything
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

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, NotReloaded>> {
        async {
            let Ok(_place) = self.places.try_acquire() else { return Err(NotReloaded::Busy) };
            self.requests.reload(Cause::Request).await
        }
        .boxed()
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
