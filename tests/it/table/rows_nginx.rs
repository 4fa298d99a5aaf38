//! nginx, 1.22 in Debian 12.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_1, TlsV1_2};

use super::products::{
    CLOSED, KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_GROUP, NO_SUITE, NO_VERSION, REFUSED,
    REQUESTED, product,
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

/// nginx with these `server` blocks and, as in Debian's configuration, with every version.
pub fn nginx(servers: &str) -> Program {
    nginx_main(
        "",
        &format!(
            "http {{ access_log off; ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; client_body_temp_path {{here}}/a; proxy_temp_path {{here}}/b;\n\
         fastcgi_temp_path {{here}}/c; uwsgi_temp_path {{here}}/d; scgi_temp_path {{here}}/e;\n\
         {servers} }}\n"
        ),
    )
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

/// One `server` block with a certificate list of `files`, and more directives.
fn server(list: &str, key: &str, more: &str) -> String {
    format!(
        "server {{ listen {{address}} ssl; ssl_certificate {{folder}}/{list}.pem;
         ssl_certificate_key {{folder}}/{key}.key; {more} }}\n"
    )
}

fn one(name: &'static str, list: &str, more: &str) -> Row {
    product(name, nginx(&server(list, "L", more)))
}

// A
fn chains() -> Vec<Row> {
    vec![
        one("nginx_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("nginx_sends_lir_as_written", "LIR", "").sends("LIR"),
        one("nginx_sends_liu_as_written", "LIU", "").sends("LIU"),
        one("nginx_sends_lui_as_written", "LUI", "").sends("LUI"),
        one("nginx_sends_l_as_written", "L", "").sends("L"),
        // A1
        one(
            "nginx_sends_nothing_of_ssl_trusted_certificate",
            "L",
            "ssl_trusted_certificate {folder}/IR.pem;",
        )
        .sends("L"),
        one(
            "nginx_sends_nothing_of_ssl_trusted_certificate_with_stapling",
            "L",
            "ssl_trusted_certificate {folder}/IR.pem; ssl_stapling on;",
        )
        .sends("L"),
        // A2
        one(
            "nginx_sends_nothing_of_ssl_client_certificate",
            "L",
            "ssl_client_certificate {folder}/IR.pem; ssl_verify_client off;",
        )
        .sends("L"),
        // A15
        one("nginx_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("key values mismatch"),
    ]
}

// B
fn names() -> Vec<Row> {
    let other = |more: &str| {
        let more = format!("server_name other.example.org; {more}");
        server("OI", "O", &more)
    };
    let by_variable = || {
        nginx(
            "server { listen {address} ssl; ssl_certificate {here}/$ssl_server_name.pem;
             ssl_certificate_key {here}/$ssl_server_name.pem; }",
        )
    };
    // With a backend for the origin domain alone.
    let by_preread = || {
        nginx_stream(
            "map $ssl_preread_server_name $backend { origin.example.com unix:{here}/socket; }
             server { listen {address}; ssl_preread on; proxy_pass $backend; }",
            &server("LI", "L", "").replace("{address}", "unix:{here}/socket"),
        )
    };
    vec![
        // B1
        product(
            "nginx_rejects_an_unknown_name",
            nginx(
                &("server { listen {address} ssl default_server; ssl_reject_handshake on; }\n"
                    .to_owned()
                    + &other("")),
            ),
        )
        .fails(&[NAME_REFUSED]),
        product("nginx_serves_its_default_for_an_unknown_name", nginx(&other(""))).sends("OI"),
        product(
            "nginx_serves_its_default_where_the_matching_server_has_no_certificate",
            nginx(
                &(other("") + "server { listen {address} ssl; server_name origin.example.com; }"),
            ),
        )
        .sends("OI"),
        product("nginx_finds_no_file_for_any_name", by_variable()).fails(&[REFUSED]),
        product(
            "nginx_finds_no_file_for_the_forwarded_host",
            by_variable().prepare("ln -s {folder}/LI.both {here}/origin.example.com.pem"),
        )
        .viewer_hosts(&[VIEWER_HOST])
        .fails(&[NAME_REFUSED]),
        product("nginx_routes_a_known_name", by_preread()).sends("LI"),
        product("nginx_routes_no_forwarded_host", by_preread())
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        product(
            "nginx_routes_no_name",
            nginx_stream(
                "map $ssl_preread_server_name $backend { other.example.org unix:{here}/socket; }
                 server { listen {address}; ssl_preread on; proxy_pass $backend; }",
                "",
            ),
        )
        .fails(&[CLOSED]),
    ]
}

// C
fn versions() -> Vec<Row> {
    let pair = |default: &str, named: &str| {
        let default = format!("ssl_protocols {default}; ssl_ciphers ALL:@SECLEVEL=0;");
        let named = format!(
            "server_name origin.example.com; ssl_protocols {named}; ssl_ciphers ALL:@SECLEVEL=0;"
        );
        nginx(&(server("LI", "L", &default) + &server("LI", "L", &named)))
    };
    let old =
        || nginx(&server("RsaLI", "RsaL", "ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;"));
    vec![
        product("nginx_with_its_defaults", nginx(&server("Rsa2048", "Rsa2048", ""))).answers(&[]),
        one("nginx_with_tls_1_3_only", "LI", "ssl_protocols TLSv1.3;").answers(&[]),
        product("nginx_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("nginx_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_1, TlsV1_2])
            .answers(&[]),
        product(
            "nginx_asks_the_default_server_for_the_versions",
            pair("TLSv1 TLSv1.1", "TLSv1.2 TLSv1.3"),
        )
        .fails(&[NO_VERSION]),
        product(
            "nginx_asks_the_default_server_with_tls_1_3_for_the_versions",
            pair("TLSv1.3", "TLSv1.2"),
        )
        .answers(&[]),
        product(
            "nginx_asks_the_default_server_with_tls_1_2_for_the_versions",
            pair("TLSv1.2", "TLSv1.3"),
        )
        .answers(&[]),
    ]
}

