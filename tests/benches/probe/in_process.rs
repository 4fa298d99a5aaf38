//! The probe and its parts on this thread, in alternating batches with the bare handshake, so that
//! a change of the machine's speed meets all alike.

use std::future::Future;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::TrustAnchors;
use origin_probe::handshake::{Client, Request};
use origin_probe::observation::Observation;
use origin_probe::origin::{Origin, ProberConfig};
use origin_probe::probe::{ProbeOptions, Prober};
use origin_probe::report::Report;
use origin_probe::resolve::{Freshness, Resolver};
use rustls_pki_types::CertificateDer;
use tokio::time::Instant;

use super::bare::{Bare, Verification};
use super::figure;
use super::measure::{cpu, current_thread, median, per_call};
use super::origin::{DOMAIN, TestOrigin};

const BATCH: u32 = 100;
const ROUNDS: usize = 25;

/// Measures and prints.
pub(crate) fn compare(test_origin: &TestOrigin, now: Timestamp) {
    let prober = prober(test_origin);
    let origin = Arc::new(Origin {
        https_port: test_origin.address.port(),
        ..Origin::with_defaults(DOMAIN.parse().unwrap())
    });
    let resolver = Resolver::new(&config(test_origin)).unwrap();
    let client = Client::new().unwrap();
    let bare = Bare::new(Verification::OfTheSignature, &test_origin.root.der);
    let verifying = Bare::new(Verification::OfTheChain, &test_origin.root.der);
    let address = test_origin.address;
    // A task of its own, as in the daemon: what `block_on` itself waits for is woken more dearly.
    let measuring = async move {
        let (kept, anew) = (Freshness::default(), Freshness::Anew);
        let (domain, family) = (origin.domain(), origin.ip_address_type);
        let mut costs: [Vec<f64>; 8] = Default::default();
        // One observation held, as the daemon holds its latest report: the chain is known.
        let held = probe(&prober, &origin, anew, now).await;
        for _ in 0..ROUNDS {
            let [whole, kept_lookup, bare_cost, verified, lookup, handshake, judgement, _] =
                &mut costs;
            whole.push(cost(|| probe(&prober, &origin, anew, now)).await);
            bare_cost.push(cost(|| bare.shake_hands(address)).await);
            kept_lookup.push(cost(|| probe(&prober, &origin, kept, now)).await);
            verified.push(cost(|| verifying.shake_hands(address)).await);
            lookup.push(cost(|| resolver.resolve(domain, family, anew)).await);
            handshake.push(cost(|| shake_hands(&client, &origin, address)).await);
            judgement.push(cost(async || Report::new(None, Arc::clone(&held), now)).await);
        }
        drop(held);
        for _ in 0..ROUNDS {
            costs[7].push(cost(|| probe(&prober, &origin, anew, now)).await);
        }
        costs.map(median)
    };
    let costs = current_thread().block_on(async { tokio::spawn(measuring).await.unwrap() });
    let [whole, kept_lookup, bare, verified, lookup, handshake, judgement, cold] = costs;
    for (name, cost) in [
        ("probe", whole),
        ("probe_kept_lookup", kept_lookup),
        ("probe_new_chain", cold),
        ("lookup", lookup),
        ("handshake", handshake),
        ("judgement", judgement),
        ("bare", bare),
        ("bare_chain_verified", verified),
    ] {
        figure(&format!("thread_{name}_cpu"), cost, "us");
    }
    figure("thread_ratio", whole / bare, "x");
    figure("thread_kept_lookup_ratio", kept_lookup / bare, "x");
    figure("thread_chain_verified_ratio", whole / verified, "x");
    figure("thread_new_chain_ratio", cold / bare, "x");
}

/// Returns the microseconds of this thread that one call takes.
async fn cost<F: Future>(call: impl Fn() -> F) -> f64 {
    let began = cpu();
    for _ in 0..BATCH {
        black_box(call().await);
    }
    per_call(began, BATCH)
}

/// One full probe with its judgement and prediction, as the daemon makes it.
async fn probe(
    prober: &Prober,
    origin: &Arc<Origin>,
    freshness: Freshness,
    now: Timestamp,
) -> Arc<Observation> {
    let options = ProbeOptions { freshness, ..ProbeOptions::default() };
    let observation = Arc::new(prober.probe(Arc::clone(origin), &options, now).await);
    let report = Report::new(None, Arc::clone(&observation), now);
    assert!(report.verdict.findings.is_empty(), "{:?}", report.verdict.findings);
    observation
}

async fn shake_hands(client: &Client, origin: &Origin, address: SocketAddr) {
    let request = Request {
        address,
        server_name: origin.domain(),
        other_name: None,
        ssl_protocols: &origin.ssl_protocols,
        attempts: 1,
        connection_timeout: Duration::from_secs(10),
        handshake_timeout: Duration::from_secs(10),
        deadline: Instant::now() + Duration::from_secs(60),
    };
    let outcome = client.shake_hands(&request).await;
    assert_eq!(outcome.handshake.failure, None);
}

fn config(test_origin: &TestOrigin) -> ProberConfig {
    ProberConfig {
        nameservers: vec![test_origin.dns],
        dns_attempts: 1,
        assume_public: vec!["127.0.0.0/8".parse().unwrap()],
        concurrency: 64,
        per_address: 16,
        ..ProberConfig::default()
    }
}

fn prober(test_origin: &TestOrigin) -> Prober {
    let mut anchors = TrustAnchors::mozilla();
    anchors.add_der(&CertificateDer::from(test_origin.root.der.as_slice())).unwrap();
    let config = config(test_origin);
    let resolver = Arc::new(Resolver::new(&config).unwrap());
    Prober::new(resolver, Client::new().unwrap(), Arc::new(anchors), config)
}
