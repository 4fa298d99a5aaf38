//! The sources of origins besides the configuration file: which there are, running, and what they
//! give.

mod settings;

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tracing::warn;

use crate::config::Config;
use crate::discovery::Configured;
use crate::discovery::Gathered;
use crate::discovery::Post;
use crate::discovery::Reading;
use crate::discovery::Record;
use crate::discovery::Register;
use crate::discovery::Share;
use crate::discovery::SourceName;
use crate::discovery::gather;
use crate::impact::Audience;
use crate::origin::Origin;
use crate::origin::OriginKey;
use crate::origin::Shard;
use crate::pages::SourceStatus;
use crate::telemetry::Telemetry;

use super::now;
use settings::Daemon;
use settings::Settings;

/// Which sources are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those that need no network.
    Local,
    Everything,
}

/// The sources, running; they end when dropped.
#[derive(Debug)]
pub(super) struct Sources {
    register: Arc<Register>,
    running: Mutex<BTreeMap<SourceName, (Settings, Task)>>,
    /// What each adds to what is looked after now.
    shares: ArcSwap<Vec<Share>>,
    in_use: watch::Sender<InUse>,
    telemetry: Arc<Telemetry>,
    shard: Shard,
    hurry: watch::Sender<u64>,
}

/// Whether what is looked after has been gathered with every source having been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InUse {
    NotYet,
    All,
}

/// What is to be looked after.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) origins: Vec<Arc<Origin>>,
    /// The viewers of those that stand in distributions.
    pub(super) audiences: Vec<Audience>,
}

/// Ends what it stands for when it is dropped.
#[derive(Debug)]
struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Sources {
    /// Returns what has no source yet.
    pub(super) fn new(telemetry: Arc<Telemetry>, shard: Shard) -> Self {
        Self {
            register: Arc::new(Register::new(Arc::clone(&telemetry))),
            running: Mutex::default(),
            shares: ArcSwap::default(),
            in_use: watch::Sender::new(InUse::NotYet),
            telemetry,
            shard,
            hurry: watch::Sender::new(0),
        }
    }

    /// Has every source look again at once.
    pub(super) fn hurry(&self) {
        self.hurry.send_modify(|times| *times = times.wrapping_add(1));
    }

    /// Makes those of `config` the sources. One whose settings are as before goes on undisturbed;
    /// what the others gave stays in use until they have spoken again.
    pub(super) fn follow(&self, config: &Config) {
        let wanted = Settings::of(config);
        let expected: Vec<(SourceName, Duration)> =
            wanted.iter().map(|settings| (settings.name(), settings.interval())).collect();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *running);
        before.retain(|_, (settings, _)| wanted.contains(settings));
        // Whoever is no longer wanted has ended by now, and can deliver nothing.
        self.register.expect(&expected);
        for settings in wanted {
            let name = settings.name();
            let task = match before.remove(&name) {
                Some((_, task)) => task,
                None => {
                    let post = Post::new(name.clone(), Arc::clone(&self.register), now);
                    let daemon = Daemon {
                        shard: self.shard,
                        telemetry: Arc::clone(&self.telemetry),
                        hurry: self.hurry.subscribe(),
                    };
                    let run = run_for_ever(settings.clone(), post, daemon);
                    Task(tokio::spawn(run).abort_handle())
                }
            };
            running.insert(name, (settings, task));
        }
    }

    /// Waits until every source has spoken once; not for long, because those that are slow are
    /// taken in when they do.
    pub(super) async fn have_spoken(&self) {
        let mut changes = self.register.changes();
        let all =
            async { while !self.register.has_heard_all() && changes.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(FIRST_WORDS, all).await;
    }

    /// Returns what changes whenever there may be something else to look after.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.register.changes()
    }

    /// Returns what tells whether every source's origins are looked after.
    pub(super) fn all_in_use(&self) -> watch::Receiver<InUse> {
        self.in_use.subscribe()
    }

    /// Returns the configured origins and what is found besides, and which sources that is from.
    pub(super) fn gather(&self, configured: Configured<'_>, shard: Shard) -> (Fleet, InUse) {
        let in_use = if self.register.has_read_all() { InUse::All } else { InUse::NotYet };
        let Gathered { origins, distributions, shares } =
            gather(configured, &self.register.records(), shard);
        for share in &shares {
            let (source, problems) = (share.source.as_str(), &share.problems);
            self.telemetry.sources().gave(source, share.origins, problems.count());
        }
        self.tell_new_collisions(&shares);
        self.shares.store(Arc::new(shares));
        let audiences = distributions.into_iter().map(Audience::new).collect();
        (Fleet { origins, audiences }, in_use)
    }

    /// Notes that what was gathered is looked after.
    pub(super) fn are_in_use(&self, in_use: InUse) {
        if in_use == InUse::All {
            self.in_use.send_replace(in_use);
        }
    }

    /// Returns how it stands with each source.
    pub(super) fn status(&self) -> Vec<SourceStatus> {
        let shares = self.shares.load();
        let records = self.register.records();
        records
            .iter()
            .map(|record| status(record, shares.iter().find(|share| share.source == record.source)))
            .collect()
    }

    /// Logs which origins are named twice since the last time; the sources log everything else.
    fn tell_new_collisions(&self, shares: &[Share]) {
        let before = self.shares.load();
        for share in shares {
            let known = before.iter().find(|known| known.source == share.source);
            let known = known.map_or(&[][..], |known| known.collisions.kept());
            let new = share.collisions.kept().iter().filter(|problem| !known.contains(problem));
            for problem in new.take(MOST_TOLD) {
                warn!(source = %share.source, "left out: {problem}");
            }
        }
    }
}

