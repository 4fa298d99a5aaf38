//! What the scheduler makes of another configuration while it runs, of connections that several
//! origins have in common, and of a wall clock that jumps. Time stands still; probes are made by
//! hand.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use origin_probe::observation::{Endpoint, Failure, Handshake, Observation};
use origin_probe::origin::{Origin, OriginMtls, Target};
use origin_probe::report::Reports;
use origin_probe::schedule::{Changes, Clock, FleetUpdate, Handle, NextRound, Probe, Scheduler};
use origin_probe::telemetry::Telemetry;
use origin_probe::verdict::Answer;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// So long that no second probe comes by chance.
const INTERVAL: Duration = Duration::from_secs(7_200);

fn origin(id: &str) -> Origin {
    let mut origin = Origin::with_defaults(format!("{id}.example").parse().unwrap());
    origin.key.id = id.into();
    origin.interval = INTERVAL;
    origin
}

fn all(origins: &[Origin]) -> Vec<Arc<Origin>> {
    origins.iter().cloned().map(Arc::new).collect()
}

/// A running scheduler whose probes answer, unless the origin's id begins with "dead".
struct Stage {
    reports: Arc<Reports>,
    telemetry: Arc<Telemetry>,
    handle: Handle,
    probe: Probe,
    /// When each origin was probed, counted from the start.
    probes: Arc<Mutex<BTreeMap<String, Vec<Duration>>>>,
    /// Added to a wall clock that otherwise goes as the time of the test does, in seconds.
    shift: Arc<AtomicI64>,
    end: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Stage {
    fn new(origins: &[Origin]) -> Self {
        let start = Instant::now();
        let probes: Arc<Mutex<BTreeMap<String, Vec<Duration>>>> = Arc::default();
        let noted = Arc::clone(&probes);
        let probe = Probe::new(move |origin, options| {
            let mut noted = noted.lock().unwrap();
            noted.entry(origin.key.id.to_string()).or_default().push(start.elapsed());
            // What is shared must be the same thing for all who are probed together.
            let _ = options.shared;
            let dead = origin.key.id.starts_with("dead");
            async move { seen(origin, dead) }.boxed()
        });
        let shift: Arc<AtomicI64> = Arc::default();
        let shifted = Arc::clone(&shift);
        let clock = Clock::new(move || {
            let shift = SignedDuration::from_secs(shifted.load(Ordering::Relaxed));
            Timestamp::UNIX_EPOCH + start.elapsed() + shift
        });
        let reports = Arc::new(Reports::new(all(origins)));
        let telemetry = Arc::new(Telemetry::new("test").unwrap());
        let scheduler =
            Scheduler::new(Arc::clone(&reports), probe.clone(), Arc::clone(&telemetry), 500)
                .with_clock(clock);
        let handle = scheduler.handle();
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(scheduler.run(async move {
            let _ = ended.await;
        }));
        Self { reports, telemetry, handle, probe, probes, shift, end, running }
    }

    async fn change(&self, origins: &[Origin], round: NextRound) -> Changes {
        let orders = FleetUpdate {
            origins: all(origins),
            audiences: Vec::new(),
            probe: self.probe.clone(),
            start_rate: 500,
            round,
        };
        self.handle.change(orders).await.unwrap()
    }

    fn answers(&self) -> Vec<(String, Option<Answer>)> {
        let answer = |entry: &Arc<origin_probe::report::Entry>| {
            Some(entry.latest()?.verdict.conclusion.answer)
        };
        let entries = self.reports.entries();
        entries.iter().map(|entry| (entry.origin.key.id.to_string(), answer(entry))).collect()
    }

    fn probes_of(&self, id: &str) -> Vec<Duration> {
        self.probes.lock().unwrap().get(id).cloned().unwrap_or_default()
    }

    fn own(&self, metric: &str) -> String {
        let text = self.telemetry.render(Timestamp::UNIX_EPOCH).unwrap();
        let prefix = format!("{metric} ");
        text.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap().to_owned()
    }

    async fn end(self) {
        drop(self.end);
        self.running.await.unwrap();
    }
}

fn seen(origin: Arc<Origin>, dead: bool) -> Observation {
    let failure = dead.then_some(Failure::ConnectionRefused { attempts: 3 });
    let connect_time = (!dead).then_some(Duration::from_millis(1));
    let endpoint = |target| Endpoint {
        handshake: Handshake { failure: failure.clone(), connect_time, ..Handshake::default() },
        ..Endpoint::new(IpAddr::from([203, 0, 114, 1]), target, Timestamp::UNIX_EPOCH)
    };
    Observation {
        endpoints: (0..origin.targets.len()).map(endpoint).collect(),
        ..Observation::new(origin, Timestamp::UNIX_EPOCH)
    }
}

fn answers(of: &[(&str, Option<Answer>)]) -> Vec<(String, Option<Answer>)> {
    of.iter().map(|(id, answer)| ((*id).to_owned(), *answer)).collect()
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn who_stays_keeps_report_and_turn_and_who_comes_or_goes_does_so_at_once() {
    let (well, dead) = (origin("well"), origin("dead"));
    let stage = Stage::new(&[well.clone(), dead.clone(), origin("leaves")]);
    pass(3 * 7_200).await;
    let left = stage.probes_of("leaves").len();
    let before = stage.reports.entries();
    let changes = stage.change(&[origin("comes"), dead, well], NextRound::AsPlanned).await;
    assert_eq!(changes, Changes { unchanged: 2, changed: 0, added: 1, removed: 1 });
    let known = [("dead", Some(Answer::Fails)), ("well", Some(Answer::Answers))];
    assert_eq!(stage.answers(), answers(&[("comes", None), known[0], known[1]]));
    let after = stage.reports.entries();
    assert!(Arc::ptr_eq(&before[0], &after[2]) && Arc::ptr_eq(&before[1], &after[1]));
    pass(31).await;
    assert_eq!(stage.answers()[0], ("comes".to_owned(), Some(Answer::Answers)));
    assert_eq!(stage.own("origin_probe_origins"), "3");
    pass(3 * 7_200).await;
    assert_eq!(stage.probes_of("leaves").len(), left, "nobody looks after it any more");
    for id in ["well", "dead"] {
        let probes = stage.probes_of(id);
        let gaps = probes[1..].windows(2).map(|two| (two[1] - two[0]).as_secs_f64() / 7_200.0);
        let gaps: Vec<f64> = gaps.collect();
        assert!(gaps.len() >= 4 && gaps.iter().all(|gap| (0.89..1.11).contains(gap)), "{gaps:?}");
    }
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_touches_the_judgement_alone_is_judged_again_without_a_probe() {
    let stage = Stage::new(&[origin("dead"), origin("well")]);
    pass(60).await;
    let since = stage.reports.entries()[0].latest().unwrap().failing_since;
    assert!(since.is_some());
    let changed = [
        Origin { labels: [("team".to_owned(), "a".to_owned())].into(), ..origin("dead") },
        Origin { origin_mtls: OriginMtls::Configured, ..origin("well") },
    ];
    let changes = stage.change(&changed, NextRound::AsPlanned).await;
    assert_eq!(changes, Changes { unchanged: 0, changed: 2, added: 0, removed: 0 });
    let known = [("dead", Some(Answer::Fails)), ("well", Some(Answer::Answers))];
    assert_eq!(stage.answers(), answers(&known));
    let entries = stage.reports.entries();
    let report = entries[0].latest().unwrap();
    assert_eq!((report.failing_since, &*report.origin), (since, &changed[0]));
    assert_eq!(*report.observation.origin, changed[0]);
    pass(60).await;
    assert_eq!(stage.probes_of("dead").len(), 1);
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn other_connections_are_made_soon_and_what_was_known_no_longer_counts() {
    let stage = Stage::new(&[origin("dead")]);
    pass(60).await;
    let changed = [Origin { https_port: 8443, ..origin("dead") }];
    stage.change(&changed, NextRound::AsPlanned).await;
    assert_eq!(stage.answers(), answers(&[("dead", None)]));
    pass(31).await;
    assert_eq!(stage.answers(), answers(&[("dead", Some(Answer::Fails))]));
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_shorter_interval_is_kept_from_the_reload_on() {
    let stage = Stage::new(&[origin("well")]);
    pass(60).await;
    let interval = Duration::from_secs(20);
    stage.change(&[Origin { interval, ..origin("well") }], NextRound::AsPlanned).await;
    pass(23).await;
    assert_eq!(stage.probes_of("well").len(), 2);
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_every_verdict_rests_on_has_changed_so_all_are_probed_at_once() {
    let origins = [origin("a"), origin("b"), origin("c")];
    let stage = Stage::new(&origins);
    pass(60).await;
    stage.change(&origins, NextRound::AtOnce).await;
    pass(31).await;
    for id in ["a", "b", "c"] {
        assert_eq!(stage.probes_of(id).len(), 2, "{id}");
    }
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn origins_with_a_connection_in_common_are_probed_at_the_same_time() {
    let shared = |id: &str, hosts: &[&str]| {
        let mut origin = origin(id);
        origin.key.domain = "lb.example".parse().unwrap();
        let domain = origin.key.domain.clone();
        let target = |host: &&str| Target::forwarded(&host.parse().unwrap(), &domain);
        origin.targets = hosts.iter().map(target).collect();
        origin
    };
    let together = [shared("a", &["www.example"]), shared("b", &["b.example", "www.example"])];
    let alone = shared("c", &["c.example"]);
    let stage = Stage::new(&[together[0].clone(), together[1].clone(), alone.clone()]);
    pass(3 * 7_200).await;
    let (a, b) = (stage.probes_of("a"), stage.probes_of("b"));
    assert!(a.len() >= 2 && a == b, "{a:?} {b:?}");
    assert_ne!(a, stage.probes_of("c"));
    // Who leaves the others takes its own way, and nobody loses what is known.
    let changes = stage.change(&[together[0].clone(), alone], NextRound::AsPlanned).await;
    assert_eq!(changes, Changes { unchanged: 2, changed: 0, added: 0, removed: 1 });
    assert!(stage.answers().iter().all(|(_, answer)| answer.is_some()));
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_jump_of_the_wall_clock_is_counted_and_begins_a_new_round() {
    let stage = Stage::new(&[origin("a"), origin("b")]);
    pass(100).await;
    assert_eq!(stage.own("origin_probe_clock_jumps_total"), "0");
    for (jump, jumps) in [(86_400, "1"), (0, "2")] {
        let before = stage.probes_of("a").len();
        stage.shift.store(jump, Ordering::Relaxed);
        pass(33).await;
        assert_eq!(stage.own("origin_probe_clock_jumps_total"), jumps);
        assert_eq!(stage.probes_of("a").len(), before + 1);
    }
    let last = stage.probes_of("b").len();
    pass(300).await;
    assert_eq!(stage.probes_of("b").len(), last, "one round a jump, then the interval again");
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_fleet_may_become_empty_and_grow_again() {
    let stage = Stage::new(&[origin("a")]);
    pass(60).await;
    let changes = stage.change(&[], NextRound::AsPlanned).await;
    assert_eq!(changes, Changes { unchanged: 0, changed: 0, added: 0, removed: 1 });
    assert_eq!(stage.answers(), []);
    stage.change(&[origin("a")], NextRound::AsPlanned).await;
    pass(31).await;
    assert_eq!(stage.answers(), answers(&[("a", Some(Answer::Answers))]));
    stage.end().await;
}
