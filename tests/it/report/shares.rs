//! The memory of an origin while only a share of its connections fails, with time standing still.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::limits::Shortage;
use origin_probe::observation::{Endpoint, Failure, NotProbed, Observation};
use origin_probe::origin::{Origin, WindowLimits};
use origin_probe::report::{Latest, Memory, Report, Step};
use origin_probe::verdict::Answer;

use crate::common::by_hand;

use Server::{Alerts, Blind, Refuses, Silent, Well};

/// How one server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Well,
    /// It sends an alert to every hello.
    Alerts(u8),
    Refuses,
    Silent,
    /// This machine cannot connect.
    Blind,
}

/// An origin whose connections are spread over servers, and what a daemon knows of it.
struct Desk {
    origin: Arc<Origin>,
    /// The addresses that DNS names, each with the servers behind it.
    named: Vec<(IpAddr, Vec<Server>)>,
    /// The servers at addresses that DNS does not name.
    others: Vec<(IpAddr, Vec<Server>)>,
    memory: Memory,
    published: Option<Report>,
    unconfirmed: Option<Observation>,
    now: Timestamp,
    made: usize,
    balancing: Balancing,
}

enum Balancing {
    InTurn,
    Random(Dice),
}

/// Repeatable chance (xorshift64*).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let thrown = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(thrown).unwrap() % sides
    }
}

const INTERVAL: Duration = Duration::from_secs(300);

impl Desk {
    fn of(servers: &[Server]) -> Self {
        Self {
            origin: Arc::new(Origin::with_defaults("www.shop.example".parse().unwrap())),
            named: vec![(by_hand::address(1), servers.to_vec())],
            others: Vec::new(),
            memory: Memory::default(),
            published: None,
            unconfirmed: None,
            now: "2026-11-01T00:00:00Z".parse().unwrap(),
            made: 0,
            balancing: Balancing::InTurn,
        }
    }

    fn connect(&mut self, address: IpAddr, is_remembered: bool) -> Endpoint {
        let all = self.named.iter().chain(&self.others);
        let servers = all.clone().find(|(at, _)| *at == address).map(|(_, servers)| servers);
        let servers = servers.cloned().unwrap_or_else(|| vec![Silent]);
        let turn = match &mut self.balancing {
            Balancing::InTurn => self.made % servers.len(),
            Balancing::Random(dice) => dice.throw(servers.len()),
        };
        self.made += 1;
        let failure = match servers[turn] {
            Well => None,
            Alerts(code) => Some(Failure::Alert { code }),
            Refuses => Some(by_hand::refusal()),
            Silent => Some(by_hand::silence()),
            Blind => Some(Failure::NotProbed {
                reason: NotProbed::OwnFailure {
                    shortage: Some(Shortage::Files),
                    detail: "Too many open files".into(),
                },
            }),
        };
        let endpoint = match failure {
            Some(failure) => by_hand::failing(address, 0, failure, self.now),
            None => by_hand::answering(address, 0, None, self.now),
        };
        Endpoint { is_remembered, ..endpoint }
    }

    /// Makes one probe and whatever follows from it at once. Returns whether it is to be confirmed.
    fn step(&mut self) -> bool {
        let limits = WindowLimits::default();
        let named: Vec<IpAddr> = self.named.iter().map(|(address, _)| *address).collect();
        let last = self.published.as_ref().map(|report| &*report.observation);
        let remembered = self.memory.remembered(self.unconfirmed.as_ref().or(last));
        let remembered = remembered.into_iter().filter(|address| !named.contains(address));
        let all: Vec<(IpAddr, bool)> =
            named.iter().map(|at| (*at, false)).chain(remembered.map(|at| (at, true))).collect();
        let endpoints = all.into_iter().map(|(at, remembered)| self.connect(at, remembered));
        let endpoints: Vec<Endpoint> = endpoints.collect();
        let mut probe = by_hand::observed(Origin::clone(&self.origin), endpoints, self.now);
        probe.resolution =
            Some(by_hand::resolution(vec![by_hand::answer(Ok(by_hand::records(&named)))]));
        let unconfirmed = self.unconfirmed.take();
        let published = self.published.as_ref().map(Latest::from);
        let mut step = self.memory.note(probe, published, unconfirmed.as_ref(), limits, self.now);
        loop {
            match step {
                Step::Publish(observation, verdict) => {
                    let published = self.published.as_ref().map(|report| &report.brief);
                    let observation = Arc::new(observation);
                    self.published =
                        Some(Report::judged(published, observation, verdict, self.now));
                    return false;
                }
                Step::Confirm(observation, _) => {
                    self.unconfirmed = Some(observation);
                    return true;
                }
                Step::Sample(samples, first) => {
                    if let Some((observation, verdict)) = first {
                        let published = self.published.as_ref().map(|report| &report.brief);
                        let report =
                            Report::judged(published, Arc::new(observation), verdict, self.now);
                        self.published = Some(report);
                    }
                    let all: u16 = samples.iter().map(|sample| sample.connections).sum();
                    assert!(all <= 32, "{samples:?}");
                    let mut results = Vec::new();
                    for sample in samples {
                        for _ in 0..sample.connections {
                            let result = self.connect(sample.address, false);
                            let has_hung = result.hung();
                            results.push(result);
                            if has_hung {
                                break;
                            }
                        }
                    }
                    step = self.memory.note_samples(results, limits, self.now).unwrap();
                }
            }
        }
    }

