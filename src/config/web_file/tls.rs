//! The part of the web configuration file that has the pages served over TLS.

use std::path::Path;

use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::tree::Node;

use super::ClientPolicy;
use super::Pem;
use super::TlsSettings;
use super::TlsVersion;

pub(super) fn tls(file: &Section<'_>, folder: &Path) -> Option<TlsSettings> {
    let section = file.section("tls_server_config", TLS_KEYS);
    // Our TLS library's own order holds in any case.
    section.value("prefer_server_cipher_suites", scalar::boolean);
    let certificate = pem(&section, "cert", "cert_file", folder);
    let key = pem(&section, "key", "key_file", folder);
    let client_ca = pem(&section, "client_ca", "client_ca_file", folder);
    let policy = |node: &Node<'_>| scalar::choice(node, &CLIENT_POLICIES);
    let client = section.value("client_auth_type", policy).unwrap_or(ClientPolicy::NoCertificate);
    match (client, &client_ca) {
        (ClientPolicy::NoCertificate, Some(_)) => {
            section.complain("client_auth_type", Fault::ClientCaUnused);
        }
        (ClientPolicy::VerifyIfGiven | ClientPolicy::RequireAndVerify, None) => {
            section.complain("client_ca_file", Fault::Missing);
        }
        _ => {}
    }
    let client_allowed_sans = section.items("client_allowed_sans", scalar::label_value);
    if !client_allowed_sans.is_empty() && client != ClientPolicy::RequireAndVerify {
        section.complain("client_allowed_sans", Fault::NamesOfNobody);
    }
    let version = |node: &Node<'_>| scalar::choice(node, &VERSIONS);
    let least = section.value("min_version", version).unwrap_or(TlsVersion::Tls12);
    let most = section.value("max_version", version).unwrap_or(TlsVersion::Tls13);
    if least > most {
        section.complain("min_version", Fault::AboveMaximum);
    }
    let name = |names: &'static [(&'static str, &'static str)]| {
        move |node: &Node<'_>| scalar::choice(node, names)
    };
    let cipher_suites = section.items("cipher_suites", name(&CIPHER_SUITES));
    let groups = section.items("curve_preferences", name(&GROUPS));
    if !file.has("tls_server_config") {
        return None;
    }
    for (value, key) in [(&certificate, "cert_file"), (&key, "key_file")] {
        if value.is_none() {
            section.complain(key, Fault::Missing);
        }
    }
    Some(TlsSettings {
        certificate: certificate?,
        key: key?,
        client_ca,
        client,
        client_allowed_sans,
        versions: VERSIONS
            .into_iter()
            .map(|(_, v)| v)
            .filter(|v| (least..=most).contains(v))
            .collect(),
        cipher_suites,
        groups,
    })
}

fn pem(
    section: &Section<'_>,
    inline: &'static str,
    file: &'static str,
    folder: &Path,
) -> Option<Pem> {
    let text = section.value(inline, |node| scalar::secret_text(node).map(str::to_owned));
    let path = section.value(file, scalar::path).map(|path| Pem::File(folder.join(path)));
    if text.is_some() && path.is_some() {
        section.complain(file, Fault::InlineAndFile { inline });
    }
    path.or_else(|| text.map(Pem::Inline))
}

const TLS_KEYS: &[Key] = &[
    key("cert", "The certificate and its chain, as PEM."),
    key("key", "Its key, as PEM; never shown."),
    key("client_ca", "Who certifies those who may connect, as PEM."),
    key(
        "cert_file",
        "The file of the certificate and its chain, from this file's directory unless absolute. \
         It or `cert` is required.",
    ),
    key("key_file", "The file of its key. It or `key` is required."),
    key(
        "client_auth_type",
        "What is asked of a client. With a client CA it must be asked for a certificate. The \
         toolkit's `RequestClientCert` and `RequireAnyClientCert` keep nobody out and are not \
         taken.",
    ),
    key("client_ca_file", "The file of those who certify clients."),
    key(
        "client_allowed_sans",
        "Subject alternative names of which a client's certificate must carry one. Needs \
         `RequireAndVerifyClientCert`. Empty: any.",
    ),
    key("min_version", "The lowest version of TLS; not above `max_version`."),
    key("max_version", "The highest version of TLS."),
    key(
        "cipher_suites",
        "Suites for TLS 1.2; those of TLS 1.3 are always on. Empty: the library's own choice.",
    ),
    key(
        "prefer_server_cipher_suites",
        "Taken for the toolkit's sake, without effect: the server's order holds.",
    ),
    key(
        "curve_preferences",
        "Groups for the key exchange, most preferred first. Empty: the library's own choice.",
    ),
];

/// `RequestClientCert` and `RequireAnyClientCert` take certificates that nobody has verified, which
/// keeps nobody out; they are not among these.
pub(super) const CLIENT_POLICIES: [(&str, ClientPolicy); 3] = [
    ("NoClientCert", ClientPolicy::NoCertificate),
    ("VerifyClientCertIfGiven", ClientPolicy::VerifyIfGiven),
    ("RequireAndVerifyClientCert", ClientPolicy::RequireAndVerify),
];

pub(super) const VERSIONS: [(&str, TlsVersion); 2] =
    [("TLS12", TlsVersion::Tls12), ("TLS13", TlsVersion::Tls13)];

/// Go's names, which are IANA's, of the suites that our TLS library has; those of TLS 1.3 are
/// always on, in Go too.
const CIPHER_SUITES: [(&str, &str); 9] = [
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    (
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
    ("TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
];

/// Go's names of groups, and IANA's.
pub(super) const GROUPS: [(&str, &str); 4] = [
    ("X25519MLKEM768", "X25519MLKEM768"),
    ("X25519", "X25519"),
    ("CurveP256", "secp256r1"),
    ("CurveP384", "secp384r1"),
];
