//! Prediction against judgement: for chains of any shape, at any time, the second before the first
//! failure does not fail and the first failure does.

use std::ops::Range;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::observation::Observation;
use origin_probe::verdict::{Answer, first_failure, judge};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy};
use proptest::{prop_assert_eq, prop_oneof, proptest};

use crate::common::by_hand;
use crate::common::forge::{Key, Plan, utc};

const DOMAIN: &str = "origin.example.com";
const HOST: &str = "www.example.com";

/// What one address serves: the end entity, up to four certificates of its issuer's key, and up to
/// two of an authority between that and the anchors. A validity is in seconds after [`epoch`], both
/// ends included.
#[derive(Clone, Debug)]
struct Served {
    end_entity: Range<i64>,
    name: usize,
    issuers: Vec<(Range<i64>, Above)>,
    uppers: Vec<(Range<i64>, Above)>,
}

/// Who has signed a certificate of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Above {
    First,
    Second,
    /// The authority between.
    Upper,
}

/// All keys, made once: what differs from case to case is time.
struct Keys {
    first: Key,
    second: Key,
    upper: Key,
    issuer: Key,
    end_entity: Key,
}

fn epoch() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    epoch() + SignedDuration::from_secs(seconds)
}

fn dated(plan: Plan, valid: &Range<i64>) -> Plan {
    let date = |seconds| utc(&at(seconds).strftime("%y%m%d%H%M%SZ").to_string());
    Plan { not_before: date(valid.start), not_after: date(valid.end), ..plan }
}

impl Keys {
    fn new() -> Self {
        Self {
            first: Key::new(),
            second: Key::new(),
            upper: Key::new(),
            issuer: Key::new(),
            end_entity: Key::new(),
        }
    }

    fn anchors(&self) -> TrustAnchors {
        let root = |name, key| Plan::authority(name, name, key).signed_by(key);
        by_hand::anchors(&[root("First", &self.first), root("Second", &self.second)])
    }

    fn chain(&self, served: &Served, anchors: &TrustAnchors) -> Arc<ChainFacts> {
        let names: [&[&[u8]]; 3] =
            [&[DOMAIN.as_bytes()], &[HOST.as_bytes()], &[DOMAIN.as_bytes(), HOST.as_bytes()]];
        let end_entity = Plan::new(DOMAIN, "Issuer", &self.end_entity).named(names[served.name]);
        let end_entity = dated(end_entity, &served.end_entity).signed_by(&self.issuer);
        let above = |name, key, (valid, above): &(Range<i64>, Above)| {
            let (issuer, signer) = self.named(*above);
            dated(Plan::authority(name, issuer, key), valid).signed_by(signer)
        };
        let issuers = served.issuers.iter().map(|issuer| above("Issuer", &self.issuer, issuer));
        let uppers = served.uppers.iter().map(|upper| above("Upper", &self.upper, upper));
        let list: Vec<Vec<u8>> = [end_entity].into_iter().chain(issuers).chain(uppers).collect();
        Arc::new(ChainFacts::analyse(&list, anchors))
    }

    fn named(&self, above: Above) -> (&'static str, &Key) {
        match above {
            Above::First => ("First", &self.first),
            Above::Second => ("Second", &self.second),
            Above::Upper => ("Upper", &self.upper),
        }
    }

    /// Every address serves one chain for each of two server names.
    fn observation(&self, addresses: &[(Served, Served)], now: Timestamp) -> Observation {
        let anchors = self.anchors();
        let mut observation = by_hand::observation(DOMAIN, Vec::new(), now);
        let origin = Arc::make_mut(&mut observation.origin);
        origin.targets.extend(by_hand::forwarding(DOMAIN, &[HOST]).targets);
        for (number, (of_domain, of_host)) in addresses.iter().enumerate() {
            for (target, served) in [of_domain, of_host].into_iter().enumerate() {
                let chain = self.chain(served, &anchors);
                observation.endpoints.push(by_hand::endpoint(number, target, chain, now));
            }
        }
        observation
    }
}

/// Few enough seconds for instants to coincide often.
fn seconds(start: Range<i64>, length: Range<i64>) -> impl Strategy<Value = Range<i64>> {
    (start, length).prop_map(|(start, length)| start..start + length)
}

/// Most chains hold for a while, or all would fail at once.
fn served() -> impl Strategy<Value = Served> {
    let anchor = || prop_oneof![Just(Above::First), Just(Above::Second)];
    let above = prop_oneof![anchor(), Just(Above::Upper)];
    let issuers = vec((seconds(0..50, 5..40), above), 1..5);
    let uppers = vec((seconds(0..30, 10..60), anchor()), 0..3);
    (seconds(0..10, 40..80), 0..30_usize, issuers, uppers).prop_map(
        |(end_entity, name, issuers, uppers)| Served {
            end_entity,
            name: name.min(2),
            issuers,
            uppers,
        },
    )
}

impl Served {
    /// Tells by the plan alone, without a look at any certificate, whether the chain holds for
    /// a target: the first asks for the domain, the second for the host or the domain.
    fn holds(&self, target: usize, second: i64) -> bool {
        let is_in_time = |valid: &Range<i64>| valid.start <= second && second <= valid.end;
        (target == 1 || self.name != 1)
            && is_in_time(&self.end_entity)
            && self.issuers.iter().any(|(valid, above)| {
                let leads_on = *above != Above::Upper
                    || self.uppers.iter().any(|(valid, _)| is_in_time(valid));
                is_in_time(valid) && leads_on
            })
    }
}

/// Tells by the plan alone whether any address fails.
fn must_fail(addresses: &[(Served, Served)], second: i64) -> bool {
    addresses.iter().any(|(domain, host)| !domain.holds(0, second) || !host.holds(1, second))
}

fn answer(observation: &Observation, at: Timestamp) -> Answer {
    judge(observation, at).conclusion.answer
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_first_failure_is_the_first_second_that_fails(
        addresses in vec((served(), served()), 1..3),
        now in 0..40_i64,
    ) {
        let observation = Keys::new().observation(&addresses, at(now));
        let predicted = first_failure(&observation, at(now)).origin;
        let planned = (now..100).find(|second| must_fail(&addresses, *second));
        prop_assert_eq!(predicted, planned.map(at));
        if let Some(first) = predicted.filter(|first| *first > at(now)) {
            let before = first - SignedDuration::from_secs(1);
            prop_assert_eq!(answer(&observation, before) == Answer::Fails, false);
            prop_assert_eq!(answer(&observation, first), Answer::Fails);
        }
    }
}

#[test]
fn a_path_switch_carries_on_until_the_last_path_ends() {
    let served = Served {
        end_entity: 0..60,
        name: 2,
        issuers: vec![(0..20, Above::First), (10..40, Above::Second), (50..70, Above::First)],
        uppers: Vec::new(),
    };
    let observation = Keys::new().observation(&[(served.clone(), served)], at(5));
    assert_eq!(first_failure(&observation, at(5)).origin, Some(at(41)));
    assert_eq!(answer(&observation, at(40)), Answer::Answers);
    assert_eq!(answer(&observation, at(41)), Answer::Fails);
    assert_eq!(answer(&observation, at(50)), Answer::Answers);
    assert_eq!(answer(&observation, at(61)), Answer::Fails);
}
