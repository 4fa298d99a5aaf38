//! Servers that ask for a client certificate, and those that insist.

use origin_probe::demo::script::FlightPart;
use origin_probe::demo::server::TlsVersions::{self, Tls12, Tls13};
use origin_probe::demo::server::{ClientAuthentication, TlsServerOptions};

use super::kit::HAND_MADE;
use super::row::{ANCHOR, REQUESTED, REQUIRED, Row, row};
use super::rows_haproxy::haproxy;
use super::rows_nginx::nginx;
use super::stage::Leaf::{EcdsaP256, Rsa2048};

const CBC: &str = "-tls1_2 -cipher ECDHE-RSA-AES128-SHA";
const HAPROXY: &str = "ssl crt {folder}/Rsa2048.both verify required ca-file {folder}/root.pem";
const NGINX: &str = "server { listen {address} ssl; server_name origin.example.com;
                  ssl_certificate {folder}/Rsa2048.pem; ssl_certificate_key {folder}/Rsa2048.key;
                  ssl_client_certificate {folder}/root.pem; ssl_verify_client on; }";

pub fn rows() -> Vec<Row> {
    // OpenSSL adds what it finds in the file of those who may issue clients' certificates.
    let openssl = |name, arguments: &str| {
        row(name).openssl(Rsa2048, format!("{arguments} 1 -CAfile {{folder}}/root.pem"))
    };
    let unseen = |name, option| openssl(name, &format!("{CBC} {option}")).hello();
    vec![
        row("asked_for_in_tls_1_2").asking(Tls12).undecided(&[REQUESTED]),
        row("asked_for_in_tls_1_3").asking(Tls13).undecided(&[REQUESTED]),
        row("required_in_tls_1_2").requiring(Tls12).fails(&[REQUIRED]),
        row("required_in_tls_1_3").requiring(Tls13).fails(&[REQUIRED]),
        row("asked_for_in_tls_1_2_with_mtls").asking(Tls12).origin_mtls(),
        row("asked_for_in_tls_1_3_with_mtls").asking(Tls13).origin_mtls(),
        row("required_in_tls_1_2_with_mtls").requiring(Tls12).origin_mtls(),
        row("required_in_tls_1_3_with_mtls").requiring(Tls13).origin_mtls(),
        openssl("required_by_openssl_in_tls_1_2", "-tls1_2 -Verify").fails(&[REQUIRED, ANCHOR]),
        openssl("required_by_openssl_in_tls_1_3", "-tls1_3 -Verify").fails(&[REQUIRED, ANCHOR]),
        // The hello cannot tell whether a client without one would be let in.
        unseen("asked_for_where_only_the_hello_sees_it", "-verify").undecided(&[REQUESTED, ANCHOR]),
        unseen("required_where_only_the_hello_sees_it", "-Verify").undecided(&[REQUESTED, ANCHOR]),
        unseen("required_where_only_the_hello_sees_it_with_mtls", "-Verify")
            .origin_mtls()
            .answers(&[ANCHOR]),
        row("asked_for_in_a_flight_of_tls_1_2_made_by_hand")
            .flight_with(0x002f, Rsa2048, |_| vec![FlightPart::CertificateRequest])
            .undecided(&[REQUESTED])
            .not_asked(HAND_MADE),
        // nginx lets everyone in and then answers 400, which is no matter of the handshake.
        row("required_by_nginx").program(nginx(NGINX)).undecided(&[REQUESTED]),
        row("required_by_haproxy").program(haproxy(HAPROXY)).fails(&[REQUIRED]),
        row("required_by_haproxy_with_mtls").program(haproxy(HAPROXY)).origin_mtls(),
    ]
}

impl Row {
    fn asking(self, versions: TlsVersions) -> Self {
        self.rustls(move |stage| TlsServerOptions {
            versions,
            client_authentication: ClientAuthentication::Asked { authority: stage.root.der() },
            ..stage.options(EcdsaP256)
        })
    }

    fn requiring(self, versions: TlsVersions) -> Self {
        self.rustls(move |stage| TlsServerOptions {
            versions,
            client_authentication: ClientAuthentication::Required { authority: stage.root.der() },
            ..stage.options(EcdsaP256)
        })
    }
}
