//! The whole way through sockets on loopback, each outcome told apart.

use std::net::SocketAddr;
use std::path::Path;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::RecordType;
use hickory_resolver::proto::rr::rdata::NS;
use tokio::net::TcpListener;

use crate::observation::Family;
use crate::observation::FamilyAnswer;
use crate::observation::Resolution;
use crate::observation::ResolutionFailure;
use crate::observation::ResolvedAddress;
use crate::observation::View;
use crate::origin::DomainName;
use crate::origin::IpAddressType;

use super::Resolver;
use super::ResolverError;
use super::ResolverSettings;
use super::test_nameserver::Answer;
use super::test_nameserver::Question;
use super::test_nameserver::TestNameserver;
use super::test_nameserver::Transport;
use super::test_nameserver::a;
use super::test_nameserver::aaaa;
use super::test_nameserver::cname;
use super::test_nameserver::name;

fn noerror(records: Vec<Record>) -> Answer {
    Answer::Records(ResponseCode::NoError, records)
}

fn code(code: ResponseCode) -> Answer {
    Answer::Records(code, Vec::new())
}

/// A recursive nameserver's view of a small world; a name's first label tells its story.
fn world(question: &Question) -> Answer {
    let owner = question.name.as_str();
    let is_ipv4 = question.record_type == RecordType::A;
    let is_cname = question.record_type == RecordType::CNAME;
    let both = |owner: &str, ttl| match question.record_type {
        RecordType::A => vec![a(owner, ttl, "192.0.2.1"), a(owner, ttl, "192.0.2.2")],
        RecordType::AAAA => vec![aaaa(owner, ttl, "2001:db8::1")],
        _ => Vec::new(),
    };
    match owner.split('.').next().unwrap() {
        "" | "nodata" => noerror(Vec::new()),
        "plain" => noerror(both(owner, 60)),
        "ipv4only" if is_ipv4 => noerror(both(owner, 60)),
        "ipv4only" => noerror(Vec::new()),
        "ipv6servfail" if is_ipv4 => noerror(both(owner, 60)),
        "nxdomain" => code(ResponseCode::NXDomain),
        "servfail" | "ipv6servfail" => code(ResponseCode::ServFail),
        "refused" => code(ResponseCode::Refused),
        "notauth" => code(ResponseCode::NotAuth),
        "code11" => code(ResponseCode::Unknown(11)),
        "noedns" if question.has_edns => code(ResponseCode::FormErr),
        "noedns" => noerror(both(owner, 60)),
        "chain" => noerror(
            [
                vec![
                    cname(owner, 300, "chain1.example"),
                    cname("chain1.example", 20, "chain2.example"),
                    cname("chain2.example", 300, "plain.example"),
                ],
                both("plain.example", 60),
            ]
            .concat(),
        ),
        "stepwise" => noerror(vec![cname(owner, 30, "step1.example")]),
        "step1" => noerror(vec![cname(owner, 40, "plain.example")]),
        "loop" => {
            noerror(vec![cname(owner, 5, "back.example"), cname("back.example", 5, "loop.example")])
        }
        "steploop" => noerror(vec![cname(owner, 5, "stepback.example")]),
        "stepback" => noerror(vec![cname(owner, 5, "steploop.example")]),
        "failloop" if is_cname => noerror(vec![cname(owner, 5, "failback.example")]),
        "failback" if is_cname => noerror(vec![cname(owner, 5, "failloop.example")]),
        "failloop" | "failback" => code(ResponseCode::ServFail),
        "failend" if is_cname => noerror(vec![cname(owner, 5, "servfail.example")]),
        "failend" => code(ResponseCode::ServFail),
        "without" => {
            let label = owner.trim_end_matches(".example").trim_start_matches("without.");
            let next: u32 = label.trim_start_matches('n').parse().unwrap_or(0) + 1;
            noerror(vec![cname(owner, 5, &format!("without.n{next}.example"))])
        }
        "tonxdomain" => Answer::Records(
            ResponseCode::NXDomain,
            vec![cname(owner, 5, "gone1.example"), cname("gone1.example", 5, "nxdomain.example")],
        ),
        "stepnxdomain" => noerror(vec![cname(owner, 5, "nxdomain.example")]),
        "tonodata" => noerror(vec![cname(owner, 5, "nodata.example")]),
        "many" => noerror((1..=200).map(|n| a(owner, 60, &format!("192.0.2.{n}"))).collect()),
        "othername" => noerror(both("elsewhere.example", 60)),
        "otherquestion" if question.transport == Transport::Udp => truncated(owner),
        "otherquestion" => Answer::OtherQuestion(both(owner, 60)),
        "referral" => Answer::Referral(vec![Record::from_rdata(
            name("example"),
            60,
            RData::NS(NS(name("ns.example"))),
        )]),
        "garbage" => Answer::Garbage,
        "silent" | "ipv6silent" if !is_ipv4 || owner.starts_with("silent") => Answer::Silence,
        "ipv6silent" => noerror(both(owner, 60)),
        _ => panic!("the test asks for {question:?}"),
    }
}

