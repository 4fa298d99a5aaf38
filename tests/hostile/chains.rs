//! Certificates made to harm: no panic, no endless work, and nothing ugly reaches a terminal, a
//! page, JSON or the metrics.

use std::future::pending;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use origin_probe::chain::ChainFacts;
use origin_probe::chain::TrustAnchors;
use origin_probe::chain::WantedNames;
use origin_probe::metrics;
use origin_probe::observation::Observation;
use origin_probe::pages;
use origin_probe::pages::Door;
use origin_probe::pages::PagesState;
use origin_probe::pages::Readiness;
use origin_probe::report::OriginJson;
use origin_probe::report::Report;
use origin_probe::report::Reports;
use origin_probe::report::seen;
use origin_probe::report::text;
use origin_probe::rules::Effect;
use origin_probe::telemetry::Telemetry;
use origin_probe::verdict::Conclusion;
use origin_probe::verdict::first_failure;
use origin_probe::verdict::judge;
use proptest::prelude::ProptestConfig;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::proptest;
use rustls_pki_types::CertificateDer;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::by_hand;
use super::desk::Desk;
use super::forge::Key;
use super::forge::Plan;
use super::hostile::DOMAIN;
use super::hostile::Hostile;

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn anchors(root: Vec<u8>) -> TrustAnchors {
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from(root)).unwrap();
    anchors
}

fn observation(served: &[Vec<u8>], anchors: &TrustAnchors) -> Observation {
    let chain = Arc::new(ChainFacts::analyse(served, anchors));
    by_hand::observation(DOMAIN, vec![chain], now())
}

#[test]
fn every_hostile_chain_is_judged_to_the_end() {
    let Hostile { chains, root } = Hostile::new();
    let anchors = anchors(root);
    for (story, served) in chains {
        let observation = observation(&served, &anchors);
        for at in [now(), Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
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
    let findings = verdict.findings.iter().map(|finding| (finding.rule.id, finding.effect));
    (findings.collect(), verdict.conclusion)
}

#[test]
fn a_chain_that_is_not_kept_is_judged_like_one_that_is() {
    let Hostile { chains, root } = Hostile::new();
    let anchors = anchors(root);
    let wanted = WantedNames::new(DOMAIN, [DOMAIN].into_iter(), [].into_iter());
    for (story, served) in chains {
        let whole = ChainFacts::analyse(&served, &anchors);
        let small = whole.without_bulk(&wanted);
        assert_eq!((small.count, small.bytes), (whole.count, whole.bytes), "{story}");
        // Only a public CA could sign a maze that leads to an anchor.
        let most = if whole.paths.is_empty() { 16 << 10 } else { 48 << 10 };
        assert!(small.size() <= most, "{story}: {} bytes", small.size());
        let mut instants = vec![now(), Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH];
        instants.extend(whole.turning_points());
        let [whole, small] =
            [whole, small].map(|chain| by_hand::observation(DOMAIN, vec![Arc::new(chain)], now()));
        for at in instants {
            assert_eq!(gist(&small, at), gist(&whole, at), "{story} at {at}");
        }
        assert_eq!(first_failure(&small, now()), first_failure(&whole, now()), "{story}");
    }
}

#[test]
fn what_was_not_followed_to_the_end_is_said_to_be_so() {
    let Hostile { chains, root } = Hostile::new();
    let anchors = anchors(root);
    let incomplete: Vec<&str> = chains
        .iter()
        .filter(|(_, served)| !ChainFacts::analyse(served, &anchors).is_complete)
        .map(|(story, _)| *story)
        .collect();
    assert_eq!(
        incomplete,
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
        ]
    );
}

#[test]
fn nothing_ugly_is_shown() {
    let Hostile { chains, root } = Hostile::new();
    let anchors = anchors(root);
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
    reports.entries()[0].publish(Arc::clone(&report));
    let reports = Arc::new(reports);
    let exposition = metrics::exposition(&reports, String::new());
    let exposition: Vec<u8> = exposition.flatten().collect();
    let (json, page) = (OriginJson::new(&report).to_string(), page(reports));
    vec![
        ("text", text(&report, now(), None).to_string()),
        ("json", json),
        ("metrics", String::from_utf8(exposition).unwrap()),
        ("page", page),
        ("debug", seen(&report)),
        ("metrics of one probe", metrics::of_one_probe(&report)),
    ]
}

/// Returns the status page as a browser gets it, without the head.
fn page(reports: Arc<Reports>) -> String {
    let state = PagesState {
        reports,
        telemetry: Arc::new(Telemetry::new("0.0.0").unwrap()),
        readiness: Arc::new(Readiness::new()),
        control: Desk::new(now),
        door: Arc::new(ArcSwap::from_pointee(Door::open())),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(pages::serve(listener, state, pending()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.0\r\nHost: x\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        server.abort();
        answer.split_once("\r\n\r\n").unwrap().1.replace("\r\n", "\n")
    })
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
