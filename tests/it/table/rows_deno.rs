//! Deno 2.9, whose TLS is rustls on AWS's cryptography.

use super::products::{KEY, KEY_UNDOCUMENTED, product};
use super::program::Program;
use super::row::Row;

fn deno(list: &str, key: &str) -> Program {
    const DENO: &str = "{peers}/deno/bin/deno";
    Program::new(format!(
        "{DENO} run --allow-all --no-config --quiet {{programs}}/deno.ts {{ip}} {{port}} \
         {{folder}}/{list}.pem {{folder}}/{key}.key"
    ))
    .needs(DENO)
    .environment("DENO_DIR", "{here}")
    .environment("DENO_NO_UPDATE_CHECK", "1")
}

pub fn rows() -> Vec<Row> {
    let one = |name, list| product(name, deno(list, "L"));
    let leaf = |name, leaf| product(name, deno(leaf, leaf));
    vec![
        // A
        one("deno_sends_lri_as_written", "LRI").sends("LRI"),
        // A15
        one("deno_does_not_start_with_the_issuer_first", "IL").does_not_start("KeyMismatch"),
        // C
        one("deno_with_its_defaults", "LI").answers(&[]),
        // D
        leaf("deno_with_a_p521_certificate", "EcdsaP521")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("deno_with_an_ed25519_certificate", "Ed25519").fails(&[KEY]),
    ]
}
