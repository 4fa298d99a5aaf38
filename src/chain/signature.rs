//! Whether a certificate is signed with a key. Each pair is checked once, up to a limit.

mod old;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls_pki_types::SignatureVerificationAlgorithm;

use super::der;
use super::der::digest_of;

/// The result of a signature check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureCheck {
    Right,
    Wrong,
    /// The algorithm or the key is not supported by the verifier.
    NotCheckable,
}

/// The signature checks of one chain. They are cached, so that following links and verifying paths
/// repeats no check, and limited, so that a malicious list of look-alikes costs only milliseconds.
pub(super) struct Signatures {
    known: Mutex<Known>,
}

struct Known {
    /// By a digest of algorithm, key, message and signature.
    outcomes: HashMap<[u8; 32], bool>,
    work_left: usize,
    is_spent: bool,
}

impl Signatures {
    /// Returns an empty cache with the full budget.
    pub(super) fn new() -> Self {
        Self::allowing(MAX_WORK)
    }

    /// Returns a cache without a budget, so that no check is made.
    pub(super) fn refused() -> Self {
        Self::allowing(0)
    }

    fn allowing(work_left: usize) -> Self {
        let known = Known { outcomes: HashMap::new(), work_left, is_spent: false };
        Self { known: Mutex::new(known) }
    }

    /// Returns whether `certificate` is signed with `spki` (both in DER). A signature whose
    /// algorithm cannot be checked is assumed to be valid, so that the rule about that algorithm
    /// applies.
    pub(super) fn signed_with(&self, certificate: &[u8], spki: &[u8]) -> bool {
        self.check(certificate, spki) != SignatureCheck::Wrong
    }

    /// Returns whether today's verifiers accept `certificate` as signed with `spki`: with a current
    /// algorithm, and a key that is neither too short nor too long.
    pub(super) fn is_current(&self, certificate: &[u8], spki: &[u8]) -> bool {
        let (Some(signed), Some(key)) = (der::signed(certificate), der::key(spki)) else {
            return false;
        };
        fitting(&signed, &key).any(|algorithm| self.verify(algorithm, &signed, &key))
    }

    /// Returns whether a check was skipped because the budget was exhausted.
    pub(super) fn is_spent(&self) -> bool {
        self.lock().is_spent
    }

    pub(super) fn check(&self, certificate: &[u8], spki: &[u8]) -> SignatureCheck {
        let (Some(signed), Some(key)) = (der::signed(certificate), der::key(spki)) else {
            return SignatureCheck::Wrong;
        };
        let mut fitting = fitting(&signed, &key).peekable();
        let is_known_algorithm = fitting.peek().is_some();
        if fitting.any(|algorithm| self.verify(algorithm, &signed, &key)) {
            return SignatureCheck::Right;
        }
        if is_hybrid_point(key.bits) {
            return SignatureCheck::NotCheckable;
        }
        if is_known_algorithm && !old::is_of_another_length(spki) {
            return SignatureCheck::Wrong;
        }
        if !self.lock().pay(price(key.bits, signed.message)) {
            return SignatureCheck::Wrong;
        }
        old::check(certificate, spki)
    }

    fn verify(
        &self,
        algorithm: &dyn SignatureVerificationAlgorithm,
        der::Signed { message, signature, .. }: &der::Signed<'_>,
        der::Key { bits, .. }: &der::Key<'_>,
    ) -> bool {
        let id = digest_of([&*algorithm.signature_alg_id(), *bits, *message, *signature]);
        let mut known = self.lock();
        if let Some(is_right) = known.outcomes.get(&id) {
            return *is_right;
        }
        if !known.pay(price(bits, message)) {
            return false;
        }
        let is_right = algorithm.verify_signature(bits, message, signature).is_ok();
        known.outcomes.insert(id, is_right);
        is_right
    }

    /// Each chain is analysed by one thread with its own checks, so this never blocks.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn pay(&mut self, price: usize) -> bool {
        let left = self.work_left.checked_sub(price);
        self.work_left = left.unwrap_or(self.work_left);
        self.is_spent |= left.is_none();
        left.is_some()
    }
}

/// Returns the verifier's algorithms for a kind of signature and a kind of key.
fn fitting<'a>(
    signed: &der::Signed<'a>,
    key: &der::Key<'a>,
) -> impl Iterator<Item = &'static dyn SignatureVerificationAlgorithm> + use<'a> {
    let (of_signature, of_key) = (signed.algorithm, key.algorithm);
    webpki::ALL_VERIFICATION_ALGS.iter().copied().filter(move |algorithm| {
        *algorithm.signature_alg_id() == *of_signature && *algorithm.public_key_alg_id() == *of_key
    })
}

/// Returns whether a key is a point in hybrid form (X9.62 §4.3.6), which s2n-tls accepts.
fn is_hybrid_point(key: &[u8]) -> bool {
    matches!(key.len(), 65 | 97 | 133) && matches!(key.first(), Some(6 | 7))
}

/// Returns the rough cost of a check, in tenths of an ECDSA P-256 check. The length of the point
/// identifies the curve, and the cost of RSA grows with the square of the modulus (for the longest
/// exponent that is accepted). The digest of the message adds to it.
fn price(key: &[u8], message: &[u8]) -> usize {
    let of_key = match key.len() {
        0..=65 => 10,
        66..=97 => 50,
        98..=133 => 80,
        length => 4 + (length / 32).pow(2) / 6,
    };
    of_key + message.len() / 4096
}

/// The budget: a hundred ECDSA P-256 checks, about six milliseconds. Public chains need three to
/// eight checks of any kind.
const MAX_WORK: usize = 1000;

#[cfg(test)]
mod tests {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    use super::{Signatures, price};
    use crate::chain::Certificate;

    const SERVED: &[u8] = include_bytes!("../../tests/contract/served_chain.pem");

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
}
