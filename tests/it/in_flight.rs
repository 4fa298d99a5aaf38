//! How many probes run at once, whose they are, and who waits: with time standing still and probes
//! made by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use origin_probe::observation::{Endpoint, Failure, Handshake, Observation};
use origin_probe::origin::{Origin, Target};
use origin_probe::report::Reports;
use origin_probe::schedule::{
    Changes, Clock, FleetUpdate, Handle, NextRound, Probe, Round, Scheduler,
};
use origin_probe::telemetry::Telemetry;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long a hanging origin is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The probes that run and those that ran.
#[derive(Debug, Default)]
struct Seen {
    running: BTreeMap<String, usize>,
    most: usize,
    starts: BTreeMap<String, Vec<Duration>>,
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

struct Stage {
    seen: Arc<Mutex<Seen>>,
    probe: Probe,
    reports: Arc<Reports>,
    telemetry: Arc<Telemetry>,
    handle: Handle,
    first_round: watch::Receiver<Round>,
    _end: oneshot::Sender<()>,
    _scheduler: JoinHandle<()>,
}

impl Stage {
    fn new(origins: &[Origin], concurrency: usize) -> Self {
        let start = Instant::now();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let noted = Arc::clone(&seen);
        let probe = Probe::new(move |origin, _| {
            let id = origin.key.id.to_string();
            let hangs = id.starts_with("hangs");
            let mut seen = noted.lock().unwrap();
            *seen.running.entry(id.clone()).or_default() += 1;
            seen.most = seen.most.max(seen.running.values().sum());
            seen.starts.entry(id.clone()).or_default().push(start.elapsed());
            let running = Running { seen: Arc::clone(&noted), id };
            async move {
                let _running = running;
                let wait = if hangs { PATIENCE } else { Duration::from_millis(20) };
                tokio::time::sleep(wait).await;
                observation(origin, hangs)
            }
            .boxed()
        })
        .with_concurrency(concurrency);
        let reports = Arc::new(Reports::new(all(origins)));
        let telemetry = Arc::new(Telemetry::new("test").unwrap());
        let scheduler =
            Scheduler::new(Arc::clone(&reports), probe.clone(), Arc::clone(&telemetry), 100_000)
                .with_clock(Clock::new(move || Timestamp::UNIX_EPOCH + start.elapsed()));
        let (handle, first_round) = (scheduler.handle(), scheduler.first_round());
        let (end, ended) = oneshot::channel::<()>();
        let scheduler = tokio::spawn(scheduler.run(ended.map(drop)));
        Self {
            seen,
            probe,
            reports,
            telemetry,
            handle,
            first_round,
            _end: end,
            _scheduler: scheduler,
        }
    }

    async fn change(&self, origins: &[Origin]) -> Changes {
        let orders = FleetUpdate {
            origins: all(origins),
            audiences: Vec::new(),
            probe: self.probe.clone(),
            start_rate: 100_000,
            round: NextRound::AsPlanned,
        };
        let changes = self.handle.change(orders).await.unwrap();
        // The tasks that are aborted end when the runtime comes to them.
        tokio::time::sleep(Duration::from_millis(1)).await;
        changes
    }

    fn running(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().running.keys().cloned().collect()
    }

    fn starts(&self) -> BTreeMap<String, Vec<Duration>> {
        self.seen.lock().unwrap().starts.clone()
    }

    fn most(&self) -> usize {
        self.seen.lock().unwrap().most
    }

