//! Every signature scheme alone, and the keys that go with them.

use origin_probe::demo::script::{Demand, Refusal};

use super::row::{Row, openssl, row};
use super::stage::Leaf;

const KEY: &str = "key-unsupported fails";
const MAY_KEY: &str = "key-unsupported may-fail";

/// Schemes of rustls that AWS's policy has, too.
const FULL_HANDSHAKE: [(&str, Leaf, &str); 15] = [
    ("rsa_pkcs1_sha256_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE -sigalgs RSA+SHA256"),
    ("rsa_pkcs1_sha384_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE -sigalgs RSA+SHA384"),
    ("rsa_pkcs1_sha512_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE -sigalgs RSA+SHA512"),
    (
        "rsa_pss_rsae_sha256_alone_in_tls_1_2",
        Leaf::Rsa2048,
        "-tls1_2 -cipher ECDHE -sigalgs rsa_pss_rsae_sha256",
    ),
    ("rsa_pss_rsae_sha256_alone", Leaf::Rsa2048, "-tls1_3 -sigalgs rsa_pss_rsae_sha256"),
    ("rsa_pss_rsae_sha384_alone", Leaf::Rsa2048, "-tls1_3 -sigalgs rsa_pss_rsae_sha384"),
    ("rsa_pss_rsae_sha512_alone", Leaf::Rsa2048, "-tls1_3 -sigalgs rsa_pss_rsae_sha512"),
    ("ecdsa_p256_sha256_alone", Leaf::EcdsaP256, "-tls1_3 -sigalgs ecdsa_secp256r1_sha256"),
    ("ecdsa_p384_sha384_alone", Leaf::EcdsaP384, "-tls1_3 -sigalgs ecdsa_secp384r1_sha384"),
    ("ecdsa_sha256_alone_in_tls_1_2", Leaf::EcdsaP256, "-tls1_2 -sigalgs ECDSA+SHA256"),
    ("ecdsa_sha384_with_p256_in_tls_1_2", Leaf::EcdsaP256, "-tls1_2 -sigalgs ECDSA+SHA384"),
    ("ecdsa_sha384_alone_in_tls_1_2", Leaf::EcdsaP384, "-tls1_2 -sigalgs ECDSA+SHA384"),
    ("rsa_pkcs1_sha1_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE:@SECLEVEL=0 -sigalgs RSA+SHA1"),
    ("ecdsa_sha1_alone", Leaf::EcdsaP256, "-tls1_2 -cipher ECDHE:@SECLEVEL=0 -sigalgs ECDSA+SHA1"),
    ("ecdsa_sha512_alone_in_tls_1_2", Leaf::EcdsaP256, "-tls1_2 -sigalgs ECDSA+SHA512"),
];

/// Schemes, or suites beside them, that the full handshake does not speak.
const HELLO: [(&str, Leaf, &str); 4] = [
    (
        "rsa_pkcs1_sha224_alone",
        Leaf::Rsa2048,
        "-tls1_2 -cipher ECDHE:@SECLEVEL=0 -sigalgs RSA+SHA224",
    ),
    (
        "ecdsa_sha224_alone",
        Leaf::EcdsaP256,
        "-tls1_2 -cipher ECDHE:@SECLEVEL=0 -sigalgs ECDSA+SHA224",
    ),
    (
        "sha1_alone_with_cbc_only",
        Leaf::Rsa2048,
        "-tls1_2 -cipher ECDHE-RSA-AES128-SHA:@SECLEVEL=0 -sigalgs RSA+SHA1",
    ),
    // Without a key exchange to sign, no scheme is needed.
    (
        "rsa_pkcs1_sha1_alone_with_static_rsa",
        Leaf::Rsa2048,
        "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0 -sigalgs RSA+SHA1",
    ),
];