const CHACHA20: &str =
    "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;";

// D
fn negotiation() -> Vec<Row> {
    let leaf = |leaf: &str, more: &str| nginx(&server(&format!("{leaf}I"), leaf, more));
    let file = |file: &str, more: &str| nginx(&server(file, file, more));
    let pair = |default: &str, named: &str| {
        let named = format!("server_name origin.example.com; {named}");
        nginx(&(server("LI", "L", default) + &server("LI", "L", &named)))
    };
    const TLS_1_2: &str = "ssl_protocols TLSv1.2;";
    vec![
        one("nginx_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        product(
            "nginx_asks_the_named_server_for_the_suites_and_it_has_none",
            pair(TLS_1_2, CHACHA20),
        )
        .fails(&[NO_SUITE]),
        product(
            "nginx_asks_the_named_server_for_the_suites_and_it_has_some",
            pair(CHACHA20, TLS_1_2),
        )
        .answers(&[]),
        product("nginx_with_static_rsa_only", nginx(&server("RsaLI", "RsaL", STATIC_RSA)))
            .answers(&[]),
        one("nginx_with_p521_only", "LI", "ssl_ecdh_curve secp521r1;").fails(&[NO_GROUP]),
        one(
            "nginx_with_p521_only_in_tls_1_2",
            "LI",
            "ssl_protocols TLSv1.2; ssl_ecdh_curve secp521r1;",
        )
        .fails(&[NO_GROUP]),
        product(
            "nginx_asks_the_default_server_for_the_groups_and_it_has_none",
            pair("ssl_ecdh_curve secp521r1;", "ssl_ecdh_curve auto;"),
        )
        .fails(&[NO_GROUP]),
        product(
            "nginx_asks_the_default_server_for_the_groups_and_it_has_some",
            pair("ssl_ecdh_curve auto;", "ssl_ecdh_curve secp521r1;"),
        )
        .answers(&[]),
        product("nginx_with_a_p521_certificate", leaf("P521L", ""))
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        product("nginx_with_a_p521_certificate_in_tls_1_2", leaf("P521L", TLS_1_2))
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        product("nginx_with_an_ed25519_certificate", leaf("Ed25519L", "")).fails(&[KEY]),
        product("nginx_with_an_ed25519_certificate_in_tls_1_2", leaf("Ed25519L", TLS_1_2))
            .fails(&[KEY]),
        product("nginx_with_a_secp256k1_certificate", file("Secp256k1", "")).fails(&[KEY]),
        product("nginx_with_a_secp256k1_certificate_in_tls_1_2", file("Secp256k1", TLS_1_2))
            .fails(&[KEY]),
        product("nginx_with_a_brainpool_certificate", file("BrainpoolP256r1", "")).fails(&[KEY]),
        product("nginx_with_a_brainpool_certificate_in_tls_1_2", file("BrainpoolP256r1", TLS_1_2))
            .fails(&[KEY]),
        one("nginx_with_x448_only", "LI", "ssl_ecdh_curve X448;").fails(&[NO_GROUP]),
        one(
            "nginx_with_ccm_only_in_tls_1_3",
            "LI",
            "ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_CCM_SHA256;",
        )
        .fails(&[NO_SUITE]),
        one(
            "nginx_with_aria_and_camellia_only",
            "LI",
            "ssl_protocols TLSv1.2; ssl_ciphers ARIA:CAMELLIA:!RSA:!PSK:!DH;",
        )
        .fails(&[NO_SUITE]),
        product("nginx_with_an_rsa_pss_certificate", file("RsaPss", ""))
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        product("nginx_with_an_rsa_pss_certificate_in_tls_1_2", file("RsaPss", TLS_1_2))
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
    ]
}

const STATIC_RSA: &str = "ssl_protocols TLSv1.2; ssl_ciphers AES256-SHA;";

// E
fn client_certificates() -> Vec<Row> {
    let asks = |name, more: &str| {
        let more = format!("ssl_client_certificate {{folder}}/R.pem; {more}");
        one(name, "LI", &more).undecided(&[REQUESTED]).aws_connects()
    };
    vec![
        // E1: it completes the handshake and answers 400.
        asks("nginx_requires_a_client_certificate", "ssl_verify_client on;"),
        asks(
            "nginx_requires_a_client_certificate_in_tls_1_2",
            "ssl_verify_client on; ssl_protocols TLSv1.2;",
        ),
        asks("nginx_requests_a_client_certificate", "ssl_verify_client optional;"),
    ]
}

/// Beside the questions.
fn others() -> Vec<Row> {
    vec![
        // It answers 400 in plain HTTP.
        product("nginx_without_tls", nginx("server { listen {address}; }"))
            .fails(&["not-tls fails"]),
        product(
            "nginx_expects_the_proxy_protocol",
            nginx(&server("LI", "L", "").replace(" ssl;", " ssl proxy_protocol;")),
        )
        .fails(&[CLOSED]),
        one("nginx_closes_after_the_request", "LI", "return 444;").answers(&[]),
        product(
            "nginx_ends_tls_before_a_dead_backend",
            nginx_stream(&server("LI", "L", "proxy_pass unix:{here}/dead;"), ""),
        )
        .answers(&[]),
    ]
}
