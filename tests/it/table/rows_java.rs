//! Java's own TLS, OpenJDK 17 in Debian 12: `SSLServerSocket`, `HttpsServer`, Tomcat and Jetty.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

use super::compiled::Source;
use super::products::{
    CLOSED, KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_GROUP, NO_SUITE, NO_VERSION, REQUESTED,
    REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    [keystores(), sockets(), https()].into_iter().flatten().collect()
}

/// A server of this kind, `socket` or `https`, with a keystore made of a list of `files`.
fn java(kind: &str, list: &str, options: &str) -> Program {
    machine("", "", kind, list, options)
}

/// With P-521 as its only group.
fn java_p521(kind: &str, list: &str, options: &str) -> Program {
    machine("-Djdk.tls.namedGroups=secp521r1", "", kind, list, options)
}

/// With TLS 1.0, which Java has disabled.
fn java_tls_1_0(kind: &str, list: &str) -> Program {
    machine("", "old-versions", kind, list, "versions=TLSv1")
}

fn machine(properties: &str, words: &str, kind: &str, list: &str, options: &str) -> Program {
    Program::new(format!(
        "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData {properties} -cp {{compiled}} Server {words}"
    ))
    .compiled(Source::Java)
    .ordered(format!("{kind} {{ip}} {{port}} {{here}}/keystore {options}"))
    .prepare(format!(
        "openssl pkcs12 -export -in {{folder}}/{list}.both -out {{here}}/keystore \
         -passout pass:password"
    ))
}

fn socket(name: &'static str, list: &str, options: &str) -> Row {
    product(name, java("socket", list, options))
}

fn http(name: &'static str, list: &str, options: &str) -> Row {
    product(name, java("https", list, options))
}

// A11: what the keystore is made of does not go out as it is written.
fn keystores() -> Vec<Row> {
    const IMPORTED: &str = "imported={folder}/IR.pem";
    vec![
        socket("java_sends_lri_in_order", "LRI", "").sends("LIR"),
        socket("java_sends_liu_without_u", "LIU", "").sends("LI"),
        socket("java_sends_lui_without_u", "LUI", "").sends("LI"),
        socket("java_sends_il_in_order", "IL", "").sends("LI"),
        socket("java_completes_the_chain_from_trusted_entries", "L", IMPORTED).sends("LIR"),
        socket("java_sends_l_as_written", "L", "").sends("L"),
        http("java_https_server_sends_lri_in_order", "LRI", "").sends("LIR"),
        http("java_https_server_sends_il_in_order", "IL", "").sends("LI"),
        http("java_https_server_completes_the_chain_from_trusted_entries", "L", IMPORTED)
            .sends("LIR"),
    ]
}

// As regular expressions.
const KNOWS: &str = r"knows=origin\.example\.com";
const KNOWS_ANOTHER: &str = r"knows=other\.example\.org";
const CHACHA20: &str = "versions=TLSv1.2 suites=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
const REQUIRE: &str = "clients=required authorities={folder}/R.pem";
const REQUEST: &str = "clients=requested authorities={folder}/R.pem";
const TLS_1_2: &str = "versions=TLSv1.2";

fn sockets() -> Vec<Row> {
    let old = || java_tls_1_0("socket", "RsaLI");
    vec![
        // B10
        socket("java_refuses_an_unknown_name", "OI", KNOWS_ANOTHER).fails(&[NAME_REFUSED]),
        socket("java_refuses_the_forwarded_host", "LI", KNOWS)
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        socket("java_serves_a_known_name", "LI", KNOWS).sends("LI"),
        // C
        socket("java_with_its_defaults", "LI", "").answers(&[]),
        socket("java_with_tls_1_3_only", "LI", "versions=TLSv1.3").answers(&[]),
        product("java_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("java_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
        // D
        socket("java_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        product("java_with_p521_only", java_p521("socket", "LI", "")).fails(&[NO_GROUP]),
        product(
            "java_with_p521_only_in_tls_1_2",
            java_p521(
                "socket",
                "RsaLI",
                "versions=TLSv1.2 suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            ),
        )
        .fails(&[NO_GROUP]),
        socket("java_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        socket("java_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        socket("java_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        socket("java_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[KEY]),
        // E6
        socket("java_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        socket(
            "java_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{REQUIRE} {TLS_1_2}"),
        )
        .fails(&[REQUIRED]),
        socket("java_requests_a_client_certificate", "LI", REQUEST)
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}

fn https() -> Vec<Row> {
    let old = || java_tls_1_0("https", "RsaLI");
    vec![
        // B10
        http("java_https_server_closes_on_an_unknown_name", "OI", KNOWS_ANOTHER)
            .fails(&[NAME_REFUSED]),
        http("java_https_server_closes_on_the_forwarded_host", "LI", KNOWS)
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        // C
        http("java_https_server_with_its_defaults", "LI", "").answers(&[]),
        http("java_https_server_with_tls_1_3_only", "LI", "versions=TLSv1.3").answers(&[]),
        // Java has disabled it, so that no version is left.
        http("java_https_server_without_a_version", "RsaLI", "versions=TLSv1").fails(&[CLOSED]),
        product("java_https_server_with_tls_1_0_only_where_it_is_not_listed", old())
            .fails(&[NO_VERSION]),
        product("java_https_server_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
        // D
        http("java_https_server_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        product("java_https_server_with_p521_only", java_p521("https", "LI", ""))
            .fails(&[NO_GROUP]),
        http("java_https_server_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        http("java_https_server_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        http("java_https_server_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        http("java_https_server_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2)
            .fails(&[KEY]),
        // E6
        http("java_https_server_requires_a_client_certificate", "LI", REQUIRE)
            .fails(&[REQUIRED])
            .differs("its handshake is over when the server closes, without an alert"),
        http(
            "java_https_server_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{REQUIRE} {TLS_1_2}"),
        )
        .fails(&[REQUIRED]),
        http("java_https_server_requests_a_client_certificate", "LI", REQUEST)
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}
