//! Caddy: 2.6 in Debian 12, made with Go 1.19, and 2.11, made with a Go that prefers ML-KEM.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{EXPIRED, REFUSED, Row, UNTRUSTED};

/// Caddy with these sites and another global option; it has no certificate of its own making.
fn caddy(path: &str, option: &str, sites: &str) -> Program {
    let text = format!(
        "{{\n admin off\n auto_https disable_redirects\n \
         skip_install_trust\n {option}\n acme_ca https://127.0.0.1:1/directory\n log {{\n  level ERROR\n }}\n\
         }}\n{sites}"
    );
    Program::new(format!("{path} run --adapter caddyfile --config {{here}}/Caddyfile"))
        .file("Caddyfile", text)
        .environment("HOME", "{here}")
        .environment("XDG_DATA_HOME", "{here}")
        .environment("XDG_CONFIG_HOME", "{here}")
        .needs(path)
}

/// One site, by its scheme and name.
fn site(address: &str, directives: &str) -> String {
    format!("{address}:{{port}} {{\n bind {{ip}}\n {directives}respond OK\n}}\n")
}

/// One site with a certificate list of `files`, and more directives for TLS.
fn with_files(name: &str, list: &str, more: &str) -> String {
    let key = key(list);
    let tls = format!("tls {{folder}}/{list}.pem {{folder}}/{key}.key {{\n  {more}\n }}\n ");
    site(&format!("https://{name}"), &tls)
}

const ORIGIN: &str = "https://origin.example.com";
const OTHER: &str = "other.example.org";
const TLS_1_2: &str = "protocols tls1.2 tls1.2";
const CHACHA20: &str =
    "protocols tls1.2 tls1.2\n  ciphers TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
const REQUIRE: &str =
    "client_auth {\n   mode require_and_verify\n   trusted_ca_cert_file {folder}/R.pem\n  }\n  ";
const REQUEST: &str =
    "client_auth {\n   mode verify_if_given\n   trusted_ca_cert_file {folder}/R.pem\n  }";

pub fn rows() -> Vec<Row> {
    const DEBIAN: &str = "/usr/bin/caddy";
    let caddy_2_6 = product("caddy_2_6", DEBIAN);
    let mut rows = both(&caddy_2_6, DEBIAN);
    // Beside the questions: it answers 400 in plain HTTP.
    let plain = caddy(DEBIAN, "", &site("http://origin.example.com", ""));
    rows.push(caddy_2_6.with("without_tls", plain));
    const PEER: &str = "{peers}/caddy/bin/caddy";
    rows.extend(both(&product("caddy_2_11", PEER), PEER));
    rows
}

fn product(name: &str, path: &'static str) -> Product {
    Product::new(name, move |list, more| {
        caddy(path, "", &with_files("origin.example.com", list, more))
    })
}

/// The rows about both versions.
fn both(product: &Product, path: &str) -> Vec<Row> {
    let other = with_files(OTHER, "OI", "");
    let serving =
        |question, option: &str, site: &str| product.with(question, caddy(path, option, site));
    let internal = caddy(path, "", &site(ORIGIN, "tls internal\n "))
        .awaits("{here}/caddy/certificates/local/origin.example.com/origin.example.com.crt");
    let mut rows = vec![
        // A12
        product.row("sends_lri_as_written", "LRI", ""),
        product.row("sends_liu_as_written", "LIU", ""),
        // That certificate is for half a day; the instant of the table is later.
        product.with("with_an_authority_of_its_own", internal).fails(&[UNTRUSTED, EXPIRED]),
        product.issuer_first("private key does not match public key"),
        // B3: 2.11 asks for ML-KEM before it looks at the name.
        serving("with_a_site_of_another_name", "", &other).fails(&[REFUSED]),
        // With that site's certificate for those who send no name.
        serving("refuses_an_unknown_name_only", &format!("default_sni {OTHER}"), &other),
        product.row("refuses_the_forwarded_host", "LI", ""),
        // The right site, whose certificate no one has issued yet.
        serving("waits_for_its_certificate", "", &site(ORIGIN, "")).fails(&[REFUSED]),
        // C
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", "protocols tls1.3"),
        // D
        product.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        product.row("with_p521_only", "LI", "curves secp521r1"),
    ];
    rows.extend(product.keys("EcdsaP521", "Ed25519", TLS_1_2));
    // E8
    rows.extend(product.clients(REQUIRE, REQUEST, TLS_1_2));
    rows
}
