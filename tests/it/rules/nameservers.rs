//! What single nameservers say, told apart.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use origin_probe::observation::{Family, FamilyAnswer, Observation, Resolution, ResolutionFailure};
use origin_probe::rules::RuleId;

use super::stage::{answer, dns_silence, judged, records, seen};
use crate::common::by_hand;

type Row = (&'static str, Observation, usize);

/// What was said, and how many nameservers are to be named for it.
pub(super) fn of_nameservers() -> Vec<Row> {
    let public: &[&str] = &["198.18.255.1", "3.5.1.1"];
    let beside = |second| said(vec![word(1, Ok(public)), word(2, second)]);
    let row = |story, second, count| (story, beside(second), count);
    let unusable =
        ResolutionFailure::Unusable { detail: "it answers a different question".to_owned() };
    let six = |answer| FamilyAnswer { family: Family::Ipv6, ..answer };
    let good: &[&str] = &["3.5.1.1", "3.5.1.2", "3.5.1.3", "3.5.1.4", "3.5.1.5", "3.5.1.6"];
    let alias = FamilyAnswer {
        cnames: vec!["old-alb.example.com".parse().unwrap()],
        ..word(4, Err(ResolutionFailure::NxDomain))
    };
    let several = || {
        said(vec![
            word(1, Ok(good)),
            six(word(1, Err(ResolutionFailure::NoData))),
            word(2, Ok(good)),
            word(3, Err(dns_silence())),
            six(word(3, Err(dns_silence()))),
            alias.clone(),
        ])
    };
    let mut late = several();
    late.prober.event_loop_late = Duration::from_secs(2);
    let (no_domain, no_data) = (ResolutionFailure::NxDomain, ResolutionFailure::NoData);
    let failed = ResolutionFailure::ServFail;
    vec![
        row("the same addresses", Ok(public), 0),
        row("another public address", Ok(&["3.5.9.9"]), 0),
        row("a private address beside a public one", Ok(&["10.0.0.1", "3.5.9.9"]), 0),
        row("a private address", Ok(&["10.0.0.1"]), 1),
        row("no such domain", Err(no_domain.clone()), 1),
        row("no such record", Err(no_data.clone()), 1),
        row("a circle", Err(ResolutionFailure::CnameLoop), 1),
        row("failure", Err(failed.clone()), 1),
        row("refusal", Err(ResolutionFailure::Refused), 1),
        row("another code", Err(ResolutionFailure::OtherCode { code: 9 }), 1),
        row("silence", Err(dns_silence()), 1),
        row("an unusable answer", Err(unusable), 1),
        ("nobody was asked by itself", said(Vec::new()), 0),
        ("only one was asked", said(vec![word(1, Ok(&["3.5.1.1"]))]), 0),
        ("none has an address", said(vec![word(1, Err(no_domain)), word(2, Err(no_data))]), 0),
        ("all fail", said(vec![word(1, Err(failed)), word(2, Err(dns_silence()))]), 0),
        ("all private", said(vec![word(1, Ok(&["10.0.0.1"])), word(2, Ok(&["10.0.0.2"]))]), 0),
        ("two of four, over both families", several(), 2),
        ("the same, while the prober was late", late, 1),
    ]
}

#[test]
fn each_nameserver_that_says_less_than_the_others_is_named_once() {
    for (story, observation, expected) in of_nameservers() {
        let findings = judged(observation).verdict.findings;
        let named = findings.iter().filter(|f| f.rule.id == RuleId::NameserversDisagree).count();
        assert_eq!(named, expected, "{story}: {findings:#?}");
    }
}

/// What a nameserver on 192.0.2.`last` says of one family.
fn word(last: u8, outcome: Result<&[&str], ResolutionFailure>) -> FamilyAnswer {
    let parsed = |addresses: &[&str]| -> Vec<IpAddr> {
        addresses.iter().map(|text| text.parse().unwrap()).collect()
    };
    let outcome = outcome.map(|addresses| records(&parsed(addresses)));
    FamilyAnswer { nameserver: Some(SocketAddr::from(([192, 0, 2, last], 53))), ..answer(outcome) }
}

fn said(words: Vec<FamilyAnswer>) -> Observation {
    let view = by_hand::resolution(words.iter().take(1).cloned().collect());
    let resolution = Some(Resolution { each_nameserver: words, ..view });
    Observation { resolution, ..seen(Vec::new()) }
}
