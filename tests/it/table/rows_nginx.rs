//! nginx, 1.22 in Debian 12.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_1, TlsV1_2};

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{CLOSED, NO_GROUP, NO_SUITE, NO_VERSION, REFUSED, REQUESTED, Row};

/// nginx with these `server` blocks and, as in Debian's configuration, with every version.
pub fn nginx(servers: &str) -> Program {
    let blocks = format!(
        "http {{ access_log off; ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; client_body_temp_path {{here}}/a; proxy_temp_path {{here}}/b;\n\
         fastcgi_temp_path {{here}}/c; uwsgi_temp_path {{here}}/d; scgi_temp_path {{here}}/e;\n\
         {servers} }}\n"
    );
    nginx_main("", &blocks)
}

fn nginx_main(first: &str, blocks: &str) -> Program {
    let text = format!(
        "{first} daemon off; master_process off; pid {{here}}/pid; error_log stderr warn;\n\
         events {{ worker_connections 64; }}\n{blocks}"
    );
    Program::new("nginx -p {here} -e stderr -c {here}/nginx.conf").file("nginx.conf", text)
}

/// nginx as a proxy of TCP, whose module is in a package of its own.
fn nginx_stream(block: &str, http: &str) -> Program {
    const MODULE: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";
    let load = format!("load_module {MODULE};");
    nginx_main(&load, &format!("stream {{ {block} }}\nhttp {{ access_log off; {http} }}"))
        .needs(MODULE)
}

/// One that finds its backend by the server name, and knows this name alone.
fn preread(name: &str, http: &str) -> Program {
    let block = format!(
        "map $ssl_preread_server_name $backend {{ {name} unix:{{here}}/socket; }}
             server {{ listen {{address}}; ssl_preread on; proxy_pass $backend; }}"
    );
    nginx_stream(&block, http)
}

/// One `server` block with a certificate list of `files`, and more directives.
fn server(list: &str, more: &str) -> String {
    let key = key(list);
    format!(
        "server {{ listen {{address}} ssl; ssl_certificate {{folder}}/{list}.pem;
         ssl_certificate_key {{folder}}/{key}.key; {more} }}\n"
    )
}

/// Two such blocks for one address: the default, and the one of the origin domain.
fn pair(default: &str, named: &str) -> Program {
    let named = format!("server_name origin.example.com; {named}");
    nginx(&(server("LI", default) + &server("LI", &named)))
}

const CHACHA20: &str =
    "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;";
const P521: &str = "ssl_ecdh_curve secp521r1;";
const STATIC_RSA: &str = "ssl_protocols TLSv1.2; ssl_ciphers AES256-SHA;";
const TLS_1_2: &str = "ssl_protocols TLSv1.2;";

pub fn rows() -> Vec<Row> {
    let product = Product::new("nginx", |list, more| nginx(&server(list, more)));
    let parts = [chains, names, versions, negotiation, others];
    parts.iter().flat_map(|part| part(&product)).collect()
}

// A
fn chains(nginx: &Product) -> Vec<Row> {
    const TRUSTED: &str = "ssl_trusted_certificate {folder}/IR.pem;";
    const CLIENTS: &str = "ssl_client_certificate {folder}/IR.pem; ssl_verify_client off;";
    let stapling = format!("{TRUSTED} ssl_stapling on;");
    vec![
        nginx.row("sends_lri_as_written", "LRI", ""),
        nginx.row("sends_lir_as_written", "LIR", ""),
        nginx.row("sends_liu_as_written", "LIU", ""),
        nginx.row("sends_lui_as_written", "LUI", ""),
        nginx.row("sends_l_as_written", "L", ""),
        // A1
        nginx.row("sends_nothing_of_ssl_trusted_certificate", "L", TRUSTED).sends("L"),
        nginx
            .row("sends_nothing_of_ssl_trusted_certificate_with_stapling", "L", &stapling)
            .sends("L"),
        // A2
        nginx.row("sends_nothing_of_ssl_client_certificate", "L", CLIENTS).sends("L"),
        // A15
        nginx.issuer_first("key values mismatch"),
    ]
}

// B
fn names(product: &Product) -> Vec<Row> {
    const REJECTING: &str =
        "server { listen {address} ssl default_server; ssl_reject_handshake on; }\n";
    const BY_VARIABLE: &str =
        "server { listen {address} ssl; ssl_certificate {here}/$ssl_server_name.pem;
             ssl_certificate_key {here}/$ssl_server_name.pem; }";
    const BARE: &str = "server { listen {address} ssl; server_name origin.example.com; }";
    let other = server("OI", "server_name other.example.org; ");
    let by_variable = || nginx(BY_VARIABLE);
    let by_preread = || {
        let backend = server("LI", "").replace("{address}", "unix:{here}/socket");
        preread("origin.example.com", &backend)
    };
    vec![
        // B1
        product.with("rejects_an_unknown_name", nginx(&format!("{REJECTING}{other}"))),
        product.with("serves_its_default_for_an_unknown_name", nginx(&other)),
        product.with(
            "serves_its_default_where_the_matching_server_has_no_certificate",
            nginx(&format!("{other}{BARE}")),
        ),
        product.with("finds_no_file_for_any_name", by_variable()).fails(&[REFUSED]),
        product.with(
            "finds_no_file_for_the_forwarded_host",
            by_variable().prepare("ln -s {folder}/LI.both {here}/origin.example.com.pem"),
        ),
        product.with("routes_a_known_name", by_preread()),
        product.with("routes_no_forwarded_host", by_preread()),
        product.with("routes_no_name", preread("other.example.org", "")).fails(&[CLOSED]),
    ]
}

