//! Python's `ssl`, 3.11 with OpenSSL 3.0 in Debian 12.

use super::products::{KEY, KEY_UNDOCUMENTED, NAME_REFUSED, REFUSED, REQUESTED, REQUIRED, product};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

const PYTHON: &str = "/usr/bin/python3";

fn python(list: &str, key: &str, options: &str) -> Program {
    Program::new(format!(
        "{PYTHON} {{programs}}/server.py {{ip}} {{port}} {{folder}}/{list}.pem \
         {{folder}}/{key}.key {options}"
    ))
    .needs(PYTHON)
}

pub fn rows() -> Vec<Row> {
    const TLS_1_2: &str = "versions=TLSv1_2";
    let one = |name, list, options| product(name, python(list, "L", options));
    let leaf = |name, leaf, options| product(name, python(leaf, leaf, options));
    let forwarded = |name, options| {
        one(name, "LI", options).viewer_hosts(&[VIEWER_HOST]).fails(&[NAME_REFUSED])
    };
    vec![
        // A6
        one("python_completes_the_chain_from_its_authorities", "L", "authorities={folder}/IR.pem")
            .sends("LIR"),
        // A15
        one("python_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("KEY_VALUES_MISMATCH"),
        // B: its callback gives an alert, or raises an exception.
        product(
            "python_does_not_recognise_any_name",
            python("OI", "O", "knows=other.example.org unknown=112"),
        )
        .fails(&[NAME_REFUSED]),
        forwarded(
            "python_does_not_recognise_the_forwarded_host",
            "knows=origin.example.com unknown=112",
        ),
        product(
            "python_raises_on_every_name",
            python("OI", "O", "knows=other.example.org unknown=raises"),
        )
        .fails(&[REFUSED]),
        forwarded("python_raises_on_the_forwarded_host", "knows=origin.example.com unknown=raises"),
        // C
        one("python_with_its_defaults", "LI", "").answers(&[]),
        // D
        leaf("python_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("python_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        // E
        one(
            "python_requires_a_client_certificate",
            "LI",
            "clients=required authorities={folder}/R.pem",
        )
        .fails(&[REQUIRED]),
        one(
            "python_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("clients=required authorities={{folder}}/R.pem {TLS_1_2}"),
        )
        .fails(&[REQUIRED]),
        one(
            "python_requests_a_client_certificate",
            "LI",
            "clients=requested authorities={folder}/R.pem",
        )
        .undecided(&[REQUESTED])
        .aws_connects(),
        // Beside the questions: it answers with HTML, without a status line.
        product(
            "python_without_tls",
            Program::new(format!("{PYTHON} -m http.server {{port}} --bind {{ip}}")).needs(PYTHON),
        )
        .fails(&["not-tls fails"]),
    ]
}
