//! Replaces the configuration of the running daemon, completely or not at all.

mod requests;
mod running;

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{error, info, warn};

use crate::config::Config;
use crate::origin::{DomainName, OriginKey, share_equal};
use crate::probe::Prober;
use crate::schedule::{Changes, FleetUpdate, Handle, NextRound, ProbeNow};
use crate::telemetry::Telemetry;
use crate::web::{Control, NotReloaded, Refusal, Reloaded, SourceStatus, WebAccess};

use super::discover::{Fleet, Sources};
use super::source::{Fingerprint, Reading, Source};
use super::{logging, now};
pub(super) use requests::{Cause, Queue};
use requests::{Causes, Requests};
pub(super) use running::Running;
pub(crate) use running::prober;

/// The configuration in use, and the means to replace it.
#[derive(Debug)]
pub(super) struct Reloader {
    source: Source,
    running: ArcSwap<Running>,
    access: Arc<ArcSwap<WebAccess>>,
    refusal: ArcSwapOption<Refusal>,
    telemetry: Arc<Telemetry>,
    handle: Handle,
    sources: Arc<Sources>,
    requests: Requests,
    /// Limits the clients that wait for a reload.
    places: Semaphore,
    /// Serializes changes of the fleet. Reading files, which may take long, happens before.
    turn: tokio::sync::Mutex<()>,
    /// When a request last caused a refresh from AWS.
    asked_aws: Mutex<Option<Instant>>,
}

/// AWS limits the API calls of an account, and by default any client may request a reload.
const BETWEEN_REQUESTS: Duration = Duration::from_secs(300);
/// Each waiting client holds a connection that scrapes may need.
const MOST_WAITING: usize = 8;

impl Reloader {
    /// Creates a reloader for the configuration in use, and the queue of its requests.
    pub(super) fn new(
        source: Source,
        running: Running,
        access: Arc<ArcSwap<WebAccess>>,
        telemetry: Arc<Telemetry>,
        handle: Handle,
        sources: Arc<Sources>,
    ) -> (Self, Queue) {
        let (requests, queue) = requests::queue();
        let reloader = Self {
            source,
            running: ArcSwap::from_pointee(running),
            access,
            refusal: ArcSwapOption::empty(),
            telemetry,
            handle,
            sources,
            requests,
            places: Semaphore::new(MOST_WAITING),
            turn: tokio::sync::Mutex::default(),
            asked_aws: Mutex::default(),
        };
        (reloader, queue)
    }

