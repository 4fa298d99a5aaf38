//! The kinds of keys and signatures in certificates.

use std::fmt;

use x509_parser::asn1_rs::Oid;
use x509_parser::oid_registry as oid;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::{der, text};

/// The public key's algorithm and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    Rsa {
        bits: usize,
    },
    /// A key restricted to RSASSA-PSS (RFC 4055 §1.2).
    RsaPss {
        bits: usize,
    },
    Ec(Curve),
    Ed25519,
    Other {
        oid: Box<str>,
    },
}

/// A certificate's public key, parsed without the rest: a handshake needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateKey {
    pub algorithm: KeyAlgorithm,
    /// The content of `subjectPublicKey` (RFC 5280 §4.1.2.7).
    pub bits: Vec<u8>,
}

impl CertificateKey {
    /// Parses the key of a certificate in DER; `None` if the bytes do not begin with one.
    pub fn of_certificate(der: &[u8]) -> Option<Self> {
        let (_, key) = SubjectPublicKeyInfo::from_der(der::spki(der)?).ok()?;
        Some(Self { algorithm: KeyAlgorithm::of(&key), bits: key.subject_public_key.data.to_vec() })
    }
}

/// A named elliptic curve (RFC 5480 §2.1.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Curve {
    P256,
    P384,
    P521,
    Other { oid: Box<str> },
}

impl KeyAlgorithm {
    pub(super) fn of(key: &SubjectPublicKeyInfo<'_>) -> Self {
        let algorithm = &key.algorithm.algorithm;
        if *algorithm == oid::OID_PKCS1_RSAENCRYPTION {
            Self::Rsa { bits: rsa_bits(key) }
        } else if *algorithm == oid::OID_PKCS1_RSASSAPSS {
            Self::RsaPss { bits: rsa_bits(key) }
        } else if *algorithm == oid::OID_KEY_TYPE_EC_PUBLIC_KEY {
            Self::Ec(Curve::of(&key.algorithm))
        } else if *algorithm == oid::OID_SIG_ED25519 {
            Self::Ed25519
        } else {
            Self::Other { oid: id(algorithm) }
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::RsaPss { bits } => write!(f, "RSA-PSS-{bits}"),
            Self::Ec(Curve::P256) => f.write_str("ECDSA P-256"),
            Self::Ec(Curve::P384) => f.write_str("ECDSA P-384"),
            Self::Ec(Curve::P521) => f.write_str("ECDSA P-521"),
            Self::Ec(Curve::Other { oid }) => write!(f, "ECDSA on the curve {oid}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other { oid } => match ml_dsa(oid) {
                Some(name) => f.write_str(name),
                None => write!(f, "a key with the algorithm {oid}"),
            },
        }
    }
}

/// Returns the name of a post-quantum signature algorithm of FIPS 204, which is also the name of
/// its keys (RFC 9881 §2).
pub fn ml_dsa(oid: &str) -> Option<&'static str> {
    match oid {
        "2.16.840.1.101.3.4.3.17" => Some("ML-DSA-44"),
        "2.16.840.1.101.3.4.3.18" => Some("ML-DSA-65"),
        "2.16.840.1.101.3.4.3.19" => Some("ML-DSA-87"),
        _ => None,
    }
}

impl Curve {
    fn of(algorithm: &AlgorithmIdentifier<'_>) -> Self {
        let Some(Ok(curve)) = algorithm.parameters.as_ref().map(|any| any.as_oid()) else {
            return Self::Other { oid: "without a name".into() };
        };
        if curve == oid::OID_EC_P256 {
            Self::P256
        } else if curve == oid::OID_NIST_EC_P384 {
            Self::P384
        } else if curve == oid::OID_NIST_EC_P521 {
            Self::P521
        } else {
            Self::Other { oid: id(&curve) }
        }
    }
}

/// The algorithm of a certificate's signature, as far as rules distinguish them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    Md5,
    Sha1,
    /// SHA-256 or stronger, with RSA, ECDSA or EdDSA.
    Current,
    Other {
        oid: Box<str>,
    },
}

impl SignatureAlgorithm {
    pub(super) fn of(algorithm: &AlgorithmIdentifier<'_>) -> Self {
        let algorithm = &algorithm.algorithm;
        let current = [
            oid::OID_PKCS1_SHA256WITHRSA,
            oid::OID_PKCS1_SHA384WITHRSA,
            oid::OID_PKCS1_SHA512WITHRSA,
            oid::OID_PKCS1_RSASSAPSS,
            oid::OID_SIG_ECDSA_WITH_SHA256,
            oid::OID_SIG_ECDSA_WITH_SHA384,
            oid::OID_SIG_ECDSA_WITH_SHA512,
            oid::OID_SIG_ED25519,
        ];
        let ecdsa_with_sha1 = x509_parser::der_parser::oid!(1.2.840.10045.4.1);
        let sha1 = [oid::OID_PKCS1_SHA1WITHRSA, oid::OID_SHA1_WITH_RSA, ecdsa_with_sha1];
        if current.contains(algorithm) {
            Self::Current
        } else if sha1.contains(algorithm) {
            Self::Sha1
        } else if *algorithm == oid::OID_PKCS1_MD5WITHRSAENC {
            Self::Md5
        } else {
            Self::Other { oid: id(algorithm) }
        }
    }
}

/// Returns an object identifier in dotted form, cut at 128 characters because a server may send any
/// length.
fn id(oid: &Oid<'_>) -> Box<str> {
    text::printable(&oid.to_id_string(), 128).into()
}

/// Returns the length of the modulus. Keys restricted to PSS have the same form (RFC 4055 §1.2).
fn rsa_bits(key: &SubjectPublicKeyInfo<'_>) -> usize {
    let Ok((_, rsa)) = RSAPublicKey::from_der(&key.subject_public_key.data) else { return 0 };
    let modulus = rsa.modulus.iter().position(|byte| *byte != 0);
    modulus.map_or(0, |start| {
        let significant = &rsa.modulus[start..];
        significant.len() * 8 - significant[0].leading_zeros() as usize
    })
}
