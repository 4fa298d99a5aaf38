//! A running scheduler with fake probes: the id of an origin says how the origin behaves.
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use origin_probe::observation::{Endpoint, Failure, Handshake, Observation};
use origin_probe::origin::Origin;
use origin_probe::report::Reports;
use origin_probe::schedule::{
    Changes, Clock, FleetUpdate, Handle, NextRound, Probe, Round, Scheduler,
};
use origin_probe::telemetry::Telemetry;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::http::sample;

/// How long an origin that hangs is waited for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The probes that run and those that ran.
#[derive(Debug, Default)]
pub struct Seen {
    running: BTreeMap<String, usize>,
    pub most: usize,
    /// When each origin was probed, counted from the start.
    pub starts: BTreeMap<String, Vec<Duration>>,
}

/// One running probe, as long as it is not dropped.
struct Running {
    seen: Arc<Mutex<Seen>>,
    id: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut seen = self.seen.lock().unwrap();
        *seen.running.get_mut(&self.id).unwrap() -= 1;
        seen.running.retain(|_, probes| *probes > 0);
    }
}

/// Origins answer unless their ids begin with "dead" or "hangs".
pub struct Fleet {
    pub seen: Arc<Mutex<Seen>>,
    pub reports: Arc<Reports>,
    pub first_round: watch::Receiver<Round>,
    /// Added to a wall clock that otherwise goes as the time of the test does, in seconds.
    pub shift: Arc<AtomicI64>,
    telemetry: Arc<Telemetry>,
    handle: Handle,
    probe: Probe,
    start_rate: u32,
    end: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Fleet {
    pub fn new(origins: &[Origin], concurrency: usize, start_rate: u32) -> Self {
        let start = Instant::now();
        let (seen, shift): (Arc<Mutex<Seen>>, Arc<AtomicI64>) = Default::default();
        let (noted, shifted) = (Arc::clone(&seen), Arc::clone(&shift));
        let probe = Probe::new(move |origin, _| {
            let id = origin.key.id.to_string();
            let mut seen = noted.lock().unwrap();
            *seen.running.entry(id.clone()).or_default() += 1;
            seen.most = seen.most.max(seen.running.values().sum());
            seen.starts.entry(id.clone()).or_default().push(start.elapsed());
            probed(origin, Running { seen: Arc::clone(&noted), id }).boxed()
        })
        .with_concurrency(concurrency);
        let clock = Clock::new(move || {
            let shift = SignedDuration::from_secs(shifted.load(Ordering::Relaxed));
            Timestamp::UNIX_EPOCH + start.elapsed() + shift
        });
        let reports = Arc::new(Reports::new(all(origins)));
        let telemetry = Arc::new(Telemetry::new("test").unwrap());
        let (shared, counted) = (Arc::clone(&reports), Arc::clone(&telemetry));
        let scheduler =
            Scheduler::new(shared, probe.clone(), counted, start_rate).with_clock(clock);
        let (handle, first_round) = (scheduler.handle(), scheduler.first_round());
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(scheduler.run(ended.map(drop)));
        Self {
            seen,
            reports,
            first_round,
            shift,
            telemetry,
            handle,
            probe,
            start_rate,
            end,
            running,
        }
    }

    pub async fn change(&self, origins: &[Origin], round: NextRound) -> Changes {
        let update = FleetUpdate {
            origins: all(origins),
            audiences: Vec::new(),
            probe: self.probe.clone(),
            start_rate: self.start_rate,
            round,
        };
        self.handle.change(update).await.unwrap()
    }

    pub fn running(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().running.keys().cloned().collect()
    }

    pub fn starts(&self) -> BTreeMap<String, Vec<Duration>> {
        self.seen.lock().unwrap().starts.clone()
    }

    /// Returns one of the daemon's own metrics.
    pub fn own(&self, metric: &str) -> f64 {
        let text = self.telemetry.render(Timestamp::UNIX_EPOCH, |_| true).unwrap();
        sample(&text, metric).unwrap().parse().unwrap()
    }

    pub async fn end(self) {
        drop(self.end);
        self.running.await.unwrap();
    }
}

async fn probed(origin: Arc<Origin>, running: Running) -> Observation {
    let (failure, wait) = if running.id.starts_with("hangs") {
        let timeout = PATIENCE / 3;
        (Some(Failure::ConnectionTimedOut { attempts: 3, timeout }), PATIENCE)
    } else {
        let is_dead = running.id.starts_with("dead");
        let refused = is_dead.then_some(Failure::ConnectionRefused { attempts: 3 });
        (refused, Duration::from_millis(20))
    };
    tokio::time::sleep(wait).await;
    let connect_time = failure.is_none().then_some(Duration::from_millis(1));
    let endpoint = |target| Endpoint {
        handshake: Handshake { failure: failure.clone(), connect_time, ..Handshake::default() },
        ..Endpoint::new(IpAddr::from([203, 0, 114, 1]), target, Timestamp::UNIX_EPOCH)
    };
    let endpoints = (0..origin.targets.len()).map(endpoint).collect();
    Observation { endpoints, ..Observation::new(origin, Timestamp::UNIX_EPOCH) }
}

pub fn all(origins: &[Origin]) -> Vec<Arc<Origin>> {
    origins.iter().cloned().map(Arc::new).collect()
}

pub fn origin(id: &str, interval: Duration) -> Origin {
    let mut origin = Origin::with_defaults(format!("{id}.example").parse().unwrap());
    origin.key.id = id.into();
    origin.interval = interval;
    origin
}
