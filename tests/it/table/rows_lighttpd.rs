//! lighttpd, 1.4.69 in Debian 12, with each of its TLS modules: OpenSSL 3.0, GnuTLS 3.7,
//! mbedTLS 2.28, which has no TLS 1.3, wolfSSL 5.5 and NSS 3.87.

use super::products::{KEY, KEY_UNDOCUMENTED, NO_SUITE, NO_VERSION, REQUIRED, product};
use super::program::Program;
use super::row::Row;

pub fn rows() -> Vec<Row> {
    [openssl(), gnutls(), mbedtls(), wolfssl(), nss()].into_iter().flatten().collect()
}

/// lighttpd with a module and a certificate list of `files`, and more options.
fn lighttpd(module: &'static str, list: &str, key: &str, more: &str) -> Program {
    let text = format!(
        "server.modules = (\"{module}\")\nserver.document-root = \"{{here}}\"\n\
         server.bind = \"{{ip}}\"\nserver.port = {{port}}\n\
         ssl.engine = \"enable\"\nssl.pemfile = \"{{folder}}/{list}.pem\"\n\
         ssl.privkey = \"{{folder}}/{key}.key\"\n{more}"
    );
    let library = match module {
        "mod_openssl" => "/usr/lib/lighttpd/mod_openssl.so",
        "mod_gnutls" => "/usr/lib/lighttpd/mod_gnutls.so",
        "mod_mbedtls" => "/usr/lib/lighttpd/mod_mbedtls.so",
        "mod_wolfssl" => "/usr/lib/lighttpd/mod_wolfssl.so",
        _ => "/usr/lib/lighttpd/mod_nss.so",
    };
    Program::new("/usr/sbin/lighttpd -D -f {here}/lighttpd.conf")
        .file("lighttpd.conf", text)
        .needs(library)
}

const CA_FILE: &str = "ssl.ca-file = \"{folder}/IR.pem\"\n";
const TLS_1_2: &str = "ssl.openssl.ssl-conf-cmd = (\"MaxProtocol\" => \"TLSv1.2\")\n";
const TLS_1_3: &str = "ssl.openssl.ssl-conf-cmd = (\"MinProtocol\" => \"TLSv1.3\")\n";
const CHACHA20: &str = "ssl.openssl.ssl-conf-cmd = (\"MaxProtocol\" => \"TLSv1.2\", \
    \"CipherString\" => \"ECDHE-ECDSA-CHACHA20-POLY1305\")\n";
const REQUIRE: &str = "ssl.verifyclient.activate = \"enable\"\n\
    ssl.verifyclient.enforce = \"enable\"\nssl.verifyclient.ca-file = \"{folder}/R.pem\"\n";

/// The rows about one module, with options for each.
struct Module(&'static str, &'static str);

impl Module {
    fn server(&self, list: &str, key: &str, more: &str) -> Program {
        lighttpd(self.0, list, key, &(self.1.to_owned() + more))
    }

    fn list(&self, name: &'static str, list: &str) -> Row {
        product(name, self.server(list, "L", ""))
    }

    fn with(&self, name: &'static str, more: &str) -> Row {
        product(name, self.server("LI", "L", more))
    }

    fn completing(&self, name: &'static str) -> Row {
        product(name, lighttpd(self.0, "L", "L", CA_FILE))
    }

    fn leaf(&self, name: &'static str, leaf: &str, more: &str) -> Row {
        product(name, self.server(&format!("{leaf}I"), leaf, more))
    }

    /// B11
    fn default(&self, name: &'static str) -> Row {
        let more = "$HTTP[\"host\"] == \"another.example.org\" {\n\
            ssl.pemfile = \"{folder}/LI.pem\"\nssl.privkey = \"{folder}/L.key\"\n}\n";
        product(name, self.server("OI", "O", more)).sends("OI")
    }
}

