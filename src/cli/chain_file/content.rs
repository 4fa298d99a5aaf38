//! What files hold that are taken for chains, and what would be right instead.

use std::fmt;

use crate::chain::printable;

use super::der;

/// What a PEM block or a DER file holds.
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
    /// PKCS #12 (RFC 7292), which is read with a password.
    Keystore,
    /// Any other block, by its label.
    Other(String),
}

impl Content {
    /// Returns what a PEM label stands for (RFC 7468, and OpenSSL's older names).
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

    /// Tells whether it is a secret.
    pub(super) fn is_key(&self) -> bool {
        matches!(self, Self::PrivateKey | Self::EncryptedPrivateKey)
    }

    /// Returns what to give instead.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::PrivateKey | Self::EncryptedPrivateKey => {
                "nothing of it was shown; give the certificate file that belongs to it, such as fullchain.pem"
            }
            Self::CertificateRequest => "give the certificate that the CA sent back",
            Self::Keystore => {
                "take the certificates out of it with `openssl pkcs12 -in FILE -nokeys -out chain.pem`"
            }
            Self::Bundle => "export it again with the certificates, or give a PEM file",
            Self::Certificate | Self::PublicKey | Self::RevocationList | Self::Other(_) => {
                "give the end-entity certificate and its intermediates, PEM"
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
            Self::Keystore => "a PKCS#12 key store",
            Self::Other(label) => return write!(f, "a block of the kind {label}"),
        })
    }
}

/// What bytes that are no chain look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    Utf16,
    Base64,
    JavaKeystore,
    Zip,
    CutOff,
    /// Every block in it is commented out.
    Commentary,
    Unknown,
}

impl Looks {
    /// Guesses from the first bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..]
            | [0xfe, 0xff, ..]
            | [b'-', 0, b'-', 0, ..]
            | [0, b'-', 0, b'-', ..] => Self::Utf16,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [0xfe, 0xed, 0xfe, 0xed, ..] => Self::JavaKeystore,
            bytes if der::is_likely(bytes) => Self::CutOff,
            // What a SEQUENCE with a length of two bytes becomes.
            bytes if bytes.trim_ascii_start().starts_with(b"MII") => Self::Base64,
            _ => Self::Unknown,
        }
    }

    /// Returns the guess and what would be right.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Utf16 => {
                "UTF-16 text; save it as ASCII or UTF-8, as servers do not read it either"
            }
            Self::Base64 => {
                "base64 without its `-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----` lines; add them"
            }
            Self::JavaKeystore => {
                "a Java key store; export the chain with `keytool -exportcert -rfc`, or convert the store to PKCS#12"
            }
            Self::Zip => "a ZIP archive; unpack it and give the file with the chain",
            Self::CutOff => "DER that was cut off or changed on the way; copy the file again",
            Self::Commentary => "PEM of which every block is commented out; take the `#` away",
            Self::Unknown => {
                "neither PEM, DER nor PKCS#7; give the end-entity certificate and its intermediates, PEM"
            }
        }
    }
}

/// Labels come from outside; this much is enough to recognise one.
const LONGEST_LABEL: usize = 40;

#[cfg(test)]
mod tests {
    use super::Content;
    use super::Looks;

    #[test]
    fn labels_old_and_new_are_known() {
        for (label, content) in [
            ("CERTIFICATE", Content::Certificate),
            ("X509 CERTIFICATE", Content::Certificate),
            ("PKCS7", Content::Bundle),
            ("PRIVATE KEY", Content::PrivateKey),
            ("EC PRIVATE KEY", Content::PrivateKey),
            ("OPENSSH PRIVATE KEY", Content::PrivateKey),
            ("ENCRYPTED PRIVATE KEY", Content::EncryptedPrivateKey),
            ("NEW CERTIFICATE REQUEST", Content::CertificateRequest),
            ("DH PARAMETERS", Content::Other("DH PARAMETERS".to_owned())),
        ] {
            assert_eq!(Content::of_label(label), content);
        }
    }

    #[test]
    fn what_is_no_chain_is_told_by_its_first_bytes() {
        for (bytes, looks) in [
            (&b"\xff\xfe-\0-\0"[..], Looks::Utf16),
            (b"\nMIIDdzCCAl+g", Looks::Base64),
            (b"PK\x03\x04", Looks::Zip),
            (b"\xfe\xed\xfe\xed\0\0\0\x02", Looks::JavaKeystore),
            (b"\x30\x82\x05\x00\x30", Looks::CutOff),
            (b"hello", Looks::Unknown),
            (b"", Looks::Unknown),
        ] {
            assert_eq!(Looks::of(bytes), looks, "{bytes:?}");
        }
    }
}
