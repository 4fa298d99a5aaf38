//! Go: 1.19 of Debian 12, and 1.27, which prefers ML-KEM.

use super::compiled::Source;
use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{NAME_REFUSED, NO_VERSION, REFUSED, Row};

const OLD: &str = "versions=1.0";
const REQUIRE: &str = "clients=required authorities={folder}/R.pem ";
const REQUEST: &str = "clients=requested authorities={folder}/R.pem";
const TLS_1_2: &str = "versions=1.2";

pub fn rows() -> Vec<Row> {
    let go_1_19 = go("go_1_19", Source::Go119);
    let go_1_27 = go("go_1_27", Source::Go127);
    let mut rows = vec![
        // C
        go_1_19.row("with_tls_1_0_only_where_it_is_not_listed", "RsaLI", OLD),
        go_1_19.row("with_tls_1_0_only_where_it_is_listed", "RsaLI", OLD),
        go_1_27.row("with_tls_1_0_only", "RsaLI", OLD).fails(&[NO_VERSION]),
    ];
    rows.extend([go_1_19, go_1_27].iter().flat_map(both));
    rows
}

fn go(name: &str, source: Source) -> Product {
    Product::new(name, move |list, options| {
        let key = key(list);
        Program::new(format!(
            "{{compiled}} {{address}} {{folder}}/{list}.pem {{folder}}/{key}.key {options}"
        ))
        .compiled(source)
    })
}

/// The rows about both versions.
fn both(go: &Product) -> Vec<Row> {
    // With a certificate for another name.
    let other = |question, options| go.row(question, "OI", options);
    let forwarded = |question, otherwise: &str| {
        let options = format!("unknown={otherwise} knows=origin.example.com");
        go.row(question, "LI", &options)
    };
    let mut rows = vec![
        // A
        go.row("sends_lri_as_written", "LRI", ""),
        go.issuer_first("private key does not match public key"),
        // B4: without a certificate, it sends alert 112; 1.27 asks for ML-KEM first, and for the
        // certificate after the second hello.
        other("has_no_certificate_for_any_name", "unknown=nil").fails(&[NAME_REFUSED]),
        other("has_no_certificate_for_this_name", "unknown=nil knows=-").fails(&[NAME_REFUSED]),
        forwarded("has_no_certificate_for_the_forwarded_host", "nil"),
        // After an error, alert 80.
        other("refuses_every_name", "unknown=error").fails(&[REFUSED]),
        other("refuses_an_unknown_name", "unknown=error knows=-"),
        forwarded("refuses_the_forwarded_host", "error"),
        other("has_no_configuration_for_any_name", "unknown=config-error").fails(&[REFUSED]),
        forwarded("has_no_configuration_for_the_forwarded_host", "config-error"),
        // C
        go.row("with_its_defaults", "LI", ""),
        go.row("with_tls_1_3_only", "LI", "versions=1.3"),
        // D
        go.row("with_chacha20_only_in_tls_1_2", "LI", "versions=1.2 suites=chacha20"),
        go.row("with_p521_only", "LI", "groups=p521"),
        go.row("with_p521_only_in_tls_1_2", "LI", "versions=1.2 groups=p521"),
    ];
    rows.extend(go.keys("EcdsaP521", "Ed25519", TLS_1_2));
    // E4
    rows.extend(go.clients(REQUIRE, REQUEST, TLS_1_2));
    rows
}