/// Returns more than a datagram holds, so that the question comes again by TCP.
fn truncated(owner: &str) -> Answer {
    noerror((1..=200).map(|n| a(owner, 60, &format!("192.0.2.{n}"))).collect())
}

fn settings(nameservers: &[SocketAddr]) -> ResolverSettings {
    ResolverSettings {
        nameservers: nameservers.to_vec(),
        confirm_with: Vec::new(),
        timeout: Duration::from_secs(20),
        attempts: 1,
    }
}

/// For nameservers that say nothing: the tests wait for this to pass.
fn hasty(nameservers: &[SocketAddr]) -> ResolverSettings {
    ResolverSettings { timeout: Duration::from_millis(50), ..settings(nameservers) }
}

fn domain(text: &str) -> DomainName {
    text.parse().unwrap()
}

type Outcome = Result<Vec<ResolvedAddress>, ResolutionFailure>;

fn addresses(expected: &[(&str, u32)]) -> Outcome {
    let address = |&(text, ttl_seconds): &(&str, u32)| ResolvedAddress {
        address: text.parse().unwrap(),
        ttl_seconds,
    };
    Ok(expected.iter().map(address).collect())
}

fn answer(
    family: Family,
    cnames: &[&str],
    outcome: Outcome,
    nameserver: SocketAddr,
) -> FamilyAnswer {
    let cnames = cnames.iter().map(|n| domain(n)).collect();
    FamilyAnswer { family, cnames, outcome, nameserver: Some(nameserver) }
}

/// Returns the answers with every waiting time set to zero, having made sure that there was one.
fn without_waits(mut resolution: Resolution) -> Resolution {
    for answer in &mut resolution.answers {
        if let Err(ResolutionFailure::TimedOut { waited }) = &mut answer.outcome {
            assert!(*waited >= Duration::from_millis(50), "waited {waited:?} only");
            *waited = Duration::ZERO;
        }
    }
    resolution
}

const SILENCE: Outcome = Err(ResolutionFailure::TimedOut { waited: Duration::ZERO });

