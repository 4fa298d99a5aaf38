//! Certificates made to harm: no panic, no endless work, and nothing ugly reaches a terminal, a
//! page, JSON or the metrics.

use std::sync::Arc;

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, Keeping, TrustAnchors, WantedNames};
use origin_probe::cloudfront::former_roots;
use origin_probe::limits::ChainBudget;
use origin_probe::metrics;
use origin_probe::observation::Observation;
use origin_probe::origin::Origin;
use origin_probe::probe::Chains;
use origin_probe::report::{OriginJson, Report, Reports, pem, text, trace};
use origin_probe::rules::Effect;
use origin_probe::verdict::{Conclusion, first_failure, judge};
use proptest::prelude::{ProptestConfig, any};
use proptest::{prop_assert, proptest};
use rustls_pki_types::CertificateDer;

use crate::common::by_hand;
use crate::common::desk::Desk;
use crate::common::forge::{Key, Plan, name};
use crate::common::hostile::{DOMAIN, Hostile, tangle};
use crate::common::site::Site;

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn anchors(root: Vec<u8>) -> TrustAnchors {
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from(root)).unwrap();
    anchors
}

type Named = Vec<(&'static str, Vec<Vec<u8>>)>;

/// The hostile chains by name, and the anchor of those that lead to one.
fn hostile() -> (Named, TrustAnchors) {
    let Hostile { chains, root } = Hostile::new();
    (chains, anchors(root))
}

/// Returns a tangle whose dead ends have unknown issuers.
fn strange_tangle(number: u8) -> Vec<Vec<u8>> {
    tangle(number, &|n| name(&[b'z', n]))
}

const INSTANTS: [Timestamp; 3] = [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH];

fn origin_of(domain: &str) -> Origin {
    Origin::with_defaults(domain.parse().unwrap())
}

fn observed(chain: ChainFacts) -> Observation {
    by_hand::observation(DOMAIN, vec![Arc::new(chain)], now())
}

fn observation(served: &[Vec<u8>], anchors: &TrustAnchors) -> Observation {
    observed(ChainFacts::analyse(served, anchors))
}

#[test]
fn every_hostile_chain_is_judged_to_the_end() {
    let (chains, anchors) = hostile();
    for (story, served) in chains {
        let observation = observation(&served, &anchors);
        for at in INSTANTS.into_iter().chain([now()]) {
            judge(&observation, at);
        }
        let first = first_failure(&observation, now());
        let (_, chain) = observation.chains().next().unwrap();
        assert_eq!(chain.served.len(), served.len(), "{story}");
        assert!(chain.paths.len() <= 32, "{story}: {} paths", chain.paths.len());
        assert_eq!(first.targets.len(), 1, "{story}");
    }
}

/// The rules that a judgement finds violated, with their effects, and its conclusion.
fn gist(observation: &Observation, at: Timestamp) -> (Vec<(&'static str, Effect)>, Conclusion) {
    let verdict = judge(observation, at);
    let findings = verdict.findings.iter().map(|finding| (finding.rule.name, finding.effect));
    (findings.collect(), verdict.conclusion)
}

#[test]
fn a_chain_that_is_not_kept_is_judged_like_one_that_is() {
    let (chains, anchors) = hostile();
    let wanted = WantedNames::new(DOMAIN, [DOMAIN].into_iter(), [].into_iter());
    let wanted = wanted.with_roots(|name| former_roots().iter().any(|root| root.has_name(name)));
    for (story, served) in chains {
        let whole = ChainFacts::analyse(&served, &anchors);
        let outline = whole.outlined(&wanted, 0);
        // Only a public CA could sign a maze that leads to an anchor; and each of eight ways counts
        // that ends in the name of a root that left the list.
        let most = match story {
            _ if whole.paths.len() > 2 => 17 << 10,
            "the same below a root that left the list" => 8 << 10,
            _ => 5 << 10,
        };
        assert!(outline.size() <= most, "{story}: {} bytes", outline.size());
        let instants = INSTANTS.into_iter().chain([now()]).chain(whole.turning_points());
        let instants: Vec<Timestamp> = instants.collect();
        let small = [outline, whole.without_bulk(&wanted, 0), whole.without_bulk(&wanted, 2)];
        let counts = (whole.count, whole.bytes);
        let whole = observed(whole);
        for small in small {
            assert_eq!((small.count, small.bytes), counts, "{story}");
            let small = observed(small);
            for at in &instants {
                assert_eq!(gist(&small, *at), gist(&whole, *at), "{story} at {at}");
            }
            assert_eq!(first_failure(&small, now()), first_failure(&whole, now()), "{story}");
        }
    }
}

#[test]
fn an_origin_that_serves_tangles_leaves_room_for_others() {
    const ENDPOINTS: usize = 64;
    let budget = Arc::new(ChainBudget::new(16 << 20));
    let chains = Chains::new(Arc::new(TrustAnchors::none()), Arc::clone(&budget));
    let origin = origin_of(DOMAIN);
    let mut held = Vec::new();
    for round in 0..3_u8 {
        // A new end entity is a new chain.
        let tangle = strange_tangle(round);
        let of_origin = chains.of_origin(&origin, &[0]);
        let next: Vec<_> = (0..ENDPOINTS)
            .map(|n| {
                let number = n.to_be_bytes();
                let list = tangle.iter().map(Vec::as_slice).chain([&number[..]]);
                of_origin.facts(&list.collect::<Vec<_>>()).unwrap()
            })
            .collect();
        held = vec![held.pop().unwrap_or_default(), next];
        let used = budget.used();
        assert!(used <= (4 << 20) + 2 * ENDPOINTS * (5 << 10), "{used} bytes");
    }
    let other = origin_of("other.example.com");
    let facts = chains.of_origin(&other, &[0]).facts(&strange_tangle(9)).unwrap();
    assert_eq!(facts.keeping, Keeping::Kept, "{} bytes", facts.size());
}

#[test]
fn of_a_chain_that_is_too_large_the_first_certificates_are_kept() {
    let chains = Chains::new(Arc::new(TrustAnchors::none()), Arc::new(ChainBudget::new(0)));
    let origin = origin_of(DOMAIN);
    let kept = |served: &[Vec<u8>]| {
        let facts = chains.of_origin(&origin, &[0]).facts(served).unwrap();
        let whole = facts.certificates().take_while(|(_, own)| !own.der().is_empty()).count();
        (facts, whole)
    };
    let (large, small) = (strange_tangle(0), plain().0);
    let (facts, whole) = kept(&large);
    assert!((2..8).contains(&whole), "{whole} certificates of {} bytes", facts.size());
    assert!(facts.leading(16 << 10).1 > 12 << 10);
    assert_eq!(pem(&facts).matches("BEGIN CERTIFICATE").count(), whole);
    drop(facts);
    // Where another chain comes first it has the place, until it goes away.
    let probe = || {
        let of_origin = chains.of_origin(&origin, &[0]);
        let small = of_origin.facts(&small).unwrap();
        (small, of_origin.facts(&large).unwrap())
    };
    let (small, facts) = probe();
    assert_eq!(small.keeping, Keeping::Kept);
    let before = facts.leading(usize::MAX);
    drop(small);
    let (facts, fewer) = kept(&large);
    assert!(fewer < whole, "{fewer} of {before:?}");
    let (_, again) = kept(&large);
    assert_eq!(again, whole, "once the other has gone, in {} bytes", facts.size());
}

#[test]
fn what_was_not_followed_to_the_end_is_said_to_be_so() {
    let (chains, anchors) = hostile();
    let is_incomplete = |served: &Vec<Vec<u8>>| !ChainFacts::analyse(served, &anchors).is_complete;
    let incomplete = chains.iter().filter(|(_, served)| is_incomplete(served));
    assert_eq!(
        incomplete.map(|(story, _)| *story).collect::<Vec<_>>(),
        [
            "a maze with ways out everywhere",
            "a wheel of namesakes",
            "a ladder of forty",
            "five hundred entries",
            "five hundred that are none",
            "the same one five hundred times",
            "RSA keys of 2048 bits",
            "RSA keys of 8192 bits",
            "RSA keys of 16384 bits",
            "P-384 keys",
            "P-521 keys",
            "empty entries",
            "a repetition, an anchor and an odd one far down",
            "one that is none among others",
        ]
    );
}

#[test]
fn nothing_ugly_is_shown() {
    let (chains, anchors) = hostile();
    for (story, served) in chains {
        let report = Report::new(None, Arc::new(observation(&served, &anchors)), now());
        for (place, text) in shown(report) {
            let ugly = text.chars().find(|c| c.is_control() && *c != '\n' || is_bidirectional(*c));
            assert_eq!(ugly, None, "{story}, {place}: {text:?}");
            // The page has one of its own.
            let scripts = if place == "page" { text.matches("<script").count() } else { 1 };
            assert_eq!(scripts, 1, "{story}, {place}");
        }
    }
}

fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns everything that is ever shown of an origin.
fn shown(report: Report) -> Vec<(&'static str, String)> {
    let reports = Reports::new([Arc::clone(&report.origin)]);
    let report = Arc::new(report);
    reports.entries()[0].publish(&report);
    let exposition = by_hand::exposed(&reports, String::new());
    vec![
        ("text", text(&report, now(), None).to_string()),
        ("json", OriginJson::new(&report).to_string()),
        ("metrics", exposition),
        ("page", page(reports)),
        ("debug", trace(&report)),
        ("metrics of one probe", metrics::of_one_probe(&report)),
    ]
}

/// Returns the status page without the head.
fn page(reports: Reports) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = Site::behind(Desk::new(now), reports);
    runtime.block_on(async { site.await.ask("GET", "/").await.2 })
}

/// A chain of three, and the root.
fn plain() -> (Vec<Vec<u8>>, Vec<u8>) {
    let (root, upper, lower, key) = (Key::new(), Key::new(), Key::new(), Key::new());
    let served = vec![
        Plan::new(DOMAIN, "Lower", &key).named(&[DOMAIN.as_bytes()]).signed_by(&lower),
        Plan::authority("Lower", "Upper", &lower).signed_by(&upper),
        Plan::authority("Upper", "Root", &upper).signed_by(&root),
    ];
    (served, Plan::authority("Root", "Root", &root).signed_by(&root))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_damaged_chain_is_judged_like_any_other(
        changes in proptest::collection::vec((0..3_usize, any::<u16>(), any::<u8>()), 1..6),
        cut in any::<Option<u16>>(),
        order in 0..6_usize,
    ) {
        let (mut served, root) = plain();
        for (entry, place, octet) in changes {
            let place = usize::from(place) % served[entry].len();
            served[entry][place] = octet;
        }
        if let Some(cut) = cut {
            let length = served[order % 3].len();
            served[order % 3].truncate(usize::from(cut) % length);
        }
        served.rotate_left(order % 3);
        if order > 2 {
            served.swap(0, 1);
        }
        let observation = observation(&served, &anchors(root));
        let first = first_failure(&observation, now());
        let answer = judge(&observation, now()).conclusion.answer;
        prop_assert!(first.origin == Some(now()) || answer.as_str() != "fails");
    }
}
