//! What one distribution with 10,000 tenants costs, whose single origin has the Host forwarded and
//! so a server name for each of them: deriving it, taking in a probe of the 20 names whose turn it
//! is, and a scrape, beside the same of an origin with one name.
//!
//! The probe itself is not made here: it costs what 20 handshakes cost. All tenants are served the
//! same chain of two certificates.
//! Run it with `cargo bench --bench tenants`.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "../it/common/by_hand.rs"]
mod by_hand;
mod measure;
#[path = "../it/common/shop.rs"]
mod shop;
mod stage;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use measure::resident;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::demo::pki::KeyAlgorithm;
use origin_probe::distribution::{
    Account, Behavior, Derivation, DeriveOptions, Distribution, Tenant, derive,
};
use origin_probe::metrics::{Selection, exposition};
use origin_probe::observation::Observation;
use origin_probe::origin::Origin;
use origin_probe::report::{Report, Reports};
use rustls_pki_types::CertificateDer;
use stage::Pki;

const TENANTS: usize = 10_000;
/// `probe.max_server_names`.
const IN_TURN: usize = 20;
const ROUNDS: usize = 41;

fn main() {
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let began = Instant::now();
    let many = derived(TENANTS);
    println!("figure tenants_derived {:.1} ms", millis(began.elapsed()));
    let origin = Arc::clone(&many.origins[0].origin);
    assert_eq!(origin.targets.len(), TENANTS);
    let single = Arc::clone(&derived(1).origins[0].origin);

    let pki = Pki::new(now);
    let issued = pki.issue(&["all.example", "*.example"], KeyAlgorithm::default());
    let served = [issued.der, pki.intermediate.der()];
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from(pki.root.der())).unwrap();
    let chain = Arc::new(ChainFacts::analyse(&served, &anchors));

    let before = resident();
    let whole = round(&origin, None, &chain, 0, TENANTS, now);
    println!("figure tenants_resident {:.1} MiB", (resident() - before) / 1024.0);
    let one = median(|_| drop(black_box(round(&single, None, &chain, 0, 1, now))));
    let later = now + jiff::SignedDuration::from_mins(5);
    let taken = median(|n| {
        let first = n * IN_TURN;
        drop(black_box(round(&origin, Some(&whole), &chain, first, IN_TURN, later)));
    });
    println!("figure tenants_one_name {:.1} us", one.as_secs_f64() * 1e6);
    println!("figure tenants_taken_in {:.2} ms", millis(taken));
    let names = taken.as_secs_f64() / one.as_secs_f64() / TENANTS as f64;
    println!("figure tenants_taken_in_ratio {names:.3} of one name's, a name");

    let reports = Reports::new([origin]);
    reports.entries()[0].publish(&whole);
    let mut bytes = 0;
    let scrape = median(|_| {
        let pieces = exposition(&reports, String::new(), &Selection::default());
        bytes = pieces.map(|piece| piece.len()).sum();
    });
    println!("figure tenants_scrape {:.2} ms", millis(scrape));
    println!("figure tenants_scrape_size {:.0} KiB", bytes as f64 / 1024.0);
}

fn derived(tenants: usize) -> Derivation {
    let forwarding =
        Behavior { forwarded_headers: vec!["Host".into()], ..shop::behavior("*", "all") };
    let distribution = Distribution {
        connection_mode: Some("tenant-only".into()),
        aliases: Vec::new(),
        origins: vec![shop::origin("all", "all.example")],
        behaviors: vec![forwarding],
        tenants: (0..tenants)
            .map(|n| Tenant {
                id: format!("dt_{n}").into(),
                distribution_id: "E1SHOP".into(),
                is_enabled: true,
                domains: vec![format!("t{n}.example").into()],
                parameters: Some(Vec::new()),
            })
            .collect(),
        ..shop::shop()
    };
    derive(&distribution, &Account::default(), &DeriveOptions::default())
}

/// Takes in what a probe of `count` names from the `first` on brings.
fn round(
    origin: &Arc<Origin>,
    previous: Option<&Report>,
    chain: &Arc<ChainFacts>,
    first: usize,
    count: usize,
    at: Timestamp,
) -> Report {
    let endpoints = (first..first + count)
        .map(|target| by_hand::endpoint(0, target, Arc::clone(chain), at))
        .collect();
    let mut observation = Observation {
        origin: Arc::clone(origin),
        endpoints,
        ..by_hand::observation("all.example", vec![Arc::clone(chain)], at)
    };
    if let Some(previous) = previous {
        observation.carry_over(&previous.observation);
    }
    Report::new(previous.map(|report| &report.brief), Arc::new(observation), at)
}

fn median(mut work: impl FnMut(usize)) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|n| {
            let began = Instant::now();
            work(n);
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
