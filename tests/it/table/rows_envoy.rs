//! Envoy 1.40, which brings BoringSSL and prefers ML-KEM.

use super::products::{
    CLOSED, KEY, KEY_UNDOCUMENTED, MISSING, NAME_REFUSED, NO_GROUP, NO_SUITE, NO_VERSION,
    REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

pub fn rows() -> Vec<Row> {
    [chains(), names(), versions(), negotiation(), client_certificates(), others()]
        .into_iter()
        .flatten()
        .collect()
}

/// Envoy with this about one filter chain, in the flow style of YAML.
fn listening(filters: &str, chain: &str) -> Program {
    let text = format!(
        r#"static_resources:
  listeners:
  - address: {{ socket_address: {{ address: "{{ip}}", port_value: {{port}} }} }}
    listener_filters: [{filters}]
    filter_chains:
    - {{ {chain} filters: [{{ name: http, typed_config: {{
        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
        stat_prefix: table,
        http_protocol_options: {{ accept_http_10: true }},
        http_filters: [{{ name: router, typed_config: {{
          "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }} }}],
        route_config: {{ virtual_hosts: [{{ name: all, domains: ["*"],
          routes: [{{ match: {{ prefix: "/" }}, direct_response: {{ status: 200 }} }}] }}] }} }} }}] }}
"#
    );
    const ENVOY: &str = "{peers}/envoy/envoy/_bin/envoy";
    Program::new(format!(
        "{ENVOY} -c {{here}}/envoy.yaml --disable-hot-restart --concurrency 1 --log-level error"
    ))
    .needs(ENVOY)
    .file("envoy.yaml", text)
}

const INSPECTOR: &str = r#"{ name: inspector, typed_config: {
    "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }"#;

/// What a filter chain says of TLS: a certificate list of `files`, more about TLS, and more about
/// its clients.
fn tls(list: &str, key: &str, parameters: &str, more: &str) -> String {
    format!(
        r#"transport_socket: {{ name: tls, typed_config: {{
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext,
          {more} common_tls_context: {{ {parameters} tls_certificates: [{{
            certificate_chain: {{ filename: "{{folder}}/{list}.pem" }},
            private_key: {{ filename: "{{folder}}/{key}.key" }} }}] }} }} }},"#
    )
}

fn one(name: &'static str, list: &str, parameters: &str, more: &str) -> Row {
    product(name, listening("", &tls(list, "L", parameters, more)))
}

fn leaf(name: &'static str, leaf: &str, parameters: &str) -> Row {
    product(name, listening("", &tls(leaf, leaf, parameters, "")))
}

const TRUST: &str = r#"validation_context: { trusted_ca: { filename: "{folder}/R.pem" } },"#;
const TRUST_BOTH: &str = r#"validation_context: { trusted_ca: { filename: "{folder}/IR.pem" } },"#;

// A
fn chains() -> Vec<Row> {
    vec![
        one("envoy_sends_lri_as_written", "LRI", "", "").sends("LRI"),
        one("envoy_sends_liu_as_written", "LIU", "", "").sends("LIU"),
        // It asks for a client certificate, too.
        one("envoy_sends_nothing_of_trusted_ca", "L", TRUST_BOTH, "")
            .sends("L")
            .fails(&[MISSING, REQUESTED]),
        // A15
        one("envoy_does_not_start_with_the_issuer_first", "IL", "", "")
            .does_not_start("Failed to load"),
    ]
}

// B
fn names() -> Vec<Row> {
    let matching = |name: &str, list: &str, key: &str| {
        let matches = format!("filter_chain_match: {{ server_names: [{name}] }},");
        listening(INSPECTOR, &(matches + &tls(list, key, "", "")))
    };
    vec![
        product("envoy_resets_on_every_name", matching("other.example.org", "OI", "O"))
            .fails(&[CLOSED]),
        product("envoy_resets_on_the_forwarded_host", matching("origin.example.com", "LI", "L"))
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        product("envoy_serves_a_known_name", matching("origin.example.com", "LI", "L")).sends("LI"),
        product(
            "envoy_serves_its_default_for_an_unknown_name",
            listening("", &tls("OI", "O", "", "")),
        )
        .sends("OI"),
    ]
}

const TLS_1_0: &str = "tls_params: { tls_minimum_protocol_version: TLSv1_0, \
    tls_maximum_protocol_version: TLSv1_0, cipher_suites: [ECDHE-ECDSA-AES128-SHA, \
    ECDHE-RSA-AES128-SHA] },";
const TLS_1_2: &str = "tls_params: { tls_maximum_protocol_version: TLSv1_2 },";
const TLS_1_3: &str = "tls_params: { tls_minimum_protocol_version: TLSv1_3, \
    tls_maximum_protocol_version: TLSv1_3 },";

// C
fn versions() -> Vec<Row> {
    let old = || listening("", &tls("RsaLI", "RsaL", TLS_1_0, ""));
    vec![
        one("envoy_with_its_defaults", "LI", "", "").answers(&[]),
        one("envoy_with_tls_1_3_only", "LI", TLS_1_3, "").answers(&[]),
        product("envoy_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("envoy_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
    ]
}

// D
fn negotiation() -> Vec<Row> {
    vec![
        one(
            "envoy_with_chacha20_only_in_tls_1_2",
            "LI",
            "tls_params: { tls_maximum_protocol_version: TLSv1_2, \
             cipher_suites: [ECDHE-ECDSA-CHACHA20-POLY1305] },",
            "",
        )
        .fails(&[NO_SUITE]),
        one("envoy_with_p521_only", "LI", "tls_params: { ecdh_curves: [P-521] },", "")
            .fails(&[NO_GROUP]),
        one(
            "envoy_with_p521_only_in_tls_1_2",
            "LI",
            "tls_params: { tls_maximum_protocol_version: TLSv1_2, ecdh_curves: [P-521] },",
            "",
        )
        .fails(&[NO_GROUP]),
        leaf("envoy_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("envoy_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        leaf("envoy_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        leaf("envoy_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[KEY]),
    ]
}

// E
fn client_certificates() -> Vec<Row> {
    const REQUIRE: &str = "require_client_certificate: true,";
    vec![
        one("envoy_requires_a_client_certificate", "LI", TRUST, REQUIRE).fails(&[REQUIRED]),
        one(
            "envoy_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{TRUST} {TLS_1_2}"),
            REQUIRE,
        )
        .fails(&[REQUIRED]),
        one("envoy_requests_a_client_certificate", "LI", TRUST, "")
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}

/// Beside the questions.
fn others() -> Vec<Row> {
    const PROXY: &str = r#"{ name: proxy, typed_config: {
        "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol } }"#;
    vec![
        product("envoy_expects_the_proxy_protocol", listening(PROXY, &tls("LI", "L", "", "")))
            .fails(&[CLOSED]),
        product("envoy_without_tls", listening("", "")).fails(&["not-tls fails"]),
    ]
}
