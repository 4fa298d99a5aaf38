//! Runs the discovery sources of a configuration, and merges their origins with the configured
//! ones.

use std::collections::{BTreeMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::warn;

use crate::config::Config;
use crate::impact::Audience;
use crate::origin::{Origin, OriginKey, Shard};
use crate::sources::{
    Configured, Contribution, Gathered, SourceContext, SourceHandle, SourceName, SourceSettings,
    SourceState, SourceStore, SourceUpdate, gather,
};
use crate::telemetry::Telemetry;
use crate::web::SourceStatus;

use super::now;

/// Which sources are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Sources that need no network.
    Local,
    Everything,
}

/// The running sources. They stop when this is dropped.
#[derive(Debug)]
pub(super) struct Sources {
    store: Arc<SourceStore>,
    /// The task of each source, which ends when it is dropped.
    running: Mutex<BTreeMap<SourceName, (SourceSettings, JoinSet<()>)>>,
    /// The contribution of each source to the current fleet.
    shares: ArcSwap<Vec<Contribution>>,
    in_use: watch::Sender<InUse>,
    telemetry: Arc<Telemetry>,
    shard: Shard,
    hurry: watch::Sender<u64>,
}

/// Whether the fleet in use contains the origins of every source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InUse {
    NotYet,
    All,
}

/// The origins to probe.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) origins: Vec<Arc<Origin>>,
    /// The viewers of the origins of distributions.
    pub(super) audiences: Vec<Audience>,
}

impl Sources {
    /// Creates an instance without sources.
    pub(super) fn new(telemetry: Arc<Telemetry>, shard: Shard) -> Self {
        Self {
            store: Arc::new(SourceStore::new(Arc::clone(&telemetry))),
            running: Mutex::default(),
            shares: ArcSwap::default(),
            in_use: watch::Sender::new(InUse::NotYet),
            telemetry,
            shard,
            hurry: watch::Sender::new(0),
        }
    }

    /// Makes every source refresh at once.
    pub(super) fn hurry(&self) {
        self.hurry.send_modify(|times| *times = times.wrapping_add(1));
    }

    /// Runs the sources of `config`. Sources with unchanged settings keep running. The origins of
    /// the others stay in use until their next refresh.
    pub(super) fn follow(&self, config: &Config) {
        let wanted = SourceSettings::of(config);
        let expected: Vec<(SourceName, Duration)> =
            wanted.iter().map(|settings| (settings.name(), settings.interval())).collect();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *running);
        before.retain(|_, (settings, _)| wanted.contains(settings));
        // Removed sources have stopped by now and cannot deliver anything.
        self.store.expect(&expected);
        for settings in wanted {
            let name = settings.name();
            let task = match before.remove(&name) {
                Some((_, task)) => task,
                None => {
                    let handle = SourceHandle::new(name.clone(), Arc::clone(&self.store), now);
                    let context = SourceContext {
                        shard: self.shard,
                        telemetry: Arc::clone(&self.telemetry),
                        hurry: self.hurry.subscribe(),
                    };
                    JoinSet::from_iter([run_for_ever(settings.clone(), handle, context)])
                }
            };
            running.insert(name, (settings, task));
        }
    }

    /// Waits until every source has been read once, but not for long: the origins of slow sources
    /// are added when they arrive.
    pub(super) async fn wait_until_read(&self) {
        let mut changes = self.store.changes();
        let all =
            async { while !self.store.has_polled_all() && changes.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(FIRST_WORDS, all).await;
    }

    /// Returns a counter that changes whenever the discovered origins may have changed.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.store.changes()
    }

    /// Returns a receiver of whether the origins of every source are in use.
    pub(super) fn all_in_use(&self) -> watch::Receiver<InUse> {
        self.in_use.subscribe()
    }

    /// Returns the configured and the discovered origins, and whether every source has been read.
    pub(super) fn gather(&self, configured: Configured<'_>, shard: Shard) -> (Fleet, InUse) {
        let in_use = if self.store.has_read_all() { InUse::All } else { InUse::NotYet };
        let Gathered { origins, distributions, shares } =
            gather(configured, &self.store.states(), shard);
        for share in &shares {
            let (source, problems) = (share.source.as_str(), &share.problems);
            self.telemetry.sources().record_origins(source, share.origins, problems.count());
        }
        self.tell_new_collisions(&shares);
        self.shares.store(Arc::new(shares));
        let audiences = distributions.into_iter().map(Audience::new).collect();
        (Fleet { origins, audiences }, in_use)
    }

    /// Records that the gathered origins are in use.
    pub(super) fn set_in_use(&self, in_use: InUse) {
        if in_use == InUse::All {
            self.in_use.send_replace(in_use);
        }
    }

    /// Returns the status of each source.
    pub(super) fn status(&self) -> Vec<SourceStatus> {
        let shares = self.shares.load();
        let states = self.store.states();
        states
            .iter()
            .map(|state| status(state, shares.iter().find(|share| share.source == state.source)))
            .collect()
    }

    /// Logs new duplicate origins. The sources log all other problems.
    fn tell_new_collisions(&self, shares: &[Contribution]) {
        let before = self.shares.load();
        for share in shares {
            let known = before.iter().find(|known| known.source == share.source);
            let known = known.map_or(&[][..], |known| known.collisions.kept());
            let new = share.collisions.kept().iter().filter(|problem| !known.contains(problem));
            for problem in new.take(MOST_TOLD) {
                warn!(source = %share.source, error = %problem, "duplicate origin ignored");
            }
        }
    }
}

