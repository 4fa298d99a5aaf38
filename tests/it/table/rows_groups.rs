//! Every key exchange group alone.

use origin_probe::demo::script::{Demand, FlightPart, Script, SignedBy};
use origin_probe::demo::server::{TlsServerOptions, TlsVersions};

use super::row::{BROKEN, GROUP_UNDOCUMENTED, NO_GROUP, Row, by_hello, openssl, row};
use super::stage::Leaf::{EcdsaP256, Rsa2048};

const ECDHE: &str = "-tls1_2 -cipher ECDHE";
const CBC: &str = "-tls1_2 -cipher ECDHE-RSA-AES128-SHA";
const CBC_AND_STATIC_RSA: &str = "-tls1_2 -cipher ECDHE-RSA-AES128-SHA:AES128-SHA";

/// The row, OpenSSL's arguments, and its name for the group.
const SHARED: [(&str, &str, &str); 6] = [
    ("p256_alone_in_tls_1_2", ECDHE, "P-256"),
    ("x25519_alone_in_tls_1_2", ECDHE, "X25519"),
    ("p384_alone_in_tls_1_2", ECDHE, "P-384"),
    ("p256_alone_in_tls_1_3", "-tls1_3", "P-256"),
    ("x25519_alone_in_tls_1_3", "-tls1_3", "X25519"),
    ("p384_alone_in_tls_1_3", "-tls1_3", "P-384"),
];

const SHARED_BY_HELLO: [(&str, &str, &str); 2] = [
    ("p384_alone_with_cbc_only", CBC, "P-384"),
    ("p521_alone_but_static_rsa_beside_it", CBC_AND_STATIC_RSA, "P-521"),
];

const NOT_SHARED: [(&str, &str, &str); 7] = [
    ("p521_alone_in_tls_1_2", ECDHE, "P-521"),
    ("x448_alone_in_tls_1_2", ECDHE, "X448"),
    ("brainpool_alone_in_tls_1_2", ECDHE, "brainpoolP256r1"),
    ("p521_alone_with_cbc_only", CBC, "P-521"),
    ("p521_alone_in_tls_1_3", "-tls1_3", "P-521"),
    ("x448_alone_in_tls_1_3", "-tls1_3", "X448"),
    ("ffdhe2048_alone_in_tls_1_3", "-tls1_3", "ffdhe2048"),
];

pub fn rows() -> Vec<Row> {
    let with = |(name, arguments, group): (&'static str, &str, &str)| {
        row(name).openssl(Rsa2048, format!("{arguments} -groups {group}"))
    };
    let p521 = openssl(Rsa2048, "-tls1_2 -cipher ECDHE -groups P-521");
    let mut rows = vec![
        by_hello("a_post_quantum_group_alone")
            .rustls(|stage| TlsServerOptions {
                versions: TlsVersions::Tls13,
                groups: vec![0x11ec],
                ..stage.options(EcdsaP256)
            })
            .undecided(&[GROUP_UNDOCUMENTED]),
        row("p384_alone_with_a_p256_certificate").openssl(EcdsaP256, "-tls1_2 -groups P-384"),
        // secp521r1 in a key exchange, with a suite that only the second hello offers.
        row("a_group_that_was_not_offered_is_chosen")
            .flight_with(0xc009, EcdsaP256, |stage| {
                let signed = SignedBy::EcdsaP256 { key: stage.key(EcdsaP256) };
                vec![FlightPart::ServerKeyExchange { group: 25, signed }]
            })
            .undecided(&[BROKEN]),
        by_hello("whoever_offers_no_p521_is_reset")
            .choosy(Demand::Group(25), Script::ResetAfterClientHello, p521)
            .fails(&[NO_GROUP]),
    ];
    rows.extend(SHARED.map(with));
    rows.extend(SHARED_BY_HELLO.map(|one| with(one).hello()));
    rows.extend(NOT_SHARED.map(|one| with(one).hello().fails(&[NO_GROUP])));
    rows
}
