//! Every protocol version alone, with and without the distribution's permission.

use origin_probe::demo::script::Script::ResetAfterClientHello as Reset;
use origin_probe::demo::script::{Demand, Flight, FlightPart, Script};
use origin_probe::demo::server::{TlsServerOptions, TlsVersions};
use origin_probe::origin::SslProtocol::{self, SslV3, TlsV1, TlsV1_1, TlsV1_2};

use super::kit::certificate;
use super::row::{BROKEN, CLOSED, NO_VERSION, Row, by_hello, openssl, row, rustls};
use super::stage::Leaf::{self, EcdsaP256, Rsa2048};
use super::stage::Stage;

const MAY_VERSION: &str = "no-shared-protocol-version may-fail";
const NO_SSL3: &str = "aws's library has no policy for sslv3";
const SSL3_LEFT_OUT: &str = "sslv3-not-offered notice";

const ALL: &[SslProtocol] = &[TlsV1, TlsV1_1, TlsV1_2];
const TLS_1_0: &str = "-tls1 -cipher ALL:@SECLEVEL=0";
const TLS_1_1: &str = "-tls1_1 -cipher ALL:@SECLEVEL=0";
const STATIC_RSA: &str = "-tls1 -cipher AES128-SHA:@SECLEVEL=0";

/// Old versions that the distribution lists: the row, the certificate, OpenSSL's arguments, the
/// list.
const LISTED: [(&str, Leaf, &str, &[SslProtocol]); 5] = [
    ("tls_1_1_alone_where_it_is_listed", Rsa2048, TLS_1_1, &[TlsV1_1, TlsV1_2]),
    ("tls_1_1_alone_where_all_are_listed", EcdsaP256, TLS_1_1, ALL),
    ("tls_1_0_alone_where_it_is_listed", Rsa2048, TLS_1_0, ALL),
    ("tls_1_0_with_an_ecdsa_certificate", EcdsaP256, TLS_1_0, &[TlsV1]),
    ("tls_1_0_with_static_rsa", Rsa2048, STATIC_RSA, &[TlsV1, TlsV1_2]),
];

const NOT_LISTED: [(&str, &str, &[SslProtocol]); 3] = [
    ("tls_1_1_alone_where_1_2_is_listed", TLS_1_1, &[TlsV1_2]),
    ("tls_1_0_alone_where_1_2_is_listed", TLS_1_0, &[TlsV1_2]),
    ("tls_1_0_alone_where_1_1_and_1_2_are_listed", TLS_1_0, &[TlsV1_1, TlsV1_2]),
];

pub fn rows() -> Vec<Row> {
    let only_1_3 = rustls(tls13);
    let mut rows = vec![
        row("tls_1_3_alone_needs_no_permission").rustls(tls13),
        row("tls_1_3_alone_is_offered_beside_any_listed_version").rustls(tls13).lists(&[TlsV1]),
        row("tls_1_2_alone_where_it_is_listed").rustls(tls12),
        row("tls_1_2_and_1_3_where_all_are_listed").certificate(EcdsaP256).lists(ALL),
        // The range begins at TLSv1 and includes 1.2; the list, taken at its word, does not.
        row("tls_1_2_alone_where_only_1_0_is_listed")
            .rustls(tls12)
            .lists(&[TlsV1])
            .undecided(&[MAY_VERSION]),
        by_hello("tls_1_1_alone_between_the_listed_versions")
            .openssl(Rsa2048, TLS_1_1)
            .lists(&[TlsV1, TlsV1_2])
            .undecided(&[MAY_VERSION]),
        row("tls_1_2_where_sslv3_is_listed_beside_it")
            .rustls(tls12)
            .lists(&[SslV3, TlsV1_2])
            .answers(&[SSL3_LEFT_OUT]),
        by_hello("tls_1_2_where_only_sslv3_is_listed")
            .openssl(Rsa2048, "-tls1_2")
            .lists(&[SslV3])
            .fails(&[NO_VERSION])
            .not_asked(NO_SSL3),
        row("sslv3_alone_where_only_it_is_listed").sslv3(0x000a, &[SslV3]).not_asked(NO_SSL3),
        row("sslv3_alone_with_rc4_where_only_it_is_listed")
            .sslv3(0x0004, &[SslV3])
            .not_asked(NO_SSL3),
        row("sslv3_alone_where_1_2_is_listed").sslv3(0x000a, &[TlsV1_2]).fails(&[NO_VERSION]),
        row("sslv3_alone_where_it_is_listed_beside_tls")
            .sslv3(0x000a, &[SslV3, TlsV1])
            .fails(&[NO_VERSION, SSL3_LEFT_OUT]),
        by_hello("a_version_that_was_not_offered_is_chosen")
            .script(|stage| flight(stage, 0x0301, 0x0301, 0xc009, EcdsaP256))
            .lists(&[TlsV1_1, TlsV1_2])
            .fails(&[NO_VERSION]),
        by_hello("a_version_that_nobody_knows_is_chosen")
            .script(|stage| flight(stage, 0x0303, 0x0309, 0xc02b, EcdsaP256))
            .undecided(&[BROKEN])
            .aws_fails(),
        // Old middleboxes; CloudFront offers 1.3 and is reset, too.
        by_hello("whoever_offers_tls_1_3_is_reset")
            .choosy(Demand::NoVersion(0x0304), Reset, openssl(Rsa2048, "-tls1_2"))
            .fails(&[CLOSED]),
        row("whoever_offers_no_tls_1_3_is_reset").choosy(Demand::Version(0x0304), Reset, only_1_3),
        by_hello("whoever_offers_no_tls_1_0_is_reset_but_the_distribution_lists_it")
            .choosy(Demand::CipherSuite(vec![0x002f]), Reset, openssl(Rsa2048, STATIC_RSA))
            .lists(ALL),
    ];
    for (name, leaf, arguments, listed) in LISTED {
        rows.push(row(name).openssl(leaf, arguments).lists(listed).hello());
    }
    for (name, arguments, listed) in NOT_LISTED {
        let row = row(name).openssl(Rsa2048, arguments).lists(listed);
        rows.push(row.hello().fails(&[NO_VERSION]));
    }
    rows
}

fn tls12(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions { versions: TlsVersions::Tls12, ..stage.options(EcdsaP256) }
}

fn tls13(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions { versions: TlsVersions::Tls13, ..stage.options(EcdsaP256) }
}

impl Row {
    /// A server of SSLv3 with static RSA, which no library speaks any more.
    fn sslv3(self, cipher_suite: u16, listed: &[SslProtocol]) -> Self {
        self.script(move |stage| flight(stage, 0x0300, 0x0300, cipher_suite, Rsa2048))
            .lists(listed)
            .hello()
    }
}

fn flight(stage: &Stage, records: u16, version: u16, cipher_suite: u16, leaf: Leaf) -> Script {
    let parts = vec![
        FlightPart::ServerHello { version, cipher_suite },
        certificate(stage, leaf),
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(records, parts))
}
