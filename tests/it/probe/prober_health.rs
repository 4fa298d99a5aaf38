//! Each sign of a problem, from hand-made observations.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use origin_probe::observation::{
    Elsewhere, Endpoint, Failure, Family, FamilyAnswer, Handshake, NameserverState, Observation,
    Resolution, ResolutionFailure, ResolvedAddress, Transport, View,
};
use origin_probe::origin::Origin;
use origin_probe::probe::ProberHealth;

#[derive(Clone, Copy)]
enum Tcp {
    Up,
    Refused,
}

fn observation(domain: &str, tcp: Tcp) -> Observation {
    let address = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));
    let (failure, connect_time) = match tcp {
        Tcp::Up => (None, Some(Duration::from_millis(1))),
        Tcp::Refused => (Some(Failure::ConnectionRefused { attempts: 3 }), None),
    };
    Observation {
        resolution: Some(resolution(Ok(vec![ResolvedAddress { address, ttl_seconds: 60 }]))),
        endpoints: vec![Endpoint {
            assumed_public: true,
            handshake: Handshake { failure, connect_time, ..Handshake::default() },
            ..Endpoint::new(address, 0, Timestamp::UNIX_EPOCH)
        }],
        ..Observation::new(
            Arc::new(Origin::with_defaults(domain.parse().unwrap())),
            Timestamp::UNIX_EPOCH,
        )
    }
}

fn resolution(outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>) -> Resolution {
    let nameserver = Some("192.0.2.53:53".parse().unwrap());
    Resolution {
        answers: vec![FamilyAnswer {
            family: Family::Ipv4,
            cnames: Vec::new(),
            outcome,
            competing_aliases: None,
            nameserver,
            transport: Transport::Udp,
            negative_ttl_seconds: None,
            age: Duration::ZERO,
        }],
        view: View::Configured,
        each_nameserver: Vec::new(),
        confirmation: None,
    }
}

#[test]
fn four_origins_that_all_refuse_show_a_blind_prober() {
    let (mut prober_health, now) = (ProberHealth::default(), Instant::now());
    let all = ["a.example", "b.example", "c.example", "d.example"];
    let elsewhere = |prober_health: &mut ProberHealth, domain| {
        let seen = observation(domain, Tcp::Refused);
        prober_health.note(&seen, now);
        prober_health.assess(&seen, Duration::ZERO, now).elsewhere
    };
    let found = all.map(|domain| elsewhere(&mut prober_health, domain));
    let few = Elsewhere::TooFewOthers;
    assert_eq!(found, [few, few, few, Elsewhere::NothingReached]);
    prober_health.note(&observation("e.example", Tcp::Up), now);
    assert_eq!(elsewhere(&mut prober_health, "a.example"), Elsewhere::Reached);
}

#[test]
fn what_was_reached_counts_for_two_intervals_and_for_the_others_only() {
    let (mut prober_health, now) = (ProberHealth::default(), Instant::now());
    for domain in ["a.example", "b.example", "c.example"] {
        prober_health.note(&observation(domain, Tcp::Refused), now);
    }
    let up = observation("up.example", Tcp::Up);
    prober_health.note(&up, now);
    let attest = |seen: &Observation, at| prober_health.assess(seen, Duration::ZERO, at).elsewhere;
    assert_eq!(attest(&up, now), Elsewhere::NothingReached);
    let refused = observation("a.example", Tcp::Refused);
    assert_eq!(attest(&refused, now + Duration::from_secs(600)), Elsewhere::Reached);
    assert_eq!(attest(&refused, now + Duration::from_secs(601)), Elsewhere::NothingReached);
}

#[test]
fn the_prober_is_doubted_sooner_once_many_addresses_were_tried_in_vain() {
    let address = |n: u8| IpAddr::V4(Ipv4Addr::new(198, 51, 100, n));
    let seen = |n: u8, address, tcp| {
        let mut seen = observation(&format!("d{n}.example"), tcp);
        seen.endpoints[0].address = address;
        seen
    };
    // Each origin has been reached once, if ever. Then some cannot be reached, each at its address.
    let silence = |before: Tcp, vain: u8, of: fn(u8) -> u8| {
        let (mut prober_health, now) = (ProberHealth::default(), Instant::now());
        for n in 0..40 {
            prober_health.note(&seen(n, address(of(n)), before), now);
        }
        prober_health.note(&observation("up.example", Tcp::Up), now);
        for n in 0..vain {
            prober_health.note(&seen(n, address(of(n)), Tcp::Refused), now);
        }
        let refused = seen(0, address(of(0)), Tcp::Refused);
        let elsewhere = |seconds| {
            let at = now + Duration::from_secs(seconds);
            prober_health.assess(&refused, Duration::ZERO, at).elsewhere
        };
        (0..=700).find(|seconds| elsewhere(*seconds) == Elsewhere::NothingReached)
    };
    let each_its_own = |n| n;
    assert_eq!(silence(Tcp::Up, 20, each_its_own), Some(31));
    assert_eq!(silence(Tcp::Up, 19, each_its_own), Some(601), "too few");
    assert_eq!(silence(Tcp::Up, 40, |n| n % 3), Some(601), "behind three load balancers");
    assert_eq!(silence(Tcp::Refused, 40, each_its_own), Some(601), "never reached before");
}

