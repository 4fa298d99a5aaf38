//! Servers that ask for a client certificate, and those that insist.

use origin_probe::demo::script::{Flight, FlightPart, Script};
use origin_probe::demo::server::{ClientAuthentication, TlsServerOptions, TlsVersions};

use super::peer::Peer;
use super::row::{Row, row};
use super::stage::{Leaf, Stage};

const REQUIRED: &str = "client-certificate-required fails";
const REQUESTED: &str = "client-certificate-requested may-fail";
/// OpenSSL adds what it finds in the file of those who may issue clients' certificates.
const ANCHOR: &str = "trust-anchor-served notice";

pub fn rows() -> Vec<Row> {
    vec![
        row("asked_for_in_tls_1_2").rustls(asked_12).undecided(&[REQUESTED]),
        row("asked_for_in_tls_1_3").rustls(asked_13).undecided(&[REQUESTED]),
        row("required_in_tls_1_2").rustls(required_12).fails(&[REQUIRED]),
        row("required_in_tls_1_3").rustls(required_13).fails(&[REQUIRED]),
        row("asked_for_in_tls_1_2_with_mtls").rustls(asked_12).origin_mtls().answers(&[]),
        row("asked_for_in_tls_1_3_with_mtls").rustls(asked_13).origin_mtls().answers(&[]),
        row("required_in_tls_1_2_with_mtls").rustls(required_12).origin_mtls().answers(&[]),
        row("required_in_tls_1_3_with_mtls").rustls(required_13).origin_mtls().answers(&[]),
        row("required_by_openssl_in_tls_1_2")
            .openssl(Leaf::Rsa2048, "-tls1_2 -Verify 1 -CAfile {folder}/root.pem")
            .fails(&[REQUIRED, ANCHOR]),
        row("required_by_openssl_in_tls_1_3")
            .openssl(Leaf::Rsa2048, "-tls1_3 -Verify 1 -CAfile {folder}/root.pem")
            .fails(&[REQUIRED, ANCHOR]),
        // The hello cannot tell whether a client without one would be let in.
        row("asked_for_where_only_the_hello_sees_it")
            .openssl(
                Leaf::Rsa2048,
                "-tls1_2 -cipher ECDHE-RSA-AES128-SHA -verify 1 -CAfile {folder}/root.pem",
            )
            .hello()
            .undecided(&[REQUESTED, ANCHOR]),
        row("required_where_only_the_hello_sees_it")
            .openssl(
                Leaf::Rsa2048,
                "-tls1_2 -cipher ECDHE-RSA-AES128-SHA -Verify 1 -CAfile {folder}/root.pem",
            )
            .hello()
            .undecided(&[REQUESTED, ANCHOR]),
        row("required_where_only_the_hello_sees_it_with_mtls")
            .openssl(
                Leaf::Rsa2048,
                "-tls1_2 -cipher ECDHE-RSA-AES128-SHA -Verify 1 -CAfile {folder}/root.pem",
            )
            .hello()
            .origin_mtls()
            .answers(&[ANCHOR]),
        row("asked_for_in_a_flight_of_tls_1_2_made_by_hand")
            .script(hand_made)
            .hello()
            .undecided(&[REQUESTED])
            .not_asked("a flight made by hand cannot end a handshake"),
        // nginx lets everyone in and then answers 400, which is no matter of the handshake.
        row("required_by_nginx")
            .peer(Peer::Nginx(
                "server { listen {address} ssl; server_name origin.example.com;
                  ssl_certificate {folder}/Rsa2048.pem; ssl_certificate_key {folder}/Rsa2048.key;
                  ssl_client_certificate {folder}/root.pem; ssl_verify_client on; }",
            ))
            .undecided(&[REQUESTED]),
        row("required_by_haproxy")
            .peer(Peer::HaProxy(
                "ssl crt {folder}/Rsa2048.both verify required ca-file {folder}/root.pem",
            ))
            .fails(&[REQUIRED]),
        row("required_by_haproxy_with_mtls")
            .peer(Peer::HaProxy(
                "ssl crt {folder}/Rsa2048.both verify required ca-file {folder}/root.pem",
            ))
            .origin_mtls()
            .answers(&[]),
    ]
}

fn options(stage: &Stage, versions: TlsVersions, wanted: ClientAuthentication) -> TlsServerOptions {
    TlsServerOptions { versions, client_authentication: wanted, ..stage.options(Leaf::EcdsaP256) }
}

fn asked(stage: &Stage) -> ClientAuthentication {
    ClientAuthentication::Asked { authority: stage.root.der() }
}

fn required(stage: &Stage) -> ClientAuthentication {
    ClientAuthentication::Required { authority: stage.root.der() }
}

fn asked_12(stage: &Stage) -> TlsServerOptions {
    options(stage, TlsVersions::Tls12, asked(stage))
}

fn asked_13(stage: &Stage) -> TlsServerOptions {
    options(stage, TlsVersions::Tls13, asked(stage))
}

fn required_12(stage: &Stage) -> TlsServerOptions {
    options(stage, TlsVersions::Tls12, required(stage))
}

fn required_13(stage: &Stage) -> TlsServerOptions {
    options(stage, TlsVersions::Tls13, required(stage))
}

fn hand_made(stage: &Stage) -> Script {
    let parts = vec![
        FlightPart::ServerHello { version: 0x0303, cipher_suite: 0x002f },
        FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]),
        FlightPart::CertificateRequest,
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(0x0303, parts))
}
