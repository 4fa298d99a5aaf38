//! Every key exchange group alone.

use origin_probe::demo::script::{Demand, Flight, FlightPart, Refusal, Script, SignedBy};
use origin_probe::demo::server::{TlsServerOptions, TlsVersions};

use super::row::{Row, openssl, row};
use super::stage::{Leaf, Stage};

const NO_GROUP: &str = "no-shared-group fails";

const SHARED: [(&str, &str); 6] = [
    ("p256_alone_in_tls_1_2", "-tls1_2 -cipher ECDHE -groups P-256"),
    ("x25519_alone_in_tls_1_2", "-tls1_2 -cipher ECDHE -groups X25519"),
    ("p384_alone_in_tls_1_2", "-tls1_2 -cipher ECDHE -groups P-384"),
    ("p256_alone_in_tls_1_3", "-tls1_3 -groups P-256"),
    ("x25519_alone_in_tls_1_3", "-tls1_3 -groups X25519"),
    ("p384_alone_in_tls_1_3", "-tls1_3 -groups P-384"),
];

const NOT_SHARED: [(&str, &str); 7] = [
    ("p521_alone_in_tls_1_2", "-tls1_2 -cipher ECDHE -groups P-521"),
    ("x448_alone_in_tls_1_2", "-tls1_2 -cipher ECDHE -groups X448"),
    ("brainpool_alone_in_tls_1_2", "-tls1_2 -cipher ECDHE -groups brainpoolP256r1"),
    ("p521_alone_with_cbc_only", "-tls1_2 -cipher ECDHE-RSA-AES128-SHA -groups P-521"),
    ("p521_alone_in_tls_1_3", "-tls1_3 -groups P-521"),
    ("x448_alone_in_tls_1_3", "-tls1_3 -groups X448"),
    ("ffdhe2048_alone_in_tls_1_3", "-tls1_3 -groups ffdhe2048"),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, arguments) in SHARED {
        rows.push(row(name).openssl(Leaf::Rsa2048, arguments).answers(&[]));
    }
    for (name, arguments) in NOT_SHARED {
        rows.push(row(name).openssl(Leaf::Rsa2048, arguments).hello().fails(&[NO_GROUP]));
    }
    rows.extend([
        row("a_post_quantum_group_alone")
            .hello()
            .rustls(post_quantum)
            .undecided(&["no-shared-group may-fail"]),
        row("p384_alone_with_cbc_only")
            .openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA -groups P-384")
            .hello()
            .answers(&[]),
        row("p521_alone_but_static_rsa_beside_it")
            .openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA:AES128-SHA -groups P-521")
            .hello()
            .answers(&[]),
        row("p384_alone_with_a_p256_certificate")
            .openssl(Leaf::EcdsaP256, "-tls1_2 -groups P-384")
            .answers(&[]),
        row("a_group_that_was_not_offered_is_chosen")
            .hello()
            .script(unoffered)
            .undecided(&["handshake-refused may-fail"]),
        row("whoever_offers_no_p521_is_reset")
            .hello()
            .choosy(
                vec![Demand::Group(25)],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE -groups P-521"),
            )
            .fails(&[NO_GROUP]),
    ]);
    rows
}

fn post_quantum(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions {
        versions: TlsVersions::Tls13,
        groups: vec![0x11ec],
        ..stage.options(Leaf::EcdsaP256)
    }
}

/// Chooses secp521r1 in a key exchange, with a suite that only the second hello offers.
fn unoffered(stage: &Stage) -> Script {
    let parts = vec![
        FlightPart::ServerHello { version: 0x0303, cipher_suite: 0xc009 },
        FlightPart::Certificate(vec![stage.der(Leaf::EcdsaP256)]),
        FlightPart::ServerKeyExchange {
            group: 25,
            signed: SignedBy::EcdsaP256 { key: stage.key(Leaf::EcdsaP256) },
        },
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(0x0303, parts))
}
