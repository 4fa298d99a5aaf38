//! Stapled status responses, and certificates that ask for one.
//!
//! The responses are made by hand (RFC 6960 §4.2.1), as far as a client reads them without a check of
//! the signature.

use origin_probe::chain::Certificate;
use origin_probe::demo::server::{Certificates, TlsServerOptions, TlsVersions};

use super::row::{Row, row};
use super::stage::Leaf::{self, EcdsaP256, MustStaple};
use super::stage::Stage;

const REVOKED: &str = "revoked-staple notice";
const UNANSWERED: &str = "must-staple-unanswered notice";
const UNSIGNED: &str = "the response's signature is made up, and aws's library checks it";

pub fn rows() -> Vec<Row> {
    vec![
        row("a_good_staple").about(EcdsaP256, Status::Good).until(70),
        row("a_revoked_staple").about(EcdsaP256, Status::Revoked).answers(&[REVOKED]).until(70),
        row("a_revoked_staple_in_tls_1_2")
            .serves(|stage| TlsServerOptions {
                versions: TlsVersions::Tls12,
                ..about(stage, EcdsaP256, Status::Revoked)
            })
            .answers(&[REVOKED]),
        row("a_staple_that_knows_nothing").about(EcdsaP256, Status::Unknown).until(70),
        row("a_revoked_staple_of_another_certificate")
            .stapled(EcdsaP256, staple(&[7, 7, 7], Status::Revoked))
            .until(70),
        row("must_staple_without_a_staple").certificate(MustStaple).answers(&[UNANSWERED]),
        row("must_staple_with_a_good_one").about(MustStaple, Status::Good),
        row("must_staple_with_a_revoked_one")
            .about(MustStaple, Status::Revoked)
            .answers(&[REVOKED]),
        row("must_staple_with_one_that_knows_nothing")
            .about(MustStaple, Status::Unknown)
            .answers(&[UNANSWERED]),
        row("must_staple_with_one_of_another_certificate")
            .stapled(MustStaple, staple(&[7, 7, 7], Status::Good))
            .answers(&[UNANSWERED]),
        row("must_staple_with_something_else")
            .stapled(MustStaple, b"staple".to_vec())
            .answers(&[UNANSWERED]),
        row("must_staple_that_only_the_hello_sees").openssl_cbc(MustStaple).answers(&[UNANSWERED]),
    ]
    .into_iter()
    .map(|row| row.not_asked(UNSIGNED))
    .collect()
}

impl Row {
    /// The response is about the served certificate.
    fn about(self, leaf: Leaf, status: Status) -> Self {
        self.rustls(move |stage| about(stage, leaf, status))
    }

    fn stapled(self, leaf: Leaf, response: Vec<u8>) -> Self {
        self.rustls(move |stage| with(stage, leaf, response.clone()))
    }
}

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

/// What the response says.
#[derive(Clone, Copy, Debug)]
pub enum Status {
    Good,
    /// At the beginning of 2030.
    Revoked,
    Unknown,
}

/// Returns a successful response about the certificate with that serial number.
pub fn staple(serial: &[u8], status: Status) -> Vec<u8> {
    let sha1 =
        element(0x30, &[element(0x06, &[0x2b, 0x0e, 0x03, 0x02, 0x1a]), element(5, &[])].concat());
    let id = [sha1, element(4, &[1; 20]), element(4, &[2; 20]), element(2, serial)].concat();
    let status = match status {
        Status::Good => element(0x80, &[]),
        Status::Revoked => element(0xa1, &time("20300101000000Z")),
        Status::Unknown => element(0x82, &[]),
    };
    let this_update = time("20300101060000Z");
    let single = element(0x30, &[element(0x30, &id), status, this_update].concat());
    let responder = element(0xa2, &element(4, &[3; 20]));
    let data = [responder, time("20300101060000Z"), element(0x30, &single)].concat();
    let signature = element(3, &[0, 1, 2, 3]);
    let ecdsa = element(0x30, &element(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
    let basic = element(0x30, &[element(0x30, &data), ecdsa, signature].concat());
    let kind = element(0x06, &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1]);
    let bytes = element(0x30, &[kind, element(4, &basic)].concat());
    element(0x30, &[element(10, &[0]), element(0xa0, &bytes)].concat())
}

fn time(text: &str) -> Vec<u8> {
    element(0x18, text.as_bytes())
}

/// Returns one DER element of less than 64 KiB.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mut out = vec![tag];
    match length {
        [0, short @ 0..=0x7f] => out.push(short),
        [0, long] => out.extend([0x81, long]),
        [high, low] => out.extend([0x82, high, low]),
    }
    out.extend(content);
    out
}
