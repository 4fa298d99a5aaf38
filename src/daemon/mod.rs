//! The daemon: startup, reloads, signals and logging; wires the other modules together.

mod discover;
pub(crate) mod logging;
mod reload;
mod signals;
mod source;
mod triggers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tracing::{error, info, warn};

use crate::limits::{FEWEST_FILES, Shares, file_limit, open_files, raise_file_limit};
use crate::report::Reports;
use crate::schedule::{Round, Scheduler};
use crate::telemetry::Telemetry;
use crate::web;
use crate::web::{NotReady, PagesState, Readiness, WebAccess};

pub(crate) use discover::{Reach, read_once};
pub(crate) use reload::prober;
pub(crate) use signals::{EndSignals, Interrupted};
pub(crate) use source::{Reading, Source, anchors, configured_keys};

use discover::{Fleet, InUse, Sources};
use reload::{Reloader, Running};
use triggers::{reload_on_change, reload_on_hangup, take_what_is_found};

/// How a running daemon ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    AsAsked,
    /// The reason is in the log.
    Failed,
}

/// Reads the configuration and runs the daemon until it is stopped.
///
/// # Errors
/// When the daemon cannot start.
pub(crate) fn run(source: Source) -> anyhow::Result<Ended> {
    raise_file_limit();
    let files = file_limit();
    anyhow::ensure!(
        files >= FEWEST_FILES,
        "open file limit {files} is too low; raise `LimitNOFILE` (systemd) or `ulimit -n` to \
         {FEWEST_FILES} or more"
    );
    let runtime = runtime()?;
    // Install the handler before reading files, which may take seconds: an unhandled SIGHUP would
    // end the process.
    let hangups = runtime.block_on(async { signal(SignalKind::hangup()) });
    let hangups = hangups.context("cannot install the SIGHUP handler")?;
    let reading = source.read()?;
    let _log = logging::start(reading.config.log)?;
    warn_of_proxies(|name| std::env::var(name).ok());
    let result = runtime.block_on(async {
        let (path, shard) = (source.path.clone(), source.shard);
        let daemon = Daemon::start(source, reading, hangups).await?;
        let (ordinal, shards, origins) = (shard.ordinal(), shard.shards(), daemon.origins);
        info!(
            config = %path.display(),
            origins,
            shard = ordinal,
            shards,
            listen = %daemon.address,
            "daemon started"
        );
        // Logged instead of printed, because writing to standard error may block by now.
        let ended = daemon.until_asked_to_end().await;
        let log = |error: &anyhow::Error| error!(error = %format!("{error:#}"), "daemon failed");
        anyhow::Ok(match ended.inspect_err(log) {
            Ok(()) => Ended::AsAsked,
            Err(_) => Ended::Failed,
        })
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

/// Warns that probes ignore the proxy settings of the environment. Through a proxy, probes would
/// test the proxy's network and, if it inspects TLS, the proxy's certificates.
fn warn_of_proxies(variable: impl Fn(&str) -> Option<String>) {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        if variable(name).is_some_and(|value| !value.is_empty()) {
            warn!(variable = name, "proxy setting ignored");
        }
    }
}

/// The wall clock, read in `schedule`, `daemon` and `cli` only.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// One thread probes, another serves the pages (`web::serve_apart`). With a worker for each core, a
/// probe would wake up several threads, and each would keep memory of its own for every size of
/// allocation: twice as much after a round of 10,000 origins.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// The running scheduler and web server.
#[derive(Debug)]
pub(crate) struct Daemon {
    /// The address of the web server.
    pub(crate) address: SocketAddr,
    /// The number of origins at startup.
    pub(crate) origins: usize,
    signals: EndSignals,
    readiness: Arc<Readiness>,
    end: watch::Sender<End>,
    scheduler: JoinHandle<()>,
    pages: JoinHandle<std::io::Result<()>>,
    /// The reload tasks, which end when dropped.
    reloads: JoinSet<()>,
}

/// How far the shutdown has progressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    NotYet,
    OfProbing,
    OfEverything,
}

impl Daemon {
    /// Starts everything with the `reading` from `source`, or nothing if there is an error. After
    /// that, every signal of `hangups` triggers a reload, including one that arrived before.
    pub(crate) async fn start(
        source: Source,
        mut reading: Reading,
        hangups: Signal,
    ) -> anyhow::Result<Self> {
        let signals = EndSignals::listen().context("cannot install signal handlers")?;
        let access = std::mem::replace(&mut reading.access, WebAccess::open());
        let access = Arc::new(ArcSwap::from_pointee(access));
        let listen = reading.config.web.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}; set web.listen to a free address")
        })?;
        warn_of_few_files(reading.config.prober.concurrency);
        let telemetry = Arc::new(Telemetry::new(env!("CARGO_PKG_VERSION"))?);
        logging::count_in(&telemetry);
        telemetry.set_shard(source.shard.ordinal(), source.shard.shards());
        let running = Running::new(reading, &telemetry)?;
        let sources = Arc::new(Sources::new(Arc::clone(&telemetry), source.shard));
        let found = sources.changes();
        sources.follow(&running.config);
        sources.wait_until_read().await;
        let (Fleet { origins, audiences }, in_use) = running.fleet(&sources, source.shard);
        let reports = Arc::new(Reports::with_audiences(origins, audiences));
        let origins = reports.entries().len();
        let readiness = Arc::<Readiness>::default();
        readiness.not_ready(NotReady::SourceNotRead);
        let address = listener.local_addr()?;
        let scheduler = Scheduler::new(
            Arc::clone(&reports),
            running.probe(),
            Arc::clone(&telemetry),
            running.config.start_rate,
        );
        sources.set_in_use(in_use);
        let (reloader, queue) = Reloader::new(
            source,
            running,
            Arc::clone(&access),
            Arc::clone(&telemetry),
            scheduler.handle(),
            Arc::clone(&sources),
        );
        let reloader = Arc::new(reloader);
        let mut reloads = JoinSet::new();
        reloads.spawn(Arc::clone(&reloader).run(queue));
        reloads.spawn(reload_on_hangup(Arc::clone(&reloader), hangups));
        reloads.spawn(reload_on_change(Arc::clone(&reloader)));
        reloads.spawn(take_what_is_found(Arc::clone(&reloader), found));
        let state = PagesState {
            reports,
            telemetry,
            readiness: Arc::clone(&readiness),
            control: reloader,
            access,
        };
        let (end, ending) = watch::channel(End::NotYet);
        tokio::spawn(become_ready(
            sources.all_in_use(),
            scheduler.first_round(),
            Arc::clone(&readiness),
            ending.clone(),
        ));
        Ok(Self {
            address,
            origins,
            signals,
            readiness,
            scheduler: tokio::spawn(scheduler.run(reached(ending.clone(), End::OfProbing))),
            pages: web::serve_apart(
                open_files().shares.pages,
                listener.into_std()?,
                state,
                reached(ending, End::OfEverything),
            ),
            reloads,
            end,
        })
    }

    /// Serves until SIGTERM or Ctrl-C, or until the web server or the scheduler ends.
    pub(crate) async fn until_asked_to_end(mut self) -> anyhow::Result<()> {
        let asked = tokio::select! {
            (_, asked) = self.signals.asked() => asked,
            ended = &mut self.pages => {
                ended.context("HTTP server panicked")??;
                "HTTP server exit"
            }
            ended = &mut self.scheduler => {
                ended.context("scheduler panicked")?;
                "scheduler exit"
            }
        };
        info!(by = asked, "shutting down");
        self.stop().await
    }

    /// Shuts down gracefully: readiness fails first, then probes stop, then the web server.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.readiness.not_ready(NotReady::ShuttingDown);
        self.reloads.abort_all();
        self.end.send_replace(End::OfProbing);
        if !self.scheduler.is_finished()
            && let Err(error) = (&mut self.scheduler).await
        {
            warn!(%error, "scheduler failed");
        }
        self.end.send_replace(End::OfEverything);
        if !self.pages.is_finished() {
            // A scrape in progress may finish; connections of slow readers are dropped.
            let _ = tokio::time::timeout(LAST_PAGES, &mut self.pages).await;
        }
        info!("stopped");
        Ok(())
    }
}

