//! The TLS section of the web configuration file.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::ReferencedFiles;
use crate::config::error_kind::ErrorKind;
use crate::config::read::Place;
use crate::config::scalar::{Choice, PemPath, Printable, Secret};
use crate::config::value::{Given, List, is_default};

use super::{ClientPolicy, Pem, TlsSettings, TlsVersion};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Tls {
    /// Certificate and chain, as PEM.
    #[serde(skip_serializing_if = "is_default")]
    cert: Given<Secret>,
    /// Private key, as PEM; never shown.
    #[serde(skip_serializing_if = "is_default")]
    key: Given<Secret>,
    /// CA for client certificates, as PEM.
    #[serde(skip_serializing_if = "is_default")]
    client_ca: Given<Secret>,
    /// File with the certificate and its chain. Either `cert_file` or `cert` is required.
    #[serde(skip_serializing_if = "is_default")]
    cert_file: Given<PemPath>,
    /// File with the private key. Either `key_file` or `key` is required.
    #[serde(skip_serializing_if = "is_default")]
    key_file: Given<PemPath>,
    /// Client certificate policy. `NoClientCert` is an error if there is a client CA; the other
    /// policies require one.
    client_auth_type: Given<ClientPolicy>,
    /// File with the CA for client certificates.
    #[serde(skip_serializing_if = "is_default")]
    client_ca_file: Given<PemPath>,
    /// Allowed subject alternative names; a client certificate must contain at least one. Requires
    /// `RequireAndVerifyClientCert`. Empty: any.
    client_allowed_sans: List<Printable>,
    /// Lowest TLS version; not above `max_version`.
    min_version: Given<TlsVersion>,
    /// Highest TLS version.
    max_version: Given<TlsVersion>,
    /// Cipher suites for TLS 1.2; those of TLS 1.3 are always enabled. Empty: the library's
    /// default.
    cipher_suites: List<CipherSuite>,
    /// Ignored: the server's order is always used.
    #[schemars(extend("x-default" = "no effect"))]
    #[serde(skip_serializing)]
    prefer_server_cipher_suites: Given<bool>,
    /// Key exchange groups, most preferred first. Empty: the library's default.
    curve_preferences: List<Group>,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            cert: Given::default(),
            key: Given::default(),
            client_ca: Given::default(),
            cert_file: Given::default(),
            key_file: Given::default(),
            client_auth_type: ClientPolicy::NoCertificate.into(),
            client_ca_file: Given::default(),
            client_allowed_sans: List::default(),
            min_version: TlsVersion::Tls12.into(),
            max_version: TlsVersion::Tls13.into(),
            cipher_suites: List::default(),
            prefer_server_cipher_suites: true.into(),
            curve_preferences: List::default(),
        }
    }
}

impl Tls {
    /// Returns the settings; `None` if the section is missing or after an error. Relative paths
    /// start at `folder`.
    pub(super) fn settings(
        &self,
        at: &Place<'_>,
        folder: &Path,
        files: ReferencedFiles,
    ) -> Option<TlsSettings> {
        let pem =
            |[inline, file]: [&'static str; 2], text: &Given<Secret>, path: &Given<PemPath>| {
                let file_at = at.key(file);
                if let Given(Some(PemPath(path))) = path {
                    files.check(&folder.join(path), &file_at);
                    if at.key(inline).is_given() {
                        file_at.error(ErrorKind::InlineAndFile { inline });
                    }
                    return Some(Pem::File(folder.join(path)));
                }
                text.0.as_ref().map(|Secret(text)| Pem::Inline(text.clone()))
            };
        let certificate = pem(CERT, &self.cert, &self.cert_file);
        let key = pem(KEY, &self.key, &self.key_file);
        let client_ca = pem(CLIENT_CA, &self.client_ca, &self.client_ca_file);
        let is_given = |keys: [&'static str; 2]| keys.iter().any(|key| at.key(key).is_given());
        let (client, least, most) =
            (self.client_auth_type.0?, self.min_version.0?, self.max_version.0?);
        match client {
            ClientPolicy::NoCertificate if client_ca.is_some() => {
                at.key("client_auth_type").error(ErrorKind::ClientCaUnused);
            }
            ClientPolicy::VerifyIfGiven | ClientPolicy::RequireAndVerify
                if !is_given(CLIENT_CA) =>
            {
                at.key(CLIENT_CA[1]).error(ErrorKind::Missing);
            }
            _ => {}
        }
        let sans = at.key("client_allowed_sans");
        if sans.is_given() && client != ClientPolicy::RequireAndVerify {
            sans.error(ErrorKind::NamesOfNobody);
        }
        if least > most {
            at.key("min_version").error(ErrorKind::AboveMaximum);
        }
        if !at.is_given() {
            return None;
        }
        // A value that cannot be used has its own error.
        for keys in [CERT, KEY].into_iter().filter(|keys| !is_given(*keys)) {
            at.key(keys[1]).error(ErrorKind::Missing);
        }
        let versions = [TlsVersion::Tls12, TlsVersion::Tls13].into_iter();
        Some(TlsSettings {
            certificate: certificate?,
            key: key?,
            client_ca,
            client,
            client_allowed_sans: self
                .client_allowed_sans
                .valid()
                .map(|san| san.0.clone())
                .collect(),
            versions: versions.filter(|version| (least..=most).contains(version)).collect(),
            cipher_suites: self.cipher_suites.valid().map(|suite| suite.0).collect(),
            groups: self.curve_preferences.valid().map(|group| group.0).collect(),
        })
    }
}

/// The keys of a PEM text and of the file that can take its place.
const CERT: [&str; 2] = ["cert", "cert_file"];
const KEY: [&str; 2] = ["key", "key_file"];
const CLIENT_CA: [&str; 2] = ["client_ca", "client_ca_file"];

/// `RequestClientCert` and `RequireAnyClientCert` are not supported, because they accept unverified
/// certificates.
impl Choice for ClientPolicy {
    const SPELLINGS: &'static [(&'static str, Self)] = &[
        ("NoClientCert", Self::NoCertificate),
        ("VerifyClientCertIfGiven", Self::VerifyIfGiven),
        ("RequireAndVerifyClientCert", Self::RequireAndVerify),
    ];
}

impl Choice for TlsVersion {
    const SPELLINGS: &'static [(&'static str, Self)] =
        &[("TLS12", Self::Tls12), ("TLS13", Self::Tls13)];
}

/// The IANA name of a cipher suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CipherSuite(&'static str);

/// The IANA name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Group(&'static str);

/// Go's and IANA's names of the groups.
impl Choice for Group {
    const SPELLINGS: &'static [(&'static str, Self)] = &[
        ("X25519MLKEM768", Self("X25519MLKEM768")),
        ("X25519", Self("X25519")),
        ("CurveP256", Self("secp256r1")),
        ("CurveP384", Self("secp384r1")),
    ];
}

/// Go's names, which are also IANA's, of the suites that the TLS library supports. Those of TLS 1.3
/// are always enabled, as in Go.
impl Choice for CipherSuite {
    const SPELLINGS: &'static [(&'static str, Self)] = &[
        same("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        same("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        same("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        same("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
        same("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        same("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        same("TLS_AES_128_GCM_SHA256"),
        same("TLS_AES_256_GCM_SHA384"),
        same("TLS_CHACHA20_POLY1305_SHA256"),
    ];
}

const fn same(name: &'static str) -> (&'static str, CipherSuite) {
    (name, CipherSuite(name))
}
