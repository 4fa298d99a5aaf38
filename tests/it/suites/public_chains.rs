//! Public chains of 2015–2026 with the roots of their time and what CloudFront would do.

use std::path::Path;

use jiff::Timestamp;
use origin_probe::chain::TrustAnchors;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use super::exceptions::Exceptions;
use super::{folder, judged};

#[derive(Deserialize)]
struct Index {
    chains: Vec<Chain>,
}

#[derive(Deserialize)]
pub(super) struct Chain {
    pub(super) id: String,
    pub(super) host: String,
    pem: String,
    verify_time: String,
    pub(super) roots: String,
    expect: Expectation,
}

impl Chain {
    pub(super) fn at(&self) -> Timestamp {
        self.verify_time.parse().unwrap()
    }
}

#[derive(Deserialize)]
struct Expectation {
    verdict: String,
    cause: Option<String>,
}

#[test]
fn every_public_chain_has_its_verdict_and_its_cause() {
    let Some(folder) = folder().map(|folder| folder.join("chains")) else { return };
    let mut exceptions = Exceptions::read(include_str!("public_chains.exceptions"));
    for chain in &index(&folder) {
        let anchors = anchors(&folder.join(&chain.roots));
        let said = judged(&served(&folder, chain), &anchors, &chain.host, chain.at());
        exceptions.compare(&chain.id, &said, expected(chain) == said);
    }
    exceptions.finish();
}

/// What the library must say, word for word.
fn expected(chain: &Chain) -> String {
    let rule = match chain.expect.cause.as_deref() {
        None => "",
        Some("chain_order") => " chain-out-of-order",
        Some("missing_intermediate") => " intermediate-missing",
        Some("expired") => " certificate-expired",
        Some("untrusted_root") => " issuer-untrusted",
        Some("name_mismatch") => " name-not-in-certificate",
        Some("chain_too_large") => " chain-too-long",
        Some("weak_signature") => " signature-unsupported",
        Some("unrelated_certificate") => " unrelated-certificate-served",
        Some(other) => other,
    };
    let answer = match &*chain.expect.verdict {
        "ok" => "answers",
        "would_502" => "fails",
        _ => "undecided",
    };
    format!("{answer}{rule}")
}

#[test]
fn the_shapes_of_acm_and_dst_give_no_more_than_a_notice_with_todays_roots_too() {
    let Some(folder) = folder().map(|folder| folder.join("chains")) else { return };
    let today = TrustAnchors::mozilla();
    let mut tried = 0;
    for chain in &index(&folder) {
        let served = served(&folder, chain);
        let mentions =
            |name: &[u8]| served.iter().any(|der| der.windows(name.len()).any(|w| w == name));
        let is_healthy = chain.expect.verdict == "ok";
        if is_healthy && (mentions(b"Amazon Root CA") || mentions(b"DST Root CA X3")) {
            tried += 1;
            let said = judged(&served, &today, &chain.host, chain.at());
            assert_eq!(said, "answers", "{}", chain.id);
        }
    }
    assert!(tried >= 6, "only {tried} chains of these shapes");
}

pub(super) fn index(folder: &Path) -> Vec<Chain> {
    let index: Index =
        serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
    index.chains
}

pub(super) fn served(folder: &Path, chain: &Chain) -> Vec<Vec<u8>> {
    let text = std::fs::read(folder.join(&chain.pem)).unwrap();
    CertificateDer::pem_slice_iter(&text).map(|der| der.unwrap().to_vec()).collect()
}

pub(super) fn anchors(file: &Path) -> TrustAnchors {
    let mut anchors = TrustAnchors::none();
    anchors.add_pem(file, &std::fs::read(file).unwrap()).unwrap();
    anchors
}