/// Keys that no client serves without asking for them.
const REFUSED_KEYS: [(&str, Leaf, &str); 4] = [
    ("an_ed25519_certificate_in_tls_1_2", Leaf::Ed25519, "-tls1_2"),
    ("an_ed25519_certificate_in_tls_1_3", Leaf::Ed25519, "-tls1_3"),
    ("an_ed448_certificate_in_tls_1_2", Leaf::Ed448, "-tls1_2"),
    ("an_ed448_certificate_in_tls_1_3", Leaf::Ed448, "-tls1_3"),
];

/// Keys of which no page of AWS speaks.
const DOUBTFUL_KEYS: [(&str, Leaf, &str, &str); 6] = [
    ("an_rsa_key_of_1024_bits", Leaf::Rsa1024, "-tls1_2 -cipher ECDHE:@SECLEVEL=0", "rustls"),
    (
        "an_rsa_key_of_1024_bits_with_static_rsa",
        Leaf::Rsa1024,
        "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0",
        "hello",
    ),
    (
        "an_rsa_key_of_1024_bits_in_tls_1_3",
        Leaf::Rsa1024,
        "-tls1_3 -cipher ALL:@SECLEVEL=0",
        "rustls",
    ),
    ("an_rsa_key_of_8192_bits", Leaf::Rsa8192, "-tls1_2", "rustls"),
    ("a_pss_key_in_tls_1_2", Leaf::RsaPss, "-tls1_2 -sigalgs rsa_pss_pss_sha256", "hello"),
    // The certificate is encrypted: only a full handshake that offers the scheme can see it.
    ("a_pss_key_in_tls_1_3", Leaf::RsaPss, "-tls1_3 -sigalgs rsa_pss_pss_sha256", "rustls"),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, leaf, arguments) in FULL_HANDSHAKE {
        rows.push(row(name).openssl(leaf, arguments).answers(&[]));
    }
    for (name, leaf, arguments) in HELLO {
        rows.push(row(name).openssl(leaf, arguments).hello().answers(&[]));
    }
    for (name, leaf, arguments) in REFUSED_KEYS {
        rows.push(row(name).openssl(leaf, arguments).hello().fails(&[KEY]));
    }
    // Its name for ECDSA with SHA-512 of TLS 1.2 is, in TLS 1.3, that of P-521; the curve is not in
    // the offer.
    rows.push(
        row("a_p521_certificate_in_tls_1_2")
            .openssl(Leaf::EcdsaP521, "-tls1_2")
            .hello()
            .undecided(&[MAY_KEY]),
    );
    rows.push(
        row("a_p521_certificate_in_tls_1_3")
            .openssl(Leaf::EcdsaP521, "-tls1_3")
            .undecided(&[MAY_KEY]),
    );
    for (name, leaf, arguments, engine) in DOUBTFUL_KEYS {
        let row = row(name).openssl(leaf, arguments).undecided(&[MAY_KEY]);
        rows.push(if engine == "hello" { row.hello() } else { row });
    }
    rows.extend([
        row("an_ed25519_certificate_from_rustls")
            .rustls(|stage| stage.options(Leaf::Ed25519))
            .fails(&[KEY]),
        row("whoever_offers_no_ed25519_is_reset")
            .hello()
            .choosy(
                vec![Demand::SignatureScheme(0x0807)],
                Refusal::Reset,
                openssl(Leaf::Ed25519, "-tls1_2"),
            )
            .fails(&[KEY]),
        row("whoever_offers_no_sha1_is_reset")
            .choosy(
                vec![Demand::SignatureScheme(0x0201)],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA"),
            )
            .hello()
            .answers(&[]),
        // Version 1 has no alternative names; the common name is the origin domain.
        row("a_version_1_certificate")
            .openssl(Leaf::Version1, "-tls1_2")
            .undecided(&["chain-constraint-violated may-fail", "common-name-only notice"]),
        row("two_certificates_of_which_cloudfront_can_use_one")
            .openssl(
                Leaf::Ed25519,
                "-tls1_2 -dcert {folder}/Rsa2048.pem -dkey {folder}/Rsa2048.key",
            )
            .answers(&[]),
    ]);
    rows
}
