//! Signatures that today's verifiers refuse, and whether they are valid nevertheless.

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    RsaParameters, UnparsedPublicKey,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::oid_registry as oid;
use x509_parser::prelude::FromDer;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::SignatureCheck;
use crate::chain::key::KeyAlgorithm;

/// Checks signatures that the verifier does not support, such as SHA-1, or refuses, such as those
/// with a short key.
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

/// Returns whether `spki` is an RSA key of a length that the verifier does not support.
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

/// Returns whether an RSASSA-PSS signature has a salt of another length than its digest. The
/// library verifies only salts of the digest's length, which is not OpenSSL's default.
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

/// The RSA key lengths that the verifier supports.
const VERIFIED_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The RSA key lengths that the same library supports in its legacy algorithms and with SHA-1.
const LEGACY_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;
