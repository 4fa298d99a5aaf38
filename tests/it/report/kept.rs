//! A report is kept as a whole, although it is packed.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use origin_probe::chain::StapledStatus;
use origin_probe::limits::Shortage;
use origin_probe::observation::{
    AnsweredName, ChainLength, CompetingAliases, Ending, Failure, Family, FamilyAnswer,
    Interception, NotProbed, Observation, Refusal, ResolutionFailure, Transport,
};
use origin_probe::report::{Entry, Kept, Report};

use crate::common::by_hand;
use crate::report::sample::Sample;

const CLOSED: Refusal = Refusal::Ended(Ending::Closed);

/// Returns a failure of every kind, with each of its forms.
fn failures() -> Vec<Failure> {
    let of_us = |shortage| NotProbed::OwnFailure { shortage, detail: "out of files".into() };
    let accepted = "www.example.com".parse().unwrap();
    vec![
        Failure::NotProbed { reason: NotProbed::NoRoute { error: "no route".into() } },
        Failure::NotProbed { reason: NotProbed::NotAllowed { kind: "private".into() } },
        Failure::NotProbed { reason: NotProbed::OutOfTime },
        Failure::NotProbed { reason: of_us(Some(Shortage::Files)) },
        Failure::NotProbed { reason: of_us(None) },
        Failure::NotPublic { kind: "private (RFC 1918)".into() },
        Failure::ConnectionRefused { attempts: 3 },
        Failure::ConnectionTimedOut { attempts: 3, timeout: Duration::from_millis(10_001) },
        Failure::ClosedBeforeServerHello { ending: Ending::Reset },
        Failure::ClosedDuringHandshake { ending: Ending::Closed },
        Failure::NotTls { looks_like: Some("plain HTTP".into()), first_bytes: "`HTTP`".into() },
        Failure::NotTls { looks_like: None, first_bytes: "`\\xff`".into() },
        Failure::HandshakeTimedOut { waited: Duration::from_secs(30), received: u64::MAX },
        Failure::Alert { code: 40 },
        Failure::ServerNameRefused { refusal: CLOSED, answered: AnsweredName::Nameless },
        Failure::ServerNameRefused {
            refusal: Refusal::Alert { code: 112 },
            answered: AnsweredName::Name(accepted),
        },
        Failure::NoSharedVersion { refusal: Some(CLOSED), spoken: Some("TLSv1.1".into()) },
        Failure::NoSharedVersion { refusal: None, spoken: None },
        Failure::NoSharedCipherSuite { refusal: CLOSED, taken: "TLS_AES_128_CCM_SHA256".into() },
        Failure::NoSharedGroup { refusal: CLOSED, taken: "0x11ec".into() },
        Failure::NoSharedSignatureScheme { refusal: CLOSED, taken: Some("ed448".into()) },
        Failure::NoSharedSignatureScheme { refusal: CLOSED, taken: None },
        Failure::ProtocolBroken { detail: "two ServerHellos".into() },
        Failure::OfferViolated { detail: "a suite".into() },
        Failure::Unsettled { detail: "no answer".into() },
        Failure::NoCertificate,
        Failure::ChainUnreadable { detail: "too long".into() },
        Failure::SignatureWrong,
    ]
}

/// Returns a failed lookup of every kind.
fn resolution_failures() -> Vec<ResolutionFailure> {
    let detail = || "é".to_owned();
    vec![
        ResolutionFailure::NxDomain,
        ResolutionFailure::NoData,
        ResolutionFailure::ServFail,
        ResolutionFailure::Refused,
        ResolutionFailure::OtherCode { code: u16::MAX },
        ResolutionFailure::TimedOut { waited: Duration::from_nanos(1) },
        ResolutionFailure::TcpFailed { detail: detail() },
        ResolutionFailure::OutOfTime { waited: Duration::ZERO },
        ResolutionFailure::CnameLoop,
        ResolutionFailure::TooManyCnames { length: ChainLength::Exactly(9) },
        ResolutionFailure::TooManyCnames { length: ChainLength::MoreThan(32) },
        ResolutionFailure::NotAsked { shortage: Some(Shortage::Ports), detail: detail() },
        ResolutionFailure::Unusable { detail: detail() },
    ]
}

