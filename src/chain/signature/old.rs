//! Signatures that today's verifiers refuse: whether they are right all the same.

use aws_lc_rs::signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
use aws_lc_rs::signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY;
use aws_lc_rs::signature::RsaParameters;
use aws_lc_rs::signature::UnparsedPublicKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::oid_registry as oid;
use x509_parser::prelude::FromDer;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::AlgorithmIdentifier;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::SignatureCheck;
use crate::chain::key::KeyAlgorithm;

/// Checks what the verifier has no algorithm for, such as SHA-1, or no patience, such as a short
/// key.
pub(super) fn check(certificate: &[u8], spki: &[u8]) -> SignatureCheck {
    let (Ok((_, parsed)), Ok((_, key))) =
        (X509Certificate::from_der(certificate), SubjectPublicKeyInfo::from_der(spki))
    else {
        return SignatureCheck::Wrong;
    };
    match parsed.verify_signature(Some(&key)) {
        Ok(()) => SignatureCheck::Right,
        Err(X509Error::SignatureUnsupportedAlgorithm) => SignatureCheck::NotCheckable,
        Err(_) => check_further(&parsed, &key),
    }
}

/// Tells whether `spki` is an RSA key of a length that the verifier verifies nothing with.
pub(super) fn is_of_another_length(spki: &[u8]) -> bool {
    let Ok((_, key)) = SubjectPublicKeyInfo::from_der(spki) else { return false };
    is_beyond(&key, VERIFIED_BITS)
}

fn check_further(
    certificate: &X509Certificate<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> SignatureCheck {
    let algorithm = &certificate.signature_algorithm;
    if is_beyond(key, VERIFIED_BITS) {
        let Some(legacy) = legacy(algorithm).filter(|_| !is_beyond(key, LEGACY_BITS)) else {
            return SignatureCheck::NotCheckable;
        };
        let key = UnparsedPublicKey::new(legacy, &key.subject_public_key.data);
        let message = certificate.tbs_certificate.as_ref();
        return match key.verify(message, &certificate.signature_value.data) {
            Ok(()) => SignatureCheck::Right,
            Err(_) => SignatureCheck::Wrong,
        };
    }
    if has_odd_salt(algorithm) { SignatureCheck::NotCheckable } else { SignatureCheck::Wrong }
}

fn is_beyond(key: &SubjectPublicKeyInfo<'_>, lengths: std::ops::RangeInclusive<usize>) -> bool {
    match KeyAlgorithm::of(key) {
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits } => !lengths.contains(&bits),
        KeyAlgorithm::Ec(_) | KeyAlgorithm::Ed25519 | KeyAlgorithm::Other { .. } => false,
    }
}

fn legacy(algorithm: &AlgorithmIdentifier<'_>) -> Option<&'static RsaParameters> {
    if algorithm.algorithm == oid::OID_PKCS1_SHA256WITHRSA {
        Some(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
    } else if algorithm.algorithm == oid::OID_PKCS1_SHA512WITHRSA {
        Some(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
    } else {
        None
    }
}

/// Tells whether an RSASSA-PSS signature has another salt than one as long as its digest, which is
/// all that the library verifies and not what OpenSSL makes unless told.
fn has_odd_salt(algorithm: &AlgorithmIdentifier<'_>) -> bool {
    if algorithm.algorithm != oid::OID_PKCS1_RSASSAPSS {
        return false;
    }
    let parameters = algorithm.parameters.as_ref().map(RsaSsaPssParams::try_from);
    let Some(Ok(parameters)) = parameters else { return true };
    let hash = parameters.hash_algorithm_oid();
    let digest = [
        (oid::OID_NIST_HASH_SHA256, 32),
        (oid::OID_NIST_HASH_SHA384, 48),
        (oid::OID_NIST_HASH_SHA512, 64),
    ];
    !digest.iter().any(|(oid, length)| oid == hash && *length == parameters.salt_length())
}

/// What the verifier verifies RSA signatures with.
const VERIFIED_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// What the same library verifies them with where it is asked to be lenient, or SHA-1 is used.
const LEGACY_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;
