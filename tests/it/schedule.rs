//! The scheduler with time standing still and probes made by hand: when it probes, what it
//! confirms, what it survives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common::by_hand;
use futures_util::FutureExt;
use jiff::Timestamp;
use origin_probe::limits::Shortage;
use origin_probe::observation::{Endpoint, Failure, NotProbed, Observation};
use origin_probe::origin::Origin;
use origin_probe::report::{Entry, Reports};
use origin_probe::resolve::Freshness;
use origin_probe::schedule::{Clock, Probe, Round, Scheduler};
use origin_probe::telemetry::Telemetry;
use origin_probe::verdict::Answer;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// What an origin does at each probe; the last goes on for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Answers,
    Refuses,
    RunsOut,
    Hangs,
    Panics,
}

struct Stage {
    reports: Arc<Reports>,
    telemetry: Arc<Telemetry>,
    /// When each origin was probed, counted from the start.
    probes: Arc<Mutex<BTreeMap<String, Vec<Duration>>>>,
    /// How fresh DNS had to be, at each probe of each origin.
    lookups: Arc<Mutex<BTreeMap<String, Vec<Freshness>>>>,
    scheduler: Scheduler,
}

fn stage(plays: &[(&str, &[Act])], interval: Duration) -> Stage {
    let origins: Vec<Arc<Origin>> = plays
        .iter()
        .map(|(name, _)| {
            let domain = format!("{name}.example").parse().unwrap();
            Arc::new(Origin { interval, ..Origin::with_defaults(domain) })
        })
        .collect();
    let plays: BTreeMap<String, Vec<Act>> =
        plays.iter().map(|(name, acts)| (format!("{name}.example"), acts.to_vec())).collect();
    let probes: Arc<Mutex<BTreeMap<String, Vec<Duration>>>> = Arc::default();
    let noted = Arc::clone(&probes);
    let lookups: Arc<Mutex<BTreeMap<String, Vec<Freshness>>>> = Arc::default();
    let noted_lookups = Arc::clone(&lookups);
    let start = Instant::now();
    let probe = Probe::new(move |origin, options| {
        let domain = origin.domain().to_string();
        noted_lookups.lock().unwrap().entry(domain.clone()).or_default().push(options.freshness);
        let mut noted = noted.lock().unwrap();
        let times = noted.entry(domain.clone()).or_default();
        let acts = &plays[&domain];
        let act = acts[times.len().min(acts.len() - 1)];
        times.push(start.elapsed());
        async move {
            match act {
                Act::Answers => seen(origin, None),
                Act::Refuses => seen(origin, Some(by_hand::refusal())),
                Act::RunsOut => seen(origin, Some(no_file())),
                Act::Hangs => std::future::pending().await,
                Act::Panics => panic!("a probe that panics, on purpose"),
            }
        }
        .boxed()
    });
    Stage { probes, lookups, ..Stage::with(origins, probe) }
}

/// A wall clock that goes as the time of the test does.
fn in_step_from(start: Instant) -> Clock {
    Clock::new(move || Timestamp::UNIX_EPOCH + start.elapsed())
}

fn seen(origin: Arc<Origin>, failure: Option<Failure>) -> Observation {
    let endpoints = vec![endpoint(0, failure)];
    Observation { endpoints, ..Observation::new(origin, Timestamp::UNIX_EPOCH) }
}

fn no_file() -> Failure {
    let (shortage, detail) = (Some(Shortage::Files), "Too many open files".into());
    Failure::NotProbed { reason: NotProbed::OwnFailure { shortage, detail } }
}

fn endpoint(target: usize, failure: Option<Failure>) -> Endpoint {
    let at = Timestamp::UNIX_EPOCH;
    match failure {
        Some(failure) => by_hand::failing(by_hand::address(1), target, failure, at),
        None => by_hand::answering(by_hand::address(1), target, None, at),
    }
}

impl Stage {
    /// Returns a stage for origins of which only the reports matter.
    fn with(origins: Vec<Arc<Origin>>, probe: Probe) -> Self {
        let start = Instant::now();
        let reports = Arc::new(Reports::new(origins));
        let telemetry = Arc::new(Telemetry::new("test").unwrap());
        let scheduler = Scheduler::new(Arc::clone(&reports), probe, Arc::clone(&telemetry), 500)
            .with_clock(in_step_from(start));
        Self { reports, telemetry, probes: Arc::default(), lookups: Arc::default(), scheduler }
    }

