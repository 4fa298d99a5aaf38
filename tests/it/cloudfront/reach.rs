use std::net::{Ipv4Addr, Ipv6Addr};

use origin_probe::cloudfront::{Reach, reach};
use proptest::prelude::any;
use proptest::proptest;

fn kind(address: &str) -> &'static str {
    match reach(address.parse().unwrap()) {
        Reach::Public => "public",
        Reach::NotPublic(_) => "not public",
        Reach::Forbidden(_) => "forbidden",
    }
}

#[test]
fn only_global_unicast_is_public_and_metadata_is_forbidden() {
    for (expected, addresses) in [
        (
            "public",
            &[
                "8.8.8.8",
                "100.63.255.255",
                "100.128.0.0",
                "168.63.129.15",
                "172.15.255.255",
                "172.32.0.1",
                "192.0.0.9",
                "192.0.0.10",
                "192.0.1.0",
                "192.31.196.1",
                "192.52.193.1",
                "192.88.98.255",
                "192.88.100.0",
                "192.175.48.1",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2600:9000::1",
                "2001:200::1",
                "2001:1::1",
                "2001:1::2",
                "2001:1::3",
                "2001:3::1",
                "2001:3:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:4:112::1",
                "2001:4:112:ffff::1",
                "2001:db7::1",
                "2001:db9::1",
                "2620:4f:8000::1",
                "3ffe::1",
                "3fff:1000::1",
            ][..],
        ),
        (
            "not public",
            &[
                "0.0.0.0",
                "0.255.255.255",
                "10.0.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "100.100.100.199",
                "127.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.0",
                "192.0.0.8",
                "192.0.0.11",
                "192.0.0.170",
                "192.0.0.191",
                "192.0.2.1",
                "192.88.99.0",
                "192.88.99.1",
                "192.88.99.2",
                "192.88.99.255",
                "192.168.1.1",
                "198.18.0.0",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::8.8.8.8",
                "64:ff9b:0:0:0:1:808:808",
                "64:ff9b:1::808:808",
                "64:ff9b:2::1",
                "100::1",
                "100:0:0:1::1",
                "100:0:0:2::1",
                "2001:1::",
                "2001:1::4",
                "2001:1:0:0:1::1",
                "2001:2::1",
                "2001:2:1::1",
                "2001:4::1",
                "2001:4:111::1",
                "2001:4:113::1",
                "2001:5::1",
                "2001:10::1",
                "2001:1f:ffff::1",
                "2001:20::1",
                "2001:2f:ffff::1",
                "2001:30::1",
                "2001:3f:ffff::1",
                "2001:40::1",
                "2001:1ff:ffff::1",
                "2001:db8::1",
                "3fff::1",
                "3fff:fff:ffff::1",
                "4000::1",
                "5f00::1",
                "fc00::1",
                "fd12::1",
                "fd00:42::41",
                "fd00:a9fe:a9fe::2",
                "fec0::1",
                "feff::1",
                "ff02::1",
            ],
        ),
        (
            "forbidden",
            &[
                "100.100.100.200",
                "168.63.129.16",
                "169.254.0.0",
                "169.254.169.254",
                "169.254.170.2",
                "169.254.170.23",
                "169.254.255.255",
                "192.0.0.192",
                "fd00:42::42",
                "fd00:a9fe:a9fe::1",
                "fd00:ec2::",
                "fd00:ec2::23",
                "fd00:ec2::254",
                "fd00:ec2:ffff::1",
                "fd20:ce::254",
                "fe80::1",
                "febf::1",
            ],
        ),
    ] {
        for address in addresses {
            assert_eq!(kind(address), expected, "{address}");
        }
    }
}

#[test]
fn identifiers_are_not_public_and_the_reason_says_why() {
    for address in ["2001:20::1", "2001:30::1"] {
        let Reach::NotPublic(reason) = reach(address.parse().unwrap()) else { panic!("{address}") };
        for part in ["identifier", "although", "globally reachable"] {
            assert!(reason.contains(part), "{address}: {reason}");
        }
    }
}

/// The forms in which an IPv6 address contains just an IPv4 address.
fn carriers(v4: Ipv4Addr) -> [Ipv6Addr; 4] {
    let low = u128::from(u32::from(v4));
    let with = |prefix: &str| Ipv6Addr::from(u128::from(prefix.parse::<Ipv6Addr>().unwrap()) | low);
    let to_the_6th = u128::from(0x2002_u16) << 112 | low << 80 | 1;
    [with("::ffff:0:0"), with("::ffff:0:0:0"), with("64:ff9b::"), Ipv6Addr::from(to_the_6th)]
}

fn teredo(server: Ipv4Addr, client: Ipv4Addr) -> Ipv6Addr {
    let (server, client) = (u128::from(u32::from(server)), u128::from(!u32::from(client)));
    Ipv6Addr::from(0x2001_u128 << 112 | server << 64 | 0x8000_63bf << 32 | client)
}

const PUBLIC: Ipv4Addr = Ipv4Addr::new(8, 8, 8, 8);
const PRIVATE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const METADATA: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];

proptest! {
    #[test]
    fn what_carries_an_ipv4_address_is_judged_as_that_one(bits in any::<u32>()) {
        for v4 in METADATA.into_iter().chain([PUBLIC, PRIVATE, Ipv4Addr::from(bits)]) {
            for carrier in carriers(v4) {
                assert_eq!(reach(carrier.into()), reach(v4.into()), "{carrier} contains {v4}");
            }
            assert_eq!(reach(teredo(PUBLIC, v4).into()), reach(v4.into()), "{v4}");
        }
    }

    #[test]
    fn a_networks_own_translator_is_never_public_and_leads_to_no_metadata(
        bits in any::<u128>(),
        which in 0..METADATA.len(),
    ) {
        let prefix = 0x0064_ff9b_0001_u128 << 80;
        let address = Ipv6Addr::from(prefix | bits >> 48);
        assert_ne!(reach(address.into()), Reach::Public, "{address}");
        let [a, b, c, d] = METADATA[which].octets();
        for (places, octet_8) in [
            ([6, 7, 9, 10], 0),
            ([7, 9, 10, 11], 0),
            ([9, 10, 11, 12], 0),
            ([12, 13, 14, 15], 0),
            ([6, 7, 9, 10], 0xff),
        ] {
            let mut octets = address.octets();
            octets[8] = octet_8;
            for (place, octet) in places.into_iter().zip([a, b, c, d]) {
                octets[place] = octet;
            }
            let address = Ipv6Addr::from(octets);
            let found = reach(address.into());
            assert!(matches!(found, Reach::Forbidden(_)), "{address}: {found:?}");
        }
    }
}

#[test]
fn teredo_is_worth_the_less_of_its_client_and_its_server() {
    for (server, client, expected) in [
        (PUBLIC, PUBLIC, "public"),
        (PRIVATE, PUBLIC, "not public"),
        (PUBLIC, PRIVATE, "not public"),
        (METADATA[0], PUBLIC, "forbidden"),
        (PUBLIC, METADATA[0], "forbidden"),
        (METADATA[0], PRIVATE, "forbidden"),
        (PRIVATE, METADATA[0], "forbidden"),
    ] {
        let address = teredo(server, client).to_string();
        assert_eq!(kind(&address), expected, "{address}: server {server}, client {client}");
    }
}

#[test]
fn metadata_is_forbidden_in_an_ipv4_compatible_address_too() {
    assert_eq!(kind("::169.254.169.254"), "forbidden");
    assert_eq!(kind("::10.0.0.1"), "not public");
}
