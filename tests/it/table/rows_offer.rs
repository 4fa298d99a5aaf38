//! Servers that choose what was not offered, or answer in a form that the offer rules out; and
//! servers that only look as if they did.

use origin_probe::demo::script::FlightPart::{
    HelloRetryRequest, ServerHelloDone, ServerHelloOfTls13, ServerHelloWithSession,
};
use origin_probe::demo::script::{AfterFlight, Demand, Flight, Script};
use origin_probe::demo::server::{Certificates, TlsServerOptions, TlsVersions};

use super::kit::{HAND_MADE, certificate, hand_made};
use super::row::{BROKEN, NO_CERTIFICATE, Row, by_hello, openssl, row, rustls};
use super::stage::Leaf::{EcdsaP256, Rsa2048};
use super::stage::Stage;

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("a_static_rsa_suite_with_an_ec_certificate")
            .flight(0x002f, EcdsaP256)
            .undecided(&[BROKEN]),
        row("a_static_rsa_suite_with_an_rsa_certificate")
            .flight(0x002f, Rsa2048)
            .not_asked(HAND_MADE),
        // Up to TLS 1.2 the session id is the server's to choose (RFC 5246 §7.4.1.3).
        by_hello("a_tls_1_2_server_hello_with_a_session_id_of_its_own")
            .script(|stage| {
                let session_id = vec![9; 32];
                let hello = ServerHelloWithSession { cipher_suite: 0x002f, session_id };
                hand_made(vec![hello, certificate(stage, Rsa2048), ServerHelloDone])
            })
            .not_asked(HAND_MADE),
        // As wolfSSL does where it does not know the issuer of its certificate.
        by_hello("a_request_for_an_ocsp_response_ends_the_connection").choosy(
            Demand::NoStatusRequest,
            Script::CloseAfterClientHello,
            openssl(Rsa2048, "-tls1_2"),
        ),
        by_hello("a_request_for_an_ocsp_response_ends_the_connection_in_tls_1_3_as_well").choosy(
            Demand::NoStatusRequest,
            Script::CloseAfterClientHello,
            openssl(Rsa2048, ""),
        ),
        row("a_hello_that_ends_at_tls_1_2_is_answered_with_tls_1_3")
            .choosy(
                Demand::Version(0x0304),
                hand_made(vec![ServerHelloOfTls13 { legacy_version: 0x0303, echoes: true }]),
                rustls(without_certificate),
            )
            .fails(&[NO_CERTIFICATE]),
    ];
    let tls_1_3 = |legacy_version, echoes| ServerHelloOfTls13 { legacy_version, echoes };
    let retry = |group, echoes| HelloRetryRequest { group, echoes };
    for (name, part) in [
        ("tls_1_3_without_the_session_id", tls_1_3(0x0303, false)),
        ("tls_1_3_with_the_legacy_version_of_tls_1_3", tls_1_3(0x0304, true)),
        ("a_retry_without_the_session_id", retry(0x0018, false)),
        ("a_retry_for_a_group_that_was_not_offered", retry(0x0019, true)),
    ] {
        let flight = Flight { then: AfterFlight::Closes, ..Flight::new(0x0303, vec![part]) };
        rows.push(row(name).plays(Script::Flight(flight)).hello().undecided(&[BROKEN]));
    }
    rows
}

fn without_certificate(stage: &Stage) -> TlsServerOptions {
    let mut served = stage.served(EcdsaP256);
    served.chain.clear();
    TlsServerOptions {
        versions: TlsVersions::Tls13,
        ..TlsServerOptions::new(Certificates::for_everyone(served))
    }
}