/// Reads every source of `config` once, and gathers what it and they have; `keys` are those of all
/// origins of the file.
///
/// # Errors
/// When anything could not be read or used, with everything that is wrong.
pub(super) async fn read_once(
    config: &Config,
    keys: &HashSet<OriginKey>,
    shard: Shard,
    reach: Reach,
) -> anyhow::Result<Gathered> {
    let telemetry = Arc::new(Telemetry::new(env!("CARGO_PKG_VERSION"))?);
    let hurry = watch::Sender::new(0).subscribe();
    let daemon = Daemon { shard, telemetry, hurry };
    let (mut records, mut local) = (Vec::new(), HashSet::new());
    for settings in Settings::of(config) {
        if settings.is_local() {
            local.insert(settings.name());
        } else if reach == Reach::Local {
            continue;
        }
        let mut record = Record::new(settings.name());
        record.take(settings.read(daemon.clone()).await, now());
        records.push(record);
    }
    let gathered = gather(Configured { origins: &config.origins, keys }, &records, shard);
    let mut wrong: Vec<String> =
        records.iter().flat_map(Record::failures).map(|failure| failure.reason.clone()).collect();
    // What is amiss with an account is not for the user of the file to mend, and no reason to stop.
    for share in gathered.shares.iter().filter(|share| local.contains(&share.source)) {
        wrong.extend(share.problems.kept().iter().map(ToString::to_string));
        let more = share.problems.count() - share.problems.kept().len();
        if more > 0 {
            wrong.push(format!("{}: and {more} more errors", share.source));
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(gathered)
}

fn status(record: &Record, share: Option<&Share>) -> SourceStatus {
    let (origins, problems) =
        share.map_or((0, None), |share| (share.origins, Some(&share.problems)));
    let kept = problems.map_or(&[][..], |problems| problems.kept());
    SourceStatus {
        name: record.source.to_string(),
        origins,
        last_success: record.last_success,
        failing_since: record.failures().map(|failure| failure.since).min(),
        failures: record.failures().map(|failure| failure.reason.clone()).collect(),
        problems: kept.iter().map(ToString::to_string).collect(),
        problem_count: problems.map_or(0, |problems| problems.count()),
    }
}

/// Runs a source; one that panics, a bug of ours, is begun anew after a while.
async fn run_for_ever(settings: Settings, post: Post, daemon: Daemon) {
    loop {
        let run =
            AssertUnwindSafe(settings.clone().run(post.clone(), daemon.clone())).catch_unwind();
        if run.await.is_err() {
            let reason = "reading it panicked; this is a bug of origin-probe";
            post.deliver(Reading::Failed(reason.to_owned()));
        }
        tokio::time::sleep(AFTER_A_PANIC).await;
    }
}

const AFTER_A_PANIC: Duration = Duration::from_secs(60);
/// Files take milliseconds; who needs longer is not waited for.
const FIRST_WORDS: Duration = Duration::from_secs(2);
/// How many lines one change is worth in the log; the status page has more.
const MOST_TOLD: usize = 50;