    /// Probes on the interval, and again after five seconds if that is wanted. Returns the number
    /// of connections.
    fn interval(&mut self) -> usize {
        let before = self.made;
        self.now += INTERVAL;
        if self.step() {
            self.now += Duration::from_secs(5);
            assert!(!self.step(), "a probe that confirms is published");
        }
        self.made - before
    }

    fn ratio(&self) -> f64 {
        let report = self.published.as_ref().unwrap();
        report.verdict.conclusion.failing_ratio.unwrap_or(0.0)
    }

    fn answer(&self) -> Answer {
        self.published.as_ref().unwrap().verdict.conclusion.answer
    }

    fn set(&mut self, servers: &[Server]) {
        self.named[0].1 = servers.to_vec();
    }

    fn addresses(&self) -> BTreeSet<IpAddr> {
        let report = self.published.as_ref().unwrap();
        report.observation.endpoints.iter().map(|endpoint| endpoint.address).collect()
    }
}

#[test]
fn a_healthy_origin_sees_one_connection_per_probe() {
    let mut desk = Desk::of(&[Well]);
    for _ in 0..50 {
        assert_eq!(desk.interval(), 1);
        assert_eq!((desk.answer(), desk.ratio()), (Answer::Answers, 0.0));
        assert!(desk.memory.is_empty());
    }
}

#[test]
fn one_broken_server_of_several_is_a_share() {
    for (all, most) in [(2, 0.7), (4, 0.45), (20, 0.3)] {
        let mut servers = vec![Well; all];
        servers[all - 1] = Alerts(40);
        let mut desk = Desk::of(&servers);
        let found = (0..40).find(|_| {
            desk.interval();
            desk.ratio() > 0.0
        });
        assert!(found.is_some(), "1 of {all}");
        assert!(desk.ratio() <= most, "1 of {all}: {}", desk.ratio());
        assert_eq!(desk.answer(), Answer::Fails);
    }
}

#[test]
fn a_share_of_a_quarter_stays_while_one_server_of_four_is_broken() {
    let mut desk = Desk::of(&[Well, Well, Well, Alerts(40)]);
    (0..10).for_each(|_| {
        desk.interval();
    });
    for _ in 0..100 {
        assert_eq!(desk.interval(), 3);
        assert!((0.2..=0.35).contains(&desk.ratio()), "{}", desk.ratio());
        assert_eq!(desk.answer(), Answer::Fails);
    }
}

#[test]
fn a_total_failure_reads_one_and_its_repair_zero_at_the_next_probe() {
    let mut desk = Desk::of(&[Well]);
    desk.interval();
    desk.set(&[Alerts(40)]);
    assert_eq!(desk.interval(), 2 + 6);
    assert_eq!((desk.answer(), desk.ratio()), (Answer::Fails, 1.0));
    for _ in 0..30 {
        assert_eq!(desk.interval(), 1, "one connection while all fail");
        assert_eq!(desk.ratio(), 1.0);
    }
    desk.set(&[Well]);
    assert_eq!(desk.interval(), 1 + 8);
    assert_eq!((desk.answer(), desk.ratio()), (Answer::Answers, 0.0));
    assert!(desk.memory.is_empty());
    assert_eq!(desk.interval(), 1);
}

#[test]
fn a_share_that_becomes_total_reads_one_at_the_next_probe() {
    let mut desk = Desk::of(&[Well, Well, Well, Alerts(40)]);
    (0..10).for_each(|_| {
        desk.interval();
    });
    desk.set(&[Alerts(40)]);
    assert_eq!(desk.interval(), 3 + 8);
    assert_eq!(desk.ratio(), 1.0);
}

#[test]
fn a_share_ends_when_its_window_and_a_burst_are_clean() {
    let mut desk = Desk::of(&[Well, Well, Well, Alerts(40)]);
    (0..10).for_each(|_| {
        desk.interval();
    });
    desk.set(&[Well]);
    let mut probes = 0;
    let last = loop {
        let connections = desk.interval();
        probes += 1;
        if desk.ratio() == 0.0 {
            break connections;
        }
        assert_eq!(connections, 3);
        assert!(probes < 10);
    };
    assert_eq!(last, 3 + 8);
    assert!((5..=7).contains(&probes), "20 results by threes: {probes}");
    assert!(desk.memory.is_empty());
}

