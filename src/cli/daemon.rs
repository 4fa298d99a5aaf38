//! The scheduler, the pages and whatever reloads them, running; and how they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tracing::info;
use tracing::warn;

use crate::limits::Shares;
use crate::limits::file_limit;
use crate::limits::open_files;
use crate::pages;
use crate::pages::Door;
use crate::pages::NotReady;
use crate::pages::PagesState;
use crate::pages::Readiness;
use crate::report::Reports;
use crate::schedule::Round;
use crate::schedule::Scheduler;
use crate::telemetry::Telemetry;

use super::discover::Fleet;
use super::discover::InUse;
use super::discover::Sources;
use super::logging;
use super::reload::Reloader;
use super::reload::Running;
use super::signals::EndSignals;
use super::source::Reading;
use super::source::Source;
use super::watch::reload_on_change;
use super::watch::reload_on_hangup;
use super::watch::take_what_is_found;

/// The scheduler and the pages, running.
#[derive(Debug)]
pub(super) struct Daemon {
    /// Where the pages are.
    pub(super) address: SocketAddr,
    /// How many origins it has begun with.
    pub(super) origins: usize,
    signals: EndSignals,
    readiness: Arc<Readiness>,
    end: watch::Sender<End>,
    scheduler: JoinHandle<()>,
    pages: JoinHandle<std::io::Result<()>>,
    /// What reloads; ends when dropped.
    reloads: JoinSet<()>,
}

/// How far the end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    NotYet,
    OfProbing,
    OfEverything,
}

impl Daemon {
    /// Starts everything with what was read from `source`; nothing is started when anything is
    /// wrong. Then each of the `hangups`, also one that has come before, reloads.
    pub(super) async fn start(
        source: Source,
        mut reading: Reading,
        hangups: Signal,
    ) -> anyhow::Result<Self> {
        let signals = EndSignals::listen().context("cannot listen for signals")?;
        let door = std::mem::replace(&mut reading.door, Door::open());
        let door = Arc::new(ArcSwap::from_pointee(door));
        let listen = reading.config.web.listen;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}; is another process there?"))?;
        warn_of_few_files(reading.config.probe.concurrency);
        let telemetry = Arc::new(Telemetry::new(env!("CARGO_PKG_VERSION"))?);
        logging::count_in(&telemetry);
        telemetry.is_shard(source.shard.ordinal(), source.shard.shards());
        let running = Running::new(reading, &telemetry)?;
        let sources = Arc::new(Sources::new(Arc::clone(&telemetry), source.shard));
        let found = sources.changes();
        sources.follow(&running.config);
        sources.have_spoken().await;
        let (Fleet { origins, audiences }, in_use) = running.fleet(&sources, source.shard);
        let reports = Arc::new(Reports::with_audiences(origins, audiences));
        let origins = reports.entries().len();
        let readiness = Arc::new(Readiness::new());
        readiness.not_ready(NotReady::SourceNotRead);
        let address = listener.local_addr()?;
        let scheduler = Scheduler::new(
            Arc::clone(&reports),
            running.probe(),
            Arc::clone(&telemetry),
            running.config.probe.start_rate,
        );
        sources.are_in_use(in_use);
        let (reloader, queue) = Reloader::new(
            source,
            running,
            Arc::clone(&door),
            Arc::clone(&telemetry),
            scheduler.remote(),
            Arc::clone(&sources),
        );
        let reloader = Arc::new(reloader);
        let mut reloads = JoinSet::new();
        reloads.spawn(Arc::clone(&reloader).run(queue));
        reloads.spawn(reload_on_hangup(Arc::clone(&reloader), hangups));
        reloads.spawn(reload_on_change(Arc::clone(&reloader)));
        reloads.spawn(take_what_is_found(Arc::clone(&reloader), found));
        let readiness_of_pages = Arc::clone(&readiness);
        let state = PagesState {
            reports,
            telemetry,
            readiness: readiness_of_pages,
            control: reloader,
            door,
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
            pages: tokio::spawn(pages::serve_at_most(
                open_files().shares.pages,
                listener,
                state,
                reached(ending, End::OfEverything),
            )),
            reloads,
            end,
        })
    }

    /// Serves until SIGTERM or Ctrl-C, or until the pages cannot be served any longer.
    pub(super) async fn until_asked_to_end(mut self) -> anyhow::Result<()> {
        let asked = tokio::select! {
            asked = self.signals.asked() => asked,
            ended = &mut self.pages => {
                ended.context("the HTTP server panicked")??;
                "the HTTP server's end"
            }
            ended = &mut self.scheduler => {
                ended.context("the scheduler panicked")?;
                "the scheduler's end"
            }
        };
        info!(by = asked, "ending");
        self.stop().await
    }

    /// Ends: not ready first, then no more probes, then no more pages.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.readiness.not_ready(NotReady::ShuttingDown);
        self.reloads.abort_all();
        self.end.send_replace(End::OfProbing);
        if !self.scheduler.is_finished()
            && let Err(error) = (&mut self.scheduler).await
        {
            warn!(%error, "the scheduler did not end well");
        }
        self.end.send_replace(End::OfEverything);
        if !self.pages.is_finished() {
            // A scrape under way may end; a reader who does not read is left behind.
            let patience = tokio::time::timeout(LAST_PAGES, &mut self.pages).await;
            if patience.is_err() {
                self.pages.abort();
            }
        }
        info!("ended");
        Ok(())
    }
}

/// Says what the limit on open files leaves of `concurrency`.
fn warn_of_few_files(concurrency: usize) {
    let Shares { probes, dns, pages, .. } = open_files().shares;
    if probes < concurrency {
        let limit = file_limit();
        warn!(
            limit,
            probes,
            dns,
            pages,
            "the limit on open files leaves fewer probes at once than `probe.concurrency`, {concurrency}; raise `LimitNOFILE` (systemd) or `ulimit -n`"
        );
    }
}

const LAST_PAGES: Duration = Duration::from_secs(2);

/// Ready when every source of origins has been read and the first round is done, or after a minute:
/// a rolling update must leave no gap, and one hanging origin or source must not hold it up.
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
    // A sender that is gone is the end, too.
    let _ = ending.wait_for(|end| *end >= stage).await;
}
