//! Every family of cipher suites alone.

use origin_probe::demo::script::{Demand, Flight, FlightPart, Refusal, Script, SignedBy};
use origin_probe::demo::server::{TlsServerOptions, TlsVersions};

use super::row::{Row, openssl, row};
use super::stage::{Leaf, Stage};

const BROKEN: &str = "handshake-refused may-fail";
const NO_SUITE: &str = "no-shared-cipher-suite fails";
const UNDOCUMENTED: &str = "cipher-suite-undocumented notice";
const HAND_MADE: &str = "a flight made by hand cannot end a handshake";

/// Suites of TLS 1.2 that OpenSSL serves: the row, the certificate, OpenSSL's arguments.
const FULL_HANDSHAKE: [(&str, Leaf, &str); 4] = [
    (
        "ecdhe_ecdsa_aes128_gcm_alone",
        Leaf::EcdsaP256,
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256",
    ),
    (
        "ecdhe_ecdsa_aes256_gcm_alone",
        Leaf::EcdsaP384,
        "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384",
    ),
    ("ecdhe_rsa_aes128_gcm_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256"),
    ("ecdhe_rsa_aes256_gcm_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384"),
];

const HELLO: [(&str, Leaf, &str); 10] = [
    ("ecdhe_rsa_aes128_cbc_sha_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA"),
    ("ecdhe_rsa_aes256_cbc_sha_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES256-SHA"),
    ("ecdhe_rsa_aes128_cbc_sha256_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA256"),
    ("ecdhe_rsa_aes256_cbc_sha384_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES256-SHA384"),
    ("ecdhe_ecdsa_aes128_cbc_sha_alone", Leaf::EcdsaP256, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA"),
    ("ecdhe_ecdsa_aes256_cbc_sha_alone", Leaf::EcdsaP256, "-tls1_2 -cipher ECDHE-ECDSA-AES256-SHA"),
    (
        "ecdhe_ecdsa_aes128_cbc_sha256_alone",
        Leaf::EcdsaP256,
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256",
    ),
    (
        "ecdhe_ecdsa_aes256_cbc_sha384_alone",
        Leaf::EcdsaP384,
        "-tls1_2 -cipher ECDHE-ECDSA-AES256-SHA384",
    ),
    ("static_rsa_aes128_cbc_sha_alone", Leaf::Rsa2048, "-tls1_2 -cipher AES128-SHA"),
    ("static_rsa_aes256_cbc_sha_alone", Leaf::Rsa2048, "-tls1_2 -cipher AES256-SHA"),
];

const NOT_ON_THE_PAGE: [(&str, &str); 3] = [
    ("static_rsa_aes128_gcm_alone", "-tls1_2 -cipher AES128-GCM-SHA256"),
    ("static_rsa_aes256_gcm_alone", "-tls1_2 -cipher AES256-GCM-SHA384"),
    ("static_rsa_aes128_cbc_sha256_alone", "-tls1_2 -cipher AES128-SHA256"),
];

const NOT_OFFERED: [(&str, Leaf, &str); 14] = [
    ("static_rsa_aes256_cbc_sha256_alone", Leaf::Rsa2048, "-tls1_2 -cipher AES256-SHA256"),
    ("dhe_rsa_aes128_gcm_alone", Leaf::Rsa2048, "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256"),
    ("dhe_rsa_aes256_cbc_sha_alone", Leaf::Rsa2048, "-tls1_2 -cipher DHE-RSA-AES256-SHA"),
    ("chacha20_alone_in_tls_1_2", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305"),
    (
        "chacha20_alone_in_tls_1_2_with_ecdsa",
        Leaf::EcdsaP256,
        "-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305",
    ),
    ("ccm_alone", Leaf::EcdsaP256, "-tls1_2 -cipher ECDHE-ECDSA-AES128-CCM"),
    ("ccm8_alone", Leaf::EcdsaP256, "-tls1_2 -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"),
    ("aria_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-ARIA128-GCM-SHA256"),
    ("camellia_alone", Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-CAMELLIA128-SHA256"),
    ("camellia_with_static_rsa_alone", Leaf::Rsa2048, "-tls1_2 -cipher CAMELLIA128-SHA"),
    ("no_encryption_alone", Leaf::Rsa2048, "-tls1_2 -cipher NULL-SHA256:@SECLEVEL=0"),
    (
        "no_authentication_alone",
        Leaf::Rsa2048,
        "-tls1_2 -nocert -cipher AECDH-AES128-SHA:@SECLEVEL=0",
    ),
    ("ccm_alone_in_tls_1_3", Leaf::EcdsaP256, "-tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256"),
    ("a_preshared_key_alone", Leaf::Rsa2048, "-tls1_2 -nocert -psk 00 -cipher PSK:@SECLEVEL=0"),
];

const TLS_1_3: [(&str, u16); 3] = [
    ("aes128_gcm_alone_in_tls_1_3", 0x1301),
    ("aes256_gcm_alone_in_tls_1_3", 0x1302),
    ("chacha20_alone_in_tls_1_3", 0x1303),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, leaf, arguments) in FULL_HANDSHAKE {
        rows.push(row(name).openssl(leaf, arguments).answers(&[]));
    }
    for (name, leaf, arguments) in HELLO {
        rows.push(row(name).openssl(leaf, arguments).hello().answers(&[]));
    }
    for (name, arguments) in NOT_ON_THE_PAGE {
        rows.push(row(name).openssl(Leaf::Rsa2048, arguments).hello().answers(&[UNDOCUMENTED]));
    }
    for (name, leaf, arguments) in NOT_OFFERED {
        rows.push(row(name).openssl(leaf, arguments).hello().fails(&[NO_SUITE]));
    }
    for (name, suite) in TLS_1_3 {
        let options: fn(&Stage) -> TlsServerOptions = match suite {
            0x1301 => |stage| tls13(stage, 0x1301),
            0x1302 => |stage| tls13(stage, 0x1302),
            _ => |stage| tls13(stage, 0x1303),
        };
        rows.push(row(name).rustls(options).answers(&[]));
    }
    rows.extend(hand_made());
    rows
}

/// What neither OpenSSL nor rustls will do.
fn hand_made() -> Vec<Row> {
    vec![
        row("triple_des_alone")
            .script(|stage| static_rsa(stage, 0x000a))
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        row("rc4_md5_alone")
            .script(|stage| static_rsa(stage, 0x0004))
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        row("rc4_sha_is_chosen_though_nobody_offered_it")
            .hello()
            .script(|stage| static_rsa(stage, 0x0005))
            .undecided(&[BROKEN]),
        row("single_des_is_chosen_though_nobody_offered_it")
            .hello()
            .script(|stage| static_rsa(stage, 0x0009))
            .undecided(&[BROKEN]),
        row("a_suite_of_tls_1_3_is_chosen_in_tls_1_2")
            .hello()
            .script(|stage| static_rsa(stage, 0x1301))
            .undecided(&[BROKEN]),
        row("cbc_with_a_key_exchange_signed_by_hand")
            .script(|stage| {
                let key = stage.key(Leaf::EcdsaP256);
                ecdhe_cbc(stage, SignedBy::EcdsaP256 { key })
            })
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        row("cbc_with_a_key_exchange_signed_by_nobody")
            .script(|stage| ecdhe_cbc(stage, SignedBy::Nobody))
            .hello()
            .fails(&["key-mismatch fails"]),
        row("cbc_with_a_key_exchange_signed_by_another_key")
            .script(|stage| {
                let key = stage.key(Leaf::WrongName);
                ecdhe_cbc(stage, SignedBy::EcdsaP256 { key })
            })
            .hello()
            .fails(&["key-mismatch fails"]),
        // As Schannel answers what it cannot use: with a reset instead of an alert.
        row("whoever_offers_no_static_rsa_is_reset")
            .choosy(
                vec![Demand::CipherSuite(vec![0x002f, 0x0035])],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1_2 -cipher AES256-SHA:AES128-SHA"),
            )
            .hello()
            .answers(&[]),
        row("whoever_offers_no_cbc_is_closed")
            .choosy(
                vec![Demand::CipherSuite(vec![0xc013, 0xc014])],
                Refusal::Close,
                openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA"),
            )
            .hello()
            .answers(&[]),
        row("whoever_offers_no_chacha20_in_tls_1_2_is_reset")
            .hello()
            .choosy(
                vec![Demand::CipherSuite(vec![0xcca8, 0xcca9])],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305"),
            )
            .fails(&[NO_SUITE]),
        // The full handshake offers a part of what CloudFront does, and a second one is not made
        // where the first succeeds: no such server is known.
        row("whoever_offers_more_than_16_suites_is_reset")
            .choosy(
                vec![Demand::AtMostCipherSuites(16)],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1_2"),
            )
            .answers(&[])
            .differs("a server that stumbles over a long offer is not looked for"),
        row("whoever_offers_rc4_is_reset")
            .hello()
            .choosy(
                vec![Demand::NoCipherSuite(vec![0x0004])],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA"),
            )
            .fails(&["connection-closed fails"]),
    ]
}

fn tls13(stage: &Stage, cipher_suite: u16) -> TlsServerOptions {
    TlsServerOptions {
        versions: TlsVersions::Tls13,
        cipher_suites: vec![cipher_suite],
        ..stage.options(Leaf::EcdsaP256)
    }
}

fn static_rsa(stage: &Stage, cipher_suite: u16) -> Script {
    let parts = vec![
        FlightPart::ServerHello { version: 0x0303, cipher_suite },
        FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]),
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(0x0303, parts))
}

fn ecdhe_cbc(stage: &Stage, signed: SignedBy) -> Script {
    let parts = vec![
        FlightPart::ServerHello { version: 0x0303, cipher_suite: 0xc009 },
        FlightPart::Certificate(vec![stage.der(Leaf::EcdsaP256)]),
        FlightPart::ServerKeyExchange { group: 23, signed },
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(0x0303, parts))
}
