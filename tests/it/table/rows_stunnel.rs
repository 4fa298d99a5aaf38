//! stunnel, 5.68 in Debian 12.

use super::products::{
    ANCHOR, KEY, KEY_UNDOCUMENTED, NO_GROUP, NO_SUITE, REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;

pub fn rows() -> Vec<Row> {
    vec![
        // A9
        one("stunnel_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("stunnel_completes_the_chain_from_ca_file", "L", CA_FILE).sends("LIR"),
        one("stunnel_completes_the_chain_from_ca_file_with_verify_0", "L", &verify(0, "IR"))
            .undecided(&[REQUESTED, ANCHOR])
            .aws_connects(),
        one("stunnel_completes_the_chain_from_ca_file_with_verify_1", "L", &verify(1, "IR"))
            .undecided(&[REQUESTED, ANCHOR])
            .aws_connects(),
        // B14
        product("stunnel_serves_the_certificate_of_its_master_service", routed()).sends("OI"),
        // C
        one("stunnel_with_its_defaults", "LI", "").answers(&[]),
        one("stunnel_with_tls_1_3_only", "LI", "sslVersionMin = TLSv1.3\n").answers(&[]),
        // D
        one(
            "stunnel_with_chacha20_only_in_tls_1_2",
            "LI",
            "sslVersionMax = TLSv1.2\nciphers = ECDHE-ECDSA-CHACHA20-POLY1305\n",
        )
        .fails(&[NO_SUITE]),
        one("stunnel_with_p521_only", "LI", "curves = P-521\n").fails(&[NO_GROUP]),
        one("stunnel_with_p521_only_in_tls_1_2", "LI", "curves = P-521\nsslVersionMax = TLSv1.2\n")
            .fails(&[NO_GROUP]),
        one("stunnel_with_a_p521_certificate", "P521LI", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        one("stunnel_with_a_p521_certificate_in_tls_1_2", "P521LI", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        one("stunnel_with_an_ed25519_certificate", "Ed25519LI", "").fails(&[KEY]),
        one("stunnel_with_an_ed25519_certificate_in_tls_1_2", "Ed25519LI", TLS_1_2).fails(&[KEY]),
        // E9
        one("stunnel_requires_a_client_certificate", "LI", &verify(2, "R")).fails(&[REQUIRED]),
        one("stunnel_requires_a_client_certificate_in_tls_1_2", "LI", &(verify(2, "R") + TLS_1_2))
            .fails(&[REQUIRED]),
        one("stunnel_requests_a_client_certificate", "LI", &verify(1, "R"))
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}

const CA_FILE: &str = "CAfile = {folder}/IR.pem\n";
const TLS_1_2: &str = "sslVersionMax = TLSv1.2\n";

fn verify(level: u8, list: &str) -> String {
    format!("verify = {level}\nCAfile = {{folder}}/{list}.pem\n")
}

/// stunnel in front of an echo.
fn stunnel(list: &str, more: &str) -> Program {
    let text = format!(
        "foreground = yes\npid =\n[origin]\naccept = {{address}}\nexec = /bin/cat\n\
         execArgs = cat\ncert = {{folder}}/{list}.both\n{more}"
    );
    Program::new("stunnel {here}/stunnel.conf").file("stunnel.conf", text)
}

fn one(name: &'static str, list: &str, more: &str) -> Row {
    product(name, stunnel(list, more))
}

/// With a service for a third name.
fn routed() -> Program {
    stunnel(
        "OI",
        "[third]\nsni = origin:third.example.org\nexec = /bin/cat\nexecArgs = cat\n\
         cert = {folder}/LI.both\n",
    )
}
