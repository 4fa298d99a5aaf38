//! Servers that choose what was not offered, or answer in a form that the offer rules out; and
//! servers that only look as if they did.

use origin_probe::demo::script::{AfterFlight, Demand, Flight, FlightPart, Refusal, Script};
use origin_probe::demo::server::{Certificates, TlsServerOptions, TlsVersions};

use super::peer::Peer;
use super::row::{Row, openssl, row};
use super::stage::{Leaf, Stage};

const BROKEN: &str = "handshake-refused may-fail";

/// A server made by hand goes no further than its flight.
const HAND_MADE: &str = "the script ends after its flight";

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, part) in [
        (
            "tls_1_3_without_the_session_id",
            FlightPart::ServerHelloOfTls13 { legacy_version: 0x0303, echoes: false },
        ),
        (
            "tls_1_3_with_the_legacy_version_of_tls_1_3",
            FlightPart::ServerHelloOfTls13 { legacy_version: 0x0304, echoes: true },
        ),
        (
            "a_retry_without_the_session_id",
            FlightPart::HelloRetryRequest { group: 0x0018, echoes: false },
        ),
        (
            "a_retry_for_a_group_that_was_not_offered",
            FlightPart::HelloRetryRequest { group: 0x0019, echoes: true },
        ),
    ] {
        rows.push(row(name).plays(closing(vec![part])).hello().undecided(&[BROKEN]));
    }
    rows.extend([
        row("a_static_rsa_suite_with_an_ec_certificate")
            .script(|stage| static_rsa(stage, Leaf::EcdsaP256))
            .hello()
            .undecided(&[BROKEN]),
        row("a_static_rsa_suite_with_an_rsa_certificate")
            .script(|stage| static_rsa(stage, Leaf::Rsa2048))
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        // Up to TLS 1.2 the session id is the server's to choose (RFC 5246 §7.4.1.3).
        row("a_tls_1_2_server_hello_with_a_session_id_of_its_own")
            .script(with_session_id)
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        // As wolfSSL does where it does not know the issuer of its certificate.
        row("a_request_for_an_ocsp_response_ends_the_connection")
            .choosy(
                vec![Demand::NoStatusRequest],
                Refusal::Close,
                openssl(Leaf::Rsa2048, "-tls1_2"),
            )
            .hello()
            .answers(&[]),
        row("a_request_for_an_ocsp_response_ends_the_connection_in_tls_1_3_as_well")
            .choosy(vec![Demand::NoStatusRequest], Refusal::Close, openssl(Leaf::Rsa2048, ""))
            .hello()
            .answers(&[]),
        row("a_hello_that_ends_at_tls_1_2_is_answered_with_tls_1_3")
            .choosy(
                vec![Demand::Version(0x0304)],
                Refusal::Tls13ServerHello,
                Peer::Rustls(without_certificate),
            )
            .fails(&["no-certificate fails"]),
    ]);
    rows
}

fn closing(parts: Vec<FlightPart>) -> Script {
    Script::Flight(Flight { then: AfterFlight::Closes, ..Flight::new(0x0303, parts) })
}

fn static_rsa(stage: &Stage, leaf: Leaf) -> Script {
    Script::Flight(Flight::new(
        0x0303,
        vec![
            FlightPart::ServerHello { version: 0x0303, cipher_suite: 0x002f },
            FlightPart::Certificate(vec![stage.der(leaf)]),
            FlightPart::ServerHelloDone,
        ],
    ))
}

fn with_session_id(stage: &Stage) -> Script {
    Script::Flight(Flight::new(
        0x0303,
        vec![
            FlightPart::ServerHelloWithSession { cipher_suite: 0x002f, session_id: vec![9; 32] },
            FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]),
            FlightPart::ServerHelloDone,
        ],
    ))
}

fn without_certificate(stage: &Stage) -> TlsServerOptions {
    let mut served = stage.served(Leaf::EcdsaP256);
    served.chain.clear();
    TlsServerOptions {
        versions: TlsVersions::Tls13,
        ..TlsServerOptions::new(Certificates::for_everyone(served))
    }
}
