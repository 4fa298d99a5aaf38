//! The cases of x509-limbo and BetterTLS: chain, roots, name, time, SUCCESS or FAILURE.

use origin_probe::chain::TrustAnchors;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use super::exceptions::Exceptions;
use super::{folder, judged};

#[derive(Deserialize)]
struct Suite {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    expected_result: String,
    expected_peer_name: Option<PeerName>,
}

#[derive(Deserialize)]
struct PeerName {
    value: String,
}

#[test]
fn limbo_is_judged_as_its_authors_ask_or_for_a_reason() {
    run("limbo-core.json", Exceptions::read(include_str!("limbo.exceptions")));
}

#[test]
fn bettertls_is_judged_as_its_authors_ask_or_for_a_reason() {
    run("bettertls-pathbuilding.json", Exceptions::read(include_str!("bettertls.exceptions")));
}

fn run(file: &str, mut exceptions: Exceptions) {
    let Some(folder) = folder() else { return };
    let text = std::fs::read(folder.join(file)).unwrap();
    let suite: Suite = serde_json::from_slice(&text).unwrap();
    for case in &suite.testcases {
        let said = say(case);
        let wanted = if case.expected_result == "SUCCESS" { "answers" } else { "fails" };
        let is_as_expected = said.split(' ').next() == Some(wanted);
        exceptions.compare(&case.id, &said, is_as_expected);
    }
    exceptions.finish();
}

fn say(case: &Case) -> String {
    let mut anchors = TrustAnchors::none();
    for root in &case.trusted_certs {
        // A root that is refused as an anchor is none.
        let _ = anchors.add_der(&CertificateDer::from(der(root)));
    }
    let served = std::iter::once(&case.peer_certificate).chain(&case.untrusted_intermediates);
    let served: Vec<Vec<u8>> = served.map(|pem| der(pem)).collect();
    // Cases about email addresses have no host name; nor do a few others.
    let name = case.expected_peer_name.as_ref().map_or("example.com", |name| &name.value);
    if name.parse::<origin_probe::origin::DomainName>().is_err() {
        return "not-applicable".to_owned();
    }
    let at = case.validation_time.as_deref().unwrap_or("2024-01-01T00:00:00Z").parse().unwrap();
    judged(&served, &anchors, name, at)
}

fn der(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}
