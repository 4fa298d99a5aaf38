//! Each sign of trouble, from observations made by hand.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Wellbeing;
use super::registrable;
use crate::observation::Elsewhere;
use crate::observation::Endpoint;
use crate::observation::Failure;
use crate::observation::Family;
use crate::observation::FamilyAnswer;
use crate::observation::NameserverState;
use crate::observation::Observation;
use crate::observation::Resolution;
use crate::observation::ResolutionFailure;
use crate::observation::ResolvedAddress;
use crate::observation::Transport;
use crate::observation::View;
use crate::origin::Origin;

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
            failure,
            connect_time,
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
    let (mut wellbeing, now) = (Wellbeing::default(), Instant::now());
    let all = ["a.example", "b.example", "c.example", "d.example"];
    let elsewhere = |wellbeing: &mut Wellbeing, domain| {
        let seen = observation(domain, Tcp::Refused);
        wellbeing.note(&seen, now);
        wellbeing.attest(&seen, Duration::ZERO, now).elsewhere
    };
    let found = all.map(|domain| elsewhere(&mut wellbeing, domain));
    let few = Elsewhere::TooFewOthers;
    assert_eq!(found, [few, few, few, Elsewhere::NothingReached]);
    wellbeing.note(&observation("e.example", Tcp::Up), now);
    assert_eq!(elsewhere(&mut wellbeing, "a.example"), Elsewhere::Reached);
}

#[test]
fn what_was_reached_counts_for_two_intervals_and_for_the_others_only() {
    let (mut wellbeing, now) = (Wellbeing::default(), Instant::now());
    for domain in ["a.example", "b.example", "c.example"] {
        wellbeing.note(&observation(domain, Tcp::Refused), now);
    }
    let up = observation("up.example", Tcp::Up);
    wellbeing.note(&up, now);
    let attest = |seen: &Observation, at| wellbeing.attest(seen, Duration::ZERO, at).elsewhere;
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
    // Each origin has been reached once, if ever; then some are tried in vain, each at its address.
    let silence = |before: Tcp, vain: u8, of: fn(u8) -> u8| {
        let (mut wellbeing, now) = (Wellbeing::default(), Instant::now());
        for n in 0..40 {
            wellbeing.note(&seen(n, address(of(n)), before), now);
        }
        wellbeing.note(&observation("up.example", Tcp::Up), now);
        for n in 0..vain {
            wellbeing.note(&seen(n, address(of(n)), Tcp::Refused), now);
        }
        let refused = seen(0, address(of(0)), Tcp::Refused);
        let elsewhere = |seconds| {
            let at = now + Duration::from_secs(seconds);
            wellbeing.attest(&refused, Duration::ZERO, at).elsewhere
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
    let (mut wellbeing, now) = (Wellbeing::default(), Instant::now());
    let domains: Vec<String> = (0..30).map(|n| format!("d{n}.example")).collect();
    let seen = |n: usize, tcp| {
        let mut seen = observation(&domains[n], tcp);
        seen.endpoints[0].address = IpAddr::V4(Ipv4Addr::from(0xc633_6400 + n as u32));
        seen
    };
    for tcp in [Tcp::Up, Tcp::Refused] {
        for n in 0..30 {
            wellbeing.note(&seen(n, tcp), now);
        }
    }
    let at = now + Duration::from_secs(60);
    let elsewhere = |wellbeing: &Wellbeing, at| {
        wellbeing.attest(&seen(0, Tcp::Refused), Duration::ZERO, at).elsewhere
    };
    assert_eq!(elsewhere(&wellbeing, at), Elsewhere::NothingReached);
    wellbeing.note(&seen(29, Tcp::Up), at);
    let later = at + Duration::from_secs(60);
    assert_eq!(elsewhere(&wellbeing, later), Elsewhere::Reached);
}

#[test]
fn a_nameserver_is_alive_that_answered_for_another_domain_within_the_interval() {
    let (mut wellbeing, now) = (Wellbeing::default(), Instant::now());
    let mut silent = observation("silent.example", Tcp::Refused);
    let waited = Duration::from_secs(5);
    silent.resolution = Some(resolution(Err(ResolutionFailure::TimedOut { waited })));
    silent.endpoints.clear();
    wellbeing.note(&silent, now);
    let attest =
        |wellbeing: &Wellbeing, at| wellbeing.attest(&silent, Duration::ZERO, at).nameserver;
    assert_eq!(attest(&wellbeing, now), NameserverState::Unknown);
    wellbeing.note(&observation("other.example", Tcp::Up), now);
    assert_eq!(attest(&wellbeing, now), NameserverState::Answers);
    let later = now + Duration::from_secs(301);
    assert_eq!(attest(&wellbeing, later), NameserverState::Unknown);
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
        // One that fails otherwise is no better for the other.
        (vec![(first, udp), (first, tcp)], (first, udp), NameserverState::Unknown),
    ] {
        let (mut wellbeing, now) = (Wellbeing::default(), Instant::now());
        let mut failing = observation("failing.example", Tcp::Refused);
        let detail = "the connection is refused".to_owned();
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
        wellbeing.note(&failing, now);
        wellbeing.note(&other, now);
        let found = wellbeing.attest(&failing, Duration::ZERO, now).nameserver;
        assert_eq!(found, expected, "{failed:?} {answered:?}");
    }
}

#[test]
fn an_answer_that_was_kept_says_nothing_of_the_nameserver() {
    let (mut wellbeing, now) = (Wellbeing::default(), Instant::now());
    let waited = Duration::from_secs(5);
    let mut silent = observation("silent.example", Tcp::Refused);
    silent.resolution = Some(resolution(Err(ResolutionFailure::TimedOut { waited })));
    wellbeing.note(&silent, now);
    for (age, expected) in [
        (Duration::from_millis(1), NameserverState::Unknown),
        (Duration::ZERO, NameserverState::Answers),
    ] {
        let mut other = observation("other.example", Tcp::Up);
        other.resolution.as_mut().unwrap().answers[0].age = age;
        wellbeing.note(&other, now);
        assert_eq!(wellbeing.attest(&silent, Duration::ZERO, now).nameserver, expected);
    }
}

#[test]
fn the_registrable_domain_is_one_label_below_the_public_suffix() {
    assert_eq!(&*registrable("a.b.example.co.uk"), "example.co.uk");
    assert_eq!(&*registrable("www.example.com"), "example.com");
    assert_eq!(&*registrable("com"), "com");
}