/// Warns if the limit on open files reduces `concurrency`.
fn warn_of_few_files(concurrency: usize) {
    let Shares { probes, dns, pages, .. } = open_files().shares;
    if probes < concurrency {
        let limit = file_limit();
        warn!(
            limit,
            concurrency,
            probes,
            dns,
            pages,
            "open file limit reduces probe.concurrency; raise LimitNOFILE (systemd) or ulimit -n"
        );
    }
}

/// A second more than the web server takes to end its connections.
const LAST_PAGES: Duration = Duration::from_secs(3);

/// Sets readiness when every source has been read and the first round is done, or after a minute. A
/// rolling update must leave no gap, and a hanging origin or source must not block it.
async fn become_ready(
    mut sources: watch::Receiver<InUse>,
    mut first_round: watch::Receiver<Round>,
    readiness: Arc<Readiness>,
    ending: watch::Receiver<End>,
) {
    let all_is_probed = async {
        let _ = sources.wait_for(|in_use| *in_use == InUse::All).await;
        readiness.not_ready(NotReady::FirstRoundNotDone);
        let _ = first_round.wait_for(|round| *round == Round::Done).await;
    };
    let _ = tokio::time::timeout(LONGEST_START, all_is_probed).await;
    if *ending.borrow() == End::NotYet {
        readiness.ready();
    }
}

const LONGEST_START: Duration = Duration::from_secs(60);

async fn reached(mut ending: watch::Receiver<End>, stage: End) {
    // A dropped sender means shutdown, too.
    let _ = ending.wait_for(|end| *end >= stage).await;
}