#[test]
fn one_that_is_reached_ends_the_doubt() {
    let (mut prober_health, now) = (ProberHealth::default(), Instant::now());
    let domains: Vec<String> = (0..30).map(|n| format!("d{n}.example")).collect();
    let seen = |n: usize, tcp| {
        let mut seen = observation(&domains[n], tcp);
        seen.endpoints[0].address = IpAddr::V4(Ipv4Addr::from(0xc633_6400 + n as u32));
        seen
    };
    for tcp in [Tcp::Up, Tcp::Refused] {
        for n in 0..30 {
            prober_health.note(&seen(n, tcp), now);
        }
    }
    let at = now + Duration::from_secs(60);
    let elsewhere = |prober_health: &ProberHealth, at| {
        prober_health.assess(&seen(0, Tcp::Refused), Duration::ZERO, at).elsewhere
    };
    assert_eq!(elsewhere(&prober_health, at), Elsewhere::NothingReached);
    prober_health.note(&seen(29, Tcp::Up), at);
    let later = at + Duration::from_secs(60);
    assert_eq!(elsewhere(&prober_health, later), Elsewhere::Reached);
}

#[test]
fn a_nameserver_is_alive_that_answered_for_another_domain_within_the_interval() {
    let (mut prober_health, now) = (ProberHealth::default(), Instant::now());
    let mut silent = observation("silent.example", Tcp::Refused);
    let waited = Duration::from_secs(5);
    silent.resolution = Some(resolution(Err(ResolutionFailure::TimedOut { waited })));
    silent.endpoints.clear();
    prober_health.note(&silent, now);
    let attest = |prober_health: &ProberHealth, at| {
        prober_health.assess(&silent, Duration::ZERO, at).nameserver
    };
    assert_eq!(attest(&prober_health, now), NameserverState::Unknown);
    prober_health.note(&observation("other.example", Tcp::Up), now);
    assert_eq!(attest(&prober_health, now), NameserverState::Answers);
    let later = now + Duration::from_secs(301);
    assert_eq!(attest(&prober_health, later), NameserverState::Unknown);
}

#[test]
fn a_nameserver_counts_for_the_transport_over_which_it_answered_and_for_itself() {
    let [udp, tcp] = [Transport::Udp, Transport::Tcp];
    let [first, second] =
        ["192.0.2.53:53", "192.0.2.54:53"].map(|text| Some(text.parse().unwrap()));
    for (failed, answered, expected) in [
        (vec![(first, udp)], (first, udp), NameserverState::Answers),
        (vec![(first, tcp)], (first, tcp), NameserverState::Answers),
        (vec![(first, tcp)], (first, udp), NameserverState::Unknown),
        (vec![(first, udp)], (second, udp), NameserverState::Unknown),
        (vec![(None, udp)], (second, udp), NameserverState::Answers),
        (vec![(None, udp)], (second, tcp), NameserverState::Unknown),
        // Other failures of this nameserver are no evidence for the other one.
        (vec![(first, udp), (first, tcp)], (first, udp), NameserverState::Unknown),
    ] {
        let (mut prober_health, now) = (ProberHealth::default(), Instant::now());
        let mut failing = observation("failing.example", Tcp::Refused);
        let detail = "connection refused".to_owned();
        let mut word = resolution(Err(ResolutionFailure::TcpFailed { detail }));
        let answer = word.answers.remove(0);
        word.answers = failed
            .iter()
            .map(|(nameserver, transport)| FamilyAnswer {
                nameserver: *nameserver,
                transport: *transport,
                ..answer.clone()
            })
            .collect();
        failing.resolution = Some(word);
        failing.endpoints.clear();
        let mut other = observation("other.example", Tcp::Up);
        let word = &mut other.resolution.as_mut().unwrap().answers[0];
        (word.nameserver, word.transport) = answered;
        prober_health.note(&failing, now);
        prober_health.note(&other, now);
        let found = prober_health.assess(&failing, Duration::ZERO, now).nameserver;
        assert_eq!(found, expected, "{failed:?} {answered:?}");
    }
}

#[test]
fn an_answer_that_was_kept_says_nothing_of_the_nameserver() {
    let (mut prober_health, now) = (ProberHealth::default(), Instant::now());
    let waited = Duration::from_secs(5);
    let mut silent = observation("silent.example", Tcp::Refused);
    silent.resolution = Some(resolution(Err(ResolutionFailure::TimedOut { waited })));
    prober_health.note(&silent, now);
    for (age, expected) in [
        (Duration::from_millis(1), NameserverState::Unknown),
        (Duration::ZERO, NameserverState::Answers),
    ] {
        let mut other = observation("other.example", Tcp::Up);
        other.resolution.as_mut().unwrap().answers[0].age = age;
        prober_health.note(&other, now);
        assert_eq!(prober_health.assess(&silent, Duration::ZERO, now).nameserver, expected);
    }
}
