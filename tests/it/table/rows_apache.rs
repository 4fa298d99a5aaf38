//! Apache, 2.4 in Debian 12.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{NO_VERSION, Row};

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
fn host(list: &str, more: &str) -> String {
    format!("<VirtualHost {{address}}>\nSSLEngine on\n{}{more}</VirtualHost>\n", pair(list))
}

fn pair(list: &str) -> String {
    let key = key(list);
    format!(
        "SSLCertificateFile {{folder}}/{list}.pem\nSSLCertificateKeyFile {{folder}}/{key}.key\n"
    )
}

const TLS_1_2: &str = "SSLProtocol TLSv1.2\n";
const TLS_1_0: &str = "SSLProtocol TLSv1\nSSLCipherSuite ALL:@SECLEVEL=0\n";
const CHACHA20: &str = "SSLProtocol TLSv1.2\nSSLCipherSuite ECDHE-ECDSA-CHACHA20-POLY1305\n";
const P521: &str = "SSLOpenSSLConfCmd Curves secp521r1\n";
const REQUIRE: &str = "SSLVerifyClient require\nSSLCACertificateFile {folder}/R.pem\n";
const REQUIRE_IN_LOCATION: &str = "SSLCACertificateFile {folder}/R.pem\n\
    <Location /in>\nSSLVerifyClient require\n</Location>\n";

pub fn rows() -> Vec<Row> {
    let product = Product::new("apache", |list, more| apache(&host(list, more)));
    let mut rows = chains(&product);
    rows.extend(names_and_versions(&product));
    // D
    rows.extend([
        product.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        product.row("with_p521_only", "LI", P521),
        product.row("with_p521_only_in_tls_1_2", "LI", &format!("{P521}{TLS_1_2}")),
    ]);
    rows.extend(product.keys("P521LI", "Ed25519LI", TLS_1_2));
    // E3
    rows.extend(product.clients(REQUIRE, &REQUIRE.replace("require", "optional"), TLS_1_2));
    rows.extend([
        product.row("requires_a_client_certificate_in_a_location", "LI", REQUIRE_IN_LOCATION),
        // Beside the questions: it answers 400 in plain HTTP.
        product.with("without_tls", apache("<VirtualHost {address}>\n</VirtualHost>\n")),
    ]);
    rows
}

// A3
fn chains(product: &Product) -> Vec<Row> {
    let chain = |list| format!("SSLCertificateChainFile {{folder}}/{list}.pem\n");
    let authorities = |list| format!("SSLCACertificateFile {{folder}}/{list}.pem\n");
    let from_path = apache(&host("L", "SSLCACertificatePath {here}/authorities\n"))
        .prepare("mkdir {here}/authorities")
        .prepare("cp {folder}/I.pem {folder}/R.pem {here}/authorities")
        .prepare("openssl rehash {here}/authorities");
    let two_pairs = pair("RsaLI") + &chain("IR");
    vec![
        product.row("sends_lri_as_written", "LRI", ""),
        product.row("sends_liu_as_written", "LIU", ""),
        product.row("sends_l_as_written", "L", ""),
        product
            .row("completes_the_chain_from_ssl_ca_certificate_file", "L", &authorities("IR"))
            .sends("LIR"),
        product.with("completes_the_chain_from_ssl_ca_certificate_path", from_path).sends("LIR"),
        product.row("completes_no_chain_that_is_in_the_file", "LI", &authorities("R")).sends("LI"),
        product.row("sends_the_chain_file_ir", "L", &chain("IR")).sends("LIR"),
        product.row("sends_the_chain_file_ri", "L", &chain("RI")).sends("LRI"),
        product.row("replaces_the_chain_by_the_chain_file_u", "LI", &chain("U")).sends("LU"),
        product.row("replaces_the_chain_by_the_chain_file_i", "LI", &chain("I")).sends("LI"),
        product.row("replaces_the_chains_of_two_pairs", "L", &two_pairs).sends("LIR"),
        // A15
        product.issuer_first("do not match"),
    ]
}

// B and C
fn names_and_versions(product: &Product) -> Vec<Row> {
    let named = |list, name: &str, more: &str| host(list, &format!("ServerName {name}\n{more}"));
    let others = named("OI", "other.example.org", "") + &named("OI", "another.example.org", "");
    let strict = format!("SSLStrictSNIVHostCheck on\n{others}");
    let two_versions = named("OI", "other.example.org", "SSLProtocol TLSv1\n")
        + &named("LI", "origin.example.com", "SSLProtocol TLSv1.2 TLSv1.3\n");
    vec![
        product.with("serves_its_default_for_an_unknown_name", apache(&others)),
        // B5
        product.with("serves_its_default_in_spite_of_the_strict_check", apache(&strict)),
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", "SSLProtocol TLSv1.3\n"),
        product.row("with_tls_1_0_only", "LI", TLS_1_0).fails(&[NO_VERSION]),
        product.with("asks_the_named_host_for_the_versions", apache(&two_versions)),
    ]
}
