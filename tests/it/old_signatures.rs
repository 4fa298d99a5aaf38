//! Certificates that today's libraries no longer make: signed with SHA-1 and MD5, or holding a
//! short key. They were made once with OpenSSL 3.0 and are valid for a hundred years.

use std::sync::Arc;

use origin_probe::chain::{Certificate, ChainFacts, TrustAnchors};
use origin_probe::observation::{Endpoint, Handshake, KeyProof, Observation};
use origin_probe::origin::Origin;
use origin_probe::verdict::judge;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

#[test]
fn each_outdated_kind_gets_its_rule_and_effect() {
    let sha1 = include_str!("../certificates/end-entity-sha1.pem");
    let md5 = include_str!("../certificates/end-entity-md5.pem");
    let rsa1024 = include_str!("../certificates/end-entity-rsa1024.pem");
    let sha1_root = include_str!("../certificates/root-sha1.pem");
    let md5_root = include_str!("../certificates/root-md5.pem");
    for (end_entity, root, finding) in [
        (sha1, sha1_root, "signature-unsupported may-fail"),
        (md5, md5_root, "signature-unsupported fails"),
        (rsa1024, sha1_root, "key-unsupported may-fail"),
    ] {
        assert_eq!(findings(end_entity, root), [finding]);
    }
}

/// What `openssl req -x509` makes of every kind of key, and what only looks like it.
#[test]
fn who_signs_with_its_own_key_is_self_signed_whatever_the_key() {
    let (own, key, may_key) =
        ("certificate-self-signed fails", "key-unsupported fails", "key-unsupported may-fail");
    let another = "issuer-untrusted fails";
    for (certificate, expected) in [
        (include_str!("../certificates/self-issued/rsa-512.pem"), vec![may_key, own]),
        (include_str!("../certificates/self-issued/rsa-1024.pem"), vec![may_key, own]),
        (include_str!("../certificates/self-issued/rsa-1024-sha384.pem"), vec![may_key, own]),
        (include_str!("../certificates/self-issued/pss.pem"), vec![may_key, own]),
        (include_str!("../certificates/self-issued/secp256k1.pem"), vec![key, own]),
        (include_str!("../certificates/self-issued/ed448.pem"), vec![key, own]),
        (include_str!("../certificates/self-issued/md5.pem"), vec![own]),
        // Signed with another key of 1024 bits, and no key id says so.
        (include_str!("../certificates/self-issued/namesake.pem"), vec![may_key, another]),
        // Signed with another key by MD5, which only the key ids tell.
        (include_str!("../certificates/self-issued/rolled.pem"), vec![another]),
    ] {
        assert_eq!(judged(certificate, &TrustAnchors::none()), expected, "{certificate}");
    }
}

#[test]
fn a_pss_key_is_named_with_its_length() {
    let pem = include_str!("../certificates/self-issued/pss.pem");
    let key = Certificate::parse(&der(pem)).unwrap().key_algorithm;
    assert_eq!(key.to_string(), "RSA-PSS-2048");
}

fn findings(end_entity: &str, root: &str) -> Vec<String> {
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&der(root)).unwrap();
    judged(end_entity, &anchors)
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn judged(end_entity: &str, anchors: &TrustAnchors) -> Vec<String> {
    let now = "2030-01-01T00:00:00Z".parse().unwrap();
    let endpoint = Endpoint {
        chain: Some(Arc::new(ChainFacts::analyse(&[der(end_entity)], anchors))),
        handshake: Handshake { key_proof: KeyProof::NotCheckable, ..Handshake::default() },
        ..Endpoint::new("203.0.114.1".parse().unwrap(), 0, now)
    };
    let observation = Observation {
        endpoints: vec![endpoint],
        ..Observation::new(
            Arc::new(Origin::with_defaults("origin.example.com".parse().unwrap())),
            now,
        )
    };
    let verdict = judge(&observation, now);
    verdict.findings.iter().map(|f| format!("{} {}", f.rule.name, f.effect)).collect()
}
