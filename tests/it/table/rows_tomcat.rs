//! Tomcat, 10.1 in Debian 12, on OpenJDK 17.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

use super::compiled::Source;
use super::products::{
    KEY_UNDOCUMENTED, NO_GROUP, NO_SUITE, NO_VERSION, REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;

pub fn rows() -> Vec<Row> {
    [chains(), names(), negotiation(), client_certificates()].into_iter().flatten().collect()
}

/// One connector with these attributes, in a virtual machine with these options and words.
fn machine(properties: &str, words: &str, attributes: &str) -> Program {
    Program::new(format!("{} {words}", command(properties)))
        .compiled(Source::Tomcat)
        .ordered(format!("{CONNECTOR} {attributes}"))
}

fn tomcat(attributes: &str) -> Program {
    machine("", "", attributes)
}

/// One that takes its machine with it when it does not start.
fn tomcat_alone(attributes: &str) -> Program {
    Program::new(format!("{} {CONNECTOR} {attributes}", command(""))).compiled(Source::Tomcat)
}

fn command(properties: &str) -> String {
    format!(
        "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData {properties} -cp {}:{{compiled}} TomcatServer",
        Source::Tomcat.classpath()
    )
}

const CONNECTOR: &str = "{ip} {port} {here}";

fn pem(list: &str, key: &str, more: &str) -> String {
    format!("certificateFile={{folder}}/{list}.pem certificateKeyFile={{folder}}/{key}.key {more}")
}

fn one(name: &'static str, list: &str, more: &str) -> Row {
    product(name, tomcat(&pem(list, "L", more)))
}

fn leaf(name: &'static str, leaf: &str, more: &str) -> Row {
    product(name, tomcat(&pem(leaf, leaf, more)))
}

// A11, A15, A16
fn chains() -> Vec<Row> {
    let keystore = |name, list| {
        let program = tomcat("certificateKeystoreFile={here}/keystore").prepare(format!(
            "openssl pkcs12 -export -in {{folder}}/{list}.both -out {{here}}/keystore \
             -passout pass:password"
        ));
        product(name, program)
    };
    vec![
        keystore("tomcat_sends_lri_of_a_keystore_in_order", "LRI").sends("LIR"),
        keystore("tomcat_sends_liu_of_a_keystore_without_u", "LIU").sends("LI"),
        keystore("tomcat_sends_lui_of_a_keystore_without_u", "LUI").sends("LI"),
        keystore("tomcat_sends_il_of_a_keystore_in_order", "IL").sends("LI"),
        one("tomcat_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("tomcat_sends_liu_as_written", "LIU", "").sends("LIU"),
        one("tomcat_appends_its_chain_file_ri", "L", "certificateChainFile={folder}/RI.pem")
            .sends("LRI"),
        one("tomcat_appends_its_chain_file_u", "LI", "certificateChainFile={folder}/U.pem")
            .sends("LIU"),
        // It starts.
        one("tomcat_sends_the_issuer_first", "IL", "").sends("IL"),
    ]
}

// B18
fn names() -> Vec<Row> {
    const OTHER: &str = "hostName=other.example.org";
    vec![
        product(
            "tomcat_does_not_start_without_a_default_host",
            tomcat_alone(&pem("OI", "O", OTHER)),
        )
        .does_not_start("_default_"),
        product(
            "tomcat_serves_its_default_for_an_unknown_name",
            tomcat(&pem("OI", "O", &format!("{OTHER} defaultSSLHostConfigName=other.example.org"))),
        )
        .sends("OI"),
    ]
}

const TLS_1_2: &str = "protocols=TLSv1.2";

// C, D
fn negotiation() -> Vec<Row> {
    let old = || machine("", "old-versions", &pem("RsaLI", "RsaL", "protocols=TLSv1"));
    let p521 = |more| machine("-Djdk.tls.namedGroups=secp521r1", "", &pem("RsaLI", "RsaL", more));
    vec![
        one("tomcat_with_its_defaults", "LI", "").answers(&[]),
        one("tomcat_with_tls_1_3_only", "LI", "protocols=TLSv1.3").answers(&[]),
        product("tomcat_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("tomcat_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
        one(
            "tomcat_with_chacha20_only_in_tls_1_2",
            "LI",
            &format!("{TLS_1_2} ciphers=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        )
        .fails(&[NO_SUITE]),
        product("tomcat_with_p521_only", p521("")).fails(&[NO_GROUP]),
        product(
            "tomcat_with_p521_only_in_tls_1_2",
            p521("protocols=TLSv1.2 ciphers=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        )
        .fails(&[NO_GROUP]),
        leaf("tomcat_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("tomcat_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        // The message is about ML-DSA, which Java 17 does not have: Tomcat tries each algorithm that
        // it knows and reports the last (`findings/tomcat-key-algorithm.sh`).
        product("tomcat_does_not_start_with_ed25519", tomcat_alone(&pem("Ed25519", "Ed25519", "")))
            .does_not_start("PEMFile$Part.toPrivateKey"),
    ]
}

// E6
fn client_certificates() -> Vec<Row> {
    const AUTHORITY: &str = "caCertificateFile={folder}/R.pem certificateVerification";
    vec![
        one("tomcat_requires_a_client_certificate", "LI", &format!("{AUTHORITY}=required"))
            .fails(&[REQUIRED]),
        one(
            "tomcat_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{AUTHORITY}=required {TLS_1_2}"),
        )
        .fails(&[REQUIRED]),
        one("tomcat_requests_a_client_certificate", "LI", &format!("{AUTHORITY}=optional"))
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}
