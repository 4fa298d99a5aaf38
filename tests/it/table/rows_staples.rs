//! Stapled status responses, and certificates that ask for one.

use origin_probe::chain::Certificate;
use origin_probe::demo::server::{Certificates, TlsServerOptions, TlsVersions};

use super::row::{Row, row};
use super::stage::{Leaf, Stage};
use super::staple::{Status, staple};

const REVOKED: &str = "revoked-staple notice";
const UNANSWERED: &str = "must-staple-unanswered notice";
const HAND_MADE: &str = "the response's signature is made up, and aws's library checks it";

pub fn rows() -> Vec<Row> {
    vec![
        row("a_good_staple")
            .rustls(|stage| about(stage, Leaf::EcdsaP256, Status::Good))
            .answers(&[])
            .until(70),
        row("a_revoked_staple")
            .rustls(|stage| about(stage, Leaf::EcdsaP256, Status::Revoked))
            .answers(&[REVOKED])
            .until(70),
        row("a_revoked_staple_in_tls_1_2")
            .rustls(|stage| TlsServerOptions {
                versions: TlsVersions::Tls12,
                ..about(stage, Leaf::EcdsaP256, Status::Revoked)
            })
            .answers(&[REVOKED])
            .until(70),
        row("a_staple_that_knows_nothing")
            .rustls(|stage| about(stage, Leaf::EcdsaP256, Status::Unknown))
            .answers(&[])
            .until(70),
        row("a_revoked_staple_of_another_certificate")
            .rustls(|stage| with(stage, Leaf::EcdsaP256, staple(&[7, 7, 7], Status::Revoked)))
            .answers(&[])
            .until(70),
        row("must_staple_without_a_staple")
            .rustls(|stage| stage.options(Leaf::MustStaple))
            .answers(&[UNANSWERED]),
        row("must_staple_with_a_good_one")
            .rustls(|stage| about(stage, Leaf::MustStaple, Status::Good))
            .answers(&[]),
        row("must_staple_with_a_revoked_one")
            .rustls(|stage| about(stage, Leaf::MustStaple, Status::Revoked))
            .answers(&[REVOKED]),
        row("must_staple_with_one_that_knows_nothing")
            .rustls(|stage| about(stage, Leaf::MustStaple, Status::Unknown))
            .answers(&[UNANSWERED]),
        row("must_staple_with_one_of_another_certificate")
            .rustls(|stage| with(stage, Leaf::MustStaple, staple(&[7, 7, 7], Status::Good)))
            .answers(&[UNANSWERED]),
        row("must_staple_with_something_else")
            .rustls(|stage| with(stage, Leaf::MustStaple, b"staple".to_vec()))
            .answers(&[UNANSWERED]),
        row("must_staple_that_only_the_hello_sees")
            .openssl(Leaf::MustStaple, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA")
            .hello()
            .answers(&[UNANSWERED]),
    ]
    .into_iter()
    .map(|row| row.not_asked(HAND_MADE))
    .collect()
}

/// The response is about the served certificate.
fn about(stage: &Stage, leaf: Leaf, status: Status) -> TlsServerOptions {
    let certificate = Certificate::parse(&stage.der(leaf)).unwrap();
    let hex = certificate.serial.as_bytes().chunks(2);
    let mut serial: Vec<u8> =
        hex.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
    if serial[0] >= 0x80 {
        serial.insert(0, 0);
    }
    with(stage, leaf, staple(&serial, status))
}

fn with(stage: &Stage, leaf: Leaf, response: Vec<u8>) -> TlsServerOptions {
    let mut served = stage.served(leaf);
    served.ocsp_staple = Some(response);
    TlsServerOptions::new(Certificates::for_everyone(served))
}
