//! What one nameserver says, each outcome told apart.

use std::time::Duration;

use tokio::net::TcpListener;

use origin_probe::observation::{
    ChainLength, CompetingAliases, Family, FamilyAnswer, ResolutionFailure, Transport,
};
use origin_probe::origin::{IpAddressType, ProberConfig};

use super::test_nameserver::{Answer, Question, TestNameserver, a};
use super::world::{noerror, world};
use super::{
    SILENCE, addresses, answer, domain, hasty, lookup, resolution, serving, settings, small_world,
    two, without_waits,
};
use origin_probe::resolve::{Freshness, Resolver};

#[tokio::test]
async fn every_outcome_is_told_apart() {
    let unusable = |detail: &str| Err(ResolutionFailure::Unusable { detail: detail.to_owned() });
    let [without, links, fails] = ["without.n", "link", "faillink"]
        .map(|word| (1..=64).map(|n| format!("{word}{n}.example")).collect::<Vec<_>>());
    let [without, links, fails] =
        [&without, &links, &fails].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
    let too_many = |length| Err(ResolutionFailure::TooManyCnames { length });
    let (no_name, no_data) = (Err(ResolutionFailure::NxDomain), Err(ResolutionFailure::NoData));
    let cases: &[(&str, &[&str], _)] = &[
        ("plain.example", &[], two()),
        ("noedns.example", &[], two()),
        ("nxdomain.example", &[], no_name.clone()),
        ("nodata.example", &[], no_data.clone()),
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
        ("long20.example", &links[..20], two()),
        ("stepsof20.example", &links[..20], two()),
        // A nameserver follows fewer, and says nothing but SERVFAIL.
        ("failsat20.example", &fails[..20], too_many(ChainLength::Exactly(20))),
        ("long70.example", &links, too_many(ChainLength::MoreThan(64))),
        ("without.n0.example", &without, too_many(ChainLength::MoreThan(64))),
        ("chaos.example", &[], unusable("its records have the class CH, not IN")),
        ("chaosalias.example", &[], two()),
        ("tonxdomain.example", &["gone1.example", "nxdomain.example"], no_name.clone()),
        ("stepnxdomain.example", &["nxdomain.example"], no_name.clone()),
        ("tonodata.example", &["nodata.example"], no_data.clone()),
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
    let (server, resolver) = small_world().await;
    for (asked, cnames, outcome) in cases {
        let found = lookup(&resolver, asked).await;
        // The longest comes by TCP.
        let transport = found.answers[0].transport;
        let expected = answer(Family::Ipv4, cnames, outcome.clone(), server.address);
        let expected = vec![FamilyAnswer { transport, ..expected }];
        assert_eq!(found, resolution(expected), "{asked}");
    }
}

#[tokio::test]
async fn several_canonical_names_of_one_name_are_told() {
    let (server, resolver) = small_world().await;
    let resolution = lookup(&resolver, "competing.example").await;
    let expected = FamilyAnswer {
        competing_aliases: Some(CompetingAliases {
            name: "competing.example".into(),
            targets: ["first.example", "second.example"].map(Into::into).to_vec(),
        }),
        ..answer(Family::Ipv4, &["first.example"], two(), server.address)
    };
    assert_eq!(resolution.answers, [expected]);
}

#[tokio::test]
async fn an_answer_that_is_no_dns_is_unusable() {
    let (_server, resolver) = small_world().await;
    let resolution = lookup(&resolver, "garbage.example").await;
    let outcome = &resolution.answers[0].outcome;
    assert!(matches!(outcome, Err(ResolutionFailure::Unusable { .. })), "{outcome:?}");
}

#[tokio::test]
async fn each_family_has_its_own_answer() {
    use IpAddressType::{Dualstack, Ipv4, Ipv6};
    let ipv6 = || addresses(&[("2001:db8::1", 60)]);
    let no_data = || Err(ResolutionFailure::NoData);
    let no_name = || Err(ResolutionFailure::NxDomain);
    let servfail = || Err(ResolutionFailure::ServFail);
    let (four, six) = (Family::Ipv4, Family::Ipv6);
    let cases = [
        ("plain.example", Ipv4, vec![(four, two())]),
        ("plain.example", Ipv6, vec![(six, ipv6())]),
        ("plain.example", Dualstack, vec![(four, two()), (six, ipv6())]),
        ("ipv4only.example", Ipv6, vec![(six, no_data())]),
        ("ipv4only.example", Dualstack, vec![(four, two()), (six, no_data())]),
        ("ipv6servfail.example", Dualstack, vec![(four, two()), (six, servfail())]),
        ("nxdomain.example", Dualstack, vec![(four, no_name()), (six, no_name())]),
    ];
    let (server, resolver) = small_world().await;
    for (asked, kind, outcomes) in cases {
        let resolution = resolver.resolve(&domain(asked), kind, Freshness::Anew).await;
        let answers = outcomes.into_iter();
        let answers = answers.map(|(family, outcome)| answer(family, &[], outcome, server.address));
        assert_eq!(resolution.answers, answers.collect::<Vec<_>>(), "{asked} {kind:?}");
    }
}

#[tokio::test]
async fn one_family_may_be_silent_while_the_other_answers() {
    let server = TestNameserver::start(world).await;
    // Patient enough for the family that answers, even on a busy machine.
    let patient = ProberConfig { dns_timeout: Duration::from_secs(1), ..hasty(&[server.address]) };
    let resolver = Resolver::new(&patient).unwrap();
    let asked = domain("ipv6silent.example");
    let resolution = resolver.resolve(&asked, IpAddressType::Dualstack, Freshness::Anew).await;
    let expected = [
        answer(Family::Ipv4, &[], two(), server.address),
        answer(Family::Ipv6, &[], SILENCE, server.address),
    ];
    assert_eq!(without_waits(resolution).answers, expected);
}

#[tokio::test]
async fn silence_and_a_dead_port_are_timeouts() {
    let server = TestNameserver::start(world).await;
    // The port is held for TCP only, so that no other test's server gets it.
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for nameserver in [server.address, holder.local_addr().unwrap()] {
        let resolver = Resolver::new(&hasty(&[nameserver])).unwrap();
        let resolution = lookup(&resolver, "silent.example").await;
        let expected = answer(Family::Ipv4, &[], SILENCE, nameserver);
        assert_eq!(without_waits(resolution).answers, [expected]);
    }
}

#[tokio::test]
async fn an_answer_too_large_for_udp_comes_by_tcp() {
    let (server, resolver) = small_world().await;
    let resolution = lookup(&resolver, "many.example").await;
    let expected: Vec<String> = (1..=200).map(|n| format!("192.0.2.{n}")).collect();
    let expected: Vec<(&str, u32)> = expected.iter().map(|text| (text.as_str(), 60)).collect();
    let expected = answer(Family::Ipv4, &[], addresses(&expected), server.address);
    let expected = FamilyAnswer { transport: Transport::Tcp, ..expected };
    assert_eq!(resolution.answers, [expected]);
    let transports: Vec<Transport> = server.questions().iter().map(|q| q.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
}

#[tokio::test]
async fn names_are_asked_for_by_the_full_name_only() {
    let (server, resolver) = small_world().await;
    for asked in ["plain.example", "plain.example", "nodata", "nodata"] {
        lookup(&resolver, asked).await;
    }
    let names: Vec<String> = server.questions().into_iter().map(|q| q.name).collect();
    assert_eq!(names, ["plain.example", "plain.example", "nodata", "nodata"]);
}

#[tokio::test]
async fn special_names_are_asked_like_any_other() {
    fn only_loopback(question: &Question) -> Answer {
        noerror(vec![a(&question.name, 60, "127.0.0.9")])
    }
    let (server, resolver) = serving(only_loopback).await;
    for asked in ["localhost", "shop.localhost", "shop.invalid", "shop.local", "shop.onion"] {
        let resolution = lookup(&resolver, asked).await;
        let expected = answer(Family::Ipv4, &[], addresses(&[("127.0.0.9", 60)]), server.address);
        assert_eq!(resolution.answers, [expected], "{asked}");
    }
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
        let resolution = lookup(&resolver, asked).await;
        let found = &resolution.answers[0];
        assert_eq!(found.outcome.as_ref().map_err(|failure| failure.kind()), Err(kind), "{asked}");
        let by = (found.nameserver, found.transport);
        assert_eq!(by, (Some(nameserver.address), Transport::Tcp), "{asked}");
    }
}
