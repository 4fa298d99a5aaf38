//! The ClientHello that CloudFront sends to origins, as data: protocol versions, cipher suites,
//! groups and signature schemes.
//!
//! Two sources: what AWS documents (guide,
//! `secure-connections-supported-ciphers-cloudfront-to-origin` and
//! `RequestAndResponseBehaviorCustomOrigin`), and what is only in the security policies that AWS
//! publishes in s2n-tls under the names `CloudFront-Upstream-TLS-1-0-2025`, `-1-1-2025` and
//! `-1-2-2025` (`tls/s2n_security_policies.c`, commit a7862238). The order is always that of the
//! policies.

use std::fmt;

use crate::origin::{SslProtocol, SslProtocols};

/// The source of a part of the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A page of the guide.
    Documented,
    /// Only AWS's published policy.
    PublishedPolicy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// As assigned in the IANA registries "TLS Parameters".
    pub code: u16,
    /// The IANA name.
    pub name: &'static str,
    pub source: Source,
}

impl Offered {
    const fn documented(code: u16, name: &'static str) -> Self {
        Self { code, name, source: Source::Documented }
    }

    /// Returns the oldest version in which a cipher suite can be used, judging by its name.
    fn first_version(&self) -> Version {
        match self.name {
            name if name.ends_with("_SHA256") || name.ends_with("_SHA384") => Version::Tls1_2,
            _ => Version::Ssl3,
        }
    }

    const fn published(code: u16, name: &'static str) -> Self {
        Self { code, name, source: Source::PublishedPolicy }
    }
}

/// CloudFront's offer to an origin with given `ssl_protocols`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Lowest first; never empty.
    pub versions: Vec<Version>,
}

impl Offer {
    /// Derives the offer from the protocols that the distribution lists.
    ///
    /// The API lists protocols, the console calls the same setting a minimum, and AWS's published
    /// policies are ranges that begin at a minimum and include TLS 1.3. So the offer ranges from
    /// the lowest listed version to TLS 1.2, plus TLS 1.3. SSLv3 is offered alone or not at all
    /// (guide, `using-https-cloudfront-to-custom-origin`).
    pub fn of(protocols: &SslProtocols) -> Self {
        let listed = protocols.listed();
        let lowest = listed.iter().copied().find(|p| *p != SslProtocol::SslV3);
        Self::choosing(protocols, |protocol| lowest.is_none_or(|lowest| protocol >= lowest))
    }

    /// Derives the offer from the literal list, as the API describes it ("you specify all of the
    /// protocols"): only the listed versions, and TLS 1.3, which cannot be listed.
    pub fn word_for_word(protocols: &SslProtocols) -> Self {
        Self::choosing(protocols, |protocol| protocols.listed().contains(&protocol))
    }

    fn choosing(protocols: &SslProtocols, is_chosen: impl Fn(SslProtocol) -> bool) -> Self {
        if protocols.listed() == [SslProtocol::SslV3] {
            return Self { versions: vec![Version::Ssl3] };
        }
        let chosen = SELECTABLE.into_iter().filter(|(protocol, _)| is_chosen(*protocol));
        let versions = chosen.map(|(_, version)| version).chain([Version::Tls1_3]).collect();
        Self { versions }
    }

    /// Returns whether a server may choose `version`.
    pub fn has(&self, version: Version) -> bool {
        self.versions.contains(&version)
    }

    /// Returns the cipher suites sent with these versions, in order. SSLv3 has neither elliptic
    /// curves nor anything newer than SHA-1 (RFC 6101 §A.6), and only TLS 1.3 has its own suites.
    pub fn cipher_suites(&self) -> impl Iterator<Item = &'static Offered> {
        let only_ssl3 = self.versions == [Version::Ssl3];
        let tls13 = self.has(Version::Tls1_3);
        CIPHER_SUITES.iter().filter(move |suite| match suite.code {
            0x1300..=0x13ff => tls13,
            code => !only_ssl3 || matches!(code, 0x0004 | 0x000a | 0x002f | 0x0035),
        })
    }

    /// Returns whether a server may choose the cipher suite `code` together with `version`. TLS 1.3
    /// has its own suites, and suites with hashes newer than SHA-1 begin with TLS 1.2 (RFC 5246
    /// §1.2).
    pub fn has_cipher_suite(&self, code: u16, version: Version) -> bool {
        self.cipher_suites().any(|suite| suite.code == code && suite.first_version() <= version)
            && (version == Version::Tls1_3) == matches!(code, 0x1300..=0x13ff)
    }

    pub fn has_group(code: u16) -> bool {
        GROUPS.iter().any(|group| group.code == code)
    }

    pub fn has_signature_scheme(code: u16) -> bool {
        SIGNATURE_SCHEMES.iter().any(|scheme| scheme.code == code)
    }
}