#[test]
fn results_older_than_six_hours_do_not_count() {
    let mut desk = Desk::of(&[Well, Alerts(40)]);
    (0..4).for_each(|_| {
        desk.interval();
    });
    assert!(desk.ratio() > 0.0);
    desk.set(&[Well]);
    desk.now += Duration::from_secs(6 * 3600);
    assert_eq!(desk.interval(), 3 + 8);
    assert_eq!(desk.ratio(), 0.0);
}

#[test]
fn two_faults_at_once_count_together() {
    let mut desk = Desk::of(&[Well, Alerts(40), Well, Alerts(80)]);
    (0..10).for_each(|_| {
        desk.interval();
    });
    assert!((0.4..=0.6).contains(&desk.ratio()), "{}", desk.ratio());
    let report = desk.published.as_ref().unwrap();
    let [(_, connections)] = report.divided().collect::<Vec<_>>()[..] else { panic!("one place") };
    assert_eq!((connections.seen, connections.failed), (20, 10));
    assert_eq!(report.observation.places().count(), 1);
    assert_eq!(report.observation.endpoints.len(), 3, "one for each outcome");
}

#[test]
fn a_refusal_counts_only_when_a_second_probe_finds_it_too() {
    let mut desk = Desk::of(&[Well]);
    desk.interval();
    desk.set(&[Refuses, Well]);
    desk.made = 0;
    assert_eq!(desk.interval(), 2);
    assert_eq!((desk.answer(), desk.ratio()), (Answer::Answers, 0.0));
    assert!(desk.memory.is_empty());
    desk.set(&[Refuses]);
    assert_eq!(desk.interval(), 2, "no more connections are needed");
    assert_eq!((desk.answer(), desk.ratio()), (Answer::Fails, 1.0));
}

#[test]
fn nothing_is_measured_after_a_timeout() {
    let mut desk = Desk::of(&[Well]);
    desk.interval();
    desk.set(&[Alerts(40), Silent]);
    desk.made = 0;
    assert_eq!(desk.interval(), 2);
    assert!(desk.ratio() > 0.0);
}

#[test]
fn a_prober_in_trouble_neither_adds_to_a_share_nor_ends_it() {
    let mut desk = Desk::of(&[Well, Well, Well, Alerts(40)]);
    (0..10).for_each(|_| {
        desk.interval();
    });
    let before = desk.ratio();
    desk.set(&[Blind]);
    for _ in 0..5 {
        assert_eq!(desk.interval(), 1);
        assert_eq!(desk.ratio(), before);
    }
    let own = desk.published.as_ref().unwrap().observation.own_failure();
    assert_eq!(own.map(|own| own.shortage), Some(Some(Shortage::Files)));
    // A burst that it spoils decides nothing.
    let mut desk = Desk::of(&[Alerts(40)]);
    desk.interval();
    desk.set(&[Well, Blind]);
    desk.made = 0;
    assert_eq!(desk.interval(), 1 + 8);
    assert!(desk.ratio() > 0.0 && desk.ratio() < 1.0, "{}", desk.ratio());
}

#[test]
fn an_alert_that_the_prober_cannot_confirm_waits_for_the_next_probe() {
    let mut desk = Desk::of(&[Well]);
    desk.interval();
    desk.set(&[Alerts(40), Blind]);
    desk.made = 0;
    desk.interval();
    assert_eq!(desk.answer(), Answer::Undecided);
    desk.set(&[Well]);
    desk.interval();
    assert_eq!(desk.answer(), Answer::Fails, "it was received");
    assert!((0.1..=0.15).contains(&desk.ratio()), "{}", desk.ratio());
}

#[test]
fn an_origin_that_moves_takes_no_share_along() {
    let mut desk = Desk::of(&[Well, Alerts(40)]);
    (0..4).for_each(|_| {
        desk.interval();
    });
    assert!(desk.ratio() > 0.0);
    desk.named = vec![(by_hand::address(2), vec![Well])];
    desk.interval();
    assert_eq!((desk.answer(), desk.ratio()), (Answer::Answers, 0.0));
}

#[test]
fn a_flapping_origin_is_never_probed_more_than_its_share_needs() {
    let mut desk = Desk::of(&[Well]);
    let mut connections = 0;
    for turn in 0..200 {
        desk.set(if turn % 2 == 0 { &[Alerts(40)] } else { &[Well] });
        connections += desk.interval();
    }
    assert!(connections <= 200 * 11, "{connections}");
}

