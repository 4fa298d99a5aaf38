//! The cipher suites of CloudFront's ClientHello.

use super::offer::Offered;

/// The cipher suites in the order of AWS's policy `CloudFront-Upstream-TLS-1-2-2025`.
///
/// The guide's page is a lower bound: the policy has three suites with static RSA beside it. That
/// TLS 1.3 is spoken is documented (`RequestAndResponseBehaviorCustomOrigin`), its suites are not.
/// ChaCha20 is offered in TLS 1.3 only, and ephemeral Diffie-Hellman over a finite field not at all.
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
