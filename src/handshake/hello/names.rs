//! Everything that servers are known to speak, by IANA's codes and names: for the diagnostic
//! hellos, which offer all of it, and for saying what a server took.

use rustls::CipherSuite;

use crate::cloudfront::CIPHER_SUITES;
use crate::cloudfront::GROUPS;
use crate::cloudfront::SIGNATURE_SCHEMES;

/// Every code point that a diagnostic hello offers, CloudFront's first: a server that goes by the
/// client's order takes one of those if it can.
#[derive(Clone, Debug)]
pub struct Registry {
    pub cipher_suites: Vec<u16>,
    pub groups: Vec<u16>,
    pub signature_schemes: Vec<u16>,
}

impl Registry {
    /// Puts the lists together.
    pub fn all() -> Self {
        let suites =
            (0..=u16::MAX).filter(|code| CipherSuite::from(*code).as_str().is_some_and(is_suite));
        Self {
            cipher_suites: joined(CIPHER_SUITES.iter().map(|suite| suite.code), suites),
            groups: joined(GROUPS.iter().map(|g| g.code), OTHER_GROUPS.iter().map(|g| g.0)),
            signature_schemes: joined(
                SIGNATURE_SCHEMES.iter().map(|scheme| scheme.code),
                OTHER_SIGNATURE_SCHEMES.iter().map(|scheme| scheme.0),
            ),
        }
    }
}

/// Returns IANA's name of a cipher suite, or its code.
pub fn cipher_suite_name(code: u16) -> Box<str> {
    match CipherSuite::from(code).as_str() {
        // rustls writes TLS13_AES_…; IANA's name has no 13.
        Some(name) => name.replacen("TLS13_", "TLS_", 1).into(),
        None => unnamed(code),
    }
}

/// Returns IANA's name of a key exchange group, or its code.
pub fn group_name(code: u16) -> Box<str> {
    let known = GROUPS.iter().map(|group| (group.code, group.name)).chain(OTHER_GROUPS);
    named(known, code)
}

/// Returns IANA's name of a signature scheme, or its code.
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

/// Signals are no suites: the fallback signal (RFC 7507) would even be answered with an alert.
fn is_suite(name: &str) -> bool {
    !name.contains("SCSV") && !name.contains("NULL_WITH_NULL")
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

/// IANA, "TLS Supported Groups", without those of [`GROUPS`] and of the binary curves.
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

/// IANA, "TLS SignatureScheme", without those of [`SIGNATURE_SCHEMES`].
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

#[cfg(test)]
mod tests {
    use super::Registry;
    use super::cipher_suite_name;
    use super::group_name;
    use super::signature_scheme_name;
    use crate::cloudfront::CIPHER_SUITES;

    #[test]
    fn cloudfronts_code_points_come_first_and_each_comes_once() {
        let registry = Registry::all();
        let own: Vec<u16> = CIPHER_SUITES.iter().map(|suite| suite.code).collect();
        assert_eq!(registry.cipher_suites[..22], own);
        assert!(registry.cipher_suites.len() > 150, "{}", registry.cipher_suites.len());
        for list in [registry.cipher_suites, registry.groups, registry.signature_schemes] {
            let mut sorted = list.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), list.len());
        }
    }

    #[test]
    fn names_are_ianas_and_unknown_codes_are_shown() {
        for suite in CIPHER_SUITES {
            assert_eq!(&*cipher_suite_name(suite.code), suite.name);
        }
        assert_eq!(&*cipher_suite_name(0x009e), "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");
        assert_eq!(&*cipher_suite_name(0xfafa), "0xfafa");
        assert_eq!(&*group_name(0x0019), "secp521r1");
        assert_eq!(&*group_name(0x001d), "x25519");
        assert_eq!(&*signature_scheme_name(0x0807), "ed25519");
        assert_eq!(&*signature_scheme_name(0x0001), "0x0001");
    }
}