fn of(mut observation: Observation, change: impl FnOnce(&mut Observation)) -> Report {
    change(&mut observation);
    by_hand::judged(observation)
}

#[track_caller]
fn assert_whole(report: &Report) {
    let kept = Arc::new(Kept::from(report));
    assert_eq!(*kept.observation(&report.origin), *report.observation);
    let again = kept.report(&report.origin);
    assert_eq!(format!("{:?}", again.verdict), format!("{:?}", report.verdict));
    assert_eq!(format!("{:?}", again.brief), format!("{:?}", report.brief));
}

#[test]
fn every_failure_of_a_connection_is_kept() {
    let whole = Sample::of("www.shop.example").serving("192.0.2.1").report();
    for failure in failures() {
        let report = of(Observation::clone(&whole.observation), |it| {
            let at = it.started_at + SignedDuration::from_nanos(1);
            it.endpoints.push(by_hand::failing(by_hand::address(9), 0, failure, at));
        });
        assert_whole(&report);
    }
}

#[test]
fn every_failure_of_a_lookup_is_kept() {
    let whole = Sample::of("www.shop.example").serving("192.0.2.1").report();
    for failure in resolution_failures() {
        let report = of(Observation::clone(&whole.observation), |it| {
            let answers = vec![
                FamilyAnswer::failed(Family::Ipv6, failure.clone()),
                FamilyAnswer {
                    cnames: vec!["a.example".parse().unwrap()],
                    competing_aliases: Some(CompetingAliases {
                        name: "b.example".into(),
                        targets: vec!["c.example".into(), "d.example".into()],
                    }),
                    transport: Transport::Tcp,
                    negative_ttl_seconds: Some(u32::MAX),
                    age: Duration::new(u64::from(u32::MAX), 999_999_999),
                    ..by_hand::answer(Err(failure))
                },
            ];
            let mut resolution = by_hand::resolution(answers.clone());
            resolution.each_nameserver = answers;
            resolution.confirmation = Some(Box::new(by_hand::resolution(Vec::new())));
            it.resolution = Some(resolution);
            it.endpoints.clear();
        });
        assert_whole(&report);
    }
}

#[test]
fn chains_shares_and_the_state_of_the_prober_are_kept() {
    let sample = Sample::of("www.shop.example").serving("192.0.2.1").serving("192.0.2.2");
    let whole = sample.serving_until("192.0.2.3", "2026-11-01T23:59:59Z").report();
    let report = of(Observation::clone(&whole.observation), |it| {
        it.prober.last_reached = Some(Timestamp::MIN);
        it.prober.interception = Interception::Suspected { issuer: "CN=é".into(), domains: 3 };
        it.resolve_time = Duration::from_nanos(1_234_567_891);
        it.duration = Duration::MAX;
        let mut other = it.endpoints[0].clone();
        other.chain = None;
        other.is_other_outcome = true;
        other.connections = 19;
        other.is_remembered = true;
        other.assumed_public = true;
        other.staple = Some(StapledStatus::Revoked { at: Timestamp::MAX });
        other.handshake.tls = Some(by_hand::tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", None));
        other.handshake.warnings = vec![112, 0];
        it.endpoints.insert(1, other);
    });
    assert_whole(&report);
    let kept = Kept::from(&report).observation(&report.origin);
    let chain = |place: usize| kept.endpoints[place].chain.as_ref().unwrap();
    assert!(
        Arc::ptr_eq(chain(0), chain(2)) == {
            let chain = |place: usize| report.observation.endpoints[place].chain.as_ref().unwrap();
            Arc::ptr_eq(chain(0), chain(2))
        }
    );
}

#[test]
fn readers_at_the_same_time_have_the_same_report() {
    let report = Sample::of("www.shop.example").serving("192.0.2.1").report();
    let entry = Entry::new(Arc::clone(&report.origin));
    entry.publish(&report);
    let (first, second) = (entry.latest().unwrap(), entry.latest().unwrap());
    assert!(Arc::ptr_eq(&first, &second));
    entry.publish(&report);
    let next = entry.latest().unwrap();
    assert!(!Arc::ptr_eq(&first, &next), "it is that of another probe");
    let held = Arc::downgrade(&next);
    drop(next);
    assert!(held.upgrade().is_none(), "nobody else holds it");
}
