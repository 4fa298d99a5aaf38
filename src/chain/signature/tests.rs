//! The caching, sharing and limiting of signature checks.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::{Signatures, price};
use crate::chain::{Certificate, ChainFacts, TrustAnchors};

const SERVED: &[u8] = include_bytes!("../../../tests/contract/served_chain.pem");
const ROOT: &[u8] = include_bytes!("../../../tests/contract/root.pem");

fn ders(pem: &[u8]) -> Vec<Vec<u8>> {
    CertificateDer::pem_slice_iter(pem).map(|der| der.unwrap().to_vec()).collect()
}

fn work_left(signatures: &Signatures) -> usize {
    signatures.lock().work_left
}

#[test]
fn no_signature_is_checked_twice() {
    let served = ders(SERVED);
    let (end_entity, issuer) =
        (Certificate::parse(&served[0]).unwrap(), Certificate::parse(&served[1]).unwrap());
    let signatures = Signatures::new();
    assert!(signatures.signed_with(end_entity.der(), issuer.spki()));
    let left = work_left(&signatures);
    assert!(signatures.signed_with(end_entity.der(), issuer.spki()));
    assert!(signatures.is_current(end_entity.der(), issuer.spki()));
    assert_eq!(work_left(&signatures), left);
    assert!(!signatures.signed_with(end_entity.der(), end_entity.spki()));
    assert!(work_left(&signatures) < left);
}

#[test]
fn a_check_that_is_not_paid_for_is_not_made() {
    let served = ders(SERVED);
    let (end_entity, issuer) =
        (Certificate::parse(&served[0]).unwrap(), Certificate::parse(&served[1]).unwrap());
    let refused = Signatures::refused();
    assert!(!refused.is_spent());
    assert!(!refused.signed_with(end_entity.der(), issuer.spki()));
    assert!(refused.is_spent());
}

#[test]
fn dearer_keys_have_a_higher_price() {
    let prices: Vec<usize> =
        [65, 97, 133, 270, 526, 1038].map(|length| price(&vec![0; length], b"")).into();
    assert_eq!(prices, [10, 50, 80, 14, 46, 174]);
    assert_eq!(price(&[0; 65], &[0; 65_536]), 26);
}

#[test]
fn a_chain_of_the_contract_is_followed_to_its_end() {
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from_pem_slice(ROOT).unwrap()).unwrap();
    let facts = ChainFacts::analyse(&ders(SERVED), &anchors);
    assert_eq!((facts.paths.len(), facts.is_complete), (1, true));
    assert_eq!((&facts.paths[0].fault, facts.paths[0].faulty_certificate), (&None, None));
}
