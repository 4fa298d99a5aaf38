//! Apache, 2.4 in Debian 12.

use super::products::{
    KEY, KEY_UNDOCUMENTED, NO_GROUP, NO_SUITE, NO_VERSION, REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;

pub fn rows() -> Vec<Row> {
    [chains(), names_and_versions(), negotiation(), client_certificates(), without_tls()]
        .into_iter()
        .flatten()
        .collect()
}

/// Apache with these virtual hosts.
fn apache(hosts: &str) -> Program {
    const MODULES: &str = "/usr/lib/apache2/modules";
    // It does not serve anything as root.
    let text = format!(
        "ServerRoot {{here}}\nServerName origin.example.com\nDefaultRuntimeDir {{here}}\n\
         PidFile {{here}}/pid\nErrorLog /dev/stderr\nUser www-data\nGroup www-data\n\
         LoadModule mpm_event_module {MODULES}/mod_mpm_event.so\n\
         LoadModule authz_core_module {MODULES}/mod_authz_core.so\n\
         LoadModule ssl_module {MODULES}/mod_ssl.so\n\
         Listen {{address}}\n{hosts}"
    );
    Program::new("/usr/sbin/apache2 -X -f {here}/apache.conf").file("apache.conf", text)
}

/// One virtual host with a certificate list of `files`, and more directives.
fn host(list: &str, key: &str, more: &str) -> String {
    format!("<VirtualHost {{address}}>\nSSLEngine on\n{}{more}</VirtualHost>\n", pair(list, key))
}

fn pair(list: &str, key: &str) -> String {
    format!(
        "SSLCertificateFile {{folder}}/{list}.pem\nSSLCertificateKeyFile {{folder}}/{key}.key\n"
    )
}

fn one(name: &'static str, list: &str, more: &str) -> Row {
    product(name, apache(&host(list, "L", more)))
}

// A3
fn chains() -> Vec<Row> {
    let chain = |list| format!("SSLCertificateChainFile {{folder}}/{list}.pem\n");
    vec![
        one("apache_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("apache_sends_liu_as_written", "LIU", "").sends("LIU"),
        one("apache_sends_l_as_written", "L", "").sends("L"),
        one(
            "apache_completes_the_chain_from_ssl_ca_certificate_file",
            "L",
            "SSLCACertificateFile {folder}/IR.pem\n",
        )
        .sends("LIR"),
        product(
            "apache_completes_the_chain_from_ssl_ca_certificate_path",
            apache(&host("L", "L", "SSLCACertificatePath {here}/authorities\n"))
                .prepare("mkdir {here}/authorities")
                .prepare("cp {folder}/I.pem {folder}/R.pem {here}/authorities")
                .prepare("openssl rehash {here}/authorities"),
        )
        .sends("LIR"),
        one(
            "apache_completes_no_chain_that_is_in_the_file",
            "LI",
            "SSLCACertificateFile {folder}/R.pem\n",
        )
        .sends("LI"),
        one("apache_sends_the_chain_file_ir", "L", &chain("IR")).sends("LIR"),
        one("apache_sends_the_chain_file_ri", "L", &chain("RI")).sends("LRI"),
        one("apache_replaces_the_chain_by_the_chain_file_u", "LI", &chain("U")).sends("LU"),
        one("apache_replaces_the_chain_by_the_chain_file_i", "LI", &chain("I")).sends("LI"),
        one(
            "apache_replaces_the_chains_of_two_pairs",
            "L",
            &(pair("RsaLI", "RsaL") + &chain("IR")),
        )
        .sends("LIR"),
        // A15
        one("apache_does_not_start_with_the_issuer_first", "IL", "").does_not_start("do not match"),
    ]
}

// B and C
fn names_and_versions() -> Vec<Row> {
    let named =
        |list, key, name: &str, more: &str| host(list, key, &format!("ServerName {name}\n{more}"));
    let others =
        || named("OI", "O", "other.example.org", "") + &named("OI", "O", "another.example.org", "");
    vec![
        product("apache_serves_its_default_for_an_unknown_name", apache(&others())).sends("OI"),
        // B5
        product(
            "apache_serves_its_default_in_spite_of_the_strict_check",
            apache(&("SSLStrictSNIVHostCheck on\n".to_owned() + &others())),
        )
        .sends("OI"),
        one("apache_with_tls_1_3_only", "LI", "SSLProtocol TLSv1.3\n").answers(&[]),
        one(
            "apache_with_tls_1_0_only",
            "LI",
            "SSLProtocol TLSv1\nSSLCipherSuite ALL:@SECLEVEL=0\n",
        )
        .fails(&[NO_VERSION]),
        product(
            "apache_asks_the_named_host_for_the_versions",
            apache(
                &(named("OI", "O", "other.example.org", "SSLProtocol TLSv1\n")
                    + &named("LI", "L", "origin.example.com", "SSLProtocol TLSv1.2 TLSv1.3\n")),
            ),
        )
        .answers(&[]),
    ]
}

// D
fn negotiation() -> Vec<Row> {
    const TLS_1_2: &str = "SSLProtocol TLSv1.2\n";
    const CHACHA20: &str = "SSLProtocol TLSv1.2\nSSLCipherSuite ECDHE-ECDSA-CHACHA20-POLY1305\n";
    const P521: &str = "SSLOpenSSLConfCmd Curves secp521r1\n";
    let leaf = |name, leaf: &str, more: &str| {
        product(name, apache(&host(&format!("{leaf}I"), leaf, more)))
    };
    vec![
        one("apache_with_its_defaults", "LI", "").answers(&[]),
        one("apache_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        one("apache_with_p521_only", "LI", P521).fails(&[NO_GROUP]),
        one("apache_with_p521_only_in_tls_1_2", "LI", &(P521.to_owned() + TLS_1_2))
            .fails(&[NO_GROUP]),
        leaf("apache_with_a_p521_certificate", "P521L", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        leaf("apache_with_a_p521_certificate_in_tls_1_2", "P521L", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        leaf("apache_with_an_ed25519_certificate", "Ed25519L", "").fails(&[KEY]),
        leaf("apache_with_an_ed25519_certificate_in_tls_1_2", "Ed25519L", TLS_1_2).fails(&[KEY]),
    ]
}

// E3
fn client_certificates() -> Vec<Row> {
    const REQUIRE: &str = "SSLVerifyClient require\nSSLCACertificateFile {folder}/R.pem\n";
    vec![
        one("apache_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        one(
            "apache_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &(REQUIRE.to_owned() + "SSLProtocol TLSv1.2\n"),
        )
        .fails(&[REQUIRED]),
        one(
            "apache_requests_a_client_certificate",
            "LI",
            &REQUIRE.replace("require", "optional"),
        )
        .undecided(&[REQUESTED])
        .aws_connects(),
        one(
            "apache_requires_a_client_certificate_in_a_location",
            "LI",
            "SSLCACertificateFile {folder}/R.pem\n<Location /in>\nSSLVerifyClient require\n</Location>\n",
        )
        .answers(&[]),
    ]
}

/// Beside the questions: it answers 400 in plain HTTP.
fn without_tls() -> Vec<Row> {
    let host = "<VirtualHost {address}>\n</VirtualHost>\n";
    vec![product("apache_without_tls", apache(host)).fails(&["not-tls fails"])]
}
