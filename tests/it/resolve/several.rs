//! Whom is asked, how often, and whose word counts.

use std::slice;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_resolver::proto::op::ResponseCode;

use origin_probe::observation::{Family, FamilyAnswer, ResolutionFailure, Transport};
use origin_probe::origin::{IpAddressType, ProberConfig};

use super::test_nameserver::{Answer, Question, TestNameserver, Zone, a};
use super::world::{code, noerror, world};
use super::{
    SILENCE, addresses, answer, domain, hasty, lookup, resolution, serving, settings, two,
    without_waits,
};
use origin_probe::resolve::{Freshness, Resolver};

#[tokio::test]
async fn the_next_nameserver_is_asked_where_one_fails() {
    let good = TestNameserver::start(world).await;
    let bad = TestNameserver::start(|_| code(ResponseCode::Refused)).await;
    let resolver = Resolver::new(&settings(&[bad.address, good.address])).unwrap();
    let cases = [
        ("plain.example", two(), good.address),
        ("nxdomain.example", Err(ResolutionFailure::NxDomain), good.address),
        // Both have failed; the latest word counts, and the one preferred by now was asked first.
        ("servfail.example", Err(ResolutionFailure::Refused), bad.address),
    ];
    for (asked, outcome, nameserver) in cases {
        let resolution = lookup(&resolver, asked).await;
        let expected = answer(Family::Ipv4, &[], outcome, nameserver);
        assert_eq!(resolution.answers, [expected], "{asked}");
    }
    let asked_of_bad: Vec<String> = bad.questions().into_iter().map(|q| q.name).collect();
    assert_eq!(asked_of_bad, ["plain.example", "servfail.example"]);
}

#[tokio::test]
async fn what_a_nameserver_said_outweighs_anothers_silence() {
    let good = TestNameserver::start(world).await;
    let silent = TestNameserver::start(|_| Answer::Silence).await;
    let patient = ProberConfig {
        dns_timeout: Duration::from_secs(1),
        ..settings(&[good.address, silent.address])
    };
    let resolver = Resolver::new(&patient).unwrap();
    let resolution = lookup(&resolver, "refused.example").await;
    let expected = answer(Family::Ipv4, &[], Err(ResolutionFailure::Refused), good.address);
    assert_eq!(resolution.answers, [expected]);
}

#[tokio::test]
async fn the_silence_of_several_is_nobodys() {
    let first = TestNameserver::start(world).await;
    let second = TestNameserver::start(world).await;
    let resolver = Resolver::new(&hasty(&[first.address, second.address])).unwrap();
    let resolution = lookup(&resolver, "silent.example").await;
    let expected =
        FamilyAnswer { nameserver: None, ..answer(Family::Ipv4, &[], SILENCE, first.address) };
    assert_eq!(without_waits(resolution).answers, [expected]);
}

#[tokio::test]
async fn every_nameserver_is_asked_as_often_as_configured() {
    let server = TestNameserver::start(world).await;
    for (attempts, expected) in [(0, 1), (1, 1), (3, 3)] {
        let before = server.questions().len();
        let config = ProberConfig { dns_attempts: attempts, ..settings(&[server.address]) };
        let resolver = Resolver::new(&config).unwrap();
        lookup(&resolver, "refused.example").await;
        assert_eq!(server.questions().len() - before, expected, "{attempts}");
    }
}

#[tokio::test]
async fn the_second_view_is_asked_of_its_own_nameservers() {
    let first = TestNameserver::start(world).await;
    let second = TestNameserver::start(world).await;
    let none = Resolver::new(&settings(&[first.address])).unwrap();
    let plain = domain("plain.example");
    assert_eq!(none.confirm(&plain, IpAddressType::Ipv4, Freshness::Anew).await, None);
    let confirming =
        ProberConfig { confirm_with: vec![second.address], ..settings(&[first.address]) };
    let both = Resolver::new(&confirming).unwrap();
    let expected = answer(Family::Ipv6, &[], addresses(&[("2001:db8::1", 60)]), second.address);
    let confirmed = both.confirm(&plain, IpAddressType::Ipv6, Freshness::Anew).await;
    assert_eq!(confirmed, Some(resolution(vec![expected])));
    assert_eq!(first.questions(), []);
    assert_eq!(both.nameservers().collect::<Vec<_>>(), [first.address]);
    assert_eq!(both.confirming_nameservers().collect::<Vec<_>>(), [second.address]);
}

#[tokio::test]
async fn only_a_servers_failure_or_refusal_is_no_answer_for_the_root() {
    let zones: [(Zone, bool); 7] = [
        (|_| noerror(Vec::new()), true),
        (|_| code(ResponseCode::NXDomain), true),
        (|_| code(ResponseCode::NotImp), true),
        (|_| code(ResponseCode::ServFail), false),
        (|_| code(ResponseCode::Refused), false),
        (|_| Answer::Garbage, false),
        (|_| Answer::Silence, false),
    ];
    for transport in [Transport::Udp, Transport::Tcp] {
        for (index, (zone, expected)) in zones.into_iter().enumerate() {
            let server = TestNameserver::start(zone).await;
            let timeout = Duration::from_secs(if expected { 20 } else { 1 });
            let settings = ProberConfig { dns_timeout: timeout, ..settings(&[server.address]) };
            let resolver = Resolver::new(&settings).unwrap();
            let found = resolver.answer_for_the_root([(None, transport)]).await;
            assert_eq!(found, expected, "case {index} {transport:?}");
        }
    }
}

#[tokio::test]
async fn those_that_failed_have_to_answer_for_the_root_themselves() {
    let good = TestNameserver::start(world).await;
    let without_tcp = TestNameserver::start_without_tcp(world).await;
    let bad = TestNameserver::start(|_| code(ResponseCode::Refused)).await;
    let all = [bad.address, good.address, without_tcp.address];
    let resolver = Resolver::new(&settings(&all)).unwrap();
    let (udp, tcp) = (Transport::Udp, Transport::Tcp);
    let (good, bad, without_tcp) =
        (Some(good.address), Some(bad.address), Some(without_tcp.address));
    for (failed, expected) in [
        (vec![(None, udp)], true),
        (vec![(good, udp), (good, tcp)], true),
        (vec![(bad, udp)], false),
        (vec![(good, udp), (bad, udp)], false),
        (vec![(without_tcp, udp)], true),
        (vec![(without_tcp, tcp)], false),
    ] {
        assert_eq!(resolver.answer_for_the_root(failed.clone()).await, expected, "{failed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_questions_at_once_are_all_answered() {
    fn one_each(question: &Question) -> Answer {
        noerror(vec![a(&question.name, 60, "192.0.2.1")])
    }
    let (server, resolver) = serving(one_each).await;
    let resolver = Arc::new(resolver);
    let asked = (0..1000).map(|n| {
        let resolver = Arc::clone(&resolver);
        tokio::spawn(async move { lookup(&resolver, &format!("n{n}.example")).await })
    });
    let expected = answer(Family::Ipv4, &[], addresses(&[("192.0.2.1", 60)]), server.address);
    for resolution in join_all(asked).await {
        assert_eq!(resolution.unwrap().answers, slice::from_ref(&expected));
    }
}
