//! `serve`: the daemon.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::info;
use tracing::warn;

use crate::chain::MOZILLA_DATE;
use crate::chain::MOZILLA_VERSION;
use crate::chain::TrustAnchors;
use crate::config::Config;
use crate::pages;
use crate::pages::Control;
use crate::pages::NotReady;
use crate::pages::PagesState;
use crate::pages::Readiness;
use crate::probe::Prober;
use crate::report::Reports;
use crate::schedule::Probe;
use crate::schedule::Round;
use crate::schedule::Scheduler;
use crate::telemetry::Telemetry;
use crate::telemetry::TrustStore;

use super::arguments::ServeArguments;
use super::logging;
use super::now;
use super::parts::Parts;
use super::print;
use super::runtime;
use super::signals;

/// Reads the configuration and serves until told to stop.
pub(super) fn run(arguments: &ServeArguments) -> anyhow::Result<ExitCode> {
    let config = Config::load(&arguments.config)?;
    let parts = Parts::of(&config);
    let anchors = parts.anchors()?;
    if arguments.check_config {
        let (origins, disabled) = (config.origins.len(), config.disabled_origins);
        let anchors = anchors.len();
        print(&format!(
            "{}: valid; {origins} origins ({disabled} more are disabled), {anchors} trust anchors\n",
            arguments.config.display()
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    logging::start(config.log);
    let runtime = runtime()?;
    let result = runtime.block_on(async {
        let daemon = Daemon::start(&config).await?;
        info!(config = %arguments.config.display(), origins = config.origins.len(), listen = %daemon.address, "serving");
        daemon.until_asked_to_end().await
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    result.map(|()| ExitCode::SUCCESS)
}

/// The scheduler and the pages, running.
#[derive(Debug)]
pub(super) struct Daemon {
    /// Where the pages are.
    pub(super) address: std::net::SocketAddr,
    readiness: Arc<Readiness>,
    end: watch::Sender<End>,
    scheduler: tokio::task::JoinHandle<()>,
    pages: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// What is in use.
#[derive(Debug)]
struct Running {
    config: Arc<Config>,
    prober: Arc<Prober>,
}

impl Control for Running {
    fn now(&self) -> Timestamp {
        now()
    }

    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config)
    }

    fn prober(&self) -> Arc<Prober> {
        Arc::clone(&self.prober)
    }
}

/// How far the end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    NotYet,
    OfProbing,
    OfEverything,
}

impl Daemon {
    /// Starts everything; nothing is started when anything is wrong.
    pub(super) async fn start(config: &Config) -> anyhow::Result<Self> {
        let parts = Parts::of(config);
        let anchors = parts.anchors()?;
        let listener = TcpListener::bind(config.web.listen).await.with_context(|| {
            format!("cannot listen on {}; is another process there?", config.web.listen)
        })?;
        let telemetry = Arc::new(Telemetry::new(env!("CARGO_PKG_VERSION"))?);
        note_anchors(&telemetry, &anchors);
        telemetry.config_accepted(now());
        let prober = Arc::new(parts.prober(anchors)?);
        let reports = Arc::new(Reports::new(config.origins.iter().cloned()));
        let readiness = Arc::new(Readiness::new());
        readiness.not_ready(NotReady::FirstRoundNotDone);
        let address = listener.local_addr()?;
        let router = pages::router(PagesState {
            reports: Arc::clone(&reports),
            telemetry: Arc::clone(&telemetry),
            readiness: Arc::clone(&readiness),
            control: Arc::new(Running {
                config: Arc::new(config.clone()),
                prober: Arc::clone(&prober),
            }),
        });
        let (end, ending) = watch::channel(End::NotYet);
        let scheduler =
            Scheduler::new(reports, Probe::with(prober), telemetry, config.probe.start_rate);
        tokio::spawn(become_ready(scheduler.first_round(), Arc::clone(&readiness), ending.clone()));
        Ok(Self {
            address,
            readiness,
            scheduler: tokio::spawn(scheduler.run(reached(ending.clone(), End::OfProbing))),
            pages: tokio::spawn(pages::serve(listener, router, reached(ending, End::OfEverything))),
            end,
        })
    }

    /// Serves until SIGTERM or Ctrl-C, or until the pages cannot be served any longer.
    pub(super) async fn until_asked_to_end(mut self) -> anyhow::Result<()> {
        let asked = tokio::select! {
            asked = signals::end_asked_for() => asked?,
            ended = &mut self.pages => {
                ended.context("the HTTP server panicked")??;
                "the HTTP server's end"
            }
        };
        info!(by = asked, "ending");
        self.stop().await
    }

    /// Ends: not ready first, then no more probes, then no more pages.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.readiness.not_ready(NotReady::ShuttingDown);
        self.end.send_replace(End::OfProbing);
        if let Err(error) = (&mut self.scheduler).await {
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

const LAST_PAGES: Duration = Duration::from_secs(2);

/// Ready after the first round, or after a minute: a rolling update must leave no gap, and one
/// hanging origin must not hold it up.
async fn become_ready(
    mut first_round: watch::Receiver<Round>,
    readiness: Arc<Readiness>,
    ending: watch::Receiver<End>,
) {
    let first_round = first_round.wait_for(|round| *round == Round::Done);
    let _ = tokio::time::timeout(LONGEST_START, first_round).await;
    if *ending.borrow() == End::NotYet {
        readiness.ready();
    }
}

const LONGEST_START: Duration = Duration::from_secs(60);

async fn reached(mut ending: watch::Receiver<End>, stage: End) {
    // A sender that is gone is the end, too.
    let _ = ending.wait_for(|end| *end >= stage).await;
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
