//! Erlang/OTP, 25 in Debian 12.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{CLOSED, REFUSED, Row};

/// A server of `ssl:listen` with these options.
fn erlang(options: &str) -> Program {
    Program::new("escript {programs}/server.escript")
        .ordered("{ip} {port} {here}/options")
        .file("options", format!("[{options}].\n"))
        .needs("/usr/lib/erlang/lib/ssl-10.8.7/ebin/ssl.beam")
}

/// Options with a certificate list of `files`, and more of them.
fn pair(list: &str, more: &str) -> String {
    let key = key(list);
    let comma = if more.is_empty() { "" } else { ", " };
    format!(
        "{{certfile, \"{{folder}}/{list}.pem\"}}, {{keyfile, \"{{folder}}/{key}.key\"}}{comma}{more}"
    )
}

const CHACHA20: &str = "{versions, ['tlsv1.2']}, {ciphers, [\"ECDHE-ECDSA-CHACHA20-POLY1305\"]}";
const CACERTFILE: &str = "{cacertfile, \"{folder}/IR.pem\"}, {verify, verify_none}";
const OLD: &str = "{versions, ['tlsv1']}";
const P521: &str = "{supported_groups, [secp521r1]}";
const P521_IN_TLS_1_2: &str = "{versions, ['tlsv1.2']}, {eccs, [secp521r1]}";
const REQUEST: &str = "{verify, verify_peer}, {cacertfile, \"{folder}/R.pem\"}";
const TLS_1_2: &str = "{versions, ['tlsv1.2']}";
const UNDEFINED: &str = "{sni_fun, fun(_) -> undefined end}";

pub fn rows() -> Vec<Row> {
    let product = Product::new("erlang", |list, more| erlang(&pair(list, more)));
    let undefined_in_tls_1_2 = erlang(&format!("{UNDEFINED}, {TLS_1_2}"));
    let known = |more: &str| {
        let options = pair("LI", "");
        erlang(&format!("{{sni_hosts, [{{\"origin.example.com\", [{options}]}}]}}{more}"))
    };
    let mut rows = vec![
        // A14
        product.row("sends_lri_as_written", "LRI", ""),
        product.row("sends_liu_as_written", "LIU", ""),
        product.row("sends_l_as_written", "L", ""),
        product.row("completes_the_chain_from_cacertfile", "L", CACERTFILE).sends("LIR"),
        // A15
        product.row("sends_the_issuer_first", "IL", "").sends("IL"),
        product.row("sends_the_issuer_first_in_tls_1_2", "IL", TLS_1_2).sends("IL"),
        // B9
        product.row("serves_its_default_where_sni_fun_is_undefined", "OI", UNDEFINED),
        product.row("serves_its_default_where_sni_hosts_lacks_the_name", "OI", "{sni_hosts, []}"),
        product.with("closes_without_a_certificate", erlang(UNDEFINED)).fails(&[CLOSED]),
        product
            .with("refuses_without_a_certificate_in_tls_1_2", undefined_in_tls_1_2)
            .fails(&[REFUSED]),
        product.with("serves_a_known_name_without_a_default", known("")),
        product.with("closes_on_the_forwarded_host", known("")),
        product.with("refuses_the_forwarded_host_in_tls_1_2", known(&format!(", {TLS_1_2}"))),
        // C
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", "{versions, ['tlsv1.3']}"),
        product.row("with_tls_1_0_only_where_it_is_not_listed", "LI", OLD),
        product.row("with_tls_1_0_only_where_it_is_listed", "LI", OLD),
        // D
        product.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        product.row("with_p521_only", "Rsa2048", P521),
        product.row("with_p521_only_in_tls_1_2", "LI", P521_IN_TLS_1_2),
        product.row("with_a_p521_certificate", "EcdsaP521", ""),
        product.row("with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2),
        product.row("with_an_ed25519_certificate", "Ed25519", ""),
        // There, it cannot sign with such a key, whatever is offered.
        product.row("with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[REFUSED]),
    ];
    // E
    let require = format!("{REQUEST}, {{fail_if_no_peer_cert, true}}");
    rows.extend(product.clients(&require, REQUEST, &format!(", {TLS_1_2}")));
    rows
}
