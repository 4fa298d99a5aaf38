//! What one nameserver says, each outcome told apart.

use std::time::Duration;

use tokio::net::TcpListener;

use origin_probe::observation::{
    ChainLength, CompetingAliases, Family, FamilyAnswer, Resolution, ResolutionFailure, Transport,
    View,
};
use origin_probe::origin::{IpAddressType, ProberConfig};

use super::test_nameserver::{Answer, Question, TestNameserver, a};
use super::world::{noerror, world};
use super::{SILENCE, addresses, answer, domain, hasty, settings, without_waits};
use origin_probe::resolve::{Freshness, Resolver};

#[tokio::test]
async fn every_outcome_is_told_apart() {
    let two = [("192.0.2.1", 60), ("192.0.2.2", 60)];
    let unusable = |detail: &str| Err(ResolutionFailure::Unusable { detail: detail.to_owned() });
    let without: Vec<String> = (1..=64).map(|n| format!("without.n{n}.example")).collect();
    let links: Vec<String> = (1..=64).map(|n| format!("link{n}.example")).collect();
    let fails: Vec<String> = (1..=20).map(|n| format!("faillink{n}.example")).collect();
    let [without, links, fails] =
        [&without, &links, &fails].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
    let too_many = |length| Err(ResolutionFailure::TooManyCnames { length });
    let cases: &[(&str, &[&str], _)] = &[
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
        ("long20.example", &links[..20], addresses(&two)),
        ("stepsof20.example", &links[..20], addresses(&two)),
        // A nameserver follows fewer, and says nothing but SERVFAIL.
        ("failsat20.example", &fails, too_many(ChainLength::Exactly(20))),
        ("long70.example", &links, too_many(ChainLength::MoreThan(64))),
        ("without.n0.example", &without, too_many(ChainLength::MoreThan(64))),
        ("chaos.example", &[], unusable("its records have the class CH, not IN")),
        ("chaosalias.example", &[], addresses(&two)),
        (
            "tonxdomain.example",
            &["gone1.example", "nxdomain.example"],
            Err(ResolutionFailure::NxDomain),
        ),
        ("stepnxdomain.example", &["nxdomain.example"], Err(ResolutionFailure::NxDomain)),
        ("tonodata.example", &["nodata.example"], Err(ResolutionFailure::NoData)),
        (
            "othername.example",
            &[],
            unusable("its records are for another name, elsewhere.example."),
        ),
        (
            "referral.example",
            &[],
            unusable("it is a referral to other nameservers, not a recursive answer"),
        ),
    ];
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    for (asked, cnames, outcome) in cases {
        let resolution =
            resolver.resolve(&domain(asked), IpAddressType::Ipv4, Freshness::Anew).await;
        // The longest comes by TCP.
        let transport = resolution.answers[0].transport;
        let expected = answer(Family::Ipv4, cnames, outcome.clone(), server.address);
        let expected = Resolution {
            answers: vec![FamilyAnswer { transport, ..expected }],
            view: View::Configured,
            each_nameserver: Vec::new(),
            confirmation: None,
        };
        assert_eq!(resolution, expected, "{asked}");
    }
}

#[tokio::test]
async fn several_canonical_names_of_one_name_are_told() {
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    let resolution =
        resolver.resolve(&domain("competing.example"), IpAddressType::Ipv4, Freshness::Anew).await;
    let two = addresses(&[("192.0.2.1", 60), ("192.0.2.2", 60)]);
    let expected = FamilyAnswer {
        competing_aliases: Some(CompetingAliases {
            name: "competing.example".into(),
            targets: ["first.example", "second.example"].map(Into::into).to_vec(),
        }),
        ..answer(Family::Ipv4, &["first.example"], two, server.address)
    };
    assert_eq!(resolution.answers, [expected]);
}

#[tokio::test]
async fn an_answer_that_is_no_dns_is_unusable() {
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    let resolution =
        resolver.resolve(&domain("garbage.example"), IpAddressType::Ipv4, Freshness::Anew).await;
    let outcome = &resolution.answers[0].outcome;
    assert!(matches!(outcome, Err(ResolutionFailure::Unusable { .. })), "{outcome:?}");
}