/// The values of `ssl_protocols` besides SSLv3, and the versions that they mean on the wire.
const SELECTABLE: [(SslProtocol, Version); 3] = [
    (SslProtocol::TlsV1, Version::Tls1),
    (SslProtocol::TlsV1_1, Version::Tls1_1),
    (SslProtocol::TlsV1_2, Version::Tls1_2),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    Ssl3,
    Tls1,
    Tls1_1,
    Tls1_2,
    Tls1_3,
}

impl Version {
    /// Every version, lowest first.
    pub const ALL: [Self; 5] = [Self::Ssl3, Self::Tls1, Self::Tls1_1, Self::Tls1_2, Self::Tls1_3];

    /// Returns the name as spelled in the distribution's settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssl3 => "SSLv3",
            Self::Tls1 => "TLSv1",
            Self::Tls1_1 => "TLSv1.1",
            Self::Tls1_2 => "TLSv1.2",
            Self::Tls1_3 => "TLSv1.3",
        }
    }

    /// Returns the version with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == name)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The key exchange groups; the page and the policies have the same three.
pub const GROUPS: [Offered; 3] = [
    Offered::documented(0x0017, "secp256r1"),
    Offered::documented(0x001d, "x25519"),
    Offered::documented(0x0018, "secp384r1"),
];

/// The groups that only the policies with the suffix `-PQ` have. It is not known whether CloudFront
/// uses those policies for origins; it does for viewers.
pub const POST_QUANTUM_GROUPS: [Offered; 3] = [
    Offered::published(0x11ec, "X25519MLKEM768"),
    Offered::published(0x11eb, "SecP256r1MLKEM768"),
    Offered::published(0x11ed, "SecP384r1MLKEM1024"),
];

/// The signature schemes, without Ed25519, Ed448 and ML-DSA.
pub const SIGNATURE_SCHEMES: [Offered; 16] = [
    Offered::documented(0x0403, "ecdsa_secp256r1_sha256"),
    Offered::documented(0x0503, "ecdsa_secp384r1_sha384"),
    Offered::documented(0x0603, "ecdsa_secp521r1_sha512"),
    Offered::documented(0x0303, "ecdsa_sha224"),
    Offered::published(0x0809, "rsa_pss_pss_sha256"),
    Offered::published(0x080a, "rsa_pss_pss_sha384"),
    Offered::published(0x080b, "rsa_pss_pss_sha512"),
    Offered::published(0x0804, "rsa_pss_rsae_sha256"),
    Offered::published(0x0805, "rsa_pss_rsae_sha384"),
    Offered::published(0x0806, "rsa_pss_rsae_sha512"),
    Offered::documented(0x0401, "rsa_pkcs1_sha256"),
    Offered::documented(0x0501, "rsa_pkcs1_sha384"),
    Offered::documented(0x0601, "rsa_pkcs1_sha512"),
    Offered::documented(0x0301, "rsa_pkcs1_sha224"),
    Offered::documented(0x0201, "rsa_pkcs1_sha1"),
    Offered::documented(0x0203, "ecdsa_sha1"),
];

/// The cipher suites in the order of AWS's policy `CloudFront-Upstream-TLS-1-2-2025`.
///
/// The guide's page is a lower bound: the policy also has three suites with static RSA. AWS
/// documents support for TLS 1.3 (`RequestAndResponseBehaviorCustomOrigin`), but not its suites.
/// ChaCha20 is offered only in TLS 1.3, and finite-field Diffie-Hellman not at all.
pub const CIPHER_SUITES: [Offered; 22] = [
    Offered::published(0x1301, "TLS_AES_128_GCM_SHA256"),
    Offered::published(0x1302, "TLS_AES_256_GCM_SHA384"),
    Offered::published(0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
    Offered::documented(0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    Offered::documented(0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    Offered::documented(0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    Offered::documented(0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    Offered::documented(0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    Offered::documented(0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    Offered::documented(0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
    Offered::documented(0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    Offered::documented(0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    Offered::documented(0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    Offered::documented(0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    Offered::documented(0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    Offered::published(0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    Offered::published(0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    Offered::published(0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    Offered::documented(0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    Offered::documented(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    Offered::documented(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    Offered::documented(0x0004, "TLS_RSA_WITH_RC4_128_MD5"),
];
