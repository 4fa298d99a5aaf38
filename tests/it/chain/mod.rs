//! `chain` through its public interface.

use std::path::Path;

use origin_probe::chain::{TrustAnchorError, TrustAnchors, presents_host};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

#[test]
fn a_wildcard_stands_for_exactly_one_left_most_label() {
    for (presented, host, matches) in [
        ("www.example.com", "www.example.com", true),
        ("WWW.Example.com", "www.example.com", true),
        ("*.example.com", "www.example.com", true),
        ("*.EXAMPLE.com", "www.example.com", true),
        ("*.example.com", "a.www.example.com", false),
        ("*.example.com", "example.com", false),
        ("w*.example.com", "www.example.com", false),
        ("*w.example.com", "www.example.com", false),
        ("www.*.com", "www.example.com", false),
        ("*.com", "example.com", true),
        ("*", "com", false),
        ("example.com", "www.example.com", false),
        ("www.example.com.", "www.example.com", false),
        ("*.example.com.", "www.example.com", false),
        (".example.com", "www.example.com", false),
        ("", "www.example.com", false),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", true),
        ("XN--Bcher-KVA.example", "xn--bcher-kva.example", true),
        ("*.xn--bcher-kva.example", "www.xn--bcher-kva.example", true),
        ("*.example", "xn--bcher-kva.example", true),
        ("xn--*.example", "xn--bcher-kva.example", false),
        // In a certificate, only the A-label form is a name (RFC 9525 §6.3).
        ("bücher.example", "xn--bcher-kva.example", false),
    ] {
        assert_eq!(presents_host(presented, host), matches, "{presented} for {host}");
    }
}

#[test]
fn an_anchor_that_is_there_already_counts_once() {
    let path = Path::new("root.pem");
    let roots = include_str!("../../contract/root.pem").repeat(2);
    let mut anchors = TrustAnchors::none();
    anchors.add_pem(path, roots.as_bytes()).unwrap();
    let id = anchors.id();
    anchors.add_pem(path, roots.as_bytes()).unwrap();
    assert_eq!((anchors.len(), anchors.id()), (1, id));
    assert_ne!(id, TrustAnchors::none().id());
    let empty = anchors.add_pem(path, b"no certificate");
    assert!(matches!(empty, Err(TrustAnchorError::Empty { .. })));
}

#[test]
fn one_of_mozillas_that_is_added_stays_mozillas() {
    let mut anchors = TrustAnchors::mozilla();
    let before = (anchors.len(), anchors.mozilla_count(), anchors.id());
    for der in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        anchors.add_der(der).unwrap();
    }
    let after = (anchors.len(), anchors.mozilla_count(), anchors.id());
    assert_eq!(after.1, before.1);
    // A few are in only one of the crates, or constrained in only one.
    assert!(after.0 - before.0 <= 5, "{} instead of {}", after.0, before.0);
    let root = CertificateDer::from_pem_slice(include_bytes!("../../contract/root.pem"));
    anchors.add_der(&root.unwrap()).unwrap();
    assert_eq!(anchors.len(), after.0 + 1);
}
