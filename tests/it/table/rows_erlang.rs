//! Erlang/OTP, 25 in Debian 12.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

use super::products::{
    CLOSED, KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_GROUP, NO_SUITE, NO_VERSION, REFUSED,
    REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    [chains(), names(), versions(), negotiation(), client_certificates()]
        .into_iter()
        .flatten()
        .collect()
}

/// A server of `ssl:listen` with these options.
fn erlang(options: &str) -> Program {
    Program::new("escript {programs}/server.escript")
        .ordered("{ip} {port} {here}/options")
        .file("options", format!("[{options}].\n"))
        .needs("/usr/lib/erlang/lib/ssl-10.8.7/ebin/ssl.beam")
}

fn pair(list: &str, key: &str, more: &str) -> String {
    let more = if more.is_empty() { String::new() } else { format!(", {more}") };
    format!("{{certfile, \"{{folder}}/{list}.pem\"}}, {{keyfile, \"{{folder}}/{key}.key\"}}{more}")
}

fn one(name: &'static str, list: &str, more: &str) -> Row {
    product(name, erlang(&pair(list, "L", more)))
}

fn leaf(name: &'static str, leaf: &str, more: &str) -> Row {
    product(name, erlang(&pair(leaf, leaf, more)))
}

// A14
fn chains() -> Vec<Row> {
    vec![
        one("erlang_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("erlang_sends_liu_as_written", "LIU", "").sends("LIU"),
        one("erlang_sends_l_as_written", "L", "").sends("L"),
        one(
            "erlang_completes_the_chain_from_cacertfile",
            "L",
            "{cacertfile, \"{folder}/IR.pem\"}, {verify, verify_none}",
        )
        .sends("LIR"),
        // A15
        one("erlang_sends_the_issuer_first", "IL", "").sends("IL"),
        one("erlang_sends_the_issuer_first_in_tls_1_2", "IL", TLS_1_2).sends("IL"),
    ]
}

// B9
fn names() -> Vec<Row> {
    const UNDEFINED: &str = "{sni_fun, fun(_) -> undefined end}";
    let known = |more: &str| {
        format!("{{sni_hosts, [{{\"origin.example.com\", [{}]}}]}}{more}", pair("LI", "L", ""))
    };
    vec![
        product(
            "erlang_serves_its_default_where_sni_fun_is_undefined",
            erlang(&pair("OI", "O", UNDEFINED)),
        )
        .sends("OI"),
        product(
            "erlang_serves_its_default_where_sni_hosts_lacks_the_name",
            erlang(&pair("OI", "O", "{sni_hosts, []}")),
        )
        .sends("OI"),
        product("erlang_closes_without_a_certificate", erlang(UNDEFINED)).fails(&[CLOSED]),
        product(
            "erlang_refuses_without_a_certificate_in_tls_1_2",
            erlang(&format!("{UNDEFINED}, {TLS_1_2}")),
        )
        .fails(&[REFUSED]),
        product("erlang_serves_a_known_name_without_a_default", erlang(&known(""))).sends("LI"),
        product("erlang_closes_on_the_forwarded_host", erlang(&known("")))
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        product(
            "erlang_refuses_the_forwarded_host_in_tls_1_2",
            erlang(&known(&format!(", {TLS_1_2}"))),
        )
        .viewer_hosts(&[VIEWER_HOST])
        .fails(&[NAME_REFUSED]),
    ]
}

const TLS_1_2: &str = "{versions, ['tlsv1.2']}";

// C
fn versions() -> Vec<Row> {
    let old = || erlang(&pair("LI", "L", "{versions, ['tlsv1']}"));
    vec![
        one("erlang_with_its_defaults", "LI", "").answers(&[]),
        one("erlang_with_tls_1_3_only", "LI", "{versions, ['tlsv1.3']}").answers(&[]),
        product("erlang_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("erlang_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
    ]
}

// D
fn negotiation() -> Vec<Row> {
    vec![
        one(
            "erlang_with_chacha20_only_in_tls_1_2",
            "LI",
            &format!("{TLS_1_2}, {{ciphers, [\"ECDHE-ECDSA-CHACHA20-POLY1305\"]}}"),
        )
        .fails(&[NO_SUITE]),
        leaf("erlang_with_p521_only", "Rsa2048", "{supported_groups, [secp521r1]}")
            .fails(&[NO_GROUP]),
        one("erlang_with_p521_only_in_tls_1_2", "LI", &format!("{TLS_1_2}, {{eccs, [secp521r1]}}"))
            .fails(&[NO_GROUP]),
        leaf("erlang_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("erlang_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        leaf("erlang_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        // There, it cannot sign with such a key, whatever is offered.
        leaf("erlang_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[REFUSED]),
    ]
}

// E
fn client_certificates() -> Vec<Row> {
    const REQUEST: &str = "{verify, verify_peer}, {cacertfile, \"{folder}/R.pem\"}";
    const REQUIRE: &str =
        "{verify, verify_peer}, {cacertfile, \"{folder}/R.pem\"}, {fail_if_no_peer_cert, true}";
    vec![
        one("erlang_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        one(
            "erlang_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{REQUIRE}, {TLS_1_2}"),
        )
        .fails(&[REQUIRED]),
        one("erlang_requests_a_client_certificate", "LI", REQUEST)
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}
