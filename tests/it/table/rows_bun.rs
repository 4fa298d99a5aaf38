//! Bun 1.4, which brings BoringSSL and prefers ML-KEM.

use super::products::{KEY, KEY_UNDOCUMENTED, REQUESTED, REQUIRED, product};
use super::program::Program;
use super::row::Row;

/// A server of `Bun.serve` with these options for TLS.
fn bun(options: &str) -> Program {
    const BUN: &str = "{peers}/bun/package/bin/bun";
    Program::new(format!("{BUN} {{programs}}/bun.ts {{ip}} {{port}} {{folder}}"))
        .needs(BUN)
        .environment("HOME", "{here}")
        .file("options", options)
}

fn pair(list: &str, key: &str, more: &str) -> String {
    format!("{{ cert: pem('{list}.pem'), key: pem('{key}.key'), {more} }}")
}

fn one(name: &'static str, list: &str, more: &str) -> Row {
    product(name, bun(&pair(list, "L", more)))
}

fn leaf(name: &'static str, leaf: &str) -> Row {
    product(name, bun(&pair(leaf, leaf, "")))
}

pub fn rows() -> Vec<Row> {
    const CLIENTS: &str = "requestCert: true, ca: [pem('R.pem')]";
    vec![
        // A
        one("bun_completes_the_chain_from_ca", "L", "ca: [pem('I.pem'), pem('R.pem')]")
            .sends("LIR"),
        one("bun_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("KEY_VALUES_MISMATCH"),
        // B
        product(
            "bun_serves_its_only_entry_for_an_unknown_name",
            bun(&format!("[{}]", pair("OI", "O", "serverName: 'other.example.org'"))),
        )
        .sends("OI"),
        // C
        one("bun_with_its_defaults", "LI", "").answers(&[]),
        // D
        leaf("bun_with_a_p521_certificate", "EcdsaP521")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("bun_with_an_ed25519_certificate", "Ed25519").fails(&[KEY]),
        // E
        one(
            "bun_requires_a_client_certificate",
            "LI",
            &format!("{CLIENTS}, rejectUnauthorized: true"),
        )
        .fails(&[REQUIRED]),
        one(
            "bun_requests_a_client_certificate",
            "LI",
            &format!("{CLIENTS}, rejectUnauthorized: false"),
        )
        .undecided(&[REQUESTED])
        .aws_connects(),
    ]
}
