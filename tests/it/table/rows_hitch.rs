//! hitch, 1.7 in Debian 12.

use super::products::{
    KEY, KEY_UNDOCUMENTED, MISSING, NAME_REFUSED, NO_SUITE, REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    vec![
        // A10
        one("hitch_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("hitch_sends_liu_as_written", "LIU", "").sends("LIU"),
        one("hitch_sends_nothing_of_client_verify_ca", "L", &verify("none", "IR")).sends("L"),
        one(
            "hitch_sends_nothing_of_client_verify_ca_where_it_asks",
            "L",
            &verify("optional", "IR"),
        )
        .fails(&[MISSING, REQUESTED]),
        // A15
        one("hitch_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("key values mismatch"),
        // B13
        one("hitch_rejects_an_unknown_name", "OI", ABORT).fails(&[NAME_REFUSED]),
        one("hitch_rejects_the_forwarded_host", "LI", ABORT)
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        one("hitch_serves_its_default_for_an_unknown_name", "OI", "").sends("OI"),
        // C
        one("hitch_with_its_defaults", "LI", "").answers(&[]),
        one("hitch_with_tls_1_3_only", "LI", "tls-protos = TLSv1.3\n").answers(&[]),
        // D
        one(
            "hitch_with_chacha20_only_in_tls_1_2",
            "LI",
            "tls-protos = TLSv1.2\nciphers = \"ECDHE-ECDSA-CHACHA20-POLY1305\"\n",
        )
        .fails(&[NO_SUITE]),
        one("hitch_with_a_p521_certificate", "P521LI", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        one("hitch_with_a_p521_certificate_in_tls_1_2", "P521LI", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        one("hitch_with_an_ed25519_certificate", "Ed25519LI", "").fails(&[KEY]),
        one("hitch_with_an_ed25519_certificate_in_tls_1_2", "Ed25519LI", TLS_1_2).fails(&[KEY]),
        // E10
        one("hitch_requires_a_client_certificate", "LI", &verify("required", "R"))
            .fails(&[REQUIRED]),
        one(
            "hitch_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &(verify("required", "R") + TLS_1_2),
        )
        .fails(&[REQUIRED]),
        one("hitch_requests_a_client_certificate", "LI", &verify("optional", "R"))
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}

const TLS_1_2: &str = "tls-protos = TLSv1.2\n";
const ABORT: &str = "sni-nomatch-abort = on\n";

fn verify(mode: &str, list: &str) -> String {
    format!("client-verify = {mode}\nclient-verify-ca = \"{{folder}}/{list}.pem\"\n")
}

/// hitch in front of a dead backend.
fn one(name: &'static str, list: &str, more: &str) -> Row {
    let text = format!(
        "frontend = \"[{{ip}}]:{{port}}\"\nbackend = \"[127.0.0.1]:1\"\nworkers = 1\n\
         user = \"_hitch\"\npem-file = \"{{folder}}/{list}.both\"\n{more}"
    );
    let program = Program::new("/usr/sbin/hitch --config={here}/hitch.conf");
    product(name, program.file("hitch.conf", text).needs_root())
}
