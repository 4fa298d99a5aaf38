//! The IANA codes and names of what servers support, for diagnostic hellos and for naming a
//! server's choice.

use rustls::CipherSuite;

use crate::cloudfront::{CIPHER_SUITES, GROUPS, SIGNATURE_SCHEMES};

/// The code points that diagnostic hellos offer, CloudFront's first: a server that follows the
/// client's order chooses one of those if it can.
#[derive(Clone, Debug)]
pub struct Registry {
    /// The suites in which a certificate authenticates the server, at most 120.
    pub cipher_suites: Vec<u16>,
    /// CloudFront's suites, and those without a certificate (anonymous and pre-shared key); at most
    /// 120.
    pub cipher_suites_without_certificate: Vec<u16>,
    pub groups: Vec<u16>,
    pub signature_schemes: Vec<u16>,
}

impl Registry {
    /// Assembles the lists.
    pub fn all() -> Self {
        let suites = |key_exchanges: &'static [&str]| {
            let is_wanted = move |code: &u16| {
                let name = CipherSuite::from(*code).as_str().unwrap_or_default();
                key_exchanges.iter().any(|exchange| name.starts_with(exchange))
            };
            let own = CIPHER_SUITES.iter().map(|suite| suite.code);
            let mut suites = joined(own, (0..=u16::MAX).filter(is_wanted));
            suites.truncate(MAX_CIPHER_SUITES);
            suites
        };
        Self {
            cipher_suites: suites(&WITH_CERTIFICATE),
            cipher_suites_without_certificate: suites(&WITHOUT_CERTIFICATE),
            groups: joined(GROUPS.iter().map(|g| g.code), OTHER_GROUPS.iter().map(|g| g.0)),
            signature_schemes: joined(
                SIGNATURE_SCHEMES.iter().map(|scheme| scheme.code),
                OTHER_SIGNATURE_SCHEMES.iter().map(|scheme| scheme.0),
            ),
        }
    }
}

/// Returns the IANA name of a cipher suite, or its code.
pub fn cipher_suite_name(code: u16) -> Box<str> {
    match CipherSuite::from(code).as_str() {
        // rustls writes TLS13_AES_…; the IANA name has no 13.
        Some(name) => name.replacen("TLS13_", "TLS_", 1).into(),
        None => unnamed(code),
    }
}

/// Returns the IANA name of a key exchange group, or its code.
pub fn group_name(code: u16) -> Box<str> {
    let known = GROUPS.iter().map(|group| (group.code, group.name)).chain(OTHER_GROUPS);
    named(known, code)
}

/// Returns the IANA name of a signature scheme, or its code.
pub fn signature_scheme_name(code: u16) -> Box<str> {
    let known = SIGNATURE_SCHEMES.iter().map(|scheme| (scheme.code, scheme.name));
    named(known.chain(OTHER_SIGNATURE_SCHEMES), code)
}

fn named(mut known: impl Iterator<Item = (u16, &'static str)>, code: u16) -> Box<str> {
    known.find(|(known, _)| *known == code).map_or_else(|| unnamed(code), |(_, name)| name.into())
}

fn unnamed(code: u16) -> Box<str> {
    format!("{code:#06x}").into()
}

fn joined(first: impl Iterator<Item = u16>, others: impl Iterator<Item = u16>) -> Vec<u16> {
    let mut joined: Vec<u16> = first.collect();
    let own = joined.len();
    for code in others {
        if !joined[..own].contains(&code) {
            joined.push(code);
        }
    }
    joined
}

/// The most cipher suites in one hello: wolfSSL 5.5.4 answers a hello with more than 150 with the
/// alert decode_error.
const MAX_CIPHER_SUITES: usize = 120;

/// The name prefixes of suites in which a certificate authenticates the server.
const WITH_CERTIFICATE: [&str; 5] = [
    "TLS13_",
    "TLS_ECDHE_ECDSA_WITH_",
    "TLS_ECDHE_RSA_WITH_",
    "TLS_DHE_RSA_WITH_",
    "TLS_RSA_WITH_",
];

/// The name prefixes of suites that need no certificate.
const WITHOUT_CERTIFICATE: [&str; 5] = [
    "TLS_DH_anon_WITH_",
    "TLS_ECDH_anon_WITH_",
    "TLS_PSK_WITH_",
    "TLS_DHE_PSK_WITH_",
    "TLS_ECDHE_PSK_WITH_",
];

/// IANA, "TLS Supported Groups", without those in [`GROUPS`] and the binary curves.
const OTHER_GROUPS: [(u16, &str); 24] = [
    (0x0013, "secp192r1"),
    (0x0014, "secp224k1"),
    (0x0015, "secp224r1"),
    (0x0016, "secp256k1"),
    (0x0019, "secp521r1"),
    (0x001a, "brainpoolP256r1"),
    (0x001b, "brainpoolP384r1"),
    (0x001c, "brainpoolP512r1"),
    (0x001e, "x448"),
    (0x001f, "brainpoolP256r1tls13"),
    (0x0020, "brainpoolP384r1tls13"),
    (0x0021, "brainpoolP512r1tls13"),
    (0x0029, "curveSM2"),
    (0x0100, "ffdhe2048"),
    (0x0101, "ffdhe3072"),
    (0x0102, "ffdhe4096"),
    (0x0103, "ffdhe6144"),
    (0x0104, "ffdhe8192"),
    (0x0200, "MLKEM512"),
    (0x0201, "MLKEM768"),
    (0x0202, "MLKEM1024"),
    (0x11eb, "SecP256r1MLKEM768"),
    (0x11ec, "X25519MLKEM768"),
    (0x11ed, "SecP384r1MLKEM1024"),
];

/// IANA, "TLS SignatureScheme", without those in [`SIGNATURE_SCHEMES`].
const OTHER_SIGNATURE_SCHEMES: [(u16, &str); 9] = [
    (0x0807, "ed25519"),
    (0x0808, "ed448"),
    (0x081a, "ecdsa_brainpoolP256r1tls13_sha256"),
    (0x081b, "ecdsa_brainpoolP384r1tls13_sha384"),
    (0x081c, "ecdsa_brainpoolP512r1tls13_sha512"),
    (0x0904, "mldsa44"),
    (0x0905, "mldsa65"),
    (0x0906, "mldsa87"),
    (0x0202, "dsa_sha1"),
];

/// Describes a signature with a scheme that the hello did not offer.
pub fn violation_of_scheme(scheme: u16) -> String {
    format!("it signed with {}, which was not offered", signature_scheme_name(scheme))
}
