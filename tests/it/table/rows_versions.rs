//! Every protocol version alone, with and without the distribution's permission.

use origin_probe::demo::script::{Demand, Flight, FlightPart, Refusal, Script};
use origin_probe::demo::server::{TlsServerOptions, TlsVersions};
use origin_probe::origin::SslProtocol::{SslV3, TlsV1, TlsV1_1, TlsV1_2};

use super::peer::Peer;
use super::row::{Row, openssl, row};
use super::stage::{Leaf, Stage};

const NO_VERSION: &str = "no-shared-protocol-version fails";
const MAY_VERSION: &str = "no-shared-protocol-version may-fail";
const NO_SSL3: &str = "aws's library has no policy for sslv3";

pub fn rows() -> Vec<Row> {
    vec![
        row("tls_1_3_alone_needs_no_permission").rustls(tls13).answers(&[]),
        row("tls_1_3_alone_is_offered_beside_any_listed_version")
            .rustls(tls13)
            .ssl_protocols(&[TlsV1])
            .answers(&[]),
        row("tls_1_2_alone_where_it_is_listed").rustls(tls12).answers(&[]),
        row("tls_1_2_and_1_3_where_all_are_listed")
            .rustls(|stage| stage.options(Leaf::EcdsaP256))
            .ssl_protocols(&[TlsV1, TlsV1_1, TlsV1_2])
            .answers(&[]),
        // The range begins at TLSv1 and includes 1.2; the list, taken at its word, does not.
        row("tls_1_2_alone_where_only_1_0_is_listed")
            .rustls(tls12)
            .ssl_protocols(&[TlsV1])
            .undecided(&[MAY_VERSION]),
        row("tls_1_1_alone_where_1_2_is_listed")
            .hello()
            .openssl(Leaf::Rsa2048, "-tls1_1 -cipher ALL:@SECLEVEL=0")
            .fails(&[NO_VERSION]),
        row("tls_1_1_alone_where_it_is_listed")
            .openssl(Leaf::Rsa2048, "-tls1_1 -cipher ALL:@SECLEVEL=0")
            .ssl_protocols(&[TlsV1_1, TlsV1_2])
            .hello()
            .answers(&[]),
        row("tls_1_1_alone_where_all_are_listed")
            .openssl(Leaf::EcdsaP256, "-tls1_1 -cipher ALL:@SECLEVEL=0")
            .ssl_protocols(&[TlsV1, TlsV1_1, TlsV1_2])
            .hello()
            .answers(&[]),
        row("tls_1_1_alone_between_the_listed_versions")
            .openssl(Leaf::Rsa2048, "-tls1_1 -cipher ALL:@SECLEVEL=0")
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .hello()
            .undecided(&[MAY_VERSION]),
        row("tls_1_0_alone_where_1_2_is_listed")
            .hello()
            .openssl(Leaf::Rsa2048, "-tls1 -cipher ALL:@SECLEVEL=0")
            .fails(&[NO_VERSION]),
        row("tls_1_0_alone_where_1_1_and_1_2_are_listed")
            .hello()
            .openssl(Leaf::Rsa2048, "-tls1 -cipher ALL:@SECLEVEL=0")
            .ssl_protocols(&[TlsV1_1, TlsV1_2])
            .fails(&[NO_VERSION]),
        row("tls_1_0_alone_where_it_is_listed")
            .openssl(Leaf::Rsa2048, "-tls1 -cipher ALL:@SECLEVEL=0")
            .ssl_protocols(&[TlsV1, TlsV1_1, TlsV1_2])
            .hello()
            .answers(&[]),
        row("tls_1_0_with_an_ecdsa_certificate")
            .openssl(Leaf::EcdsaP256, "-tls1 -cipher ALL:@SECLEVEL=0")
            .ssl_protocols(&[TlsV1])
            .hello()
            .answers(&[]),
        row("tls_1_0_with_static_rsa")
            .openssl(Leaf::Rsa2048, "-tls1 -cipher AES128-SHA:@SECLEVEL=0")
            .ssl_protocols(&[TlsV1, TlsV1_2])
            .hello()
            .answers(&[]),
        row("sslv3_alone_where_only_it_is_listed")
            .script(|stage| sslv3(stage, 0x000a))
            .ssl_protocols(&[SslV3])
            .hello()
            .answers(&[])
            .not_asked(NO_SSL3),
        row("sslv3_alone_with_rc4_where_only_it_is_listed")
            .script(|stage| sslv3(stage, 0x0004))
            .ssl_protocols(&[SslV3])
            .hello()
            .answers(&[])
            .not_asked(NO_SSL3),
        row("sslv3_alone_where_1_2_is_listed")
            .hello()
            .script(|stage| sslv3(stage, 0x000a))
            .fails(&[NO_VERSION]),
        row("sslv3_alone_where_it_is_listed_beside_tls")
            .hello()
            .script(|stage| sslv3(stage, 0x000a))
            .ssl_protocols(&[SslV3, TlsV1])
            .fails(&[NO_VERSION, "sslv3-not-offered notice"]),
        row("tls_1_2_where_sslv3_is_listed_beside_it")
            .rustls(tls12)
            .ssl_protocols(&[SslV3, TlsV1_2])
            .answers(&["sslv3-not-offered notice"]),
        row("tls_1_2_where_only_sslv3_is_listed")
            .hello()
            .openssl(Leaf::Rsa2048, "-tls1_2")
            .ssl_protocols(&[SslV3])
            .fails(&[NO_VERSION])
            .not_asked(NO_SSL3),
        row("a_version_that_was_not_offered_is_chosen")
            .hello()
            .script(|stage| flight(stage, 0x0301, 0x0301, 0xc009))
            .ssl_protocols(&[TlsV1_1, TlsV1_2])
            .fails(&[NO_VERSION]),
        row("a_version_that_nobody_knows_is_chosen")
            .hello()
            .script(|stage| flight(stage, 0x0303, 0x0309, 0xc02b))
            .undecided(&["handshake-refused may-fail"])
            .aws_fails(),
        // Old middleboxes; CloudFront offers 1.3 and is reset, too.
        row("whoever_offers_tls_1_3_is_reset")
            .hello()
            .choosy(
                vec![Demand::NoVersion(0x0304)],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1_2"),
            )
            .fails(&["connection-closed fails"]),
        row("whoever_offers_no_tls_1_3_is_reset")
            .choosy(vec![Demand::Version(0x0304)], Refusal::Reset, Peer::Rustls(tls13))
            .answers(&[]),
        row("whoever_offers_no_tls_1_0_is_reset_but_the_distribution_lists_it")
            .choosy(
                vec![Demand::CipherSuite(vec![0x002f])],
                Refusal::Reset,
                openssl(Leaf::Rsa2048, "-tls1 -cipher AES128-SHA:@SECLEVEL=0"),
            )
            .ssl_protocols(&[TlsV1, TlsV1_1, TlsV1_2])
            .hello()
            .answers(&[]),
    ]
}

fn tls12(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions { versions: TlsVersions::Tls12, ..stage.options(Leaf::EcdsaP256) }
}

fn tls13(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions { versions: TlsVersions::Tls13, ..stage.options(Leaf::EcdsaP256) }
}

/// A server of SSLv3 with static RSA, which no library speaks any more.
fn sslv3(stage: &Stage, cipher_suite: u16) -> Script {
    let parts = vec![
        FlightPart::ServerHello { version: 0x0300, cipher_suite },
        FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]),
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(0x0300, parts))
}

fn flight(stage: &Stage, records: u16, version: u16, cipher_suite: u16) -> Script {
    let parts = vec![
        FlightPart::ServerHello { version, cipher_suite },
        FlightPart::Certificate(vec![stage.der(Leaf::EcdsaP256)]),
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(records, parts))
}