    /// Returns the state of the files in use before they were read.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.running.load().fingerprint.clone()
    }

    /// Requests a reload and waits for it.
    pub(super) async fn reload(&self, cause: Cause) -> Result<Reloaded, NotReloaded> {
        self.requests.reload(cause).await
    }

    /// Handles the requests in the queue forever. Clients cannot cancel a reload: it must neither
    /// stop halfway nor leave its reader thread behind.
    pub(super) async fn run(self: Arc<Self>, mut queue: Queue) {
        loop {
            let causes = queue.begin().await;
            let result = self.reload_once(&causes).await;
            queue.end(result.map_err(NotReloaded::Refused));
        }
    }

    /// Reads all files again and applies them. On an error the previous configuration stays in use,
    /// and the error appears in the log, the metrics and on the status page.
    async fn reload_once(&self, why: &Causes) -> Result<Reloaded, Arc<Refusal>> {
        let attempt = AssertUnwindSafe(self.try_to_reload(why)).catch_unwind().await;
        let result = attempt.unwrap_or_else(|_| {
            Err(anyhow::anyhow!("the reload panicked; please report this bug in origin-probe"))
        });
        match result {
            Ok(reloaded) => {
                self.refusal.store(None);
                Ok(reloaded)
            }
            Err(error) => {
                let reason = format!("{error:#}");
                error!(%why, error = %reason, "configuration rejected; keeping the previous one");
                self.telemetry.config_refused();
                let refusal = Arc::new(Refusal { at: now(), reason });
                self.refusal.store(Some(Arc::clone(&refusal)));
                Err(refusal)
            }
        }
    }

    async fn try_to_reload(&self, why: &Causes) -> anyhow::Result<Reloaded> {
        let mut reading = self.source.read_on_its_own_thread().await?;
        let access = std::mem::replace(&mut reading.access, WebAccess::open());
        let before = self.running.load_full();
        share_equal(&mut reading.config.origins, &before.config.origins);
        let prober = &reading.config.prober;
        let has_same_inputs =
            reading.inputs == before.inputs && prober.has_same_view(&before.config.prober);
        let round = if has_same_inputs { NextRound::AsPlanned } else { NextRound::AtOnce };
        let after = if has_same_inputs && *prober == before.config.prober {
            // Keep the cached chains and lookups and the open sockets.
            before.prober.look_for_routes_again();
            self.telemetry.config_accepted(now());
            let prober = Arc::clone(&before.prober);
            let Reading { config, keys, inputs, fingerprint, .. } = reading;
            Running { config: Arc::new(config), keys, inputs, fingerprint, prober }
        } else {
            let telemetry = Arc::clone(&self.telemetry);
            // The system's nameservers are read from a file, which may block.
            tokio::task::spawn_blocking(move || Running::new(reading, &telemetry)).await??
        };
        let _turn = self.turn.lock().await;
        self.access.store(Arc::new(access));
        warn_of_ignored_changes(&before.config, &after.config);
        logging::set_level(after.config.log.level);
        self.running.store(Arc::new(after));
        // New sources refresh when they start.
        let reloaded = self.hurry(why);
        self.sources.follow(&self.running.load().config);
        self.sources.wait_until_read().await;
        match self.update_fleet(round).await {
            Some(Changes { added, changed, removed, unchanged }) => {
                info!(%why, added, changed, removed, unchanged, "configuration reloaded");
            }
            None => warn!(%why, "configuration reloaded during shutdown"),
        }
        Ok(reloaded)
    }

    /// Makes the sources refresh at once, unless the reload was only requested over HTTP and an
    /// earlier request refreshed them a short time ago.
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
                info!(%until, "AWS refresh rate limited");
                return Reloaded::WithoutAws { until };
            }
            *asked_aws = Some(Instant::now());
        }
        self.sources.hurry();
        Reloaded::Everything
    }

    /// Updates the fleet with the origins that the sources have now.
    pub(super) async fn take_what_is_found(&self) {
        let _turn = self.turn.lock().await;
        if let Some(changes) = self.update_fleet(NextRound::AsPlanned).await
            && changes.are_any()
        {
            let Changes { added, changed, removed, unchanged } = changes;
            info!(added, changed, removed, unchanged, "discovered origins changed");
        }
    }

    /// Passes the fleet to the scheduler; `None` if the scheduler has ended.
    async fn update_fleet(&self, round: NextRound) -> Option<Changes> {
        let running = self.running.load_full();
        let (Fleet { origins, audiences }, in_use) =
            running.fleet(&self.sources, self.source.shard);
        let update = FleetUpdate {
            origins,
            audiences,
            probe: running.probe(),
            start_rate: running.config.start_rate,
            round,
        };
        let origins = update.origins.clone();
        let changes = self.handle.change(update).await;
        if changes.is_some_and(|changes| changes.removed > 0) {
            let used: HashSet<&DomainName> = origins.iter().map(|origin| origin.domain()).collect();
            running.prober.forget_domains_unless(|domain| used.contains(domain));
        }
        self.sources.set_in_use(in_use);
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

    fn probe_now(&self, key: OriginKey) -> BoxFuture<'_, Option<ProbeNow>> {
        self.handle.probe_now(key).boxed()
    }

    fn refusal(&self) -> Option<Arc<Refusal>> {
        self.refusal.load_full()
    }

    fn sources(&self) -> Vec<SourceStatus> {
        self.sources.status()
    }
}

/// Warns of changed settings that need a restart.
fn warn_of_ignored_changes(before: &Config, after: &Config) {
    if before.web.listen != after.web.listen {
        let listen = before.web.listen;
        warn!(setting = "web.listen", %listen, "setting changed; restart to apply it");
    }
    if before.log.format != after.log.format {
        warn!(setting = "log.format", "setting changed; restart to apply it");
    }
}
