//! Whether a handshake signature was made with the key of a served certificate.

use aws_lc_rs::signature;
use aws_lc_rs::signature::{UnparsedPublicKey, VerificationAlgorithm};

use crate::chain::{CertificateKey, Curve, KeyAlgorithm};
use crate::observation::KeyProof;

/// A handshake signature and its input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    pub(super) message: &'a [u8],
    /// The IANA code; `None` before TLS 1.2, where the key determines the scheme.
    pub(super) scheme: Option<u16>,
    pub(super) signature: &'a [u8],
}

/// Verifies a signature with the first certificate's key, as every client does. If that fails,
/// tries the other certificates' keys, which reveals a list in the wrong order.
pub(super) fn prove(served: &[Vec<u8>], signed: &Signed<'_>) -> KeyProof {
    let mut not_checkable = false;
    for (position, der) in served.iter().enumerate().take(MAX_TRIED) {
        match verify(der, signed) {
            Verified::Right => return KeyProof::Proven { position },
            Verified::NotCheckable if position == 0 => not_checkable = true,
            Verified::NotCheckable | Verified::Wrong => {}
        }
    }
    if not_checkable { KeyProof::NotCheckable } else { KeyProof::Wrong }
}

/// In a misordered list, the end entity is among the first few entries.
const MAX_TRIED: usize = 8;

enum Verified {
    Right,
    Wrong,
    /// The bytes are not a certificate, or rustls does not verify the key or the scheme.
    NotCheckable,
}

fn verify(der: &[u8], signed: &Signed<'_>) -> Verified {
    let Some(key) = CertificateKey::of_certificate(der) else { return Verified::NotCheckable };
    match algorithm(signed.scheme, &key.algorithm) {
        Ok(algorithm) => {
            let key = UnparsedPublicKey::new(algorithm, &key.bits);
            match key.verify(signed.message, signed.signature) {
                Ok(()) => Verified::Right,
                Err(_) => Verified::Wrong,
            }
        }
        Err(verified) => verified,
    }
}

/// The algorithm for a scheme and a key, or the result if there is none: wrong if the scheme is for
/// another kind of key, not checkable if rustls does not verify the combination.
type Fit = Result<&'static dyn VerificationAlgorithm, Verified>;

/// Before TLS 1.2, the scheme is MD5 with SHA-1 for RSA, which no library verifies any more, and
/// SHA-1 for ECDSA (RFC 4346 §7.4.3, RFC 8422 §5.10).
fn algorithm(scheme: Option<u16>, key: &KeyAlgorithm) -> Fit {
    match (Kind::of(scheme), key) {
        (Kind::Rsa(hash), KeyAlgorithm::Rsa { bits }) => rsa(hash, *bits),
        (Kind::Pss(hash), KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits }) => {
            pss(hash, *bits)
        }
        (Kind::Ecdsa(hash), KeyAlgorithm::Ec(curve)) => ecdsa(hash, curve),
        (Kind::Ed25519, KeyAlgorithm::Ed25519) => Ok(&signature::ED25519),
        (Kind::Unknown, _) | (_, KeyAlgorithm::Other { .. }) => Err(Verified::NotCheckable),
        (Kind::OfTheKey, KeyAlgorithm::Ec(curve)) => ecdsa(Hash::Sha1, curve),
        (Kind::OfTheKey, _) => Err(Verified::NotCheckable),
        _ => Err(Verified::Wrong),
    }
}

enum Kind {
    Rsa(Hash),
    Pss(Hash),
    Ecdsa(Hash),
    Ed25519,
    OfTheKey,
    Unknown,
}

#[derive(Clone, Copy)]
enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Kind {
    fn of(scheme: Option<u16>) -> Self {
        let Some(scheme) = scheme else { return Self::OfTheKey };
        // Up to TLS 1.2, the first byte is the hash and the second the kind (RFC 5246 §7.4.1.4.1).
        let [first, second] = scheme.to_be_bytes();
        match (first, second) {
            (8, 4 | 9) => Self::Pss(Hash::Sha256),
            (8, 5 | 10) => Self::Pss(Hash::Sha384),
            (8, 6 | 11) => Self::Pss(Hash::Sha512),
            (8, 7) => Self::Ed25519,
            (2..=6, 1) => Hash::of(first).map_or(Self::Unknown, Self::Rsa),
            (2..=6, 3) => Hash::of(first).map_or(Self::Unknown, Self::Ecdsa),
            _ => Self::Unknown,
        }
    }
}

impl Hash {
    fn of(code: u8) -> Option<Self> {
        match code {
            2 => Some(Self::Sha1),
            3 => Some(Self::Sha224),
            4 => Some(Self::Sha256),
            5 => Some(Self::Sha384),
            6 => Some(Self::Sha512),
            _ => None,
        }
    }
}

fn rsa(hash: Hash, bits: usize) -> Fit {
    match hash {
        Hash::Sha1 if bits >= 1024 => Ok(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        Hash::Sha256 if bits >= 1024 => {
            Ok(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
        }
        Hash::Sha384 if bits >= 2048 => Ok(&signature::RSA_PKCS1_2048_8192_SHA384),
        Hash::Sha512 if bits >= 1024 => {
            Ok(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
        }
        _ => Err(Verified::NotCheckable),
    }
}

fn pss(hash: Hash, bits: usize) -> Fit {
    match hash {
        _ if bits < 2048 => Err(Verified::NotCheckable),
        Hash::Sha256 => Ok(&signature::RSA_PSS_2048_8192_SHA256),
        Hash::Sha384 => Ok(&signature::RSA_PSS_2048_8192_SHA384),
        Hash::Sha512 => Ok(&signature::RSA_PSS_2048_8192_SHA512),
        Hash::Sha1 | Hash::Sha224 => Err(Verified::NotCheckable),
    }
}

/// Before TLS 1.3, any hash can be combined with any curve.
fn ecdsa(hash: Hash, curve: &Curve) -> Fit {
    Ok(match (curve, hash) {
        (Curve::P256, Hash::Sha1) => &signature::ECDSA_P256_SHA1_ASN1,
        (Curve::P256, Hash::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Hash::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, Hash::Sha512) => &signature::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, Hash::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Hash::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, Hash::Sha512) => &signature::ECDSA_P384_SHA512_ASN1,
        (Curve::P521, Hash::Sha1) => &signature::ECDSA_P521_SHA1_ASN1,
        (Curve::P521, Hash::Sha224) => &signature::ECDSA_P521_SHA224_ASN1,
        (Curve::P521, Hash::Sha256) => &signature::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, Hash::Sha384) => &signature::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, Hash::Sha512) => &signature::ECDSA_P521_SHA512_ASN1,
        _ => return Err(Verified::NotCheckable),
    })
}

/// Returns whether a key can sign with a scheme that CloudFront offers. The curve of an ECDSA key
/// must also be among the groups (RFC 8422 §5.1).
pub(super) fn is_offered(key: &KeyAlgorithm) -> bool {
    matches!(
        key,
        KeyAlgorithm::Rsa { .. }
            | KeyAlgorithm::RsaPss { .. }
            | KeyAlgorithm::Ec(Curve::P256 | Curve::P384)
    )
}

/// Returns whether CloudFront's offer excludes the key of the first served certificate.
pub(super) fn has_unoffered_key(served: &[Vec<u8>]) -> bool {
    let key = served.first().and_then(|der| CertificateKey::of_certificate(der));
    key.is_some_and(|key| !is_offered(&key.algorithm))
}