#[test]
fn a_broken_address_of_a_rotating_name_stays_visible() {
    let mut desk = Desk::of(&[Well]);
    let all: Vec<(IpAddr, Vec<Server>)> = (1..=4)
        .map(|n| (by_hand::address(n), vec![if n == 4 { Alerts(40) } else { Well }]))
        .collect();
    desk.others = all.clone();
    let order = [1, 3, 2, 4, 1, 2, 4, 3, 2, 1, 3, 4];
    for turn in 0..100 {
        desk.named = vec![all[order[turn % order.len()] - 1].clone()];
        desk.interval();
        if turn >= 12 {
            assert_eq!(desk.addresses().len(), 4, "probe {turn}");
            assert_eq!((desk.answer(), desk.ratio()), (Answer::Fails, 0.25), "probe {turn}");
        }
    }
    let report = desk.published.as_ref().unwrap();
    assert_eq!(report.remembered().len(), 3);
}

#[test]
fn only_the_last_answer_counts_until_an_address_returns() {
    let mut desk = Desk::of(&[Well]);
    for n in 1..=20 {
        desk.named = vec![(by_hand::address(n), vec![Well])];
        desk.interval();
        assert_eq!(desk.addresses().len(), 1, "each address is new");
    }
}

#[test]
fn a_remembered_address_is_dropped_after_twenty_four_answers_without_it() {
    let mut desk = Desk::of(&[Well]);
    let [one, two] = [1, 2].map(|n| (by_hand::address(n), vec![Well]));
    desk.others = vec![one.clone(), two.clone()];
    for named in [&one, &two, &one] {
        desk.named = vec![named.clone()];
        desk.interval();
    }
    let mut probes = 0;
    loop {
        desk.interval();
        if desk.addresses().len() == 1 {
            break;
        }
        probes += 1;
    }
    // One answer without it came before.
    assert_eq!(probes, 22);
}

#[test]
fn a_remembered_address_never_fails_the_origin_when_another_server_may_be_there() {
    for now in [Refuses, Silent, Alerts(112), Alerts(40)] {
        let mut desk = Desk::of(&[Well]);
        let [one, two] = [1, 2].map(|n| (by_hand::address(n), vec![Well]));
        desk.others = vec![one.clone(), two.clone()];
        for named in [&one, &two, &one, &one] {
            desk.named = vec![named.clone()];
            desk.interval();
        }
        assert_eq!(desk.addresses().len(), 2);
        desk.others = vec![(two.0, vec![now])];
        desk.interval();
        assert_eq!((desk.answer(), desk.ratio()), (Answer::Answers, 0.0), "{now:?}");
        assert_eq!(desk.addresses(), BTreeSet::from([one.0]), "{now:?}");
    }
}

/// Returns in how many of `runs` a fault of one server among `all` is published within `intervals`.
fn found(all: usize, intervals: usize, runs: u64) -> u64 {
    let mut servers = vec![Well; all];
    servers[0] = Alerts(40);
    let is_found = |seed: &u64| {
        let mut desk = Desk::of(&servers);
        desk.balancing = Balancing::Random(Dice::new(*seed));
        // A daemon that was running before the fault.
        desk.set(&[Well]);
        desk.interval();
        desk.set(&servers);
        (0..intervals).any(|_| {
            desk.interval();
            desk.ratio() > 0.0
        })
    };
    (0..runs).filter(is_found).count() as u64
}

#[test]
fn one_broken_server_of_four_is_published_within_eleven_intervals() {
    // 1 − 0.75¹¹ = 95.8 %.
    let found = found(4, 11, 10_000);
    assert!(found >= 9_500, "{found}");
}

#[test]
fn one_broken_server_of_twenty_is_sometimes_forgotten_and_found_again() {
    let mut servers = vec![Well; 20];
    servers[0] = Alerts(40);
    let (mut probes, mut visible, mut forgotten) = (0_u32, 0_u32, 0_u32);
    for seed in 0..100 {
        let mut desk = Desk::of(&servers);
        desk.balancing = Balancing::Random(Dice::new(seed));
        let mut was_visible = false;
        for _ in 0..288 {
            desk.interval();
            let is_visible = desk.ratio() > 0.0;
            probes += 1;
            visible += u32::from(is_visible);
            forgotten += u32::from(was_visible && !is_visible);
            was_visible = is_visible;
        }
    }
    let share = f64::from(visible) / f64::from(probes);
    let per_day = f64::from(forgotten) / 100.0;
    println!("visible {share:.2} of the time, forgotten {per_day:.1} times a day");
    assert!((0.3..=0.7).contains(&share), "{share}");
    assert!(per_day <= 12.0, "{per_day}");
}
