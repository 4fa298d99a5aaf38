//! Chains that only the way they are sent makes odd: long, cut into pieces, stapled, empty.

use origin_probe::demo::script::{Flight, FlightPart, Script, SignedBy};
use origin_probe::demo::server::TlsVersions::{self, Tls12, Tls12And13, Tls13};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions};

use super::kit::{
    HAND_MADE, SOUND, below, certificate, cross_sign, end_entity, hand_made, serve_list,
    server_hello,
};
use super::row::{KEY_MISMATCH, NO_CERTIFICATE, Row, TOO_LONG, by_hello, row};
use super::stage::Leaf::{EcdsaP256, Rsa2048};

pub fn rows() -> Vec<Row> {
    vec![
        row("a_chain_of_seven_certificates").long(Tls12And13, 7),
        row("a_chain_of_eight_certificates").long(Tls12And13, 8).undecided(&[TOO_LONG]),
        by_hello("a_chain_of_more_than_64_kib_in_tls_1_2").long(Tls12, 250).undecided(&[TOO_LONG]),
        // Encrypted, so that the hello cannot read it either.
        row("a_chain_of_more_than_64_kib_in_tls_1_3").long(Tls13, 250).undecided(&[TOO_LONG]),
        by_hello("an_empty_chain_in_tls_1_2").empty(Tls12).fails(&[NO_CERTIFICATE]),
        row("an_empty_chain_in_tls_1_3").empty(Tls13).fails(&[NO_CERTIFICATE]),
        by_hello("an_empty_chain_that_only_the_hello_sees")
            .plays(hand_made(vec![
                server_hello(0x002f),
                FlightPart::Certificate(Vec::new()),
                FlightPart::ServerHelloDone,
            ]))
            .fails(&[NO_CERTIFICATE]),
        // The staple is none, which a client that does not read it cannot tell.
        row("a_staple_in_a_full_handshake").rustls(|stage| {
            let mut served = stage.served(EcdsaP256);
            served.ocsp_staple = Some(b"staple".to_vec());
            TlsServerOptions::new(Certificates::for_everyone(served))
        }),
        row("a_staple_that_only_the_hello_sees")
            .flight_with(0x002f, Rsa2048, |_| {
                vec![FlightPart::CertificateStatus(b"staple".to_vec())]
            })
            .not_asked(HAND_MADE),
        row("a_flight_in_records_of_50_bytes").in_pieces(50).not_asked(HAND_MADE),
        row("a_flight_in_records_of_one_byte").in_pieces(1).not_asked(HAND_MADE),
        row("another_key_than_the_certificates")
            .rustls(|stage| {
                let chain = vec![stage.der(EcdsaP256)];
                let served = ServedCertificate::new(chain, stage.key(Rsa2048));
                TlsServerOptions::new(Certificates::for_everyone(served))
            })
            .fails(&[KEY_MISMATCH]),
        row("an_rsa_key_exchange_signed_by_hand")
            .flight_with(0xc013, Rsa2048, |stage| {
                let signed = SignedBy::Rsa { key: stage.key(Rsa2048) };
                vec![FlightPart::ServerKeyExchange { group: 29, signed }]
            })
            .not_asked(HAND_MADE),
    ]
}

impl Row {
    /// An intermediate that was renewed again and again, and every one of its certificates is
    /// served: all are related and in order.
    fn long(self, versions: TlsVersions, certificates: i64) -> Self {
        self.rustls(move |stage| {
            let intermediate = below(&stage.root, "Table Intermediate", -500..900);
            let issued = intermediate.issue(&end_entity(SOUND)).unwrap();
            let mut chain = vec![issued.der.clone(), intermediate.der()];
            chain.extend(
                (2..certificates).map(|renewal| {
                    cross_sign(&stage.root, &intermediate, -500..900 + renewal).der()
                }),
            );
            TlsServerOptions { versions, ..serve_list(&issued, chain) }
        })
    }

    /// A flight of TLS 1.2 with static RSA, in records of that size.
    fn in_pieces(self, record_size: usize) -> Self {
        self.hello().script(move |stage| {
            let parts = vec![
                server_hello(0x002f),
                certificate(stage, Rsa2048),
                FlightPart::ServerHelloDone,
            ];
            Script::Flight(Flight { record_size, ..Flight::new(0x0303, parts) })
        })
    }

    fn empty(self, versions: TlsVersions) -> Self {
        self.rustls(move |stage| {
            let served = ServedCertificate::new(Vec::new(), stage.key(EcdsaP256));
            let certificates = Certificates::for_everyone(served);
            TlsServerOptions { versions, ..TlsServerOptions::new(certificates) }
        })
    }
}
