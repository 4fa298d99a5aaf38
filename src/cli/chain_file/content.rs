//! Recognizes the content of files that users mistake for chains, and what to give instead.

use std::fmt;

use crate::chain::printable;

/// The content of a PEM block or a DER file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Certificate,
    /// PKCS #7 (RFC 2315), a set of certificates.
    Bundle,
    PrivateKey,
    EncryptedPrivateKey,
    PublicKey,
    CertificateRequest,
    RevocationList,
    /// PKCS #12 (RFC 7292), which needs a password.
    Keystore,
    /// Any other block, with its label.
    Other(String),
}

impl Content {
    /// Maps a PEM label to its content (RFC 7468, and OpenSSL's older labels).
    pub(super) fn of_label(label: &str) -> Self {
        match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => Self::Bundle,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::CertificateRequest,
            "X509 CRL" | "CRL" => Self::RevocationList,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPrivateKey,
            key if key.ends_with("PRIVATE KEY") => Self::PrivateKey,
            key if key.ends_with("PUBLIC KEY") => Self::PublicKey,
            other => Self::Other(printable(other, LONGEST_LABEL)),
        }
    }

    pub(super) fn is_key(&self) -> bool {
        matches!(self, Self::PrivateKey | Self::EncryptedPrivateKey)
    }

    /// Returns what the user should give instead.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::PrivateKey | Self::EncryptedPrivateKey => {
                "give the matching certificate file, such as fullchain.pem (the key was not shown)"
            }
            Self::CertificateRequest => "give the certificate that the CA issued",
            Self::Keystore => {
                "extract the certificates with `openssl pkcs12 -in FILE -nokeys -out chain.pem`"
            }
            Self::Bundle => "export it again with the certificates, or give a PEM file",
            Self::Certificate | Self::PublicKey | Self::RevocationList | Self::Other(_) => {
                "give the end-entity certificate and its intermediates in PEM"
            }
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "a certificate",
            Self::Bundle => "a PKCS#7 bundle",
            Self::PrivateKey => "a private key",
            Self::EncryptedPrivateKey => "an encrypted private key",
            Self::PublicKey => "a public key",
            Self::CertificateRequest => "a certificate request (CSR)",
            Self::RevocationList => "a certificate revocation list",
            Self::Keystore => "a PKCS#12 keystore",
            Self::Other(label) => return write!(f, "a block of type {label}"),
        })
    }
}

/// A guess at the format of bytes that are not a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    Utf16,
    Base64,
    JavaKeystore,
    Zip,
    CutOff,
    /// PEM with every block commented out.
    Commentary,
    Unknown,
}

impl Looks {
    /// Guesses the format from the first bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..]
            | [0xfe, 0xff, ..]
            | [b'-', 0, b'-', 0, ..]
            | [0, b'-', 0, b'-', ..] => Self::Utf16,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [0xfe, 0xed, 0xfe, 0xed, ..] => Self::JavaKeystore,
            bytes if is_der(bytes) => Self::CutOff,
            // Base64 of a SEQUENCE whose length takes two bytes.
            bytes if bytes.trim_ascii_start().starts_with(b"MII") => Self::Base64,
            _ => Self::Unknown,
        }
    }

    /// Returns the guess and the fix.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Utf16 => {
                "UTF-16 text; save it as ASCII or UTF-8 (servers cannot read UTF-16 either)"
            }
            Self::Base64 => {
                "base64 without the `-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----` lines; add them"
            }
            Self::JavaKeystore => {
                "a Java keystore; export the chain with `keytool -exportcert -rfc`, or convert the keystore to PKCS#12"
            }
            Self::Zip => "a ZIP archive; unpack it and give the file that contains the chain",
            Self::CutOff => "truncated or damaged DER; copy the file again",
            Self::Commentary => "PEM with every block commented out; remove the `#`",
            Self::Unknown => {
                "neither PEM, DER nor PKCS#7; give the end-entity certificate and its intermediates in PEM"
            }
        }
    }
}

/// Returns whether the bytes begin like a SEQUENCE of more than 127 bytes, which no text does
/// (X.690 §8.1.3). Searching for PEM first would be wrong: a signed object may contain PEM.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0x84, ..])
}

/// Labels are untrusted input; this length is enough to recognize one.
const LONGEST_LABEL: usize = 40;
