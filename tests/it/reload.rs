//! What the scheduler makes of another configuration while it runs, of connections that several
//! origins have in common, and of a wall clock that jumps. Time stands still; probes are made by
//! hand.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use origin_probe::origin::{Origin, OriginMtls, Target};
use origin_probe::report::Entry;
use origin_probe::schedule::{Changes, NextRound};
use origin_probe::verdict::Answer;

use crate::common::fleet::{self, Fleet};

/// So long that no second probe comes by chance.
const INTERVAL: Duration = Duration::from_secs(7_200);

fn origin(id: &str) -> Origin {
    fleet::origin(id, INTERVAL)
}

fn stage(origins: &[Origin]) -> Fleet {
    Fleet::new(origins, 1000, 500)
}

impl Fleet {
    fn answers(&self) -> Vec<(String, Option<Answer>)> {
        let answer = |entry: &Arc<Entry>| Some(entry.latest()?.verdict.conclusion.answer);
        let entries = self.reports.entries();
        entries.iter().map(|entry| (entry.origin.key.id.to_string(), answer(entry))).collect()
    }

    fn probes_of(&self, id: &str) -> Vec<Duration> {
        self.starts().get(id).cloned().unwrap_or_default()
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
    let stage = stage(&[well.clone(), dead.clone(), origin("leaves")]);
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
    assert_eq!(stage.own("origin_probe_origins"), 3.0);
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
    let stage = stage(&[origin("dead"), origin("well")]);
    pass(60).await;
    let since = stage.reports.entries()[0].latest().unwrap().brief.failing_since();
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
    assert_eq!((report.brief.failing_since(), &*report.origin), (since, &changed[0]));
    assert_eq!(*report.observation.origin, changed[0]);
    pass(60).await;
    assert_eq!(stage.probes_of("dead").len(), 1);
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn other_connections_are_made_soon_and_what_was_known_no_longer_counts() {
    let stage = stage(&[origin("dead")]);
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
    let stage = stage(&[origin("well")]);
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
    let stage = stage(&origins);
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
    let stage = stage(&[together[0].clone(), together[1].clone(), alone.clone()]);
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
    let stage = stage(&[origin("a"), origin("b")]);
    pass(100).await;
    assert_eq!(stage.own("origin_probe_clock_jumps_total"), 0.0);
    for (jump, jumps) in [(86_400, 1.0), (0, 2.0)] {
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
    let stage = stage(&[origin("a")]);
    pass(60).await;
    let changes = stage.change(&[], NextRound::AsPlanned).await;
    assert_eq!(changes, Changes { unchanged: 0, changed: 0, added: 0, removed: 1 });
    assert_eq!(stage.answers(), []);
    stage.change(&[origin("a")], NextRound::AsPlanned).await;
    pass(31).await;
    assert_eq!(stage.answers(), answers(&[("a", Some(Answer::Answers))]));
    stage.end().await;
}
