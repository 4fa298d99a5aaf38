//! For how long an answer holds, what each nameserver says by itself, and who is asked again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use tokio::time::Instant;

use origin_probe::observation::{Family, FamilyAnswer, ResolutionFailure};
use origin_probe::origin::{IpAddressType, ProberConfig};

use super::test_nameserver::{Answer, Question, TestNameserver, a, cname, of_chaos, soa};
use super::world::{code, noerror, world};
use super::{addresses, answer, domain, lookup, serving, settings, small_world, two};
use origin_probe::resolve::{Freshness, Resolver};

const IPV4: IpAddressType = IpAddressType::Ipv4;

/// Far enough off for a busy machine.
fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// Absences, each with a SOA record of its own.
fn absences(question: &Question) -> Answer {
    use ResponseCode::{NXDomain, NoError, ServFail};
    let owner = question.name.as_str();
    let alias = |ttl, target| vec![cname(owner, ttl, target)];
    let (response_code, records, soa) = match owner.split('.').next().unwrap() {
        "nxdomain" => (NXDomain, vec![], soa("example", 900, 300)),
        "nodata" => (NoError, vec![], soa("example", 60, 300)),
        // Neither the SOA record of another class nor that of another zone says anything of it.
        "chaos" => (NXDomain, vec![], of_chaos(soa("example", 900, 300))),
        "stranger" => (NXDomain, vec![], soa("elsewhere", 900, 300)),
        "zero" => (NXDomain, vec![], soa("example", 900, 0)),
        "hostile" => (NXDomain, vec![], soa("example", u32::MAX, 300)),
        "alias" => (NXDomain, alias(30, "nxdomain.example"), soa("example", 900, 300)),
        "tonodata" => (NoError, alias(400, "nodata.example"), soa("example", 60, 300)),
        "servfail" => (ServFail, vec![], soa("example", 900, 300)),
        _ => panic!("the test asks for {question:?}"),
    };
    Answer::Absence(response_code, records, Box::new(soa))
}

#[tokio::test]
async fn an_absence_holds_as_long_as_its_soa_record_says() {
    let (server, resolver) = serving(absences).await;
    let (no_name, no_data) = (ResolutionFailure::NxDomain, ResolutionFailure::NoData);
    for (asked, cnames, failure, ttl) in [
        ("nxdomain.example", &[][..], &no_name, Some(300)),
        ("nodata.example", &[], &no_data, Some(60)),
        ("chaos.example", &[], &no_name, None),
        ("stranger.example", &[], &no_name, None),
        ("zero.example", &[], &no_name, Some(0)),
        ("hostile.example", &[], &no_name, Some(0)),
        ("alias.example", &["nxdomain.example"], &no_name, Some(30)),
        ("tonodata.example", &["nodata.example"], &no_data, Some(60)),
        ("servfail.example", &[], &ResolutionFailure::ServFail, None),
    ] {
        let resolution = lookup(&resolver, asked).await;
        let expected = FamilyAnswer {
            negative_ttl_seconds: ttl,
            ..answer(Family::Ipv4, cnames, Err(failure.clone()), server.address)
        };
        assert_eq!(resolution.answers, [expected], "{asked}");
    }
}

