//! gnutls-serv, GnuTLS 3.7 in Debian 12.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

use super::products::{
    KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NAME_WARNING, NO_GROUP, NO_SUITE, NO_VERSION, NOT_NAMED,
    REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    [chains_and_names(), versions(), negotiation(), client_certificates()]
        .into_iter()
        .flatten()
        .collect()
}

/// Without options, it asks for a client certificate.
const NO_CLIENT: &str = "--disable-client-cert";

fn gnutls(list: &str, key: &str, options: &str) -> Program {
    Program::new(format!(
        "gnutls-serv --http --port {{port}} --x509certfile {{folder}}/{list}.pem \
         --x509keyfile {{folder}}/{key}.key {options}"
    ))
}

fn with(name: &'static str, list: &str, options: &str) -> Row {
    product(name, gnutls(list, "L", &format!("{NO_CLIENT} {options}")))
}

fn leaf(name: &'static str, leaf: &str, options: &str) -> Row {
    product(name, gnutls(leaf, leaf, &format!("{NO_CLIENT} {options}")))
}

fn chains_and_names() -> Vec<Row> {
    vec![
        // A7: it sorts the list and drops what does not belong there.
        with("gnutls_sends_lri_in_order", "LRI", "").sends("LIR"),
        with("gnutls_sends_liu_without_u", "LIU", "").sends("LI"),
        with("gnutls_sends_nothing_of_x509cafile", "L", "--x509cafile {folder}/IR.pem").sends("L"),
        // A15
        with("gnutls_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("do not match"),
        // B
        product(
            "gnutls_refuses_an_unknown_name",
            gnutls(
                "OI",
                "O",
                &format!("{NO_CLIENT} --sni-hostname other.example.org --sni-hostname-fatal"),
            ),
        )
        .fails(&[NAME_REFUSED]),
        with(
            "gnutls_refuses_the_forwarded_host",
            "LI",
            "--sni-hostname origin.example.com --sni-hostname-fatal",
        )
        .viewer_hosts(&[VIEWER_HOST])
        .fails(&[NAME_REFUSED]),
        product(
            "gnutls_serves_its_default_for_an_unknown_name",
            gnutls("OI", "O", &format!("{NO_CLIENT} --sni-hostname other.example.org")),
        )
        .sends("OI")
        // It warns before.
        .fails(&[NOT_NAMED, NAME_WARNING]),
    ]
}

const TLS_1_2: &str = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.2";
const TLS_1_3: &str = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.3";
const TLS_1_0: &str = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.0";

// C
fn versions() -> Vec<Row> {
    let old = || gnutls("RsaLI", "RsaL", &format!("{NO_CLIENT} {TLS_1_0}"));
    vec![
        with("gnutls_with_its_defaults", "LI", "").answers(&[]),
        with("gnutls_with_tls_1_3_only", "LI", TLS_1_3).answers(&[]),
        // It answers in TLS 1.0 all the same.
        product("gnutls_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("gnutls_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
    ]
}

// D
fn negotiation() -> Vec<Row> {
    vec![
        with(
            "gnutls_with_chacha20_only_in_tls_1_2",
            "LI",
            &format!("{TLS_1_2}:-CIPHER-ALL:+CHACHA20-POLY1305"),
        )
        .fails(&[NO_SUITE]),
        with("gnutls_with_p521_only", "LI", "--priority NORMAL:-GROUP-ALL:+GROUP-SECP521R1")
            .fails(&[NO_GROUP]),
        with(
            "gnutls_with_p521_only_in_tls_1_2",
            "LI",
            &format!("{TLS_1_2}:-GROUP-ALL:+GROUP-SECP521R1"),
        )
        .fails(&[NO_GROUP]),
        leaf("gnutls_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("gnutls_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        leaf("gnutls_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        leaf("gnutls_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[KEY]),
    ]
}

// E7
fn client_certificates() -> Vec<Row> {
    const REQUIRE: &str = "--require-client-cert --x509cafile {folder}/R.pem";
    vec![
        product("gnutls_requires_a_client_certificate", gnutls("LI", "L", REQUIRE))
            .fails(&[REQUIRED]),
        product(
            "gnutls_requires_a_client_certificate_in_tls_1_2",
            gnutls("LI", "L", &format!("{REQUIRE} {TLS_1_2}")),
        )
        .fails(&[REQUIRED]),
        product("gnutls_requests_a_client_certificate", gnutls("LI", "L", ""))
            .undecided(&[REQUESTED])
            .aws_connects(),
        product("gnutls_requests_a_client_certificate_in_tls_1_2", gnutls("LI", "L", TLS_1_2))
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}
