//! HAProxy, 2.6 in Debian 12.

use origin_probe::origin::SslProtocol::{TlsV1_1, TlsV1_2};

use super::products::{
    CLOSED, KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_GROUP, NO_SUITE, NO_VERSION, REQUESTED,
    REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    [chains(), names(), versions(), negotiation(), client_certificates(), others()]
        .into_iter()
        .flatten()
        .collect()
}

/// HAProxy with `bind` options; it answers every request with status 200.
pub fn haproxy(bind: &str) -> Program {
    configured(
        "",
        &format!("mode http\n  bind {{address}} {bind}\n  http-request return status 200\n"),
    )
}

/// HAProxy as a proxy of TCP in front of itself.
fn tcp(routing: &str) -> Program {
    configured(
        "",
        &format!(
            "mode tcp\n  bind {{address}}\n  tcp-request inspect-delay 5s\n  {routing}\n\
             backend origin\n  mode tcp\n  server origin unix@{{here}}/socket\n\
             frontend origin\n  mode http\n  bind unix@{{here}}/socket ssl crt {{folder}}/LI.both\n  \
             http-request return status 200\n"
        ),
    )
}

fn configured(global: &str, frontend: &str) -> Program {
    let text = format!(
        "global\n  tune.ssl.default-dh-param 2048\n  {global}\n\
         defaults\n  timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n\
         frontend table\n  {frontend}"
    );
    Program::new("haproxy -db -f {here}/haproxy.cfg").file("haproxy.cfg", text)
}

fn one(name: &'static str, file: &str, more: &str) -> Row {
    product(name, haproxy(&format!("ssl crt {{folder}}/{file} {more}")))
}

// A
fn chains() -> Vec<Row> {
    // In a folder of its own, since every file there counts.
    let with_issuers = |file: &str| {
        configured(
            "issuers-chain-path {here}/issuers",
            &format!(
                "mode http\n  bind {{address}} ssl crt {{folder}}/{file}\n  \
                 http-request return status 200\n"
            ),
        )
        .prepare("mkdir {here}/issuers")
        .prepare("cp {folder}/IR.pem {here}/issuers")
    };
    vec![
        one("haproxy_sends_lri_as_written", "LRI.both", "").sends("LRI"),
        one("haproxy_sends_liu_as_written", "LIU.both", "").sends("LIU"),
        one("haproxy_reads_the_key_before_the_chain", "LI.key-first", "").sends("LI"),
        // A4
        one("haproxy_sends_nothing_of_ca_file", "L.both", "ca-file {folder}/IR.pem verify none")
            .sends("L"),
        product("haproxy_completes_the_chain_from_issuers_chain_path", with_issuers("L.both"))
            .sends("LIR"),
        product("haproxy_completes_no_chain_that_is_in_the_file", with_issuers("LI.both"))
            .sends("LI"),
        // The second file is for another name, and would show.
        product(
            "haproxy_reads_no_bundle_beside_an_existing_file",
            haproxy("ssl crt {here}/site.pem")
                .prepare("cp {folder}/RsaLI.both {here}/site.pem")
                .prepare("cp {folder}/OI.both {here}/site.pem.ecdsa"),
        )
        .sends("LI"),
        // A15
        one("haproxy_does_not_start_with_the_issuer_first", "IL.both", "")
            .does_not_start("inconsistencies between private key and certificate"),
    ]
}

