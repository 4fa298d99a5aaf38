//! Several addresses: one of three bad in every way, and both families in every combination.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use origin_probe::demo::script::Script;
use origin_probe::origin::IpAddressType::{self, Dualstack, Ipv4, Ipv6};

use super::peer::Peer;
use super::row::{NO_LISTENER, NOT_NAMED, NOT_TLS, REFUSED, Row, TIMED_OUT, openssl, row, rustls};
use super::stage::Leaf;

const SEVERAL: &str = "the oracle connects to addresses, it does not choose among them";
const NO_ADDRESS: &str = "no-usable-address fails";
const MAY_REFUSE: &str = "connection-refused may-fail";

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

const THREE: [&str; 3] = ["rustls", "rustls", "rustls"];
const HELLO_BETWEEN: [&str; 3] = ["rustls", "hello", "rustls"];

pub fn rows() -> Vec<Row> {
    let mut rows = one_of_three();
    rows.extend(families());
    rows.extend(one_bad_family());
    rows.into_iter().map(|row| row.not_asked(SEVERAL)).collect()
}

fn good() -> Peer {
    rustls(|stage| stage.options(Leaf::EcdsaP256))
}

fn wrong_certificate() -> Peer {
    rustls(|stage| stage.options(Leaf::WrongName))
}

/// The one that is bad stands in the middle.
fn one_of_three() -> Vec<Row> {
    let [first, second, third] = [1, 2, 3].map(|last| Ipv4Addr::new(127, 0, 0, last));
    let three =
        |name, bad| row(name).at(first, good()).at(second, bad).at(third, good()).engines(&THREE);
    let playing =
        |name, script: Script| three(name, Peer::Script(Box::new(move |_| script.clone())));
    let cbc = openssl(Leaf::Rsa2048, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA");
    vec![
        three("three_addresses_and_all_are_good", good()),
        three("one_of_three_refuses_the_connection", Peer::Nobody).undecided(&[MAY_REFUSE]),
        playing("one_of_three_has_a_tls_fault", Script::Alert { level: 2, code: 40 })
            .engines(&HELLO_BETWEEN)
            .fails(&[REFUSED]),
        three("one_of_three_has_the_wrong_certificate", wrong_certificate()).fails(&[NOT_NAMED]),
        playing("one_of_three_is_silent", Script::Silence).impatient().fails_with_504(&[TIMED_OUT]),
        playing("one_of_three_speaks_http", Script::PlainHttp).fails(&[NOT_TLS]),
        three("one_of_three_has_only_cbc", cbc).engines(&HELLO_BETWEEN),
        row("all_of_two_refuse_the_connection")
            .at(first, Peer::Nobody)
            .at(second, Peer::Nobody)
            .engines(&THREE[..2])
            .fails(&[NO_LISTENER, NO_LISTENER]),
    ]
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
            let row = row.ip_address_type(ip_address_type).engines(&THREE[..endpoints]);
            if endpoints == 0 { row.fails(&[NO_ADDRESS]) } else { row }
        })
        .collect()
}

/// IPv6 is the family that is forgotten.
fn one_bad_family() -> Vec<Row> {
    let two = |name, bad, ip_address_type, endpoints| {
        let row = row(name).at(V4, good()).at(V6, bad).ip_address_type(ip_address_type);
        row.engines(&THREE[..endpoints])
    };
    vec![
        two("ipv6_refuses_the_connection", Peer::Nobody, Dualstack, 2).undecided(&[MAY_REFUSE]),
        two("ipv6_has_the_wrong_certificate", wrong_certificate(), Dualstack, 2)
            .fails(&[NOT_NAMED]),
        two("ipv6_has_the_wrong_certificate_but_is_not_asked_for", wrong_certificate(), Ipv4, 1),
        two("ipv6_is_the_only_family_asked_for_and_refuses", Peer::Nobody, Ipv6, 1)
            .fails(&[NO_LISTENER]),
    ]
}
