//! Chains with one oddity each: what this program says of the list, and what AWS's library does
//! with it in a real handshake.

mod anchors;
mod basic_constraints;
mod case;
mod certificate;
mod critical_extensions;
mod dates;
mod dead_ends;
mod encodings;
mod extended_key_usage;
mod extension_contents;
mod extras;
mod key;
mod key_ids;
mod key_usage;
mod ledger;
mod lengths;
mod name_constraints;
mod name_encodings;
mod names;
mod order;
mod policies;
mod serials;
mod signature_algorithms;
mod wrong_signatures;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::demo::server::{
    Certificates, ServedCertificate, TlsServer, TlsServerOptions, TlsVersions,
};
use origin_probe::rules::Effect;
use origin_probe::verdict::judge;
use rustls_pki_types::CertificateDer;
use s2n_tls::config::Config;
use s2n_tls::error::Error;
use s2n_tls_tokio::TlsConnector;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::client::{FROM_TLS_1_2, offering};
use super::table::now;
use super::table::pem::pem;
use crate::common::by_hand;
use case::Case;
use ledger::{CONNECTS, Ledger, Line};

/// The name that the end entity must carry.
const DOMAIN: &str = "origin.example.com";

/// How many handshakes run side by side.
const AT_ONCE: usize = 6;

/// How long one handshake may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_odd_chain_is_judged_as_the_library_of_aws_does_or_for_a_reason() {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for case in cases() {
        let turns = Arc::clone(&turns);
        running.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            let library = library(&case).await;
            let product = tokio::task::spawn_blocking(move || (product(&case), case.name));
            let (product, name) = product.await.unwrap();
            Line { name, product, library }
        });
    }
    let mut lines = Vec::new();
    while let Some(line) = running.join_next().await {
        lines.push(line.unwrap());
    }
    lines.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    assert!(lines.len() >= 300, "only {} chains", lines.len());
    Ledger::read().compare(&lines);
}

/// Every chain; the name of each begins with the file that makes it.
fn cases() -> Vec<Case> {
    let kinds = [
        ("anchors", anchors::cases()),
        ("basic-constraints", basic_constraints::cases()),
        ("critical-extensions", critical_extensions::cases()),
        ("dates", dates::cases()),
        ("dead-ends", dead_ends::cases()),
        ("encodings", encodings::cases()),
        ("extended-key-usage", extended_key_usage::cases()),
        ("extension-contents", extension_contents::cases()),
        ("extras", extras::cases()),
        ("key-ids", key_ids::cases()),
        ("key-usage", key_usage::cases()),
        ("lengths", lengths::cases()),
        ("name-constraints", name_constraints::cases()),
        ("name-encodings", name_encodings::cases()),
        ("names", names::cases()),
        ("order", order::cases()),
        ("policies", policies::cases()),
        ("serials", serials::cases()),
        ("signature-algorithms", signature_algorithms::cases()),
        ("wrong-signatures", wrong_signatures::cases()),
    ];
    let named = |(kind, cases): (&str, Vec<Case>)| {
        let kind = kind.to_owned();
        cases.into_iter().map(move |case| Case { name: format!("{kind}/{}", case.name), ..case })
    };
    kinds.into_iter().flat_map(named).collect()
}

/// Returns what this program says: the answer, then every finding that keeps CloudFront away or
/// may do so.
fn product(case: &Case) -> String {
    let mut anchors = TrustAnchors::none();
    for anchor in &case.anchors {
        if let Err(error) = anchors.add_der(&CertificateDer::from(anchor.as_slice())) {
            return format!("refuses the anchor: {error}");
        }
    }
    let chain = Arc::new(ChainFacts::analyse(&case.served, &anchors));
    let verdict = judge(&by_hand::observation(DOMAIN, vec![chain], now()), now());
    let mut said = vec![verdict.conclusion.answer.as_str()];
    let grave = verdict.findings.iter().filter(|finding| finding.effect > Effect::Notice);
    said.extend(grave.map(|finding| finding.rule.name));
    said.join(" ")
}

/// Returns what the library does: `connects`, or its reason; both where the version decides.
async fn library(case: &Case) -> String {
    let config = match config(&case.anchors) {
        Ok(config) => config,
        Err(error) => return format!("refuses the anchor: {}", error.name()),
    };
    let in_1_3 = handshake(case, &config, TlsVersions::Tls13).await;
    let in_1_2 = handshake(case, &config, TlsVersions::Tls12).await;
    if (in_1_3 == CONNECTS) == (in_1_2 == CONNECTS) {
        in_1_3
    } else {
        format!("{in_1_3} in TLS 1.3 and {in_1_2} in TLS 1.2")
    }
}

async fn handshake(case: &Case, config: &Config, versions: TlsVersions) -> String {
    let served = ServedCertificate::new(case.served.clone(), case.key.clone());
    let certificates = Certificates::for_everyone(served);
    let options = TlsServerOptions { versions, ..TlsServerOptions::new(certificates) };
    let server = TlsServer::start(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, &options).await.unwrap();
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let connector = TlsConnector::new(config.clone());
    let connecting = connector.connect(DOMAIN, stream);
    match tokio::time::timeout(PATIENCE, connecting).await {
        Ok(Ok(_)) => CONNECTS.to_owned(),
        Ok(Err(error)) => format!("refuses {}", error.name()),
        Err(_) => "hangs".to_owned(),
    }
}

/// Returns CloudFront's offer from TLS 1.2 on, with these trust anchors only.
fn config(anchors: &[Vec<u8>]) -> Result<Config, Error> {
    let mut config = offering(FROM_TLS_1_2)?;
    for anchor in anchors {
        config.trust_pem(pem("CERTIFICATE", anchor).as_bytes())?;
    }
    config.build()
}