#[tokio::test]
async fn a_lookup_is_repeated_only_when_its_ttl_or_whoever_asks_demands_it() {
    fn various(question: &Question) -> Answer {
        match question.name.as_str() {
            "kept.example" => noerror(vec![a(&question.name, 600, "192.0.2.1")]),
            "unkept.example" => noerror(vec![a(&question.name, 0, "192.0.2.1")]),
            "failing.example" => code(ResponseCode::ServFail),
            "unbounded.example" => code(ResponseCode::NXDomain),
            _ => absences(question),
        }
    }
    let hour = Freshness::NotOlderThan(Duration::from_secs(3600));
    for (asked, freshness, times) in [
        ("kept.example", hour, 1),
        ("kept.example", Freshness::default(), 1),
        ("kept.example", Freshness::Anew, 3),
        ("nxdomain.example", hour, 1),
        ("zero.example", hour, 3),
        ("unkept.example", hour, 3),
        ("unbounded.example", hour, 3),
        ("failing.example", hour, 3),
    ] {
        let (server, resolver) = serving(various).await;
        for _ in 0..3 {
            resolver.resolve(&domain(asked), IPV4, freshness).await;
        }
        let is_address = |question: &&Question| question.record_type == RecordType::A;
        let asked_for = server.questions().iter().filter(is_address).count();
        assert_eq!(asked_for, times, "{asked} {freshness:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn origins_of_one_domain_ask_once() {
    let (server, resolver) = small_world().await;
    let resolver = Arc::new(resolver);
    let asked = (0..500).map(|_| {
        let resolver = Arc::clone(&resolver);
        let (domain, kind) = (domain("plain.example"), IpAddressType::Dualstack);
        tokio::spawn(async move { resolver.resolve(&domain, kind, Freshness::default()).await })
    });
    for resolution in join_all(asked).await {
        assert_eq!(resolution.unwrap().addresses().count(), 3);
    }
    assert_eq!(server.questions().len(), 2);
}

fn everyone(nameservers: &[&TestNameserver]) -> ProberConfig {
    let addresses: Vec<_> = nameservers.iter().map(|nameserver| nameserver.address).collect();
    ProberConfig { check_all: true, ..settings(&addresses) }
}

#[tokio::test]
async fn each_nameserver_is_asked_for_what_it_has_not_said_yet() {
    let first = TestNameserver::start(world).await;
    let second = TestNameserver::start(|_| code(ResponseCode::Refused)).await;
    let third = TestNameserver::start(|_| code(ResponseCode::NXDomain)).await;
    let resolver = Resolver::new(&everyone(&[&first, &second, &third])).unwrap();
    let plain = domain("plain.example");
    let kind = IpAddressType::Dualstack;
    let known = resolver.resolve(&plain, kind, Freshness::Anew).await;
    assert_eq!(known.each_nameserver, []);
    let each = resolver.ask_each(&plain, &known, Freshness::Anew, later()).await;
    let (four, six) = (Family::Ipv4, Family::Ipv6);
    let (refused, no_name) = (ResolutionFailure::Refused, ResolutionFailure::NxDomain);
    let expected = [
        answer(four, &[], two(), first.address),
        answer(six, &[], addresses(&[("2001:db8::1", 60)]), first.address),
        answer(four, &[], Err(refused.clone()), second.address),
        answer(six, &[], Err(refused), second.address),
        answer(four, &[], Err(no_name.clone()), third.address),
        answer(six, &[], Err(no_name), third.address),
    ];
    assert_eq!(each, expected);
    let asked = [&first, &second, &third].map(|nameserver| nameserver.questions().len());
    assert_eq!(asked, [2, 2, 2]);
}

#[tokio::test]
async fn what_each_nameserver_said_is_kept_too() {
    let first = TestNameserver::start(world).await;
    let second = TestNameserver::start(world).await;
    let resolver = Resolver::new(&everyone(&[&first, &second])).unwrap();
    let plain = domain("plain.example");
    for _ in 0..3 {
        let known = resolver.resolve(&plain, IPV4, Freshness::default()).await;
        let each = resolver.ask_each(&plain, &known, Freshness::default(), later()).await;
        assert_eq!(each.len(), 2);
    }
    assert_eq!([first.questions().len(), second.questions().len()], [1, 1]);
}

#[tokio::test]
async fn only_one_answers_unless_all_have_to() {
    let first = TestNameserver::start(world).await;
    let second = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[first.address, second.address])).unwrap();
    let plain = domain("plain.example");
    let known = resolver.resolve(&plain, IPV4, Freshness::Anew).await;
    assert_eq!(resolver.ask_each(&plain, &known, Freshness::Anew, later()).await, []);
    assert_eq!(second.questions(), []);
}

#[tokio::test]
async fn who_has_not_ended_at_the_deadline_is_left_out() {
    let first = TestNameserver::start(world).await;
    let silent = TestNameserver::start(|_| Answer::Silence).await;
    let resolver = Resolver::new(&everyone(&[&first, &silent])).unwrap();
    let plain = domain("plain.example");
    let known = resolver.resolve(&plain, IPV4, Freshness::Anew).await;
    let soon = Instant::now() + Duration::from_millis(50);
    let each = resolver.ask_each(&plain, &known, Freshness::Anew, soon).await;
    assert_eq!(each, known.answers);
}
