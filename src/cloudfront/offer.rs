//! The ClientHello that CloudFront sends to origins, as data.
//!
//! Documented in the guide, `secure-connections-supported-ciphers-cloudfront-to-origin`, and,
//! where that page is silent (TLS 1.3, order, PSS), known from the security policies that AWS
//! publishes under the name `CloudFront-Upstream-TLS-1-2-2025` in s2n-tls
//! (`tls/s2n_security_policies.c`, commit a7862238).

use crate::origin::SslProtocol;
use crate::origin::SslProtocols;

/// What CloudFront offers to an origin with given `ssl_protocols`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Lowest first; never empty.
    pub versions: Vec<Version>,
}

impl Offer {
    /// Derives the offer from what the distribution lists.
    ///
    /// The API lists protocols, the console calls the same setting a minimum, and AWS's published
    /// policies are ranges that begin at a minimum and include TLS 1.3: so from the lowest listed
    /// to TLS 1.2, and TLS 1.3. SSLv3 is sent by itself or not at all (guide,
    /// `using-https-cloudfront-to-custom-origin`).
    pub fn of(protocols: &SslProtocols) -> Self {
        let listed = protocols.listed();
        if listed == [SslProtocol::SslV3] {
            return Self { versions: vec![Version::Ssl3] };
        }
        let lowest = listed.iter().copied().find(|p| *p != SslProtocol::SslV3);
        let all = [
            (SslProtocol::TlsV1, Version::Tls1),
            (SslProtocol::TlsV1_1, Version::Tls1_1),
            (SslProtocol::TlsV1_2, Version::Tls1_2),
        ];
        let versions = all
            .into_iter()
            .filter(|(protocol, _)| lowest.is_none_or(|lowest| *protocol >= lowest))
            .map(|(_, version)| version)
            .chain([Version::Tls1_3])
            .collect();
        Self { versions }
    }
}

/// A protocol version on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    Ssl3,
    Tls1,
    Tls1_1,
    Tls1_2,
    Tls1_3,
}

/// The cipher suites in the order of AWS's policy, as IANA code points. Those with CBC, static
/// RSA, 3DES and RC4 follow in the same order and are known to the policy, too; rustls speaks
/// none of them.
///
/// ChaCha20 is offered in TLS 1.3 only: the documented page and the policy have no
/// TLS 1.2 suite with it.
pub const CIPHER_SUITES: [u16; 22] = [
    0x1301, // TLS_AES_128_GCM_SHA256
    0x1302, // TLS_AES_256_GCM_SHA384
    0x1303, // TLS_CHACHA20_POLY1305_SHA256
    0xc02b, // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    0xc02f, // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    0xc02c, // TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    0xc030, // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    0xc023, // TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
    0xc027, // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256
    0xc024, // TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
    0xc028, // TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384
    0xc009, // TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    0xc013, // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
    0xc00a, // TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    0xc014, // TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA
    0x009c, // TLS_RSA_WITH_AES_128_GCM_SHA256
    0x009d, // TLS_RSA_WITH_AES_256_GCM_SHA384
    0x003c, // TLS_RSA_WITH_AES_128_CBC_SHA256
    0x002f, // TLS_RSA_WITH_AES_128_CBC_SHA
    0x0035, // TLS_RSA_WITH_AES_256_CBC_SHA
    0x000a, // TLS_RSA_WITH_3DES_EDE_CBC_SHA
    0x0004, // TLS_RSA_WITH_RC4_128_MD5
];

/// The groups in the order of AWS's policy; the documented curves are the same three.
pub const GROUPS: [u16; 3] = [
    0x0017, // secp256r1
    0x001d, // x25519
    0x0018, // secp384r1
];

/// The signature schemes of AWS's policy that certificates of today can use, in its order.
/// Ed25519 is not among them.
pub const SIGNATURE_SCHEMES: [u16; 8] = [
    0x0403, // ecdsa_secp256r1_sha256
    0x0503, // ecdsa_secp384r1_sha384
    0x0804, // rsa_pss_rsae_sha256
    0x0805, // rsa_pss_rsae_sha384
    0x0806, // rsa_pss_rsae_sha512
    0x0401, // rsa_pkcs1_sha256
    0x0501, // rsa_pkcs1_sha384
    0x0601, // rsa_pkcs1_sha512
];

#[cfg(test)]
mod tests {
    use super::Offer;
    use super::Version;
    use crate::origin::SslProtocol;
    use crate::origin::SslProtocols;

    #[test]
    fn the_range_begins_at_the_lowest_listed_and_includes_tls_1_3() {
        use SslProtocol::SslV3;
        use SslProtocol::TlsV1;
        use SslProtocol::TlsV1_1;
        use SslProtocol::TlsV1_2;
        use Version::Ssl3;
        use Version::Tls1;
        use Version::Tls1_1;
        use Version::Tls1_2;
        use Version::Tls1_3;
        for (listed, versions) in [
            (vec![TlsV1_2], vec![Tls1_2, Tls1_3]),
            (vec![TlsV1_1, TlsV1_2], vec![Tls1_1, Tls1_2, Tls1_3]),
            (vec![TlsV1], vec![Tls1, Tls1_1, Tls1_2, Tls1_3]),
            (vec![TlsV1_2, SslV3], vec![Tls1_2, Tls1_3]),
            (vec![SslV3], vec![Ssl3]),
        ] {
            let protocols = SslProtocols::new(listed.clone()).unwrap();
            assert_eq!(Offer::of(&protocols).versions, versions, "{listed:?}");
        }
    }
}