#[tokio::test]
async fn every_outcome_is_told_apart() {
    let two = [("192.0.2.1", 60), ("192.0.2.2", 60)];
    let unusable = |detail: &str| -> Outcome {
        Err(ResolutionFailure::Unusable { detail: detail.to_owned() })
    };
    let links: Vec<String> = (1..=16).map(|n| format!("without.n{n}.example")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let cases: &[(&str, &[&str], Outcome)] = &[
        ("plain.example", &[], addresses(&two)),
        ("noedns.example", &[], addresses(&two)),
        ("nxdomain.example", &[], Err(ResolutionFailure::NxDomain)),
        ("nodata.example", &[], Err(ResolutionFailure::NoData)),
        ("servfail.example", &[], Err(ResolutionFailure::ServFail)),
        ("refused.example", &[], Err(ResolutionFailure::Refused)),
        ("notauth.example", &[], Err(ResolutionFailure::OtherCode { code: 9 })),
        ("code11.example", &[], Err(ResolutionFailure::OtherCode { code: 11 })),
        (
            "chain.example",
            &["chain1.example", "chain2.example", "plain.example"],
            addresses(&[("192.0.2.1", 20), ("192.0.2.2", 20)]),
        ),
        (
            "stepwise.example",
            &["step1.example", "plain.example"],
            addresses(&[("192.0.2.1", 30), ("192.0.2.2", 30)]),
        ),
        ("loop.example", &["back.example"], Err(ResolutionFailure::CnameLoop)),
        ("steploop.example", &["stepback.example"], Err(ResolutionFailure::CnameLoop)),
        ("failloop.example", &["failback.example"], Err(ResolutionFailure::CnameLoop)),
        ("failend.example", &["servfail.example"], Err(ResolutionFailure::ServFail)),
        ("without.n0.example", &links, Err(ResolutionFailure::CnameLoop)),
        (
            "tonxdomain.example",
            &["gone1.example", "nxdomain.example"],
            Err(ResolutionFailure::NxDomain),
        ),
        ("stepnxdomain.example", &["nxdomain.example"], Err(ResolutionFailure::NxDomain)),
        ("tonodata.example", &["nodata.example"], Err(ResolutionFailure::NoData)),
        ("othername.example", &[], unusable("its records are of another name, elsewhere.example.")),
        ("otherquestion.example", &[], unusable("it answers another question")),
        (
            "referral.example",
            &[],
            unusable("it refers to other nameservers instead of asking them itself"),
        ),
    ];
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    for (asked, cnames, outcome) in cases {
        let resolution = resolver.resolve(&domain(asked), IpAddressType::Ipv4).await;
        let expected = Resolution {
            answers: vec![answer(Family::Ipv4, cnames, outcome.clone(), server.address)],
            view: View::Configured,
            confirmation: None,
        };
        assert_eq!(resolution, expected, "{asked}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_dns_is_unusable() {
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    let resolution = resolver.resolve(&domain("garbage.example"), IpAddressType::Ipv4).await;
    let outcome = &resolution.answers[0].outcome;
    assert!(matches!(outcome, Err(ResolutionFailure::Unusable { .. })), "{outcome:?}");
}

#[tokio::test]
async fn each_family_has_its_own_answer() {
    let ipv4 = || addresses(&[("192.0.2.1", 60), ("192.0.2.2", 60)]);
    let ipv6 = || addresses(&[("2001:db8::1", 60)]);
    let no_data = || -> Outcome { Err(ResolutionFailure::NoData) };
    let (four, six) = (Family::Ipv4, Family::Ipv6);
    let cases = [
        ("plain.example", IpAddressType::Ipv4, vec![(four, ipv4())]),
        ("plain.example", IpAddressType::Ipv6, vec![(six, ipv6())]),
        ("plain.example", IpAddressType::Dualstack, vec![(four, ipv4()), (six, ipv6())]),
        ("ipv4only.example", IpAddressType::Ipv6, vec![(six, no_data())]),
        ("ipv4only.example", IpAddressType::Dualstack, vec![(four, ipv4()), (six, no_data())]),
        (
            "ipv6servfail.example",
            IpAddressType::Dualstack,
            vec![(four, ipv4()), (six, Err(ResolutionFailure::ServFail))],
        ),
        (
            "nxdomain.example",
            IpAddressType::Dualstack,
            vec![(four, Err(ResolutionFailure::NxDomain)), (six, Err(ResolutionFailure::NxDomain))],
        ),
    ];
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    for (asked, kind, outcomes) in cases {
        let resolution = resolver.resolve(&domain(asked), kind).await;
        let expected: Vec<FamilyAnswer> = outcomes
            .into_iter()
            .map(|(family, outcome)| answer(family, &[], outcome, server.address))
            .collect();
        assert_eq!(resolution.answers, expected, "{asked} {kind:?}");
    }
}

#[tokio::test]
async fn one_family_may_be_silent_while_the_other_answers() {
    let server = TestNameserver::start(world).await;
    // Patient enough for the family that answers, even on a busy machine.
    let patient = ResolverSettings { timeout: Duration::from_secs(1), ..hasty(&[server.address]) };
    let resolver = Resolver::new(&patient).unwrap();
    let resolution =
        resolver.resolve(&domain("ipv6silent.example"), IpAddressType::Dualstack).await;
    assert_eq!(
        without_waits(resolution).answers,
        [
            answer(
                Family::Ipv4,
                &[],
                addresses(&[("192.0.2.1", 60), ("192.0.2.2", 60)]),
                server.address
            ),
            answer(Family::Ipv6, &[], SILENCE, server.address),
        ]
    );
}

#[tokio::test]
async fn silence_and_a_dead_port_are_timeouts() {
    let server = TestNameserver::start(world).await;
    // The port is held for TCP only, so that no other test's server gets it.
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for nameserver in [server.address, holder.local_addr().unwrap()] {
        let resolver = Resolver::new(&hasty(&[nameserver])).unwrap();
        let resolution = resolver.resolve(&domain("silent.example"), IpAddressType::Ipv4).await;
        assert_eq!(
            without_waits(resolution).answers,
            [answer(Family::Ipv4, &[], SILENCE, nameserver)]
        );
    }
}

#[tokio::test]
async fn an_answer_too_large_for_udp_comes_by_tcp() {
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    let resolution = resolver.resolve(&domain("many.example"), IpAddressType::Ipv4).await;
    let expected: Vec<String> = (1..=200).map(|n| format!("192.0.2.{n}")).collect();
    let expected: Vec<(&str, u32)> = expected.iter().map(|text| (text.as_str(), 60)).collect();
    assert_eq!(
        resolution.answers,
        [answer(Family::Ipv4, &[], addresses(&expected), server.address)]
    );
    let transports: Vec<Transport> = server.questions().iter().map(|q| q.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
}

#[tokio::test]
async fn every_call_asks_anew_and_by_the_full_name_only() {
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    for asked in ["plain.example", "plain.example", "nodata", "nodata"] {
        resolver.resolve(&domain(asked), IpAddressType::Ipv4).await;
    }
    let names: Vec<String> = server.questions().into_iter().map(|q| q.name).collect();
    assert_eq!(names, ["plain.example", "plain.example", "nodata", "nodata"]);
}

#[tokio::test]
async fn special_names_are_asked_like_any_other() {
    fn only_loopback(question: &Question) -> Answer {
        noerror(vec![a(&question.name, 60, "127.0.0.9")])
    }
    let server = TestNameserver::start(only_loopback).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    for asked in ["localhost", "shop.localhost", "shop.invalid", "shop.local", "shop.onion"] {
        let resolution = resolver.resolve(&domain(asked), IpAddressType::Ipv4).await;
        let expected = answer(Family::Ipv4, &[], addresses(&[("127.0.0.9", 60)]), server.address);
        assert_eq!(resolution.answers, [expected], "{asked}");
    }
}

#[tokio::test]
async fn the_next_nameserver_is_asked_where_one_fails() {
    fn always_refuses(_: &Question) -> Answer {
        code(ResponseCode::Refused)
    }
    let good = TestNameserver::start(world).await;
    let bad = TestNameserver::start(always_refuses).await;
    let resolver = Resolver::new(&settings(&[bad.address, good.address])).unwrap();
    let cases = [
        ("plain.example", addresses(&[("192.0.2.1", 60), ("192.0.2.2", 60)]), good.address),
        ("nxdomain.example", Err(ResolutionFailure::NxDomain), good.address),
        // Both have failed; the latest word counts, and the one preferred by now was asked first.
        ("servfail.example", Err(ResolutionFailure::Refused), bad.address),
    ];
    for (asked, outcome, nameserver) in cases {
        let resolution = resolver.resolve(&domain(asked), IpAddressType::Ipv4).await;
        let expected = answer(Family::Ipv4, &[], outcome, nameserver);
        assert_eq!(resolution.answers, [expected], "{asked}");
    }
    let asked_of_bad: Vec<String> = bad.questions().into_iter().map(|q| q.name).collect();
    assert_eq!(asked_of_bad, ["plain.example", "servfail.example"]);
}

#[tokio::test]
async fn what_a_nameserver_said_outweighs_anothers_silence() {
    fn never_answers(_: &Question) -> Answer {
        Answer::Silence
    }
    let good = TestNameserver::start(world).await;
    let silent = TestNameserver::start(never_answers).await;
    let patient = ResolverSettings {
        timeout: Duration::from_secs(1),
        ..settings(&[good.address, silent.address])
    };
    let resolver = Resolver::new(&patient).unwrap();
    let resolution = resolver.resolve(&domain("refused.example"), IpAddressType::Ipv4).await;
    let expected = answer(Family::Ipv4, &[], Err(ResolutionFailure::Refused), good.address);
    assert_eq!(resolution.answers, [expected]);
}

#[tokio::test]
async fn the_silence_of_several_is_nobodys() {
    let first = TestNameserver::start(world).await;
    let second = TestNameserver::start(world).await;
    let resolver = Resolver::new(&hasty(&[first.address, second.address])).unwrap();
    let resolution = resolver.resolve(&domain("silent.example"), IpAddressType::Ipv4).await;
    let expected =
        FamilyAnswer { nameserver: None, ..answer(Family::Ipv4, &[], SILENCE, first.address) };
    assert_eq!(without_waits(resolution).answers, [expected]);
}

#[tokio::test]
async fn every_nameserver_is_asked_as_often_as_configured() {
    let server = TestNameserver::start(world).await;
    for (attempts, expected) in [(0, 1), (1, 1), (3, 3)] {
        let before = server.questions().len();
        let resolver =
            Resolver::new(&ResolverSettings { attempts, ..settings(&[server.address]) }).unwrap();
        resolver.resolve(&domain("refused.example"), IpAddressType::Ipv4).await;
        assert_eq!(server.questions().len() - before, expected, "{attempts}");
    }
}

#[tokio::test]
async fn the_second_view_is_asked_of_its_own_nameservers() {
    let first = TestNameserver::start(world).await;
    let second = TestNameserver::start(world).await;
    let none = Resolver::new(&settings(&[first.address])).unwrap();
    assert_eq!(none.confirm(&domain("plain.example"), IpAddressType::Ipv4).await, None);
    let both = Resolver::new(&ResolverSettings {
        confirm_with: vec![second.address],
        ..settings(&[first.address])
    })
    .unwrap();
    let outcome = addresses(&[("2001:db8::1", 60)]);
    assert_eq!(
        both.confirm(&domain("plain.example"), IpAddressType::Ipv6).await,
        Some(Resolution {
            answers: vec![answer(Family::Ipv6, &[], outcome, second.address)],
            view: View::Configured,
            confirmation: None,
        })
    );
    assert_eq!(first.questions(), []);
    assert_eq!(both.nameservers().collect::<Vec<_>>(), [first.address]);
    assert_eq!(both.confirming_nameservers().collect::<Vec<_>>(), [second.address]);
}

#[tokio::test]
async fn only_a_servers_failure_or_refusal_is_no_answer_for_the_root() {
    let cases: [(fn(&Question) -> Answer, bool); 7] = [
        (|_| noerror(Vec::new()), true),
        (|_| code(ResponseCode::NXDomain), true),
        (|_| code(ResponseCode::NotImp), true),
        (|_| code(ResponseCode::ServFail), false),
        (|_| code(ResponseCode::Refused), false),
        (|_| Answer::Garbage, false),
        (|_| Answer::Silence, false),
    ];
    for (index, (zone, expected)) in cases.into_iter().enumerate() {
        let server = TestNameserver::start(zone).await;
        let timeout = Duration::from_secs(if expected { 20 } else { 1 });
        let settings = ResolverSettings { timeout, ..settings(&[server.address]) };
        let resolver = Resolver::new(&settings).unwrap();
        assert_eq!(resolver.answers_for_the_root().await, expected, "case {index}");
    }
}

#[tokio::test]
async fn one_nameserver_of_several_suffices_to_answer_for_the_root() {
    let good = TestNameserver::start(world).await;
    let bad = TestNameserver::start(|_| Answer::Silence).await;
    let resolver = Resolver::new(&settings(&[bad.address, good.address])).unwrap();
    assert!(resolver.answers_for_the_root().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_questions_at_once_are_all_answered() {
    fn one_each(question: &Question) -> Answer {
        noerror(vec![a(&question.name, 60, "192.0.2.1")])
    }
    let server = TestNameserver::start(one_each).await;
    let resolver = Arc::new(Resolver::new(&settings(&[server.address])).unwrap());
    let asked = (0..1000).map(|n| {
        let resolver = Arc::clone(&resolver);
        let domain = domain(&format!("n{n}.example"));
        tokio::spawn(async move { resolver.resolve(&domain, IpAddressType::Ipv4).await })
    });
    let expected = answer(Family::Ipv4, &[], addresses(&[("192.0.2.1", 60)]), server.address);
    for resolution in join_all(asked).await {
        assert_eq!(resolution.unwrap().answers, slice::from_ref(&expected));
    }
}

#[test]
fn the_system_view_is_that_of_resolv_conf() {
    let no_system = settings(&[]);
    let error = Resolver::with_resolv_conf(&no_system, Path::new("/nonexistent")).unwrap_err();
    assert!(matches!(error, ResolverError::SystemUnreadable { .. }), "{error}");
    let configured = settings(&["192.0.2.53:53".parse().unwrap()]);
    let resolver = Resolver::with_resolv_conf(&configured, Path::new("/nonexistent")).unwrap();
    assert_eq!(resolver.view(), View::Configured);
}