    fn own(&self, metric: &str) -> f64 {
        let text = self.telemetry.render(Timestamp::UNIX_EPOCH).unwrap();
        let prefix = format!("{metric} ");
        text.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap().parse().unwrap()
    }
}

fn all(origins: &[Origin]) -> Vec<Arc<Origin>> {
    origins.iter().cloned().map(Arc::new).collect()
}

fn origin(id: &str, interval: Duration) -> Origin {
    let mut origin = Origin::with_defaults(format!("{id}.example").parse().unwrap());
    origin.key.id = id.into();
    origin.interval = interval;
    origin
}

fn origins(name: &str, count: usize, interval: Duration) -> Vec<Origin> {
    (0..count).map(|n| origin(&format!("{name}-{n}"), interval)).collect()
}

fn observation(origin: Arc<Origin>, hangs: bool) -> Observation {
    let silence = Failure::ConnectionTimedOut { attempts: 3, timeout: PATIENCE / 3 };
    let endpoint = Endpoint {
        handshake: Handshake {
            failure: hangs.then_some(silence),
            connect_time: (!hangs).then_some(Duration::from_millis(1)),
            ..Handshake::default()
        },
        ..Endpoint::new(IpAddr::from([203, 0, 114, 1]), 0, Timestamp::UNIX_EPOCH)
    };
    Observation { endpoints: vec![endpoint], ..Observation::new(origin, Timestamp::UNIX_EPOCH) }
}

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn no_more_probes_run_than_sockets_and_64() {
    let stage = Stage::new(&origins("hangs", 500, HOUR), 10);
    for swap in 1..=4 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(stage.running().len(), 74 - 18, "three quarters, before swap {swap}");
        let changes = stage.change(&origins(&format!("hangs-{swap}"), 500, HOUR)).await;
        assert_eq!((changes.added, changes.removed), (500, 500));
    }
    assert!(stage.most() <= 74, "{}", stage.most());
    stage.change(&origins("lone", 1, HOUR)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.running().len(), 0);
    assert_eq!(stage.own("origin_probe_probes_in_flight"), 0.0);
    assert_eq!(stage.starts()["lone-0"].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_or_connected_to_otherwise_is_not_probed_on() {
    let before = ["hangs-stays", "hangs-goes", "hangs-moves"].map(|id| origin(id, HOUR));
    let stage = Stage::new(&before, 10);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(stage.running(), names(&["hangs-goes", "hangs-moves", "hangs-stays"]));
    let mut moved = before[2].clone();
    moved.https_port = 8443;
    stage.change(&[before[0].clone(), moved]).await;
    // What moved has its turn among the first probes; those that went are gone at once.
    assert!(!stage.running().contains("hangs-goes"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.running(), names(&["hangs-moves", "hangs-stays"]));
    let starts = stage.starts();
    let probes = ["hangs-stays", "hangs-goes", "hangs-moves"].map(|id| starts[id].len());
    assert_eq!(probes, [1, 1, 2]);
    assert_eq!(stage.own("origin_probe_probes_in_flight"), 2.0);
    stage.change(&[]).await;
    assert_eq!(stage.running(), names(&[]));
    assert_eq!(stage.own("origin_probe_probes_in_flight"), 0.0);
}

#[tokio::test(start_paused = true)]
async fn the_report_of_a_removed_origin_is_dropped_even_if_the_origin_is_still_listed() {
    let before = ["goes", "stays"].map(|id| origin(id, HOUR));
    let stage = Stage::new(&before, 10);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let listed = stage.reports.entries();
    let reported = || listed.iter().map(|entry| entry.latest().is_some()).collect::<Vec<_>>();
    assert_eq!(reported(), [true, true]);
    let changes = stage.change(&before[1..]).await;
    assert_eq!((changes.removed, changes.unchanged), (1, 1));
    assert_eq!(reported(), [false, true]);
}

#[tokio::test(start_paused = true)]
async fn hanging_origins_delay_no_other_and_take_turns() {
    let healthy = origins("well", 50, MINUTE);
    let stage = Stage::new(&healthy, 10);
    tokio::time::sleep(MINUTE * 2).await;
    // Many more than there is room for: 56 every half a minute.
    let hanging = origins("hangs", 300, MINUTE);
    let both: Vec<Origin> = healthy.into_iter().chain(hanging).collect();
    stage.change(&both).await;
    let mut first_round = stage.first_round.clone();
    assert_eq!(*first_round.borrow_and_update(), Round::Running);
    tokio::time::sleep(MINUTE * 30).await;
    assert_eq!(*first_round.borrow(), Round::Done);
    assert!(stage.most() <= 74, "{}", stage.most());
    let (mut probes, mut hung) = (Vec::new(), 0);
    for (id, starts) in stage.starts() {
        if id.starts_with("well") {
            for pair in starts[1..].windows(2) {
                let gap = (pair[1] - pair[0]).as_secs_f64();
                assert!((53.9..=66.1).contains(&gap), "{id}: {gap}");
            }
        } else {
            hung += starts.len();
            probes.push(starts.len());
        }
    }
    // As many as fit in half an hour, the same number each.
    assert!((3000..=56 * 60).contains(&hung), "{hung}");
    let (fewest, most) = (probes.iter().min().unwrap(), probes.iter().max().unwrap());
    assert_eq!(probes.len(), 300);
    assert!(most - fewest <= 2, "{fewest} to {most}");
}

#[tokio::test(start_paused = true)]
async fn probes_that_wait_for_room_past_their_interval_are_missed() {
    let stage = Stage::new(&origins("hangs", 300, MINUTE), 10);
    tokio::time::sleep(MINUTE * 60).await;
    let made: usize = stage.starts().values().map(Vec::len).sum();
    let missed = stage.own("origin_probe_probes_missed_total");
    // Each waits for 100 s after its interval, of which one whole interval counts.
    let share = missed / made as f64;
    assert!((0.8..=1.1).contains(&share), "{made} made, {missed} missed");
}

#[tokio::test(start_paused = true)]
async fn a_group_larger_than_the_room_is_probed_in_parts() {
    let host = "www.example".parse().unwrap();
    let group: Vec<Origin> = (0..300)
        .map(|n| {
            let mut member = origin("group", MINUTE);
            member.key.id = format!("group-{n}").into();
            let domain = member.domain().clone();
            member.targets = vec![Target::forwarded(&host, &domain)].into_iter().collect();
            member
        })
        .collect();
    let all: Vec<Origin> = group.into_iter().chain(origins("well", 20, MINUTE)).collect();
    let stage = Stage::new(&all, 2);
    tokio::time::sleep(MINUTE * 5).await;
    assert!(stage.most() <= 66, "{}", stage.most());
    let starts = stage.starts();
    assert_eq!(starts.len(), 320);
    for (id, starts) in starts {
        assert!((4..=9).contains(&starts.len()), "{id}: {starts:?}");
    }
}