// B
fn names() -> Vec<Row> {
    const ROUTED: &str = "tcp-request content accept if { req_ssl_hello_type 1 }\n  \
        use_backend origin if { req_ssl_sni origin.example.com }";
    const REJECTED: &str = "tcp-request content reject if !{ req_ssl_sni origin.example.com }\n  \
        default_backend origin";
    let unknown = |text: &str| text.replace("origin.example.com", "other.example.org");
    vec![
        // B2
        one("haproxy_rejects_an_unknown_name", "OI.both", "strict-sni").fails(&[NAME_REFUSED]),
        one("haproxy_serves_its_default_for_an_unknown_name", "OI.both", "").sends("OI"),
        one("haproxy_serves_a_known_name_where_it_is_strict", "LI.both", "strict-sni").sends("LI"),
        product("haproxy_routes_a_known_name", tcp(ROUTED)).sends("LI"),
        product("haproxy_routes_no_name", tcp(&unknown(ROUTED))).fails(&[CLOSED]),
        product("haproxy_routes_no_forwarded_host", tcp(ROUTED))
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        product("haproxy_rejects_every_name_before_tls", tcp(&unknown(REJECTED))).fails(&[CLOSED]),
        product("haproxy_rejects_the_forwarded_host_before_tls", tcp(REJECTED))
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
    ]
}

// C
fn versions() -> Vec<Row> {
    vec![
        one("haproxy_with_its_defaults", "LI.both", "").answers(&[]),
        one("haproxy_with_tls_1_3_only", "LI.both", "ssl-min-ver TLSv1.3").answers(&[]),
        one("haproxy_with_tls_1_0_only", "RsaLI.both", "force-tlsv10 ciphers ALL:@SECLEVEL=0")
            .fails(&[NO_VERSION]),
        one(
            "haproxy_with_tls_1_1_only_where_it_is_listed",
            "RsaLI.both",
            "force-tlsv11 ciphers ALL:@SECLEVEL=0",
        )
        .ssl_protocols(&[TlsV1_1, TlsV1_2])
        .answers(&[]),
    ]
}

// D
fn negotiation() -> Vec<Row> {
    vec![
        one("haproxy_with_cbc_only", "RsaLI.both", "force-tlsv12 ciphers ECDHE-RSA-AES256-SHA")
            .answers(&[]),
        one(
            "haproxy_with_chacha20_only_in_tls_1_2",
            "LI.both",
            "force-tlsv12 ciphers ECDHE-ECDSA-CHACHA20-POLY1305",
        )
        .fails(&[NO_SUITE]),
        one("haproxy_with_p521_only", "LI.both", "curves P-521").fails(&[NO_GROUP]),
        one(
            "haproxy_with_p521_only_in_tls_1_2",
            "RsaLI.both",
            "force-tlsv12 curves P-521 ciphers ECDHE",
        )
        .fails(&[NO_GROUP]),
        one("haproxy_with_a_p521_certificate", "P521LI.both", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        one("haproxy_with_a_p521_certificate_in_tls_1_2", "P521LI.both", "force-tlsv12")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        one("haproxy_with_an_ed25519_certificate", "Ed25519LI.both", "").fails(&[KEY]),
        one("haproxy_with_an_ed25519_certificate_in_tls_1_2", "Ed25519LI.both", "force-tlsv12")
            .fails(&[KEY]),
    ]
}

// E2
fn client_certificates() -> Vec<Row> {
    const REQUIRE: &str = "verify required ca-file {folder}/R.pem";
    vec![
        one("haproxy_requires_a_client_certificate", "LI.both", REQUIRE).fails(&[REQUIRED]),
        one(
            "haproxy_requires_a_client_certificate_in_tls_1_2",
            "LI.both",
            &format!("{REQUIRE} force-tlsv12"),
        )
        .fails(&[REQUIRED]),
        one(
            "haproxy_requests_a_client_certificate",
            "LI.both",
            "verify optional ca-file {folder}/R.pem",
        )
        .undecided(&[REQUESTED])
        .aws_connects(),
    ]
}

/// Beside the questions.
fn others() -> Vec<Row> {
    vec![
        // It answers 400 in plain HTTP.
        product("haproxy_without_tls", haproxy("")).fails(&["not-tls fails"]),
        one("haproxy_expects_the_proxy_protocol", "LI.both", "accept-proxy").fails(&[CLOSED]),
    ]
}
