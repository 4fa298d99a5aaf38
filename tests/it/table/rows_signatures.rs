//! Every signature scheme alone, and the keys that go with them.

use origin_probe::demo::script::{Demand, Script};

use super::row::{KEY, KEY_UNDOCUMENTED, Row, by_hello, openssl, row};
use super::stage::Leaf::{
    self, EcdsaP256, EcdsaP384, EcdsaP521, Ed448, Ed25519, Rsa1024, Rsa2048, Rsa8192, RsaPss,
    Version1,
};

/// Schemes of rustls that AWS's policy has, too: the row, the certificate, OpenSSL's arguments, the
/// scheme.
const FULL_HANDSHAKE: [(&str, Leaf, &str, &str); 15] = [
    ("rsa_pkcs1_sha256_alone", Rsa2048, ECDHE, "RSA+SHA256"),
    ("rsa_pkcs1_sha384_alone", Rsa2048, ECDHE, "RSA+SHA384"),
    ("rsa_pkcs1_sha512_alone", Rsa2048, ECDHE, "RSA+SHA512"),
    ("rsa_pss_rsae_sha256_alone_in_tls_1_2", Rsa2048, ECDHE, "rsa_pss_rsae_sha256"),
    ("rsa_pss_rsae_sha256_alone", Rsa2048, "-tls1_3", "rsa_pss_rsae_sha256"),
    ("rsa_pss_rsae_sha384_alone", Rsa2048, "-tls1_3", "rsa_pss_rsae_sha384"),
    ("rsa_pss_rsae_sha512_alone", Rsa2048, "-tls1_3", "rsa_pss_rsae_sha512"),
    ("ecdsa_p256_sha256_alone", EcdsaP256, "-tls1_3", "ecdsa_secp256r1_sha256"),
    ("ecdsa_p384_sha384_alone", EcdsaP384, "-tls1_3", "ecdsa_secp384r1_sha384"),
    ("ecdsa_sha256_alone_in_tls_1_2", EcdsaP256, "-tls1_2", "ECDSA+SHA256"),
    ("ecdsa_sha384_with_p256_in_tls_1_2", EcdsaP256, "-tls1_2", "ECDSA+SHA384"),
    ("ecdsa_sha384_alone_in_tls_1_2", EcdsaP384, "-tls1_2", "ECDSA+SHA384"),
    ("rsa_pkcs1_sha1_alone", Rsa2048, ECDHE_WITH_OLD, "RSA+SHA1"),
    ("ecdsa_sha1_alone", EcdsaP256, ECDHE_WITH_OLD, "ECDSA+SHA1"),
    ("ecdsa_sha512_alone_in_tls_1_2", EcdsaP256, "-tls1_2", "ECDSA+SHA512"),
];

const ECDHE: &str = "-tls1_2 -cipher ECDHE";
const ECDHE_WITH_OLD: &str = "-tls1_2 -cipher ECDHE:@SECLEVEL=0";
const CBC: &str = "-tls1_2 -cipher ECDHE-RSA-AES128-SHA:@SECLEVEL=0";
const STATIC_RSA: &str = "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0";

/// Schemes, or suites beside them, that the full handshake does not speak.
const HELLO: [(&str, Leaf, &str, &str); 4] = [
    ("rsa_pkcs1_sha224_alone", Rsa2048, ECDHE_WITH_OLD, "RSA+SHA224"),
    ("ecdsa_sha224_alone", EcdsaP256, ECDHE_WITH_OLD, "ECDSA+SHA224"),
    ("sha1_alone_with_cbc_only", Rsa2048, CBC, "RSA+SHA1"),
    // Without a key exchange to sign, no scheme is needed.
    ("rsa_pkcs1_sha1_alone_with_static_rsa", Rsa2048, STATIC_RSA, "RSA+SHA1"),
];

/// Keys that no client serves without asking for them.
const REFUSED_KEYS: [(&str, Leaf, &str); 4] = [
    ("an_ed25519_certificate_in_tls_1_2", Ed25519, "-tls1_2"),
    ("an_ed25519_certificate_in_tls_1_3", Ed25519, "-tls1_3"),
    ("an_ed448_certificate_in_tls_1_2", Ed448, "-tls1_2"),
    ("an_ed448_certificate_in_tls_1_3", Ed448, "-tls1_3"),
];

/// Keys of which no page of AWS speaks.
const DOUBTFUL_KEYS: [(&str, Leaf, &str, &str); 8] = [
    ("an_rsa_key_of_1024_bits", Rsa1024, "-tls1_2 -cipher ECDHE:@SECLEVEL=0", "rustls"),
    ("an_rsa_key_of_1024_bits_with_static_rsa", Rsa1024, STATIC_RSA, "hello"),
    ("an_rsa_key_of_1024_bits_in_tls_1_3", Rsa1024, "-tls1_3 -cipher ALL:@SECLEVEL=0", "rustls"),
    ("an_rsa_key_of_8192_bits", Rsa8192, "-tls1_2", "rustls"),
    ("a_pss_key_in_tls_1_2", RsaPss, "-tls1_2 -sigalgs rsa_pss_pss_sha256", "hello"),
    // The certificate is encrypted: only a full handshake that offers the scheme can see it.
    ("a_pss_key_in_tls_1_3", RsaPss, "-tls1_3 -sigalgs rsa_pss_pss_sha256", "rustls"),
    // Its name for ECDSA with SHA-512 of TLS 1.2 is, in TLS 1.3, that of P-521; the curve is not in
    // the offer.
    ("a_p521_certificate_in_tls_1_2", EcdsaP521, "-tls1_2", "hello"),
    ("a_p521_certificate_in_tls_1_3", EcdsaP521, "-tls1_3", "rustls"),
];

pub fn rows() -> Vec<Row> {
    let cbc = openssl(Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA");
    let mut rows = vec![
        row("an_ed25519_certificate_from_rustls").certificate(Ed25519).fails(&[KEY]),
        by_hello("whoever_offers_no_ed25519_is_reset")
            .choosy(
                Demand::SignatureScheme(0x0807),
                Script::ResetAfterClientHello,
                openssl(Ed25519, "-tls1_2"),
            )
            .fails(&[KEY]),
        by_hello("whoever_offers_no_sha1_is_reset")
            .choosy(Demand::SignatureScheme(0x0201), Script::ResetAfterClientHello, cbc)
            .answers(&[]),
        // Version 1 has no alternative names; the common name is the origin domain.
        row("a_version_1_certificate")
            .openssl(Version1, "-tls1_2")
            .undecided(&["chain-constraint-violated may-fail", "common-name-only notice"]),
        row("two_certificates_of_which_cloudfront_can_use_one")
            .openssl(Ed25519, "-tls1_2 -dcert {folder}/Rsa2048.pem -dkey {folder}/Rsa2048.key"),
    ];
    let alone = |(name, leaf, arguments, scheme): (&'static str, Leaf, &str, &str)| {
        row(name).openssl(leaf, format!("{arguments} -sigalgs {scheme}"))
    };
    rows.extend(FULL_HANDSHAKE.map(alone));
    rows.extend(HELLO.map(|one| alone(one).hello()));
    for (name, leaf, arguments) in REFUSED_KEYS {
        rows.push(row(name).openssl(leaf, arguments).hello().fails(&[KEY]));
    }
    for (name, leaf, arguments, engine) in DOUBTFUL_KEYS {
        let row = row(name).openssl(leaf, arguments).undecided(&[KEY_UNDOCUMENTED]);
        rows.push(row.engines(&[engine]));
    }
    rows
}
