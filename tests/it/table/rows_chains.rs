//! Chains that only the way they are sent makes odd: long, cut into pieces, stapled, empty.

use std::collections::BTreeMap;

use origin_probe::demo::pki::{AuthorityOptions, EndEntity, Window};
use origin_probe::demo::script::{Flight, FlightPart, Script, SignedBy};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions, TlsVersions};

use super::row::{Row, row};
use super::stage::{DOMAIN, Leaf, Stage, now};

const TOO_LONG: &str = "chain-too-long may-fail";
const NO_CERTIFICATE: &str = "no-certificate fails";
const HAND_MADE: &str = "a flight made by hand cannot end a handshake";

pub fn rows() -> Vec<Row> {
    vec![
        row("a_chain_of_seven_certificates")
            .rustls(|stage| long(stage, TlsVersions::Tls12And13, 7))
            .answers(&[]),
        row("a_chain_of_eight_certificates")
            .rustls(|stage| long(stage, TlsVersions::Tls12And13, 8))
            .undecided(&[TOO_LONG]),
        row("a_chain_of_more_than_64_kib_in_tls_1_2")
            .rustls(|stage| long(stage, TlsVersions::Tls12, 250))
            .hello()
            .undecided(&[TOO_LONG]),
        // Encrypted, so that the hello cannot read it either.
        row("a_chain_of_more_than_64_kib_in_tls_1_3")
            .rustls(|stage| long(stage, TlsVersions::Tls13, 250))
            .undecided(&[TOO_LONG]),
        row("an_empty_chain_in_tls_1_2")
            .hello()
            .rustls(|stage| empty(stage, TlsVersions::Tls12))
            .fails(&[NO_CERTIFICATE]),
        row("an_empty_chain_in_tls_1_3")
            .rustls(|stage| empty(stage, TlsVersions::Tls13))
            .fails(&[NO_CERTIFICATE]),
        row("an_empty_chain_that_only_the_hello_sees")
            .script(|_| static_rsa(vec![FlightPart::Certificate(Vec::new())]))
            .hello()
            .fails(&[NO_CERTIFICATE]),
        row("a_staple_in_a_full_handshake").rustls(stapled).answers(&[]),
        row("a_staple_that_only_the_hello_sees")
            .script(|stage| {
                let certificate = FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]);
                static_rsa(vec![certificate, FlightPart::CertificateStatus(b"staple".to_vec())])
            })
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        row("a_flight_in_records_of_50_bytes")
            .script(|stage| in_pieces(stage, 50))
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        row("a_flight_in_records_of_one_byte")
            .script(|stage| in_pieces(stage, 1))
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
        row("another_key_than_the_certificates")
            .rustls(|stage| {
                let served = ServedCertificate::new(
                    vec![stage.der(Leaf::EcdsaP256)],
                    stage.key(Leaf::Rsa2048),
                );
                TlsServerOptions::new(Certificates::for_everyone(served))
            })
            .fails(&["key-mismatch fails"]),
        row("an_rsa_key_exchange_signed_by_hand")
            .script(|stage| {
                let signed = SignedBy::Rsa { key: stage.key(Leaf::Rsa2048) };
                let parts = vec![
                    FlightPart::ServerHello { version: 0x0303, cipher_suite: 0xc013 },
                    FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]),
                    FlightPart::ServerKeyExchange { group: 29, signed },
                    FlightPart::ServerHelloDone,
                ];
                Script::Flight(Flight::new(0x0303, parts))
            })
            .hello()
            .answers(&[])
            .not_asked(HAND_MADE),
    ]
}

/// An intermediate that was renewed again and again, and every one of its certificates is served:
/// all are related and in order.
fn long(stage: &Stage, versions: TlsVersions, certificates: usize) -> TlsServerOptions {
    let window = |end| Window::days(-500..end, now());
    let options = AuthorityOptions::default();
    let intermediate =
        stage.root.intermediate("Table Intermediate", window(900), &options).unwrap();
    let end_entity = EndEntity::new(&[DOMAIN], Window::days(-20..70, now()));
    let issued = intermediate.issue(&end_entity).unwrap();
    let mut chain = vec![issued.der, intermediate.der()];
    while chain.len() < certificates {
        let end = 900 + i64::try_from(chain.len()).unwrap();
        chain.push(stage.root.cross_sign(&intermediate, window(end), &options).unwrap().der());
    }
    let served = ServedCertificate::new(chain, issued.key);
    TlsServerOptions { versions, ..TlsServerOptions::new(Certificates::for_everyone(served)) }
}

fn empty(stage: &Stage, versions: TlsVersions) -> TlsServerOptions {
    let served = ServedCertificate::new(Vec::new(), stage.key(Leaf::EcdsaP256));
    let certificates = Certificates { by_name: BTreeMap::new(), for_others: Some(served) };
    TlsServerOptions { versions, ..TlsServerOptions::new(certificates) }
}

/// The staple is none, which a client that does not read it cannot tell.
fn stapled(stage: &Stage) -> TlsServerOptions {
    let mut served = stage.served(Leaf::EcdsaP256);
    served.ocsp_staple = Some(b"staple".to_vec());
    TlsServerOptions::new(Certificates::for_everyone(served))
}

fn in_pieces(stage: &Stage, record_size: usize) -> Script {
    let certificate = FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]);
    match static_rsa(vec![certificate]) {
        Script::Flight(flight) => Script::Flight(Flight { record_size, ..flight }),
        script => script,
    }
}

/// A flight of TLS 1.2 with static RSA, which only the second hello offers.
fn static_rsa(certificate: Vec<FlightPart>) -> Script {
    let mut parts = vec![FlightPart::ServerHello { version: 0x0303, cipher_suite: 0x002f }];
    parts.extend(certificate);
    parts.push(FlightPart::ServerHelloDone);
    Script::Flight(Flight::new(0x0303, parts))
}