    /// Lets the scheduler run for `time`, and calls `look` every half second.
    async fn run(self, time: Duration, mut look: impl FnMut(&Reports, Duration)) -> Played {
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(self.scheduler.run(async move {
            let _ = ended.await;
        }));
        let start = Instant::now();
        while start.elapsed() < time {
            tokio::time::sleep(Duration::from_millis(500)).await;
            look(&self.reports, start.elapsed());
        }
        drop(end);
        let ending = Instant::now();
        running.await.unwrap();
        let own = self.telemetry.render(Timestamp::UNIX_EPOCH, |_| true).unwrap();
        let probes = self.probes.lock().unwrap().clone();
        let lookups = self.lookups.lock().unwrap().clone();
        Played { probes, lookups, own, took_to_end: ending.elapsed(), reports: self.reports }
    }
}

struct Played {
    probes: BTreeMap<String, Vec<Duration>>,
    lookups: BTreeMap<String, Vec<Freshness>>,
    own: String,
    took_to_end: Duration,
    reports: Arc<Reports>,
}

fn answer(reports: &Reports, index: usize) -> Option<Answer> {
    Some(reports.entries()[index].latest()?.verdict.conclusion.answer)
}

#[tokio::test(start_paused = true)]
async fn every_origin_is_probed_on_its_interval_give_or_take_a_tenth() {
    let names: Vec<String> = (0..20).map(|n| format!("origin-{n}")).collect();
    let plays: Vec<(&str, &[Act])> =
        names.iter().map(|name| (name.as_str(), &[Act::Answers][..])).collect();
    let interval = Duration::from_secs(60);
    let played = stage(&plays, interval).run(Duration::from_secs(600), |_, _| {}).await;
    assert_eq!(played.probes.len(), 20);
    let mut second_probes = BTreeSet::new();
    for times in played.probes.values() {
        assert!(times[0] <= Duration::from_millis(50), "first probe at {:?}", times[0]);
        let second = times[1] - times[0];
        assert!((6..=60).contains(&second.as_secs()), "anywhere in the interval: {second:?}");
        second_probes.insert(times[1]);
        for pair in times[1..].windows(2) {
            let gap = (pair[1] - pair[0]).as_secs_f64();
            assert!((53.9..=66.1).contains(&gap), "{gap}");
        }
        assert!((9..=12).contains(&times.len()), "{}", times.len());
    }
    assert!(second_probes.len() > 15, "they are spread: {second_probes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_to_failing_is_published_when_a_second_probe_has_confirmed_it() {
    let plays: [(&str, &[Act]); 2] = [
        ("dead", &[Act::Answers, Act::Refuses]),
        ("blinks", &[Act::Answers, Act::Refuses, Act::Answers]),
    ];
    let mut answers: [Vec<Answer>; 2] = Default::default();
    let stage = stage(&plays, Duration::from_secs(60));
    let played = stage
        .run(Duration::from_secs(200), |reports, _| {
            for (index, seen) in answers.iter_mut().enumerate() {
                if let Some(answer) = answer(reports, index)
                    && seen.last() != Some(&answer)
                {
                    seen.push(answer);
                }
            }
        })
        .await;
    assert_eq!(answers[0], [Answer::Answers, Answer::Fails]);
    assert_eq!(answers[1], [Answer::Answers]);
    for domain in ["dead.example", "blinks.example"] {
        let times = &played.probes[domain];
        let confirmed_after = times[2] - times[1];
        assert!(confirmed_after <= Duration::from_secs(30), "{confirmed_after:?}");
        let on_schedule = Freshness::NotOlderThan(Duration::from_secs(60));
        let lookups = &played.lookups[domain][..4];
        assert_eq!(lookups, [on_schedule, on_schedule, Freshness::Anew, on_schedule]);
    }
    let failing_since = played.reports.entries()[0].latest().unwrap().brief.failing_since();
    assert!(failing_since.is_some());
}

#[tokio::test(start_paused = true)]
async fn what_fails_from_the_first_probe_on_is_published_at_once() {
    let stage = stage(&[("dead", &[Act::Refuses])], Duration::from_secs(60));
    let mut first_seen = None;
    let played = stage
        .run(Duration::from_secs(50), |reports, now| {
            if first_seen.is_none() && answer(reports, 0) == Some(Answer::Fails) {
                first_seen = Some(now);
            }
        })
        .await;
    let probed = played.probes["dead.example"][0];
    assert!(first_seen.unwrap() - probed <= Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn a_hanging_origin_and_a_panicking_one_touch_no_other() {
    let plays: [(&str, &[Act]); 3] =
        [("hangs", &[Act::Hangs]), ("panics", &[Act::Panics]), ("well", &[Act::Answers])];
    let stage = stage(&plays, Duration::from_secs(10));
    let first_round = stage.scheduler.first_round();
    let played = stage.run(Duration::from_secs(100), |_, _| {}).await;
    assert!(played.probes["well.example"].len() >= 9);
    assert!(played.probes["panics.example"].len() >= 9, "a panicking one is tried again");
    assert_eq!(played.probes["hangs.example"].len(), 1);
    assert_eq!(answer(&played.reports, 2), Some(Answer::Answers));
    assert_eq!((answer(&played.reports, 0), answer(&played.reports, 1)), (None, None));
    let panicked = played.own.lines().find_map(|line| {
        line.strip_prefix("origin_probe_probe_errors_total{reason=\"panicked\"} ")
    });
    let count = played.probes["panics.example"].len();
    assert_eq!(panicked, Some(count.to_string().as_str()));
    assert!(played.own.contains("origin_probe_probes_in_flight 0"), "the cut-off one is let go");
    assert_eq!(*first_round.borrow(), Round::Running);
    assert!(played.took_to_end >= Duration::from_secs(2));
    assert!(played.took_to_end < Duration::from_secs(3), "{:?}", played.took_to_end);
}

#[tokio::test(start_paused = true)]
async fn the_first_round_is_done_when_every_origin_has_been_probed() {
    let plays: [(&str, &[Act]); 2] = [("a", &[Act::Answers]), ("b", &[Act::Panics])];
    let stage = stage(&plays, Duration::from_secs(10));
    let first_round = stage.scheduler.first_round();
    stage.run(Duration::from_secs(11), |_, _| {}).await;
    assert_eq!(*first_round.borrow(), Round::Done);
}

#[tokio::test(start_paused = true)]
async fn five_origins_that_all_refuse_make_the_prober_doubt_itself() {
    let names = ["a", "b", "c", "d", "e"];
    let acts: &[Act] = &[Act::Answers, Act::Refuses];
    let plays = names.map(|name| (name, acts));
    let stage = stage(&plays, Duration::from_secs(60));
    let played = stage.run(Duration::from_secs(400), |_, _| {}).await;
    for index in 0..5 {
        assert_eq!(answer(&played.reports, index), Some(Answer::Undecided));
    }
    assert!(played.own.contains("origin_probe_blind{cause=\"prober-blind\"} 1"), "{}", played.own);
}

/// Returns whether the daemon is blind by its own fault, once `short` of `all` origins have met a
/// shortage at their last probe but one, and at their last.
async fn is_blind(all: usize, short: usize) -> [bool; 2] {
    let names: Vec<String> = (0..all).map(|n| format!("o{n}")).collect();
    let ran_out: &[Act] = &[Act::Answers, Act::RunsOut, Act::Answers];
    let well: &[Act] = &[Act::Answers];
    let plays: Vec<(&str, &[Act])> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), if n < short { ran_out } else { well }))
        .collect();
    let mut is_blind = [false; 2];
    let stage = stage(&plays, Duration::from_secs(600));
    let telemetry = Arc::clone(&stage.telemetry);
    let probes = Arc::clone(&stage.probes);
    stage
        .run(Duration::from_secs(2_400), |reports, _| {
            let probed = probes.lock().unwrap().get("o0.example").map_or(0, Vec::len);
            if probed >= 2 {
                is_blind[0] |= telemetry.is_blinded_by("own-failure");
            }
            is_blind[1] = telemetry.is_blinded_by("own-failure");
            assert_ne!(answer(reports, 0), Some(Answer::Fails));
        })
        .await;
    is_blind
}