fn openssl() -> Vec<Row> {
    let module = Module("mod_openssl", "");
    vec![
        // A8
        module.list("lighttpd_openssl_sends_lri_as_written", "LRI").sends("LRI"),
        module.list("lighttpd_openssl_sends_liu_as_written", "LIU").sends("LIU"),
        module.completing("lighttpd_openssl_completes_the_chain_below_the_root").sends("LI"),
        module.default("lighttpd_openssl_serves_its_default_for_an_unknown_name"),
        // C
        module.with("lighttpd_openssl_with_its_defaults", "").answers(&[]),
        module.with("lighttpd_openssl_with_tls_1_3_only", TLS_1_3).answers(&[]),
        // D
        module.with("lighttpd_openssl_with_chacha20_only_in_tls_1_2", CHACHA20).fails(&[NO_SUITE]),
        module
            .leaf("lighttpd_openssl_with_a_p521_certificate", "P521L", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        module
            .leaf("lighttpd_openssl_with_a_p521_certificate_in_tls_1_2", "P521L", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        module.leaf("lighttpd_openssl_with_an_ed25519_certificate", "Ed25519L", "").fails(&[KEY]),
        module
            .leaf("lighttpd_openssl_with_an_ed25519_certificate_in_tls_1_2", "Ed25519L", TLS_1_2)
            .fails(&[KEY]),
        // E
        module.with("lighttpd_openssl_requires_a_client_certificate", REQUIRE).fails(&[REQUIRED]),
        module
            .with(
                "lighttpd_openssl_requires_a_client_certificate_in_tls_1_2",
                &(REQUIRE.to_owned() + TLS_1_2),
            )
            .fails(&[REQUIRED]),
    ]
}

fn gnutls() -> Vec<Row> {
    let module = Module("mod_gnutls", "");
    vec![
        // A8: it sorts the list and drops what does not belong there.
        module.list("lighttpd_gnutls_sends_lri_in_order", "LRI").sends("LIR"),
        module.list("lighttpd_gnutls_sends_liu_without_u", "LIU").sends("LI"),
        module.completing("lighttpd_gnutls_completes_the_chain_with_the_root").sends("LIR"),
        module.default("lighttpd_gnutls_serves_its_default_for_an_unknown_name"),
        // C
        module.with("lighttpd_gnutls_with_its_defaults", "").answers(&[]),
        module.with("lighttpd_gnutls_with_tls_1_3_only", TLS_1_3).answers(&[]),
        // D
        module
            .leaf("lighttpd_gnutls_with_a_p521_certificate", "P521L", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        module
            .leaf("lighttpd_gnutls_with_a_p521_certificate_in_tls_1_2", "P521L", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        module.leaf("lighttpd_gnutls_with_an_ed25519_certificate", "Ed25519L", "").fails(&[KEY]),
        module
            .leaf("lighttpd_gnutls_with_an_ed25519_certificate_in_tls_1_2", "Ed25519L", TLS_1_2)
            .fails(&[KEY]),
        // E7
        module
            .with("lighttpd_gnutls_requires_a_client_certificate", REQUIRE)
            .fails(&[REQUIRED])
            .differs("its handshake is over when the server closes, without an alert"),
        module
            .with(
                "lighttpd_gnutls_requires_a_client_certificate_in_tls_1_2",
                &(REQUIRE.to_owned() + TLS_1_2),
            )
            .fails(&[REQUIRED]),
    ]
}

fn mbedtls() -> Vec<Row> {
    let module = Module("mod_mbedtls", "");
    vec![
        // A8
        module.list("lighttpd_mbedtls_sends_lri_as_written", "LRI").sends("LRI"),
        module.list("lighttpd_mbedtls_sends_liu_as_written", "LIU").sends("LIU"),
        module.completing("lighttpd_mbedtls_completes_the_chain_below_the_root").sends("LI"),
        module.default("lighttpd_mbedtls_serves_its_default_for_an_unknown_name"),
        // C
        module.with("lighttpd_mbedtls_with_its_defaults", "").answers(&[]),
        module.with("lighttpd_mbedtls_with_tls_1_3_only", TLS_1_3).fails(&[NO_VERSION]),
        // D
        module
            .leaf("lighttpd_mbedtls_with_a_p521_certificate", "P521L", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        module
            .leaf("lighttpd_mbedtls_does_not_start_with_ed25519", "Ed25519L", "")
            .does_not_start("PEM file cert read failed"),
        // E
        module.with("lighttpd_mbedtls_requires_a_client_certificate", REQUIRE).fails(&[REQUIRED]),
    ]
}

/// It sends nothing of `ssl.ca-file`, but without that file it closes on every client that asks for
/// a stapled status, since it does not know the issuer of its own certificate, and sometimes on the
/// next client as well, whatever that one asks for.
fn wolfssl() -> Vec<Row> {
    let module = Module("mod_wolfssl", CA_FILE);
    let require = REQUIRE.replace("/R.pem", "/IR.pem");
    vec![
        // A8
        module.list("lighttpd_wolfssl_sends_lri_as_written", "LRI").sends("LRI"),
        module.list("lighttpd_wolfssl_sends_liu_as_written", "LIU").sends("LIU"),
        module.completing("lighttpd_wolfssl_completes_no_chain").sends("L"),
        module.default("lighttpd_wolfssl_serves_its_default_for_an_unknown_name"),
        // C
        module.with("lighttpd_wolfssl_with_its_defaults", "").answers(&[]),
        module.with("lighttpd_wolfssl_with_tls_1_3_only", TLS_1_3).answers(&[]),
        // D
        module.with("lighttpd_wolfssl_with_chacha20_only_in_tls_1_2", CHACHA20).fails(&[NO_SUITE]),
        module
            .leaf("lighttpd_wolfssl_with_a_p521_certificate", "P521L", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        module
            .leaf("lighttpd_wolfssl_with_a_p521_certificate_in_tls_1_2", "P521L", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        module.leaf("lighttpd_wolfssl_with_an_ed25519_certificate", "Ed25519L", "").fails(&[KEY]),
        module
            .leaf("lighttpd_wolfssl_with_an_ed25519_certificate_in_tls_1_2", "Ed25519L", TLS_1_2)
            .fails(&[KEY]),
        // E
        module.with("lighttpd_wolfssl_requires_a_client_certificate", &require).fails(&[REQUIRED]),
        module
            .with(
                "lighttpd_wolfssl_requires_a_client_certificate_in_tls_1_2",
                &(require.clone() + TLS_1_2),
            )
            .fails(&[REQUIRED]),
    ]
}

fn nss() -> Vec<Row> {
    let module = Module("mod_nss", "");
    vec![
        // A8
        module.list("lighttpd_nss_sends_lri_as_written", "LRI").sends("LRI"),
        module.list("lighttpd_nss_sends_liu_as_written", "LIU").sends("LIU"),
        module
            .completing("lighttpd_nss_does_not_start_with_a_ca_file")
            .does_not_start("CERT_ImportCAChainTrusted"),
        module.default("lighttpd_nss_serves_its_default_for_an_unknown_name"),
        // C
        module.with("lighttpd_nss_with_its_defaults", "").answers(&[]),
        module.with("lighttpd_nss_with_tls_1_3_only", TLS_1_3).answers(&[]),
        // D
        module
            .leaf("lighttpd_nss_with_a_p521_certificate", "P521L", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        module
            .leaf("lighttpd_nss_with_a_p521_certificate_in_tls_1_2", "P521L", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        // It crashes without a word.
        module.leaf("lighttpd_nss_does_not_start_with_ed25519", "Ed25519L", "").does_not_start(""),
    ]
}
