//! How many probes run at once, whose they are, and who waits: with time standing still and probes
//! made by hand.

use std::collections::BTreeSet;
use std::time::Duration;

use origin_probe::origin::{Origin, Target};
use origin_probe::schedule::{Changes, NextRound, Round};

use crate::common::fleet::{Fleet, origin};

fn stage(origins: &[Origin], concurrency: usize) -> Fleet {
    Fleet::new(origins, concurrency, 100_000)
}

impl Fleet {
    async fn swap(&self, origins: &[Origin]) -> Changes {
        let changes = self.change(origins, NextRound::AsPlanned).await;
        // The tasks that are aborted end when the runtime comes to them.
        tokio::time::sleep(Duration::from_millis(1)).await;
        changes
    }

    fn most(&self) -> usize {
        self.seen.lock().unwrap().most
    }
}

fn origins(name: &str, count: usize, interval: Duration) -> Vec<Origin> {
    (0..count).map(|n| origin(&format!("{name}-{n}"), interval)).collect()
}

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn no_more_probes_run_than_sockets_and_64() {
    let stage = stage(&origins("hangs", 500, HOUR), 10);
    for swap in 1..=4 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(stage.running().len(), 74 - 18, "three quarters, before swap {swap}");
        let changes = stage.swap(&origins(&format!("hangs-{swap}"), 500, HOUR)).await;
        assert_eq!((changes.added, changes.removed), (500, 500));
    }
    assert!(stage.most() <= 74, "{}", stage.most());
    stage.swap(&origins("lone", 1, HOUR)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.running().len(), 0);
    assert_eq!(stage.own("origin_probe_probes_in_flight"), 0.0);
    assert_eq!(stage.starts()["lone-0"].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_or_connected_to_otherwise_is_not_probed_on() {
    let before = ["hangs-stays", "hangs-goes", "hangs-moves"].map(|id| origin(id, HOUR));
    let stage = stage(&before, 10);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(stage.running(), names(&["hangs-goes", "hangs-moves", "hangs-stays"]));
    let moved = Origin { https_port: 8443, ..before[2].clone() };
    stage.swap(&[before[0].clone(), moved]).await;
    // What moved has its turn among the first probes; those that went are gone at once.
    assert!(!stage.running().contains("hangs-goes"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.running(), names(&["hangs-moves", "hangs-stays"]));
    let starts = stage.starts();
    let probes = ["hangs-stays", "hangs-goes", "hangs-moves"].map(|id| starts[id].len());
    assert_eq!(probes, [1, 1, 2]);
    assert_eq!(stage.own("origin_probe_probes_in_flight"), 2.0);
    stage.swap(&[]).await;
    assert_eq!(stage.running(), names(&[]));
    assert_eq!(stage.own("origin_probe_probes_in_flight"), 0.0);
}

#[tokio::test(start_paused = true)]
async fn the_report_of_a_removed_origin_is_dropped_even_if_the_origin_is_still_listed() {
    let before = ["goes", "stays"].map(|id| origin(id, HOUR));
    let stage = stage(&before, 10);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let listed = stage.reports.entries();
    let reported = || listed.iter().map(|entry| entry.latest().is_some()).collect::<Vec<_>>();
    assert_eq!(reported(), [true, true]);
    let changes = stage.swap(&before[1..]).await;
    assert_eq!((changes.removed, changes.unchanged), (1, 1));
    assert_eq!(reported(), [false, true]);
}

#[tokio::test(start_paused = true)]
async fn hanging_origins_delay_no_other_and_take_turns() {
    let healthy = origins("well", 50, MINUTE);
    let stage = stage(&healthy, 10);
    tokio::time::sleep(MINUTE * 2).await;
    // Many more than there is room for: 56 every half a minute.
    let hanging = origins("hangs", 300, MINUTE);
    let both: Vec<Origin> = healthy.into_iter().chain(hanging).collect();
    stage.swap(&both).await;
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
    let stage = stage(&origins("hangs", 300, MINUTE), 10);
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
            member.targets = vec![Target::forwarded(&host, &member.domain().clone())];
            member
        })
        .collect();
    let all: Vec<Origin> = group.into_iter().chain(origins("well", 20, MINUTE)).collect();
    let stage = stage(&all, 2);
    tokio::time::sleep(MINUTE * 5).await;
    assert!(stage.most() <= 66, "{}", stage.most());
    let starts = stage.starts();
    assert_eq!(starts.len(), 320);
    for (id, starts) in starts {
        assert!((4..=9).contains(&starts.len()), "{id}: {starts:?}");
    }
}
