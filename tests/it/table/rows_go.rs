//! Go: 1.19 of Debian 12, and 1.27, which prefers ML-KEM.

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
    [go_1_19(), go_1_27()].into_iter().flatten().collect()
}

/// The rows about one version.
struct Go(Source);

impl Go {
    fn server(&self, list: &str, key: &str, options: &str) -> Program {
        Program::new(format!(
            "{{compiled}} {{address}} {{folder}}/{list}.pem {{folder}}/{key}.key {options}"
        ))
        .compiled(self.0)
    }

    fn one(&self, name: &'static str, list: &str, options: &str) -> Row {
        product(name, self.server(list, "L", options))
    }

    /// With a certificate for another name.
    fn other(&self, name: &'static str, options: &str) -> Row {
        product(name, self.server("OI", "O", options))
    }

    fn forwarded(&self, name: &'static str, options: &str) -> Row {
        self.one(name, "LI", options).viewer_hosts(&[VIEWER_HOST]).fails(&[NAME_REFUSED])
    }

    fn leaf(&self, name: &'static str, leaf: &str, options: &str) -> Row {
        product(name, self.server(leaf, leaf, options))
    }
}

const CHACHA20: &str = "versions=1.2 suites=chacha20";
const REQUIRE: &str = "clients=required authorities={folder}/R.pem";
const REQUEST: &str = "clients=requested authorities={folder}/R.pem";

fn go_1_19() -> Vec<Row> {
    let go = Go(Source::Go119);
    let old = || go.server("RsaLI", "RsaL", "versions=1.0");
    vec![
        // A
        go.one("go_1_19_sends_lri_as_written", "LRI", "").sends("LRI"),
        go.one("go_1_19_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("private key does not match public key"),
        // B4: without a certificate, it sends alert 112.
        go.other("go_1_19_has_no_certificate_for_any_name", "unknown=nil").fails(&[NAME_REFUSED]),
        go.other("go_1_19_has_no_certificate_for_this_name", "unknown=nil knows=-")
            .fails(&[NAME_REFUSED]),
        go.forwarded(
            "go_1_19_has_no_certificate_for_the_forwarded_host",
            "unknown=nil knows=origin.example.com",
        ),
        // After an error, alert 80.
        go.other("go_1_19_refuses_every_name", "unknown=error").fails(&[REFUSED]),
        go.other("go_1_19_refuses_an_unknown_name", "unknown=error knows=-").fails(&[NAME_REFUSED]),
        go.forwarded(
            "go_1_19_refuses_the_forwarded_host",
            "unknown=error knows=origin.example.com",
        ),
        go.other("go_1_19_has_no_configuration_for_any_name", "unknown=config-error")
            .fails(&[REFUSED]),
        go.forwarded(
            "go_1_19_has_no_configuration_for_the_forwarded_host",
            "unknown=config-error knows=origin.example.com",
        ),
        // C
        go.one("go_1_19_with_its_defaults", "LI", "").answers(&[]),
        go.one("go_1_19_with_tls_1_3_only", "LI", "versions=1.3").answers(&[]),
        product("go_1_19_with_tls_1_0_only_where_it_is_not_listed", old()).fails(&[NO_VERSION]),
        product("go_1_19_with_tls_1_0_only_where_it_is_listed", old())
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .answers(&[]),
        // D
        go.one("go_1_19_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        go.one("go_1_19_with_p521_only", "LI", "groups=p521").fails(&[NO_GROUP]),
        go.one("go_1_19_with_p521_only_in_tls_1_2", "LI", "versions=1.2 groups=p521")
            .fails(&[NO_GROUP]),
        go.leaf("go_1_19_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        go.leaf("go_1_19_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", "versions=1.2")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        go.leaf("go_1_19_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        go.leaf("go_1_19_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", "versions=1.2")
            .fails(&[KEY]),
        // E4
        go.one("go_1_19_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        go.one(
            "go_1_19_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{REQUIRE} versions=1.2"),
        )
        .fails(&[REQUIRED]),
        go.one("go_1_19_requests_a_client_certificate", "LI", REQUEST)
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}

fn go_1_27() -> Vec<Row> {
    let go = Go(Source::Go127);
    vec![
        // A
        go.one("go_1_27_sends_lri_as_written", "LRI", "").sends("LRI"),
        go.one("go_1_27_does_not_start_with_the_issuer_first", "IL", "")
            .does_not_start("private key does not match public key"),
        // B4: it asks for ML-KEM first, and for the certificate after the second hello.
        go.other("go_1_27_has_no_certificate_for_any_name", "unknown=nil").fails(&[NAME_REFUSED]),
        go.other("go_1_27_has_no_certificate_for_this_name", "unknown=nil knows=-")
            .fails(&[NAME_REFUSED]),
        go.forwarded(
            "go_1_27_has_no_certificate_for_the_forwarded_host",
            "unknown=nil knows=origin.example.com",
        ),
        go.other("go_1_27_refuses_every_name", "unknown=error").fails(&[REFUSED]),
        go.other("go_1_27_refuses_an_unknown_name", "unknown=error knows=-").fails(&[NAME_REFUSED]),
        go.forwarded(
            "go_1_27_refuses_the_forwarded_host",
            "unknown=error knows=origin.example.com",
        ),
        go.other("go_1_27_has_no_configuration_for_any_name", "unknown=config-error")
            .fails(&[REFUSED]),
        go.forwarded(
            "go_1_27_has_no_configuration_for_the_forwarded_host",
            "unknown=config-error knows=origin.example.com",
        ),
        // C
        go.one("go_1_27_with_its_defaults", "LI", "").answers(&[]),
        go.one("go_1_27_with_tls_1_3_only", "LI", "versions=1.3").answers(&[]),
        product("go_1_27_with_tls_1_0_only", go.server("RsaLI", "RsaL", "versions=1.0"))
            .fails(&[NO_VERSION]),
        // D
        go.one("go_1_27_with_chacha20_only_in_tls_1_2", "LI", CHACHA20).fails(&[NO_SUITE]),
        go.one("go_1_27_with_p521_only", "LI", "groups=p521").fails(&[NO_GROUP]),
        go.one("go_1_27_with_p521_only_in_tls_1_2", "LI", "versions=1.2 groups=p521")
            .fails(&[NO_GROUP]),
        go.leaf("go_1_27_with_a_p521_certificate", "EcdsaP521", "")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_connects(),
        go.leaf("go_1_27_with_a_p521_certificate_in_tls_1_2", "EcdsaP521", "versions=1.2")
            .undecided(&[KEY_UNDOCUMENTED])
            .aws_fails(),
        go.leaf("go_1_27_with_an_ed25519_certificate", "Ed25519", "").fails(&[KEY]),
        go.leaf("go_1_27_with_an_ed25519_certificate_in_tls_1_2", "Ed25519", "versions=1.2")
            .fails(&[KEY]),
        // E4
        go.one("go_1_27_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        go.one(
            "go_1_27_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &format!("{REQUIRE} versions=1.2"),
        )
        .fails(&[REQUIRED]),
        go.one("go_1_27_requests_a_client_certificate", "LI", REQUEST)
            .undecided(&[REQUESTED])
            .aws_connects(),
    ]
}
