//! Python's `ssl`, 3.11 with OpenSSL 3.0 in Debian 12; and OpenSSL 4.0 by way of pyOpenSSL, which
//! prefers ML-KEM.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{NAME_REFUSED, REFUSED, Row};

const AUTHORITIES: &str = "authorities={folder}/IR.pem";
const REQUIRE: &str = "clients=required authorities={folder}/R.pem ";
const REQUEST: &str = "clients=requested authorities={folder}/R.pem";

pub fn rows() -> Vec<Row> {
    python().into_iter().chain(openssl4()).collect()
}

fn python() -> Vec<Row> {
    const PYTHON: &str = "/usr/bin/python3";
    let python = Product::new("python", |list, options| {
        let key = key(list);
        Program::new(format!(
            "{PYTHON} {{programs}}/server.py {{ip}} {{port}} {{folder}}/{list}.pem \
             {{folder}}/{key}.key {options}"
        ))
        .needs(PYTHON)
    });
    let unknown = |question, otherwise: &str| {
        python.row(question, "OI", &format!("knows=other.example.org unknown={otherwise}"))
    };
    let forwarded = |question, otherwise: &str| {
        let options = format!("knows=origin.example.com unknown={otherwise}");
        python.row(question, "LI", &options)
    };
    let plain = Program::new(format!("{PYTHON} -m http.server {{port}} --bind {{ip}}"));
    let mut rows = vec![
        // A6
        python.row("completes_the_chain_from_its_authorities", "L", AUTHORITIES).sends("LIR"),
        python.issuer_first("KEY_VALUES_MISMATCH"),
        // B: its callback gives an alert, or raises an exception.
        unknown("does_not_recognise_any_name", "112").fails(&[NAME_REFUSED]),
        forwarded("does_not_recognise_the_forwarded_host", "112"),
        unknown("raises_on_every_name", "raises").fails(&[REFUSED]),
        forwarded("raises_on_the_forwarded_host", "raises"),
        // C
        python.row("with_its_defaults", "LI", ""),
        // D
        python.row("with_a_p521_certificate", "EcdsaP521", ""),
        python.row("with_an_ed25519_certificate", "Ed25519", ""),
        // Beside the questions: it answers with HTML, without a status line.
        python.with("without_tls", plain.needs(PYTHON)),
    ];
    // E
    rows.extend(python.clients(REQUIRE, REQUEST, "versions=TLSv1_2"));
    rows
}

fn openssl4() -> Vec<Row> {
    const CHACHA20: &str = "versions=1.2 suites=ECDHE-ECDSA-CHACHA20-POLY1305";
    const TLS_1_2: &str = "versions=1.2";
    let openssl = Product::new("openssl_4", |list, options| {
        let key = key(list);
        Program::new(format!(
            "{{peers}}/pip/bin/python {{programs}}/openssl4.py {{ip}} {{port}} \
             {{folder}}/{list}.pem {{folder}}/{key}.key {options}"
        ))
        .needs("{peers}/openssl4/OpenSSL")
        .environment("PYTHONPATH", "{peers}/openssl4")
    });
    let mut rows = vec![
        // A6
        openssl.row("completes_the_chain_from_its_authorities", "L", AUTHORITIES).sends("LIR"),
        // B: it has a certificate only after a known name.
        openssl.row("refuses_every_name", "OI", "knows=other.example.org").fails(&[REFUSED]),
        openssl.row("refuses_the_forwarded_host", "LI", "knows=origin.example.com"),
        // C
        openssl.row("with_its_defaults", "LI", ""),
        openssl.row("with_tls_1_3_only", "LI", "versions=1.3"),
        // D
        openssl.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
    ];
    rows.extend(openssl.keys("EcdsaP521", "Ed25519", TLS_1_2));
    // E
    rows.extend(openssl.clients(REQUIRE, REQUEST, TLS_1_2));
    rows
}