/// Reads every source of `config` once, and merges its origins with the configured ones. `keys` are
/// the keys of all origins in the file.
///
/// # Errors
/// When a source cannot be read or used. The error lists all problems.
pub(crate) async fn read_once(
    config: &Config,
    keys: &HashSet<OriginKey>,
    shard: Shard,
    reach: Reach,
) -> anyhow::Result<Gathered> {
    let telemetry = Arc::new(Telemetry::new(env!("CARGO_PKG_VERSION"))?);
    let hurry = watch::Sender::new(0).subscribe();
    let context = SourceContext { shard, telemetry, hurry };
    let (mut states, mut local) = (Vec::new(), HashSet::new());
    for settings in SourceSettings::of(config) {
        if settings.is_local() {
            local.insert(settings.name());
        } else if reach == Reach::Local {
            continue;
        }
        let mut state = SourceState::new(settings.name());
        state.take(settings.read(context.clone()).await, now());
        states.push(state);
    }
    let gathered = gather(Configured { origins: &config.origins, keys }, &states, shard);
    let mut wrong: Vec<String> = states
        .iter()
        .flat_map(SourceState::failures)
        .map(|failure| failure.reason.clone())
        .collect();
    // Problems in an AWS account are not errors of the configuration, so they do not stop the
    // check.
    for share in gathered.shares.iter().filter(|share| local.contains(&share.source)) {
        wrong.extend(share.problems.kept().iter().map(ToString::to_string));
        let more = share.problems.count() - share.problems.kept().len();
        if more > 0 {
            wrong.push(format!("{}: {more} more errors", share.source));
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(gathered)
}

fn status(state: &SourceState, share: Option<&Contribution>) -> SourceStatus {
    let (origins, problems) =
        share.map_or((0, None), |share| (share.origins, Some(&share.problems)));
    let kept = problems.map_or(&[][..], |problems| problems.kept());
    SourceStatus {
        name: state.source.to_string(),
        origins,
        last_success: state.last_success,
        failing_since: state.failures().map(|failure| failure.since).min(),
        failures: state.failures().map(|failure| failure.reason.clone()).collect(),
        problems: kept.iter().map(ToString::to_string).collect(),
        problem_count: problems.map_or(0, |problems| problems.count()),
    }
}

/// Runs a source, and restarts it after a while if it panics because of a bug.
async fn run_for_ever(settings: SourceSettings, handle: SourceHandle, context: SourceContext) {
    loop {
        let run =
            AssertUnwindSafe(settings.clone().run(handle.clone(), context.clone())).catch_unwind();
        if run.await.is_err() {
            let reason = "the source panicked; please report this bug in origin-probe";
            handle.deliver(SourceUpdate::Failed(reason.to_owned()));
        }
        tokio::time::sleep(AFTER_A_PANIC).await;
    }
}

const AFTER_A_PANIC: Duration = Duration::from_secs(60);
/// How long startup waits for sources. Files take milliseconds; slower sources are added later.
const FIRST_WORDS: Duration = Duration::from_secs(2);
/// How many log lines a change may cause; the status page shows more.
const MOST_TOLD: usize = 50;
