//! Every family of cipher suites alone.

use origin_probe::demo::script::Script::{
    CloseAfterClientHello as Close, ResetAfterClientHello as Reset,
};
use origin_probe::demo::script::{Demand, FlightPart, SignedBy};
use origin_probe::demo::server::{TlsServerOptions, TlsVersions};

use super::kit::HAND_MADE;
use super::row::{BROKEN, CLOSED, KEY_MISMATCH, NO_SUITE, Row, by_hello, openssl, row};
use super::stage::Leaf::{self, EcdsaP256, EcdsaP384, Rsa2048, WrongName};

const UNDOCUMENTED: &str = "cipher-suite-undocumented notice";

/// Suites of TLS 1.2 that OpenSSL serves: the row, the certificate, OpenSSL's name for the suite.
const FULL_HANDSHAKE: [(&str, Leaf, &str); 4] = [
    ("ecdhe_ecdsa_aes128_gcm_alone", EcdsaP256, "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("ecdhe_ecdsa_aes256_gcm_alone", EcdsaP384, "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ("ecdhe_rsa_aes128_gcm_alone", Rsa2048, "ECDHE-RSA-AES128-GCM-SHA256"),
    ("ecdhe_rsa_aes256_gcm_alone", Rsa2048, "ECDHE-RSA-AES256-GCM-SHA384"),
];

const HELLO: [(&str, Leaf, &str); 10] = [
    ("ecdhe_rsa_aes128_cbc_sha_alone", Rsa2048, "ECDHE-RSA-AES128-SHA"),
    ("ecdhe_rsa_aes256_cbc_sha_alone", Rsa2048, "ECDHE-RSA-AES256-SHA"),
    ("ecdhe_rsa_aes128_cbc_sha256_alone", Rsa2048, "ECDHE-RSA-AES128-SHA256"),
    ("ecdhe_rsa_aes256_cbc_sha384_alone", Rsa2048, "ECDHE-RSA-AES256-SHA384"),
    ("ecdhe_ecdsa_aes128_cbc_sha_alone", EcdsaP256, "ECDHE-ECDSA-AES128-SHA"),
    ("ecdhe_ecdsa_aes256_cbc_sha_alone", EcdsaP256, "ECDHE-ECDSA-AES256-SHA"),
    ("ecdhe_ecdsa_aes128_cbc_sha256_alone", EcdsaP256, "ECDHE-ECDSA-AES128-SHA256"),
    ("ecdhe_ecdsa_aes256_cbc_sha384_alone", EcdsaP384, "ECDHE-ECDSA-AES256-SHA384"),
    ("static_rsa_aes128_cbc_sha_alone", Rsa2048, "AES128-SHA"),
    ("static_rsa_aes256_cbc_sha_alone", Rsa2048, "AES256-SHA"),
];

const NOT_ON_THE_PAGE: [(&str, &str); 3] = [
    ("static_rsa_aes128_gcm_alone", "AES128-GCM-SHA256"),
    ("static_rsa_aes256_gcm_alone", "AES256-GCM-SHA384"),
    ("static_rsa_aes128_cbc_sha256_alone", "AES128-SHA256"),
];

const NOT_OFFERED: [(&str, Leaf, &str); 13] = [
    ("static_rsa_aes256_cbc_sha256_alone", Rsa2048, "AES256-SHA256"),
    ("dhe_rsa_aes128_gcm_alone", Rsa2048, "DHE-RSA-AES128-GCM-SHA256"),
    ("dhe_rsa_aes256_cbc_sha_alone", Rsa2048, "DHE-RSA-AES256-SHA"),
    ("chacha20_alone_in_tls_1_2", Rsa2048, "ECDHE-RSA-CHACHA20-POLY1305"),
    ("chacha20_alone_in_tls_1_2_with_ecdsa", EcdsaP256, "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ("ccm_alone", EcdsaP256, "ECDHE-ECDSA-AES128-CCM"),
    ("ccm8_alone", EcdsaP256, "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"),
    ("aria_alone", Rsa2048, "ECDHE-ARIA128-GCM-SHA256"),
    ("camellia_alone", Rsa2048, "ECDHE-RSA-CAMELLIA128-SHA256"),
    ("camellia_with_static_rsa_alone", Rsa2048, "CAMELLIA128-SHA"),
    ("no_encryption_alone", Rsa2048, "NULL-SHA256:@SECLEVEL=0"),
    ("no_authentication_alone", Rsa2048, "AECDH-AES128-SHA:@SECLEVEL=0 -nocert"),
    ("a_preshared_key_alone", Rsa2048, "PSK:@SECLEVEL=0 -nocert -psk 00"),
];

const TLS_1_3: [(&str, u16); 3] = [
    ("aes128_gcm_alone_in_tls_1_3", 0x1301),
    ("aes256_gcm_alone_in_tls_1_3", 0x1302),
    ("chacha20_alone_in_tls_1_3", 0x1303),
];

/// Suites that the offer does not have; a server may choose them all the same.
const CHOSEN: [(&str, u16); 3] = [
    ("rc4_sha_is_chosen_though_nobody_offered_it", 0x0005),
    ("single_des_is_chosen_though_nobody_offered_it", 0x0009),
    ("a_suite_of_tls_1_3_is_chosen_in_tls_1_2", 0x1301),
];

pub fn rows() -> Vec<Row> {
    let with = |name, leaf, suite| row(name).openssl(leaf, in_tls_1_2(suite));
    let mut rows = hand_made();
    rows.extend(resetting());
    rows.extend(FULL_HANDSHAKE.map(|(name, leaf, suite)| with(name, leaf, suite)));
    rows.extend(HELLO.map(|(name, leaf, suite)| with(name, leaf, suite).hello()));
    for (name, suite) in NOT_ON_THE_PAGE {
        rows.push(with(name, Rsa2048, suite).hello().answers(&[UNDOCUMENTED]));
    }
    for (name, leaf, suite) in NOT_OFFERED {
        rows.push(with(name, leaf, suite).hello().fails(&[NO_SUITE]));
    }
    rows.push(
        by_hello("ccm_alone_in_tls_1_3")
            .openssl(EcdsaP256, "-tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256")
            .fails(&[NO_SUITE]),
    );
    for (name, suite) in TLS_1_3 {
        rows.push(row(name).rustls(move |stage| TlsServerOptions {
            versions: TlsVersions::Tls13,
            cipher_suites: vec![suite],
            ..stage.options(EcdsaP256)
        }));
    }
    rows
}

fn in_tls_1_2(suites: &str) -> String {
    format!("-tls1_2 -cipher {suites}")
}

/// What neither OpenSSL nor rustls will do.
fn hand_made() -> Vec<Row> {
    // By the key of that certificate.
    let signed = |name, signer: Option<Leaf>| {
        row(name).flight_with(0xc009, EcdsaP256, move |stage| {
            let by_key = |leaf| SignedBy::EcdsaP256 { key: stage.key(leaf) };
            let signed = signer.map_or(SignedBy::Nobody, by_key);
            vec![FlightPart::ServerKeyExchange { group: 23, signed }]
        })
    };
    let mut rows = vec![
        row("triple_des_alone").flight(0x000a, Rsa2048).not_asked(HAND_MADE),
        row("rc4_md5_alone").flight(0x0004, Rsa2048).not_asked(HAND_MADE),
        signed("cbc_with_a_key_exchange_signed_by_hand", Some(EcdsaP256)).not_asked(HAND_MADE),
        signed("cbc_with_a_key_exchange_signed_by_another_key", Some(WrongName))
            .fails(&[KEY_MISMATCH]),
        signed("cbc_with_a_key_exchange_signed_by_nobody", None).fails(&[KEY_MISMATCH]),
    ];
    for (name, suite) in CHOSEN {
        rows.push(row(name).flight(suite, Rsa2048).undecided(&[BROKEN]));
    }
    rows
}

/// Servers that do not answer whoever offers too little, or too much.
fn resetting() -> Vec<Row> {
    const BOTH_CBC: &str = "ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA";
    let behind = |suites| openssl(Rsa2048, in_tls_1_2(suites));
    let offering = |suites: &[u16]| Demand::CipherSuite(suites.to_vec());
    vec![
        // As Schannel answers what it cannot use: with a reset instead of an alert.
        by_hello("whoever_offers_no_static_rsa_is_reset")
            .choosy(offering(&[0x002f, 0x0035]), Reset, behind("AES256-SHA:AES128-SHA"))
            .answers(&[]),
        by_hello("whoever_offers_no_cbc_is_closed")
            .choosy(offering(&[0xc013, 0xc014]), Close, behind(BOTH_CBC))
            .answers(&[]),
        by_hello("whoever_offers_no_chacha20_in_tls_1_2_is_reset")
            .choosy(offering(&[0xcca8, 0xcca9]), Reset, behind("ECDHE-RSA-CHACHA20-POLY1305"))
            .fails(&[NO_SUITE]),
        // The full handshake offers a part of what CloudFront does, and a second one is not made
        // where the first succeeds: no such server is known.
        row("whoever_offers_more_than_16_suites_is_reset")
            .choosy(Demand::AtMostCipherSuites(16), Reset, openssl(Rsa2048, "-tls1_2"))
            .differs("a server that stumbles over a long offer is not looked for"),
        by_hello("whoever_offers_rc4_is_reset")
            .choosy(Demand::NoCipherSuite(vec![0x0004]), Reset, behind("ECDHE-RSA-AES128-SHA"))
            .fails(&[CLOSED]),
    ]
}
