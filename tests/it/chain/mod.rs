//! `chain` through its public interface.

use std::path::Path;

use origin_probe::chain::{
    Certificate, ChainFacts, Irregularity, MOZILLA_DATE, MOZILLA_VERSION, TrustAnchorError,
    TrustAnchors, presents_host, printable, printable_lines, word,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

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
    for der in TLS_SERVER_ROOT_CERTS {
        anchors.add_der(der).unwrap();
    }
    let after = (anchors.len(), anchors.mozilla_count(), anchors.id());
    assert_eq!(after.1, before.1);
    // A few are in only one of the crates, or constrained in only one.
    assert!(after.0 - before.0 <= 5, "{} instead of {}", after.0, before.0);
    anchors.add_der(&root()).unwrap();
    assert_eq!(anchors.len(), after.0 + 1);
}

fn root() -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(include_bytes!("../../contract/root.pem")).unwrap()
}

fn served() -> Vec<CertificateDer<'static>> {
    let pem = include_bytes!("../../contract/served_chain.pem");
    CertificateDer::pem_slice_iter(pem).map(Result::unwrap).collect()
}

#[test]
fn a_chain_of_the_contract_is_followed_to_its_end() {
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&root()).unwrap();
    let facts = ChainFacts::analyse(&served(), &anchors);
    assert_eq!((facts.paths.len(), facts.is_complete), (1, true));
    assert_eq!((&facts.paths[0].fault, facts.paths[0].faulty_certificate), (&None, None));
}

#[test]
fn the_version_of_mozillas_list_is_that_of_the_lock_file() {
    let entry = format!("name = \"webpki-roots\"\nversion = \"{MOZILLA_VERSION}\"\n");
    let lock = include_str!("../../../Cargo.lock");
    assert!(lock.contains(&entry), "Cargo.lock has another version than {MOZILLA_VERSION}");
    assert!(MOZILLA_DATE.parse::<jiff::civil::Date>().is_ok());
}

#[test]
fn nearly_every_root_of_mozillas_has_an_end() {
    let anchors = TrustAnchors::mozilla();
    let has_end = |root: &&CertificateDer<'_>| {
        let facts = ChainFacts::analyse(&[root], &anchors);
        facts.paths.iter().any(|path| path.anchor_not_after.is_some())
    };
    let (with, all) = (TLS_SERVER_ROOT_CERTS.iter().filter(has_end).count(), anchors.len());
    // Two emSign roots are in only one of the crates.
    assert!(all - with <= 2, "{with} of {all}");
}

#[test]
fn no_public_certificate_is_irregular() {
    let all = served().into_iter().chain(TLS_SERVER_ROOT_CERTS.iter().cloned());
    let irregular = all.filter_map(|der| {
        let certificate = Certificate::parse(&der).unwrap();
        Some((certificate.subject.to_string(), certificate.irregularity?))
    });
    assert_eq!(irregular.collect::<Vec<(String, Irregularity)>>(), []);
}

#[test]
fn what_is_not_plainly_visible_is_escaped() {
    assert_eq!(printable("a\u{1b}[31mb", 99), "a\\u{1b}[31mb");
    assert_eq!(printable("a\u{202e}b\0", 99), "a\\u{202e}b\\u{0}");
    assert_eq!(printable("Müller GmbH", 99), "Müller GmbH");
    assert_eq!(printable("abcdef", 3), "abc…");
    assert_eq!(printable("abc", 3), "abc");
    assert_eq!(printable_lines("a\nb\u{2028}\r\n"), "a\nb\\u{2028}\\u{d}\n");
}

#[test]
fn what_could_be_more_than_one_word_is_quoted() {
    for (text, expected) in [
        ("E1EXAMPLE/app", "E1EXAMPLE/app"),
        ("größe", "größe"),
        ("", "\"\""),
        ("a verdict=answers", "\"a verdict=answers\""),
        ("a=b", "\"a=b\""),
        ("a\"b\\", "\"a\\\"b\\\\\""),
        ("a\nINFO b", "\"a\\u{a}INFO b\""),
        ("a\u{a0}b", "\"a\u{a0}b\""),
        ("a\u{2066}b", "\"a\\u{2066}b\""),
    ] {
        assert_eq!(word(text), expected);
    }
}