#[tokio::test]
async fn each_family_has_its_own_answer() {
    let ipv4 = || addresses(&[("192.0.2.1", 60), ("192.0.2.2", 60)]);
    let ipv6 = || addresses(&[("2001:db8::1", 60)]);
    let no_data = || Err(ResolutionFailure::NoData);
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
        let resolution = resolver.resolve(&domain(asked), kind, Freshness::Anew).await;
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
    let patient = ProberConfig { dns_timeout: Duration::from_secs(1), ..hasty(&[server.address]) };
    let resolver = Resolver::new(&patient).unwrap();
    let resolution = resolver
        .resolve(&domain("ipv6silent.example"), IpAddressType::Dualstack, Freshness::Anew)
        .await;
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
        let resolution =
            resolver.resolve(&domain("silent.example"), IpAddressType::Ipv4, Freshness::Anew).await;
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
    let resolution =
        resolver.resolve(&domain("many.example"), IpAddressType::Ipv4, Freshness::Anew).await;
    let expected: Vec<String> = (1..=200).map(|n| format!("192.0.2.{n}")).collect();
    let expected: Vec<(&str, u32)> = expected.iter().map(|text| (text.as_str(), 60)).collect();
    assert_eq!(
        resolution.answers,
        [by_tcp(answer(Family::Ipv4, &[], addresses(&expected), server.address))]
    );
    let transports: Vec<Transport> = server.questions().iter().map(|q| q.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
}

#[tokio::test]
async fn names_are_asked_for_by_the_full_name_only() {
    let server = TestNameserver::start(world).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    for asked in ["plain.example", "plain.example", "nodata", "nodata"] {
        resolver.resolve(&domain(asked), IpAddressType::Ipv4, Freshness::Anew).await;
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
        let resolution =
            resolver.resolve(&domain(asked), IpAddressType::Ipv4, Freshness::Anew).await;
        let expected = answer(Family::Ipv4, &[], addresses(&[("127.0.0.9", 60)]), server.address);
        assert_eq!(resolution.answers, [expected], "{asked}");
    }
}

fn by_tcp(answer: FamilyAnswer) -> FamilyAnswer {
    FamilyAnswer { transport: Transport::Tcp, ..answer }
}

/// Answers by UDP that there is more, and by TCP as the first label says.
fn fails_by_tcp(question: &Question) -> Answer {
    if question.transport == Transport::Udp {
        return Answer::Truncated;
    }
    match question.name.split('.').next().unwrap() {
        "closed" => Answer::Close,
        "reset" => Answer::Reset,
        "truncated" => Answer::Truncated,
        "garbage" => Answer::Garbage,
        "servfail" => world(question),
        "otherquestion" => Answer::OtherQuestion(vec![a(&question.name, 60, "192.0.2.1")]),
        _ => Answer::Silence,
    }
}

#[tokio::test]
async fn a_truncated_answer_without_a_whole_one_by_tcp_is_no_answer() {
    let server = TestNameserver::start(fails_by_tcp).await;
    let deaf = TestNameserver::start_without_tcp(fails_by_tcp).await;
    for (asked, nameserver, kind) in [
        ("refused.example", &deaf, "tcp-failed"),
        ("closed.example", &server, "tcp-failed"),
        ("reset.example", &server, "tcp-failed"),
        ("truncated.example", &server, "tcp-failed"),
        ("silent.example", &server, "tcp-failed"),
        ("garbage.example", &server, "unusable"),
        ("otherquestion.example", &server, "unusable"),
        ("servfail.example", &server, "servfail"),
    ] {
        // Patient with what answers; the silent one costs as much.
        let timeout = Duration::from_secs(if asked == "silent.example" { 1 } else { 20 });
        let settings = ProberConfig { dns_timeout: timeout, ..settings(&[nameserver.address]) };
        let resolver = Resolver::new(&settings).unwrap();
        let resolution =
            resolver.resolve(&domain(asked), IpAddressType::Ipv4, Freshness::Anew).await;
        let found = &resolution.answers[0];
        assert_eq!(found.outcome.as_ref().map_err(|failure| failure.kind()), Err(kind), "{asked}");
        let by = (found.nameserver, found.transport);
        assert_eq!(by, (Some(nameserver.address), Transport::Tcp), "{asked}");
    }
}
