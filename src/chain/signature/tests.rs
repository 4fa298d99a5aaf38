//! The caching, sharing and limiting of signature checks.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::{Signatures, price};
use crate::chain::Certificate;

const SERVED: &[u8] = include_bytes!("../../../tests/contract/served_chain.pem");

/// Returns a certificate and that of its issuer.
fn pair() -> [Certificate; 2] {
    let mut served = CertificateDer::pem_slice_iter(SERVED);
    [(); 2].map(|()| Certificate::parse(&served.next().unwrap().unwrap()).unwrap())
}

fn work_left(signatures: &Signatures) -> usize {
    signatures.lock().work_left
}

#[test]
fn no_signature_is_checked_twice() {
    let [end_entity, issuer] = pair();
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
    let [end_entity, issuer] = pair();
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
