//! Several addresses: one of three bad in every way, and both families in every combination.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use origin_probe::demo::script::Script;
use origin_probe::origin::IpAddressType;
use origin_probe::origin::IpAddressType::{Dualstack, Ipv4, Ipv6};

use super::peer::Peer;
use super::row::{Row, row};
use super::stage::Leaf;

const SEVERAL: &str = "the oracle connects to addresses, it does not choose among them";
const NO_ADDRESS: &str = "no-usable-address fails";

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

pub fn rows() -> Vec<Row> {
    let mut rows = one_of_three();
    rows.extend(families());
    rows.extend(one_bad_family());
    rows.into_iter().map(|row| row.not_asked(SEVERAL)).collect()
}

fn good() -> Peer {
    Peer::Rustls(|stage| stage.options(Leaf::EcdsaP256))
}

fn wrong_certificate() -> Peer {
    Peer::Rustls(|stage| stage.options(Leaf::WrongName))
}

/// The one that is bad stands in the middle.
fn one_of_three() -> Vec<Row> {
    let three = |name, bad| {
        row(name)
            .at(Ipv4Addr::new(127, 0, 0, 1), good())
            .at(Ipv4Addr::new(127, 0, 0, 2), bad)
            .at(Ipv4Addr::new(127, 0, 0, 3), good())
            .engines(&["rustls", "rustls", "rustls"])
    };
    vec![
        three("three_addresses_and_all_are_good", good()).answers(&[]),
        three("one_of_three_refuses_the_connection", Peer::Nobody)
            .undecided(&["connection-refused may-fail"]),
        three("one_of_three_has_a_tls_fault", Peer::Plays(Script::Alert { level: 2, code: 40 }))
            .engines(&["rustls", "hello", "rustls"])
            .fails(&["handshake-refused fails"]),
        three("one_of_three_has_the_wrong_certificate", wrong_certificate())
            .fails(&["name-not-in-certificate fails"]),
        three("one_of_three_is_silent", Peer::Plays(Script::Silence))
            .impatient()
            .fails_with_504(&["handshake-timed-out fails"]),
        three("one_of_three_speaks_http", Peer::Plays(Script::PlainHttp)).fails(&["not-tls fails"]),
        three("one_of_three_has_only_cbc", cbc())
            .engines(&["rustls", "hello", "rustls"])
            .answers(&[]),
        row("all_of_two_refuse_the_connection")
            .at(Ipv4Addr::new(127, 0, 0, 1), Peer::Nobody)
            .at(Ipv4Addr::new(127, 0, 0, 2), Peer::Nobody)
            .engines(&["rustls", "rustls"])
            .fails(&["connection-refused fails", "connection-refused fails"]),
    ]
}

fn cbc() -> Peer {
    super::row::openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA")
}

/// Which records exist, times which the distribution asks for.
fn families() -> Vec<Row> {
    const COMBINATIONS: [(&str, &[IpAddr], IpAddressType, usize); 9] = [
        ("a_records_only_for_ipv4", &[V4], Ipv4, 1),
        ("a_records_only_for_ipv6", &[V4], Ipv6, 0),
        ("a_records_only_for_dualstack", &[V4], Dualstack, 1),
        ("aaaa_records_only_for_ipv4", &[V6], Ipv4, 0),
        ("aaaa_records_only_for_ipv6", &[V6], Ipv6, 1),
        ("aaaa_records_only_for_dualstack", &[V6], Dualstack, 1),
        ("both_records_for_ipv4", &[V4, V6], Ipv4, 1),
        ("both_records_for_ipv6", &[V4, V6], Ipv6, 1),
        ("both_records_for_dualstack", &[V4, V6], Dualstack, 2),
    ];
    COMBINATIONS
        .into_iter()
        .map(|(name, addresses, ip_address_type, endpoints)| {
            let row = addresses.iter().fold(row(name), |row, ip| row.at(*ip, good()));
            let row =
                row.ip_address_type(ip_address_type).engines(&["rustls", "rustls"][..endpoints]);
            if endpoints == 0 { row.fails(&[NO_ADDRESS]) } else { row.answers(&[]) }
        })
        .collect()
}

/// IPv6 is the family that is forgotten.
fn one_bad_family() -> Vec<Row> {
    let two = |name, bad| {
        row(name)
            .at(V4, good())
            .at(V6, bad)
            .ip_address_type(Dualstack)
            .engines(&["rustls", "rustls"])
    };
    vec![
        two("ipv6_refuses_the_connection", Peer::Nobody)
            .undecided(&["connection-refused may-fail"]),
        two("ipv6_has_the_wrong_certificate", wrong_certificate())
            .fails(&["name-not-in-certificate fails"]),
        two("ipv6_has_the_wrong_certificate_but_is_not_asked_for", wrong_certificate())
            .ip_address_type(Ipv4)
            .engines(&["rustls"])
            .answers(&[]),
        two("ipv6_is_the_only_family_asked_for_and_refuses", Peer::Nobody)
            .ip_address_type(Ipv6)
            .engines(&["rustls"])
            .fails(&["connection-refused fails"]),
    ]
}
