//! Envoy 1.40, which brings BoringSSL and prefers ML-KEM.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{CLOSED, MISSING, REQUESTED, Row};

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

/// A listener's filter with no more than its type.
fn filter(name: &str, kind: &str) -> String {
    format!(
        r#"{{ name: {name}, typed_config: {{
    "@type": type.googleapis.com/envoy.extensions.filters.listener.{kind} }} }}"#
    )
}

/// What a filter chain says of TLS: a certificate list of `files`, more about TLS, and more about
/// its clients.
fn tls(list: &str, parameters: &str, more: &str) -> String {
    let key = key(list);
    format!(
        r#"transport_socket: {{ name: tls, typed_config: {{
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext,
          {more} common_tls_context: {{ {parameters} tls_certificates: [{{
            certificate_chain: {{ filename: "{{folder}}/{list}.pem" }},
            private_key: {{ filename: "{{folder}}/{key}.key" }} }}] }} }} }},"#
    )
}

const CHACHA20: &str = "tls_params: { tls_maximum_protocol_version: TLSv1_2, \
    cipher_suites: [ECDHE-ECDSA-CHACHA20-POLY1305] },";
const P521: &str = "tls_params: { ecdh_curves: [P-521] },";
const P521_IN_TLS_1_2: &str =
    "tls_params: { tls_maximum_protocol_version: TLSv1_2, ecdh_curves: [P-521] },";
const TLS_1_0: &str = "tls_params: { tls_minimum_protocol_version: TLSv1_0, \
    tls_maximum_protocol_version: TLSv1_0, cipher_suites: [ECDHE-ECDSA-AES128-SHA, \
    ECDHE-RSA-AES128-SHA] },";
const TLS_1_2: &str = "tls_params: { tls_maximum_protocol_version: TLSv1_2 },";
const TLS_1_3: &str = "tls_params: { tls_minimum_protocol_version: TLSv1_3, \
    tls_maximum_protocol_version: TLSv1_3 },";
const TRUST: &str = r#"validation_context: { trusted_ca: { filename: "{folder}/R.pem" } },"#;
const TRUST_BOTH: &str = r#"validation_context: { trusted_ca: { filename: "{folder}/IR.pem" } },"#;

pub fn rows() -> Vec<Row> {
    let envoy = Product::new("envoy", |list, parameters| listening("", &tls(list, parameters, "")));
    let matching = |name: &str, list: &str| {
        let matches = format!("filter_chain_match: {{ server_names: [{name}] }},");
        let inspector = filter("inspector", "tls_inspector.v3.TlsInspector");
        listening(&inspector, &(matches + &tls(list, "", "")))
    };
    let origin = || matching("origin.example.com", "LI");
    let proxy = filter("proxy", "proxy_protocol.v3.ProxyProtocol");
    let requiring = Product::new("envoy", |list, parameters| {
        listening("", &tls(list, parameters, "require_client_certificate: true,"))
    });
    let mut rows = vec![
        // A
        envoy.row("sends_lri_as_written", "LRI", ""),
        envoy.row("sends_liu_as_written", "LIU", ""),
        // It asks for a client certificate, too.
        envoy
            .row("sends_nothing_of_trusted_ca", "L", TRUST_BOTH)
            .sends("L")
            .fails(&[MISSING, REQUESTED]),
        envoy.issuer_first("Failed to load"),
        // B
        envoy.with("resets_on_every_name", matching("other.example.org", "OI")).fails(&[CLOSED]),
        envoy.with("resets_on_the_forwarded_host", origin()),
        envoy.with("serves_a_known_name", origin()),
        envoy.row("serves_its_default_for_an_unknown_name", "OI", ""),
        // C
        envoy.row("with_its_defaults", "LI", ""),
        envoy.row("with_tls_1_3_only", "LI", TLS_1_3),
        envoy.row("with_tls_1_0_only_where_it_is_not_listed", "RsaLI", TLS_1_0),
        envoy.row("with_tls_1_0_only_where_it_is_listed", "RsaLI", TLS_1_0),
        // D
        envoy.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        envoy.row("with_p521_only", "LI", P521),
        envoy.row("with_p521_only_in_tls_1_2", "LI", P521_IN_TLS_1_2),
        // E
        envoy.row("requests_a_client_certificate", "LI", TRUST),
        // Beside the questions.
        envoy.with("expects_the_proxy_protocol", listening(&proxy, &tls("LI", "", ""))),
        envoy.with("without_tls", listening("", "")),
    ];
    rows.extend(requiring.requires(TRUST, &format!(" {TLS_1_2}")));
    rows.extend(envoy.keys("EcdsaP521", "Ed25519", TLS_1_2));
    rows
}
