//! h2o, 2.2 in Debian 12.

use super::products::{KEY_UNDOCUMENTED, product};
use super::program::Program;
use super::row::Row;

pub fn rows() -> Vec<Row> {
    vec![
        // A18
        one("h2o_sends_lri_as_written", "LRI", "L", "").sends("LRI"),
        one("h2o_sends_liu_as_written", "LIU", "L", "").sends("LIU"),
        // B15
        one("h2o_serves_its_default_for_an_unknown_name", "OI", "O", "").sends("OI"),
        // C
        one("h2o_with_its_defaults", "LI", "L", "").answers(&[]),
        one("h2o_with_tls_1_3_only", "LI", "L", "        minimum-version: TLSv1.3\n").answers(&[]),
        // D; its TLS 1.3 cannot be turned off.
        one("h2o_with_a_p521_certificate", "P521LI", "P521L", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        one("h2o_does_not_start_with_ed25519", "Ed25519LI", "Ed25519L", "")
            .does_not_start("unsupported private key"),
    ]
}

fn one(name: &'static str, list: &str, key: &str, more: &str) -> Row {
    let text = format!(
        "user: root\npid-file: {{here}}/pid\nerror-log: /dev/stderr\nnum-threads: 1\n\
         hosts:\n  \"other.example.org\":\n    listen:\n      host: {{ip}}\n      port: {{port}}\n      \
         ssl:\n        certificate-file: {{folder}}/{list}.pem\n        \
         key-file: {{folder}}/{key}.key\n        ocsp-update-interval: 0\n{more}    paths:\n      /:\n        \
         file.dir: {{here}}\n"
    );
    product(name, Program::new("h2o -c {here}/h2o.conf").file("h2o.conf", text).needs_root())
}
