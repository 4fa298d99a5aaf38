//! lighttpd, 1.4.69 in Debian 12, with each of its TLS modules: OpenSSL 3.0, GnuTLS 3.7,
//! mbedTLS 2.28, which has no TLS 1.3, wolfSSL 5.5 and NSS 3.87.

use super::files::key;
use super::products::{NO_ALERT, Product};
use super::program::Program;
use super::row::{KEY_UNDOCUMENTED, NO_VERSION, Row};

/// lighttpd with a module and a certificate list of `files`, and more options.
fn lighttpd(module: &str, list: &str, more: &str) -> Program {
    let key = key(list);
    let text = format!(
        "server.modules = (\"mod_{module}\")\nserver.document-root = \"{{here}}\"\n\
         server.bind = \"{{ip}}\"\nserver.port = {{port}}\n\
         ssl.engine = \"enable\"\nssl.pemfile = \"{{folder}}/{list}.pem\"\n\
         ssl.privkey = \"{{folder}}/{key}.key\"\n{more}"
    );
    Program::new("/usr/sbin/lighttpd -D -f {here}/lighttpd.conf")
        .file("lighttpd.conf", text)
        .needs(format!("/usr/lib/lighttpd/mod_{module}.so"))
}

const CA_FILE: &str = "ssl.ca-file = \"{folder}/IR.pem\"\n";
const TLS_1_2: &str = "ssl.openssl.ssl-conf-cmd = (\"MaxProtocol\" => \"TLSv1.2\")\n";
const TLS_1_3: &str = "ssl.openssl.ssl-conf-cmd = (\"MinProtocol\" => \"TLSv1.3\")\n";
const CHACHA20: &str = "ssl.openssl.ssl-conf-cmd = (\"MaxProtocol\" => \"TLSv1.2\", \
    \"CipherString\" => \"ECDHE-ECDSA-CHACHA20-POLY1305\")\n";
const REQUIRE: &str = "ssl.verifyclient.activate = \"enable\"\n\
    ssl.verifyclient.enforce = \"enable\"\nssl.verifyclient.ca-file = \"{folder}/R.pem\"\n";
/// B11: the default certificate stays in use where only another host has one of its own.
const ANOTHER_HOST: &str = "$HTTP[\"host\"] == \"another.example.org\" {\n\
    ssl.pemfile = \"{folder}/LI.pem\"\nssl.privkey = \"{folder}/L.key\"\n}\n";

/// lighttpd with a module, and options for every row.
fn with(module: &'static str, options: &'static str) -> Product {
    Product::new(format!("lighttpd_{module}"), move |list, more| {
        lighttpd(module, list, &format!("{options}{more}"))
    })
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let [openssl, gnutls, mbedtls, nss] =
        ["openssl", "gnutls", "mbedtls", "nss"].map(|module| with(module, ""));
    // It sends nothing of `ssl.ca-file`, but without that file it closes on every client that asks
    // for a stapled status, since it does not know the issuer of its own certificate, and sometimes
    // on the next client as well, whatever that one asks for.
    let wolfssl = with("wolfssl", CA_FILE);
    for module in [&openssl, &gnutls, &mbedtls, &wolfssl, &nss] {
        rows.extend([
            module.row("serves_its_default_for_an_unknown_name", "OI", ANOTHER_HOST),
            // C
            module.row("with_its_defaults", "LI", ""),
        ]);
    }
    // A8
    for module in [&openssl, &mbedtls, &wolfssl, &nss] {
        rows.push(module.row("sends_lri_as_written", "LRI", ""));
        rows.push(module.row("sends_liu_as_written", "LIU", ""));
    }
    for module in [&openssl, &gnutls, &wolfssl, &nss] {
        rows.push(module.row("with_tls_1_3_only", "LI", TLS_1_3));
    }
    // D
    for module in [&openssl, &gnutls, &wolfssl] {
        rows.extend(module.keys("P521LI", "Ed25519LI", TLS_1_2));
    }
    // E
    rows.extend(openssl.requires(REQUIRE, TLS_1_2));
    rows.extend(wolfssl.requires(&REQUIRE.replace("/R.pem", "/IR.pem"), TLS_1_2));
    let [required, required_in_tls_1_2] = gnutls.requires(REQUIRE, TLS_1_2);
    rows.extend([
        openssl.row("completes_the_chain_below_the_root", "L", CA_FILE).sends("LI"),
        openssl.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        // A8: it sorts the list and drops what does not belong there.
        gnutls.row("sends_lri_in_order", "LRI", "").sends("LIR"),
        gnutls.row("sends_liu_without_u", "LIU", "").sends("LI"),
        gnutls.row("completes_the_chain_with_the_root", "L", CA_FILE).sends("LIR"),
        mbedtls.row("completes_the_chain_below_the_root", "L", CA_FILE).sends("LI"),
        mbedtls.row("with_tls_1_3_only", "LI", TLS_1_3).fails(&[NO_VERSION]),
        mbedtls
            .row("with_a_p521_certificate", "P521LI", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        mbedtls
            .row("does_not_start_with_ed25519", "Ed25519LI", "")
            .does_not_start("PEM file cert read failed"),
        mbedtls.row("requires_a_client_certificate", "LI", REQUIRE),
        wolfssl.row("completes_no_chain", "L", "").sends("L"),
        wolfssl.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        nss.row("does_not_start_with_a_ca_file", "L", CA_FILE)
            .does_not_start("CERT_ImportCAChainTrusted"),
        nss.row("with_a_p521_certificate", "P521LI", ""),
        nss.row("with_a_p521_certificate_in_tls_1_2", "P521LI", TLS_1_2),
        // It crashes without a word.
        nss.row("does_not_start_with_ed25519", "Ed25519LI", "").does_not_start(""),
        // E7
        required.differs(NO_ALERT),
        required_in_tls_1_2,
    ]);
    rows
}