// C
fn versions(nginx: &Product) -> Vec<Row> {
    const OLD: &str = "ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;";
    let asks = |question, default: &str, named: &str| {
        let versions = |versions| format!("ssl_protocols {versions}; ssl_ciphers ALL:@SECLEVEL=0;");
        let question = format!("asks_the_default_server_{question}");
        nginx.with(&question, pair(&versions(default), &versions(named)))
    };
    vec![
        nginx.row("with_its_defaults", "Rsa2048", ""),
        nginx.row("with_tls_1_3_only", "LI", "ssl_protocols TLSv1.3;"),
        nginx.row("with_tls_1_0_only_where_it_is_not_listed", "RsaLI", OLD),
        nginx
            .row("with_tls_1_0_only_where_it_is_listed", "RsaLI", OLD)
            .lists(&[TlsV1, TlsV1_1, TlsV1_2]),
        asks("for_the_versions", "TLSv1 TLSv1.1", "TLSv1.2 TLSv1.3").fails(&[NO_VERSION]),
        asks("with_tls_1_3_for_the_versions", "TLSv1.3", "TLSv1.2"),
        asks("with_tls_1_2_for_the_versions", "TLSv1.2", "TLSv1.3"),
    ]
}

// D
fn negotiation(nginx: &Product) -> Vec<Row> {
    const AUTO: &str = "ssl_ecdh_curve auto;";
    const CCM: &str =
        "ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_CCM_SHA256;";
    const EXOTIC: &str = "ssl_protocols TLSv1.2; ssl_ciphers ARIA:CAMELLIA:!RSA:!PSK:!DH;";
    let mut rows = vec![
        nginx.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        nginx
            .with("asks_the_named_server_for_the_suites_and_it_has_none", pair(TLS_1_2, CHACHA20))
            .fails(&[NO_SUITE]),
        nginx.with("asks_the_named_server_for_the_suites_and_it_has_some", pair(CHACHA20, TLS_1_2)),
        nginx.row("with_static_rsa_only", "RsaLI", STATIC_RSA),
        nginx.row("with_p521_only", "LI", P521),
        nginx.row("with_p521_only_in_tls_1_2", "LI", &format!("{TLS_1_2} {P521}")),
        nginx
            .with("asks_the_default_server_for_the_groups_and_it_has_none", pair(P521, AUTO))
            .fails(&[NO_GROUP]),
        nginx.with("asks_the_default_server_for_the_groups_and_it_has_some", pair(AUTO, P521)),
        nginx.row("with_a_secp256k1_certificate", "Secp256k1", ""),
        nginx.row("with_a_secp256k1_certificate_in_tls_1_2", "Secp256k1", TLS_1_2),
        nginx.row("with_a_brainpool_certificate", "BrainpoolP256r1", ""),
        nginx.row("with_a_brainpool_certificate_in_tls_1_2", "BrainpoolP256r1", TLS_1_2),
        nginx.row("with_an_rsa_pss_certificate", "RsaPss", ""),
        nginx.row("with_an_rsa_pss_certificate_in_tls_1_2", "RsaPss", TLS_1_2),
        nginx.row("with_x448_only", "LI", "ssl_ecdh_curve X448;").fails(&[NO_GROUP]),
        nginx.row("with_ccm_only_in_tls_1_3", "LI", CCM).fails(&[NO_SUITE]),
        nginx.row("with_aria_and_camellia_only", "LI", EXOTIC).fails(&[NO_SUITE]),
    ];
    rows.extend(nginx.keys("P521LI", "Ed25519LI", TLS_1_2));
    rows
}

/// E, and beside the questions.
fn others(product: &Product) -> Vec<Row> {
    let asks = |question, mode: &str| {
        let more = format!("ssl_client_certificate {{folder}}/R.pem; ssl_verify_client {mode}");
        product.row(question, "LI", &more).undecided(&[REQUESTED]).aws_connects()
    };
    let with_proxy_protocol = server("LI", "").replace(" ssl;", " ssl proxy_protocol;");
    let before_dead_backend = server("LI", "proxy_pass unix:{here}/dead;");
    vec![
        // E1: it completes the handshake and answers 400.
        asks("requires_a_client_certificate", "on;"),
        asks("requires_a_client_certificate_in_tls_1_2", "on; ssl_protocols TLSv1.2;"),
        asks("requests_a_client_certificate", "optional;"),
        // It answers 400 in plain HTTP.
        product.with("without_tls", nginx("server { listen {address}; }")),
        product.with("expects_the_proxy_protocol", nginx(&with_proxy_protocol)),
        product.row("closes_after_the_request", "LI", "return 444;"),
        product.with("ends_tls_before_a_dead_backend", nginx_stream(&before_dead_backend, "")),
    ]
}
