//! Caddy: 2.6 in Debian 12, made with Go 1.19, and 2.11, made with a Go that prefers ML-KEM.

use super::products::{
    KEY, KEY_UNDOCUMENTED, NAME_REFUSED, NO_GROUP, NO_SUITE, REFUSED, REQUESTED, REQUIRED, product,
};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    [caddy_2_6(), caddy_2_11()].into_iter().flatten().collect()
}

/// The rows about one version.
struct Caddy(&'static str);

impl Caddy {
    /// Caddy with these sites, which has no certificate of its own making.
    fn sites(&self, sites: &str) -> Program {
        self.sites_with("", sites)
    }

    /// With another global option.
    fn sites_with(&self, option: &str, sites: &str) -> Program {
        let text = format!(
            "{{\n admin off\n auto_https disable_redirects\n \
             skip_install_trust\n {option}\n acme_ca https://127.0.0.1:1/directory\n log {{\n  level ERROR\n }}\n\
             }}\n{sites}"
        );
        Program::new(format!("{} run --adapter caddyfile --config {{here}}/Caddyfile", self.0))
            .file("Caddyfile", text)
            .environment("HOME", "{here}")
            .environment("XDG_DATA_HOME", "{here}")
            .environment("XDG_CONFIG_HOME", "{here}")
            .needs(self.0)
    }

    /// One site for this name with a certificate list of `files`, and more directives for TLS.
    fn site(&self, name: &str, list: &str, key: &str, more: &str) -> Program {
        self.sites(&site(name, list, key, more))
    }

    fn one(&self, name: &'static str, list: &str, more: &str) -> Row {
        product(name, self.site("origin.example.com", list, "L", more))
    }

    fn leaf(&self, name: &'static str, leaf: &str, more: &str) -> Row {
        product(name, self.site("origin.example.com", leaf, leaf, more))
    }

    /// A site of another name.
    fn other(&self, name: &'static str) -> Row {
        product(name, self.site("other.example.org", "OI", "O", ""))
    }

    /// The same, with that site's certificate for those who send no name.
    fn other_by_default(&self, name: &'static str) -> Row {
        let sites = site("other.example.org", "OI", "O", "");
        product(name, self.sites_with("default_sni other.example.org", &sites))
            .fails(&[NAME_REFUSED])
    }

    fn forwarded(&self, name: &'static str) -> Row {
        self.one(name, "LI", "").viewer_hosts(&[VIEWER_HOST]).fails(&[NAME_REFUSED])
    }

    /// The right site, whose certificate no one has issued yet.
    fn waiting(&self, name: &'static str) -> Row {
        let site = "https://origin.example.com:{port} {\n bind {ip}\n respond OK\n}\n";
        product(name, self.sites(site))
    }

    fn internal(&self, name: &'static str) -> Row {
        let site =
            "https://origin.example.com:{port} {\n bind {ip}\n tls internal\n respond OK\n}\n";
        let program = self
            .sites(site)
            .awaits("{here}/caddy/certificates/local/origin.example.com/origin.example.com.crt");
        product(name, program)
    }
}

fn site(name: &str, list: &str, key: &str, more: &str) -> String {
    format!(
        "https://{name}:{{port}} {{\n bind {{ip}}\n tls {{folder}}/{list}.pem \
         {{folder}}/{key}.key {{\n  {more}\n }}\n respond OK\n}}\n"
    )
}

const TLS_1_2: &str = "protocols tls1.2 tls1.2";
const CHACHA20: &str =
    "protocols tls1.2 tls1.2\n  ciphers TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
const REQUIRE: &str =
    "client_auth {\n   mode require_and_verify\n   trusted_ca_cert_file {folder}/R.pem\n  }";
const REQUEST: &str =
    "client_auth {\n   mode verify_if_given\n   trusted_ca_cert_file {folder}/R.pem\n  }";

fn caddy_2_6() -> Vec<Row> {
    let caddy = Caddy("/usr/bin/caddy");
    vec![
        // A12
        caddy.one("caddy_2_6_sends_lri_as_written", "LRI", "").sends("LRI"),
        caddy.one("caddy_2_6_sends_liu_as_written", "LIU", "").sends("LIU"),
        // That certificate is for half a day; the instant of the table is later.
        caddy
            .internal("caddy_2_6_with_an_authority_of_its_own")
            .fails(&["issuer-untrusted fails", "certificate-expired fails"]),
        // A15
        caddy
            .one("caddy_2_6_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("private key does not match public key"),
        // B3
        caddy.other("caddy_2_6_with_a_site_of_another_name").fails(&[REFUSED]),
        caddy.other_by_default("caddy_2_6_refuses_an_unknown_name_only"),
        caddy.forwarded("caddy_2_6_refuses_the_forwarded_host"),
        caddy.waiting("caddy_2_6_waits_for_its_certificate").fails(&[REFUSED]),
        // C
        caddy.one("caddy_2_6_with_its_defaults", "LI", "").answers(&[]),
        caddy.one("caddy_2_6_with_tls_1_3_only", "LI", "protocols tls1.3").answers(&[]),
        // D
        caddy.one("caddy_2_6_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        caddy.one("caddy_2_6_with_p521_only", "LI", "curves secp521r1").fails(&[NO_GROUP]),
        caddy
            .leaf("caddy_2_6_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        caddy
            .leaf("caddy_2_6_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        caddy.leaf("caddy_2_6_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        caddy
            .leaf("caddy_2_6_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2)
            .fails(&[KEY]),
        // E8
        caddy.one("caddy_2_6_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        caddy
            .one(
                "caddy_2_6_requires_a_client_certificate_in_tls_1_2",
                "LI",
                &format!("{TLS_1_2}\n  {REQUIRE}"),
            )
            .fails(&[REQUIRED]),
        caddy
            .one("caddy_2_6_requests_a_client_certificate", "LI", REQUEST)
            .undecided(&[REQUESTED])
            .aws_connects(),
        // Beside the questions: it answers 400 in plain HTTP.
        product(
            "caddy_2_6_without_tls",
            caddy.sites("http://origin.example.com:{port} {\n bind {ip}\n respond OK\n}\n"),
        )
        .fails(&["not-tls fails"]),
    ]
}

fn caddy_2_11() -> Vec<Row> {
    let caddy = Caddy("{peers}/caddy/bin/caddy");
    vec![
        // A12
        caddy.one("caddy_2_11_sends_lri_as_written", "LRI", "").sends("LRI"),
        caddy.one("caddy_2_11_sends_liu_as_written", "LIU", "").sends("LIU"),
        caddy
            .internal("caddy_2_11_with_an_authority_of_its_own")
            .fails(&["issuer-untrusted fails", "certificate-expired fails"]),
        // A15
        caddy
            .one("caddy_2_11_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("private key does not match public key"),
        // B3: it asks for ML-KEM before it looks at the name.
        caddy.other("caddy_2_11_with_a_site_of_another_name").fails(&[REFUSED]),
        caddy.other_by_default("caddy_2_11_refuses_an_unknown_name_only"),
        caddy.forwarded("caddy_2_11_refuses_the_forwarded_host"),
        caddy.waiting("caddy_2_11_waits_for_its_certificate").fails(&[REFUSED]),
        // C
        caddy.one("caddy_2_11_with_its_defaults", "LI", "").answers(&[]),
        caddy.one("caddy_2_11_with_tls_1_3_only", "LI", "protocols tls1.3").answers(&[]),
        // D
        caddy.one("caddy_2_11_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        caddy.one("caddy_2_11_with_p521_only", "LI", "curves secp521r1").fails(&[NO_GROUP]),
        caddy
            .leaf("caddy_2_11_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        caddy
            .leaf("caddy_2_11_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2)
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        caddy.leaf("caddy_2_11_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        caddy
            .leaf("caddy_2_11_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2)
            .fails(&[KEY]),
        // E8
        caddy.one("caddy_2_11_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        caddy
            .one(
                "caddy_2_11_requires_a_client_certificate_in_tls_1_2",
                "LI",
                &format!("{TLS_1_2}\n  {REQUIRE}"),
            )
            .fails(&[REQUIRED]),
        caddy
            .one("caddy_2_11_requests_a_client_certificate", "LI", REQUEST)
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}
