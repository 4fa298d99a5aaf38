//! HAProxy, 2.6 in Debian 12.

use origin_probe::origin::SslProtocol::{TlsV1_1, TlsV1_2};

use super::products::Product;
use super::program::Program;
use super::row::{CLOSED, NO_VERSION, Row};

/// HAProxy with `bind` options; it answers every request with status 200.
pub fn haproxy(bind: &str) -> Program {
    configured("", &http(bind))
}

fn http(bind: &str) -> String {
    format!("mode http\n  bind {{address}} {bind}\n  http-request return status 200\n")
}

/// HAProxy as a proxy of TCP in front of itself.
fn tcp(routing: &str) -> Program {
    let frontend = format!(
        "mode tcp\n  bind {{address}}\n  tcp-request inspect-delay 5s\n  {routing}\n\
         backend origin\n  mode tcp\n  server origin unix@{{here}}/socket\n\
         frontend origin\n  mode http\n  bind unix@{{here}}/socket ssl crt {{folder}}/LI.both\n  \
         http-request return status 200\n"
    );
    configured("", &frontend)
}

fn configured(global: &str, frontend: &str) -> Program {
    let text = format!(
        "global\n  tune.ssl.default-dh-param 2048\n  {global}\n\
         defaults\n  timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n\
         frontend table\n  {frontend}"
    );
    Program::new("haproxy -db -f {here}/haproxy.cfg").file("haproxy.cfg", text)
}

/// With a folder of issuers of its own, since every file there counts.
fn with_issuers(list: &str) -> Program {
    let frontend = http(&format!("ssl crt {{folder}}/{list}.both"));
    configured("issuers-chain-path {here}/issuers", &frontend)
        .prepare("mkdir {here}/issuers")
        .prepare("cp {folder}/IR.pem {here}/issuers")
}

const REQUIRE: &str = "verify required ca-file {folder}/R.pem ";
const REQUEST: &str = "verify optional ca-file {folder}/R.pem";

pub fn rows() -> Vec<Row> {
    let product = Product::new("haproxy", |list, options| {
        haproxy(&format!("ssl crt {{folder}}/{list}.both {options}"))
    });
    let mut rows = chains(&product);
    rows.extend(names(&product));
    rows.extend(versions_and_negotiation(&product));
    rows.extend(product.keys("P521LI", "Ed25519LI", "force-tlsv12"));
    // E2
    rows.extend(product.clients(REQUIRE, REQUEST, "force-tlsv12"));
    rows.extend([
        // Beside the questions: it answers 400 in plain HTTP.
        product.with("without_tls", haproxy("")),
        product.row("expects_the_proxy_protocol", "LI", "accept-proxy"),
    ]);
    rows
}

// A
fn chains(product: &Product) -> Vec<Row> {
    let key_first = haproxy("ssl crt {folder}/LI.key-first ");
    // The second file is for another name, and would show.
    let bundle = haproxy("ssl crt {here}/site.pem")
        .prepare("cp {folder}/RsaLI.both {here}/site.pem")
        .prepare("cp {folder}/OI.both {here}/site.pem.ecdsa");
    vec![
        product.row("sends_lri_as_written", "LRI", ""),
        product.row("sends_liu_as_written", "LIU", ""),
        product.with("reads_the_key_before_the_chain", key_first).sends("LI"),
        // A4
        product
            .row("sends_nothing_of_ca_file", "L", "ca-file {folder}/IR.pem verify none")
            .sends("L"),
        product.with("completes_the_chain_from_issuers_chain_path", with_issuers("L")).sends("LIR"),
        product.with("completes_no_chain_that_is_in_the_file", with_issuers("LI")).sends("LI"),
        product.with("reads_no_bundle_beside_an_existing_file", bundle).sends("LI"),
        // A15
        product.issuer_first("inconsistencies between private key and certificate"),
    ]
}

// B
fn names(product: &Product) -> Vec<Row> {
    const ROUTED: &str = "tcp-request content accept if { req_ssl_hello_type 1 }\n  \
        use_backend origin if { req_ssl_sni origin.example.com }";
    const REJECTED: &str = "tcp-request content reject if !{ req_ssl_sni origin.example.com }\n  \
        default_backend origin";
    let unknown = |text: &str| tcp(&text.replace("origin.example.com", "other.example.org"));
    vec![
        // B2
        product.row("rejects_an_unknown_name", "OI", "strict-sni"),
        product.row("serves_its_default_for_an_unknown_name", "OI", ""),
        product.row("serves_a_known_name_where_it_is_strict", "LI", "strict-sni"),
        product.with("routes_a_known_name", tcp(ROUTED)),
        product.with("routes_no_name", unknown(ROUTED)).fails(&[CLOSED]),
        product.with("routes_no_forwarded_host", tcp(ROUTED)),
        product.with("rejects_every_name_before_tls", unknown(REJECTED)).fails(&[CLOSED]),
        product.with("rejects_the_forwarded_host_before_tls", tcp(REJECTED)),
    ]
}

// C, D
fn versions_and_negotiation(product: &Product) -> Vec<Row> {
    const TLS_1_0: &str = "force-tlsv10 ciphers ALL:@SECLEVEL=0";
    const TLS_1_1: &str = "force-tlsv11 ciphers ALL:@SECLEVEL=0";
    const CBC: &str = "force-tlsv12 ciphers ECDHE-RSA-AES256-SHA";
    const CHACHA20: &str = "force-tlsv12 ciphers ECDHE-ECDSA-CHACHA20-POLY1305";
    const P521: &str = "force-tlsv12 curves P-521 ciphers ECDHE";
    vec![
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", "ssl-min-ver TLSv1.3"),
        product.row("with_tls_1_0_only", "RsaLI", TLS_1_0).fails(&[NO_VERSION]),
        product
            .row("with_tls_1_1_only_where_it_is_listed", "RsaLI", TLS_1_1)
            .lists(&[TlsV1_1, TlsV1_2]),
        product.row("with_cbc_only", "RsaLI", CBC),
        product.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        product.row("with_p521_only", "LI", "curves P-521"),
        product.row("with_p521_only_in_tls_1_2", "RsaLI", P521),
    ]
}
