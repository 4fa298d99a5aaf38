//! What single nameservers say, told apart.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::observation::Family;
use crate::observation::FamilyAnswer;
use crate::observation::Observation;
use crate::observation::Resolution;
use crate::observation::ResolutionFailure;
use crate::observation::ResolvedAddress;
use crate::observation::Transport;
use crate::observation::View;
use crate::origin::Origin;

use super::check;

/// What a nameserver on 192.0.2.`last` says of one family.
fn word(last: u8, outcome: Result<&[&str], ResolutionFailure>) -> FamilyAnswer {
    let resolved =
        |text: &&str| ResolvedAddress { address: text.parse().unwrap(), ttl_seconds: 60 };
    FamilyAnswer {
        family: Family::Ipv4,
        cnames: Vec::new(),
        outcome: outcome.map(|addresses| addresses.iter().map(resolved).collect()),
        competing_aliases: None,
        nameserver: Some(SocketAddr::from(([192, 0, 2, last], 53))),
        transport: Transport::Udp,
        negative_ttl_seconds: None,
        age: Duration::ZERO,
    }
}

fn said(words: Vec<FamilyAnswer>) -> Observation {
    Observation {
        resolution: Some(Resolution {
            answers: words.iter().take(1).cloned().collect(),
            view: View::Configured,
            each_nameserver: words,
            confirmation: None,
        }),
        ..Observation::new(
            Arc::new(Origin::with_defaults("origin.example.com".parse().unwrap())),
            Timestamp::UNIX_EPOCH,
        )
    }
}

fn disagreements(observation: &Observation) -> Vec<String> {
    check(observation).into_iter().map(|violation| violation.detail).collect()
}

fn silence() -> ResolutionFailure {
    ResolutionFailure::TimedOut { waited: Duration::from_secs(5) }
}

#[test]
fn each_nameserver_that_says_less_than_the_others_is_told_apart() {
    let public: &[&str] = &["198.18.255.1", "3.5.1.1"];
    let asked = "asked for A records of origin.example.com, 192.0.2.2:53";
    let gives = "while 192.0.2.1:53 gives 3.5.1.1, 198.18.255.1";
    for (second, expected) in [
        (Ok(public), None),
        (Ok(&["3.5.9.9"][..]), None),
        (Ok(&["10.0.0.1", "3.5.9.9"]), None),
        (Ok(&["10.0.0.1"]), Some("gives only 10.0.0.1, out of CloudFront's reach")),
        (Err(ResolutionFailure::NxDomain), Some("says that it does not exist (NXDOMAIN)")),
        (Err(ResolutionFailure::NoData), Some("has no such record")),
        (Err(ResolutionFailure::CnameLoop), Some("leads in a circle of CNAMEs")),
        (Err(ResolutionFailure::ServFail), Some("fails (SERVFAIL)")),
        (Err(ResolutionFailure::Refused), Some("refuses to answer (REFUSED)")),
        (Err(ResolutionFailure::OtherCode { code: 9 }), Some("answers with the code 9")),
        (Err(silence()), Some("did not answer within 5.0 s")),
        (
            Err(ResolutionFailure::Unusable { detail: "it answers another question".to_owned() }),
            Some("gave no usable answer: it answers another question"),
        ),
    ] {
        let expected: Vec<String> =
            expected.iter().map(|words| format!("{asked} {words}, {gives}")).collect();
        let found = disagreements(&said(vec![word(1, Ok(public)), word(2, second.clone())]));
        assert_eq!(found, expected, "{second:?}");
    }
}

#[test]
fn nameservers_that_agree_or_all_fail_are_no_disagreement() {
    for words in [
        vec![],
        vec![word(1, Ok(&["3.5.1.1"]))],
        vec![word(1, Err(ResolutionFailure::NxDomain)), word(2, Err(ResolutionFailure::NoData))],
        vec![word(1, Err(ResolutionFailure::ServFail)), word(2, Err(silence()))],
        vec![word(1, Ok(&["10.0.0.1"])), word(2, Ok(&["10.0.0.2"]))],
    ] {
        assert_eq!(disagreements(&said(words.clone())), [""; 0], "{words:?}");
    }
}

#[test]
fn a_nameserver_is_named_once_and_not_for_our_own_lateness() {
    let six = |answer| FamilyAnswer { family: Family::Ipv6, ..answer };
    let good: &[&str] = &["3.5.1.1", "3.5.1.2", "3.5.1.3", "3.5.1.4", "3.5.1.5", "3.5.1.6"];
    let silent = || word(3, Err(silence()));
    let alias = FamilyAnswer {
        cnames: vec!["old-alb.example.com".parse().unwrap()],
        ..word(4, Err(ResolutionFailure::NxDomain))
    };
    let words = vec![
        word(1, Ok(good)),
        six(word(1, Err(ResolutionFailure::NoData))),
        word(2, Ok(good)),
        silent(),
        six(silent()),
        alias,
    ];
    let silence = "asked for A records of origin.example.com, 192.0.2.3:53 did not answer within \
                   5.0 s, while 192.0.2.1:53 and 1 more give 3.5.1.1, 3.5.1.2, 3.5.1.3, 3.5.1.4, \
                   and 2 more";
    let denial = "asked for A records of origin.example.com, 192.0.2.4:53 says that it does not \
                  exist (NXDOMAIN), by the CNAME old-alb.example.com, while 192.0.2.1:53 and 1 \
                  more give 3.5.1.1, 3.5.1.2, 3.5.1.3, 3.5.1.4, and 2 more";
    assert_eq!(disagreements(&said(words.clone())), [silence, denial]);
    let mut late = said(words);
    late.prober.event_loop_late = Duration::from_secs(2);
    assert_eq!(disagreements(&late), [denial]);
}
