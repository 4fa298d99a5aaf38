//! OpenSSL 4.0 by way of pyOpenSSL; it prefers ML-KEM.

use super::products::{
    KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_SUITE, REFUSED, REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

fn openssl4(list: &str, key: &str, options: &str) -> Program {
    Program::new(format!(
        "{{peers}}/pip/bin/python {{programs}}/openssl4.py {{ip}} {{port}} \
         {{folder}}/{list}.pem {{folder}}/{key}.key {options}"
    ))
    .needs("{peers}/openssl4/OpenSSL")
    .environment("PYTHONPATH", "{peers}/openssl4")
}

pub fn rows() -> Vec<Row> {
    const REQUIRE: &str = "clients=required authorities={folder}/R.pem";
    let one = |name, list, options| product(name, openssl4(list, "L", options));
    let leaf = |name, leaf, options| product(name, openssl4(leaf, leaf, options));
    vec![
        // A6
        one(
            "openssl_4_completes_the_chain_from_its_authorities",
            "L",
            "authorities={folder}/IR.pem",
        )
        .sends("LIR"),
        // B: it has a certificate only after a known name.
        product("openssl_4_refuses_every_name", openssl4("OI", "O", "knows=other.example.org"))
            .fails(&[REFUSED]),
        one("openssl_4_refuses_the_forwarded_host", "LI", "knows=origin.example.com")
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        // C
        one("openssl_4_with_its_defaults", "LI", "").answers(&[]),
        one("openssl_4_with_tls_1_3_only", "LI", "versions=1.3").answers(&[]),
        // D
        one(
            "openssl_4_with_chacha20_only_in_tls_1_2",
            "LI",
            "versions=1.2 suites=ECDHE-ECDSA-CHACHA20-POLY1305",
        )
        .fails(&[NO_SUITE]),
        leaf("openssl_4_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("openssl_4_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", "versions=1.2")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        leaf("openssl_4_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        leaf("openssl_4_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", "versions=1.2")
            .fails(&[KEY]),
        // E
        one("openssl_4_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        one(
            "openssl_4_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{REQUIRE} versions=1.2"),
        )
        .fails(&[REQUIRED]),
        one(
            "openssl_4_requests_a_client_certificate",
            "LI",
            "clients=requested authorities={folder}/R.pem",
        )
        .undecided(&[REQUESTED])
        .aws_connects(),
    ]
}
