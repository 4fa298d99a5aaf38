//! Creates authorities and certificates of any kind.

mod authority;
mod encode;
mod end_entity;

use std::fmt;
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, SerialNumber};

use super::DemoError;
pub use authority::{Authority, AuthorityOptions};
pub use end_entity::{EndEntity, SelfSigned};

/// The validity period of a certificate, both ends included, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Window {
    /// Returns the window from `days.start` to `days.end` days after `now`. Negative days are in
    /// the past. Instants out of range are clamped.
    pub fn days(days: Range<i64>, now: Timestamp) -> Self {
        let at = |day: i64| {
            let distance = SignedDuration::from_secs(day.saturating_mul(SECONDS_A_DAY));
            now.saturating_add(distance).expect("a signed duration has no calendar units")
        };
        Self { not_before: at(days.start), not_after: at(days.end) }
    }
}

/// The algorithm of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyAlgorithm {
    #[default]
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Ed25519,
    Rsa2048,
}

/// The URL of the issuer's certificate in a certificate (RFC 5280 §4.2.2.1, "CA Issuers").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CaIssuers {
    /// A public URL derived from the issuer's name, as public authorities use.
    #[default]
    AsPublic,
    /// No URL.
    Absent,
    Url(String),
}

/// An extended key usage (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    ServerAuthentication,
    ClientAuthentication,
    OcspSigning,
    Any,
}

/// A certificate with its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The certificate in DER.
    pub der: Vec<u8>,
    /// The private key as PKCS #8 in DER.
    pub key: Vec<u8>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("der", &self.der).finish_non_exhaustive()
    }
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// CA/Browser Forum Baseline Requirements §7.1 require at least 64 random bits.
const SERIAL_BYTES: usize = 16;

fn serial_number(wanted: Option<&[u8]>) -> SerialNumber {
    match wanted {
        Some(bytes) => SerialNumber::from_slice(bytes),
        None => SerialNumber::from_slice(&rand::random::<[u8; SERIAL_BYTES]>()),
    }
}

fn generate_key(algorithm: KeyAlgorithm, name: &str) -> Result<KeyPair, DemoError> {
    let algorithm = match algorithm {
        KeyAlgorithm::EcdsaP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        KeyAlgorithm::EcdsaP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        KeyAlgorithm::EcdsaP521 => &rcgen::PKCS_ECDSA_P521_SHA512,
        KeyAlgorithm::Ed25519 => &rcgen::PKCS_ED25519,
        KeyAlgorithm::Rsa2048 => &rcgen::PKCS_RSA_SHA256,
    };
    KeyPair::generate_for(algorithm)
        .map_err(|source| DemoError::Certificate { name: name.to_owned(), source })
}

impl From<KeyPurpose> for ExtendedKeyUsagePurpose {
    fn from(purpose: KeyPurpose) -> Self {
        match purpose {
            KeyPurpose::ServerAuthentication => Self::ServerAuth,
            KeyPurpose::ClientAuthentication => Self::ClientAuth,
            KeyPurpose::OcspSigning => Self::OcspSigning,
            KeyPurpose::Any => Self::Any,
        }
    }
}
