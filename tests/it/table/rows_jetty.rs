//! Jetty, 9.4 in Debian 12, on OpenJDK 17.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

use super::compiled::Source;
use super::products::{
    KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_GROUP, NO_SUITE, NO_VERSION, REFUSED, REQUESTED,
    REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    [chains_and_names(), negotiation(), client_certificates()].into_iter().flatten().collect()
}

/// One connector with a keystore made of a list of `files`, in a virtual machine with these options
/// and words.
fn machine(properties: &str, words: &str, list: &str, options: &str) -> Program {
    Program::new(format!(
        "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData {properties} -cp {}:{{compiled}} \
         JettyServer {words}",
        Source::Jetty.classpath()
    ))
    .compiled(Source::Jetty)
    .ordered(format!("{{ip}} {{port}} {{here}}/keystore {options}"))
    .prepare(format!(
        "openssl pkcs12 -export -in {{folder}}/{list}.both -out {{here}}/keystore \
         -passout pass:password"
    ))
}

fn one(name: &'static str, list: &str, options: &str) -> Row {
    product(name, machine("", "", list, options))
}

fn chains_and_names() -> Vec<Row> {
    const STRICT: &str = "sniRequired=true";
    vec![
        // A11
        one("jetty_sends_lri_in_order", "LRI", "").sends("LIR"),
        one("jetty_sends_liu_without_u", "LIU", "").sends("LI"),
        one("jetty_sends_lui_without_u", "LUI", "").sends("LI"),
        one("jetty_sends_il_in_order", "IL", "").sends("LI"),
        // B
        one("jetty_refuses_every_name", "OI", STRICT).fails(&[REFUSED]),
        one("jetty_refuses_every_name_in_tls_1_2", "OI", &format!("{STRICT} {TLS_1_2}"))
            .fails(&[REFUSED]),
        one("jetty_refuses_the_forwarded_host", "LI", STRICT)
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        one("jetty_refuses_the_forwarded_host_in_tls_1_2", "LI", &format!("{STRICT} {TLS_1_2}"))
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[NAME_REFUSED]),
        one("jetty_serves_a_known_name", "LI", STRICT).sends("LI"),
        one("jetty_serves_its_default_for_an_unknown_name", "OI", "").sends("OI"),
    ]
}

const TLS_1_2: &str = "versions=TLSv1.2";

// C, D
fn negotiation() -> Vec<Row> {
    let old = || machine("", "old-versions", "RsaLI", "versions=TLSv1");
    let p521 = |options| machine("-Djdk.tls.namedGroups=secp521r1", "", "RsaLI", options);
    vec![
        one("jetty_with_its_defaults", "LI", "").answers(&[]),
        one("jetty_with_tls_1_3_only", "LI", "versions=TLSv1.3").answers(&[]),
        product("jetty_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("jetty_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
        one(
            "jetty_with_chacha20_only_in_tls_1_2",
            "LI",
            &format!("{TLS_1_2} suites=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        )
        .fails(&[NO_SUITE]),
        product("jetty_with_p521_only", p521("")).fails(&[NO_GROUP]),
        product(
            "jetty_with_p521_only_in_tls_1_2",
            p521("versions=TLSv1.2 suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        )
        .fails(&[NO_GROUP]),
        one("jetty_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        one("jetty_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        one("jetty_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        one("jetty_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2).fails(&[KEY]),
    ]
}

// E6
fn client_certificates() -> Vec<Row> {
    const AUTHORITY: &str = "authority={folder}/R.pem clients";
    vec![
        one("jetty_requires_a_client_certificate", "LI", &format!("{AUTHORITY}=required"))
            .fails(&[REQUIRED]),
        one(
            "jetty_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{AUTHORITY}=required {TLS_1_2}"),
        )
        .fails(&[REQUIRED]),
        one("jetty_requests_a_client_certificate", "LI", &format!("{AUTHORITY}=requested"))
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}
