//! What the analysis of a chain costs, cold and cached, beside webpki's bare `verify_for_usage` of
//! the same chain in the same run; and what the worst of the hostile chains costs.
//!
//! The chain is an ECDSA P-256 end entity and two P-256 intermediates, the second of which the
//! root has signed: three signatures. The analysis reads the certificates, links them, judges
//! their order and finds every path among Mozilla's anchors and the root; webpki verifies one
//! path to one anchor. The last figures are of an ACM-like chain, whose two upper certificates
//! are cross-signed anchors and which has three paths.
//! Run it with `cargo bench --bench chain`.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "../it/common/by_hand.rs"]
mod by_hand;
#[path = "../it/common/forge.rs"]
mod forge;
#[path = "../it/common/hostile.rs"]
mod hostile;
mod measure;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, Window};
use origin_probe::limits::ChainBudget;
use origin_probe::origin::Origin;
use origin_probe::probe::Chains;
use origin_probe::report::{OriginJson, Report, text};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

use hostile::Hostile;
use measure::{cpu, median, per_call, resident};

const BATCH: u32 = 50;
const ROUNDS: usize = 41;

fn main() {
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let long = || Window::days(-100..1000, now);
    let options = AuthorityOptions::default();
    let root = Authority::root("Bench Root", long()).unwrap();
    let upper = root.intermediate("Bench CA", long(), &options).unwrap();
    let lower = upper.intermediate("Bench Issuing CA", long(), &options).unwrap();
    let end_entity = EndEntity::new(&["origin.example.com"], Window::days(-20..70, now));
    let served = vec![lower.issue(&end_entity).unwrap().der, lower.der(), upper.der()];
    compare("chain", &served, &[root.der()], now);

    // The shape of ACM: the root in use and the one above are both anchors and cross-signed.
    let older = Authority::root("Bench Older Root", long()).unwrap();
    let oldest = Authority::root("Bench Oldest Root", long()).unwrap();
    let root_below_older = older.cross_sign(&root, long(), &options).unwrap();
    let older_below_oldest = oldest.cross_sign(&older, long(), &options).unwrap();
    let served = vec![
        upper.issue(&end_entity).unwrap().der,
        upper.der(),
        root_below_older.der(),
        older_below_oldest.der(),
    ];
    compare("chain_acm", &served, &[root.der(), older.der(), oldest.der()], now);
    worst(now);
    one_origin(now);
}

fn compare(figure: &str, served: &[Vec<u8>], roots: &[Vec<u8>], now: Timestamp) {
    let mut anchors = TrustAnchors::mozilla();
    for root in roots {
        anchors.add_der(&CertificateDer::from(root.as_slice())).unwrap();
    }
    let anchors = Arc::new(anchors);
    let chains = Chains::new(Arc::clone(&anchors), ChainBudget::of_process());
    let origin = Origin::with_defaults(hostile::DOMAIN.parse().unwrap());
    let facts = || chains.of_origin(&origin, &[0]).facts(black_box(served));
    let held = facts().unwrap();
    assert_eq!(held.paths.len(), roots.len());
    assert!(held.is_complete);
    let root = CertificateDer::from(roots[0].as_slice());
    let trusted = [webpki::anchor_from_trusted_cert(&root).unwrap()];
    let (mut cold, mut cached, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        cold.push(cost(|| drop(black_box(ChainFacts::analyse(black_box(served), &anchors)))));
        bare.push(cost(|| verify(black_box(served), &trusted, now)));
        cached.push(cost(|| drop(black_box(facts()))));
    }
    drop(held);
    let (cold, cached, bare) = (median(cold), median(cached), median(bare));
    println!("figure {figure}_cold {cold:.1} us");
    println!("figure {figure}_cached {cached:.2} us");
    println!("figure {figure}_webpki {bare:.1} us");
    println!("figure {figure}_cold_ratio {:.3} x", cold / bare);
    println!("figure {figure}_cached_ratio {:.4} x", cached / bare);
}

/// Verifies one path as anybody would.
fn verify(served: &[Vec<u8>], anchors: &[TrustAnchor<'_>], now: Timestamp) {
    let certificates: Vec<CertificateDer<'_>> =
        served.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let end_entity = EndEntityCert::try_from(&certificates[0]).unwrap();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now.as_second().unsigned_abs()));
    let usage = KeyUsage::server_auth();
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    let path = end_entity
        .verify_for_usage(algorithms, anchors, &certificates[1..], now, usage, None, None)
        .unwrap();
    black_box(path.anchor());
}

/// The dearest hostile chain, each taken a few times all the way from its bytes to the verdict, the
/// first failure, the text and the JSON, and its least time kept.
fn worst(now: Timestamp) {
    let hostile = Hostile::new();
    let mut anchors = TrustAnchors::mozilla();
    anchors.add_der(&CertificateDer::from(hostile.root)).unwrap();
    let mut worst = (0.0, "");
    for (story, served) in &hostile.chains {
        let cost = (0..7)
            .map(|_| {
                let began = cpu();
                let chain = Arc::new(ChainFacts::analyse(black_box(served), &anchors));
                let observation = by_hand::observation(hostile::DOMAIN, vec![chain], now);
                let report = Report::new(None, Arc::new(observation), now);
                black_box(text(&report, now, None));
                black_box(OriginJson::new(&report).to_string());
                (cpu() - began).as_secs_f64() * 1e3
            })
            .fold(f64::INFINITY, f64::min);
        println!("{story}: {cost:.2} ms");
        if cost > worst.0 {
            worst = (cost, story);
        }
    }
    println!("figure hostile_worst {:.2} ms", worst.0);
    println!("the worst is: {}", worst.1);
}

/// Returns microseconds of this thread's CPU time, a call.
fn cost(call: impl Fn()) -> f64 {
    let began = cpu();
    for _ in 0..BATCH {
        call();
    }
    per_call(began, BATCH)
}

/// What the chains of one origin take that serves a new certificate of some 59 kB at each of 1,280
/// endpoints, beside what they would take if all were kept.
fn one_origin(now: Timestamp) {
    let names: Vec<String> = (0..3_600).map(|n| format!("n{n}.example.com")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let root = Authority::root("Root", Window::days(-10..3_000, now)).unwrap();
    let der = root.issue(&EndEntity::new(&names, Window::days(-5..300, now))).unwrap().der;
    let chains = Chains::new(Arc::new(TrustAnchors::none()), ChainBudget::of_process());
    let origin = Origin::with_defaults(hostile::DOMAIN.parse().unwrap());
    let of_origin = chains.of_origin(&origin, &[0]);
    let before = resident();
    let all: Vec<_> = (0..1_280_u16)
        .filter_map(|number| {
            // A wrong signature costs no less.
            let mut der = der.clone();
            let end = der.len();
            der[end - 2..].copy_from_slice(&number.to_be_bytes());
            of_origin.facts(&[der])
        })
        .collect();
    let taken = (resident() - before) * 1024.0;
    let whole =
        ChainFacts::analyse(&[&der], &TrustAnchors::none()).size() as f64 * all.len() as f64;
    println!("figure one_origin_certificate {} bytes", der.len());
    println!("figure one_origin_memory {:.1} MiB", taken / MIB);
    println!("figure one_origin_memory_if_kept {:.1} MiB", whole / MIB);
    println!("figure one_origin_memory_ratio {:.4} x", taken / whole);
}

const MIB: f64 = 1048576.0;