#[tokio::test(start_paused = true)]
async fn a_shortage_blinds_from_five_percent_or_twenty_of_the_latest_probes_on() {
    for (all, short, expected) in [
        (4, 1, true),
        (100, 4, false),
        (100, 5, true),
        (1_000, 1, false),
        (1_000, 19, false),
        (1_000, 20, true),
    ] {
        assert_eq!(is_blind(all, short).await, [expected, false], "{short} of {all}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shortage_neither_confirms_nor_refutes() {
    let acts = [
        Act::Answers,
        // The second sighting is lost: it takes another two.
        Act::Refuses,
        Act::RunsOut,
        Act::Refuses,
        Act::Refuses,
    ];
    let stage = stage(&[("a", &acts), ("b", &[Act::Answers])], Duration::from_secs(60));
    let probes = Arc::clone(&stage.probes);
    let mut answers: Vec<(usize, Answer)> = Vec::new();
    stage
        .run(Duration::from_secs(300), |reports, _| {
            let probed = probes.lock().unwrap().get("a.example").map_or(0, Vec::len);
            if let Some(answer) = answer(reports, 0)
                && answers.last().is_none_or(|(_, last)| *last != answer)
            {
                answers.push((probed, answer));
            }
        })
        .await;
    let expected = [(1, Answer::Answers), (3, Answer::Undecided), (5, Answer::Fails)];
    assert_eq!(answers, expected);
}

#[tokio::test(start_paused = true)]
async fn more_server_names_than_a_probe_takes_are_taken_in_turn() {
    let hosts = ["h0.example", "h1.example", "h2.example", "h3.example", "h4.example"];
    let origin = by_hand::forwarding("many.example", &hosts);
    let origin = Arc::new(Origin { interval: Duration::from_secs(10), ..origin });
    let begun: Arc<Mutex<Vec<usize>>> = Arc::default();
    let noted = Arc::clone(&begun);
    let probe = Probe::new(move |origin, options| {
        noted.lock().unwrap().push(options.first_target);
        async move {
            let two = [0, 1].map(|n| endpoint((options.first_target + n) % 5, None));
            Observation { endpoints: two.to_vec(), ..seen(origin, None) }
        }
        .boxed()
    });
    let reports = Arc::new(Reports::new([origin]));
    let telemetry = Arc::new(Telemetry::new("test").unwrap());
    let scheduler = Scheduler::new(Arc::clone(&reports), probe, telemetry, 500)
        .with_clock(in_step_from(Instant::now()));
    let stop = tokio::time::sleep(Duration::from_secs(40));
    scheduler.run(stop).await;
    assert_eq!(begun.lock().unwrap()[..3], [0, 2, 4]);
    let report = reports.entries()[0].latest().unwrap();
    let judged: BTreeSet<usize> = report.observation.endpoints.iter().map(|e| e.target).collect();
    assert_eq!(judged, BTreeSet::from([0, 1, 2, 3, 4]));
}

/// Returns a probe of origins whose `fails` tells whether a connection is refused with an alert.
fn connecting(fails: impl Fn(&Origin) -> bool + Send + Sync + 'static) -> Probe {
    Probe::new(move |origin, options| {
        let connections: u16 = options.samples.iter().map(|sample| sample.connections).sum();
        let alert = |_| fails(&origin).then_some(Failure::Alert { code: 40 });
        let all = (0..connections.max(1)).map(alert);
        let endpoints: Vec<Endpoint> = all.map(|failure| endpoint(0, failure)).collect();
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Observation { endpoints, ..Observation::new(origin, Timestamp::UNIX_EPOCH) }
        }
        .boxed()
    })
}

#[tokio::test(start_paused = true)]
async fn the_share_of_one_server_of_four_is_published_within_ten_seconds() {
    let start = Instant::now();
    let connections = Arc::new(Mutex::new((0, None)));
    let made = Arc::clone(&connections);
    let probe = connecting(move |_| {
        let (number, first_bad) = &mut *made.lock().unwrap();
        *number += 1;
        let is_bad = *number % 4 == 0;
        if is_bad {
            first_bad.get_or_insert(start.elapsed());
        }
        is_bad
    });
    let origin = Origin::with_defaults("balanced.example".parse().unwrap());
    let origin = Arc::new(Origin { interval: Duration::from_secs(60), ..origin });
    let stage = Stage::with(vec![origin], probe);
    let mut first_seen = None;
    let played = stage
        .run(Duration::from_secs(1_200), |reports, now| {
            let report = reports.entries()[0].latest();
            let ratio = report.and_then(|report| report.verdict.conclusion.failing_ratio);
            match (first_seen, ratio.unwrap_or(0.0)) {
                (None, 0.0) => {}
                (None, _) => first_seen = Some(now),
                (Some(_), ratio) => assert!(ratio > 0.0 && ratio < 1.0, "{ratio} at {now:?}"),
            }
        })
        .await;
    let first_bad = connections.lock().unwrap().1.unwrap();
    assert!(first_seen.unwrap() - first_bad <= Duration::from_secs(10), "{first_seen:?}");
    assert_eq!(answer(&played.reports, 0), Some(Answer::Fails));
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_ten_thousand_origins_share_delays_no_other_probe() {
    let start = Instant::now();
    let probe = connecting(move |origin| {
        start.elapsed() >= Duration::from_secs(320) && origin.domain().as_str().starts_with('f')
    });
    let named = |name: String| {
        let origin = Origin::with_defaults(name.parse().unwrap());
        Arc::new(Origin { interval: Duration::from_secs(300), ..origin })
    };
    let failing = (0..10_000).map(|n| named(format!("f{n}.example")));
    let others = (0..100).map(|n| named(format!("other{n}.example")));
    let stage = Stage::with(failing.chain(others).collect(), probe);
    let played = stage.run(Duration::from_secs(670), |_, _| {}).await;
    let fails = |entry: &&Arc<Entry>| {
        let report = entry.latest().unwrap();
        report.verdict.conclusion.failing_ratio == Some(1.0)
    };
    let entries = played.reports.entries();
    assert_eq!(entries.iter().filter(fails).count(), 10_000);
    let lag = |metric: &str| -> f64 {
        let series = format!("origin_probe_schedule_lag_seconds_{metric} ");
        played.own.lines().find_map(|line| line.strip_prefix(&*series)).unwrap().parse().unwrap()
    };
    assert_eq!(lag("bucket{le=\"1\"}"), lag("count"), "{}", played.own);
}
