//! Which addresses CloudFront can reach. It connects to origins over the public internet (guide,
//! `DownloadDistValuesOrigin`, "Origin domain").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Whether an address is on the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Public,
    /// CloudFront cannot reach it; the text describes the kind of address.
    NotPublic(&'static str),
    /// Never connected to on any request, because it could be this machine's metadata service.
    Forbidden(&'static str),
}

/// Returns whether CloudFront can reach `address`.
///
/// The most specific block in the tables below decides. An address that contains an IPv4 address is
/// judged by that one, because a connection ends there.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let blocks = V4.iter().filter(|(block, _)| block.contains(&address));
    let closest = blocks.max_by_key(|(block, _)| block.prefix_len());
    closest.map_or(Reach::Public, |(_, reach)| *reach)
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let blocks = V6.iter().filter(|(block, _)| block.contains(&address));
    let closest = blocks.max_by_key(|(block, _)| block.prefix_len());
    match closest {
        Some((_, Kind::Is(reach))) => *reach,
        Some((_, Kind::Carries(carried))) => {
            carried(address).into_iter().map(reach_v4).fold(Reach::Public, stricter)
        }
        Some((_, Kind::MayCarry(carried, kind))) => {
            carried(address).into_iter().map(reach_v4).fold(Reach::NotPublic(kind), stricter)
        }
        None => Reach::NotPublic("not global unicast (RFC 4291)"),
    }
}

/// Returns the more restrictive of two results, or the first if they are equal.
fn stricter(one: Reach, other: Reach) -> Reach {
    match (one, other) {
        (Reach::Forbidden(_), _) | (Reach::NotPublic(_), Reach::Public | Reach::NotPublic(_)) => {
            one
        }
        (Reach::Public | Reach::NotPublic(_), _) => other,
    }
}

enum Kind {
    Is(Reach),
    /// Its addresses are judged by the IPv4 addresses in them.
    Carries(fn(Ipv6Addr) -> Vec<Ipv4Addr>),
    /// Its addresses are never public, and forbidden if one of the IPv4 addresses is.
    MayCarry(fn(Ipv6Addr) -> Vec<Ipv4Addr>, &'static str),
}

fn last_32_bits(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    vec![Ipv4Addr::new(a, b, c, d)]
}

/// 6to4 (RFC 3056 §2).
fn after_16_bits(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let [_, _, a, b, c, d, ..] = address.octets();
    vec![Ipv4Addr::new(a, b, c, d)]
}

/// The Teredo client, whose bits are inverted, and the Teredo server, to which packets may be sent
/// as well (RFC 4380 §4).
fn client_and_server(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let [_, _, _, _, a, b, c, d, .., e, f, g, h] = address.octets();
    vec![Ipv4Addr::new(!e, !f, !g, !h), Ipv4Addr::new(a, b, c, d)]
}

/// Every place where a translator with a prefix of 48, 56, 64 or 96 bits looks for the IPv4 address
/// (RFC 6052 §2.2). It ignores the octet that must be zero.
fn placements(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let [_, _, _, _, _, _, a, b, _, c, d, e, f, g, h, i] = address.octets();
    vec![
        Ipv4Addr::new(a, b, c, d),
        Ipv4Addr::new(b, c, d, e),
        Ipv4Addr::new(c, d, e, f),
        Ipv4Addr::new(f, g, h, i),
    ]
}

const METADATA: Reach = Reach::Forbidden("a cloud's metadata service");

/// IANA's IPv4 Special-Purpose Address Registry (RFC 6890, RFC 8190) as of 2020-09-04, multicast,
/// and metadata services of clouds that are not link-local.
const V4: [(Ipv4Net, Reach); 27] = [
    v4([0, 0, 0, 0], 8, Reach::NotPublic("\"this network\" (RFC 791)")),
    v4([10, 0, 0, 0], 8, Reach::NotPublic("private (RFC 1918)")),
    v4([100, 64, 0, 0], 10, Reach::NotPublic("shared address space for carriers (RFC 6598)")),
    // Alibaba Cloud.
    v4([100, 100, 100, 200], 32, METADATA),
    v4([127, 0, 0, 0], 8, Reach::NotPublic("loopback (RFC 1122)")),
    // Azure calls it the wire server.
    v4([168, 63, 129, 16], 32, METADATA),
    v4([169, 254, 0, 0], 16, Reach::Forbidden("link-local (RFC 3927)")),
    // AWS: ECS and EKS have the other two.
    v4([169, 254, 169, 254], 32, METADATA),
    v4([169, 254, 170, 2], 32, METADATA),
    v4([169, 254, 170, 23], 32, METADATA),
    v4([172, 16, 0, 0], 12, Reach::NotPublic("private (RFC 1918)")),
    v4([192, 0, 0, 0], 24, Reach::NotPublic("reserved for IETF protocols (RFC 6890)")),
    // Port Control Protocol and TURN, anycast (RFC 7723, RFC 8155).
    v4([192, 0, 0, 9], 32, Reach::Public),
    v4([192, 0, 0, 10], 32, Reach::Public),
    // Oracle Cloud.
    v4([192, 0, 0, 192], 32, METADATA),
    v4([192, 0, 2, 0], 24, Reach::NotPublic("documentation (RFC 5737)")),
    // AS112 (RFC 7535), AMT (RFC 7450), AS112 by delegation (RFC 7534).
    v4([192, 31, 196, 0], 24, Reach::Public),
    v4([192, 52, 193, 0], 24, Reach::Public),
    v4([192, 175, 48, 0], 24, Reach::Public),
    v4([192, 88, 99, 0], 24, Reach::NotPublic("deprecated 6to4 relay anycast (RFC 7526)")),
    v4([192, 168, 0, 0], 16, Reach::NotPublic("private (RFC 1918)")),
    v4([198, 18, 0, 0], 15, Reach::NotPublic("benchmarking (RFC 2544)")),
    v4([198, 51, 100, 0], 24, Reach::NotPublic("documentation (RFC 5737)")),
    v4([203, 0, 113, 0], 24, Reach::NotPublic("documentation (RFC 5737)")),
    v4([224, 0, 0, 0], 4, Reach::NotPublic("multicast (RFC 5771)")),
    v4([240, 0, 0, 0], 4, Reach::NotPublic("reserved (RFC 1112)")),
    v4([255, 255, 255, 255], 32, Reach::NotPublic("broadcast (RFC 919)")),
];

/// IANA's IPv6 Special-Purpose Address Registry (RFC 6890, RFC 8190) as of 2024-10-22 with the
/// prefix that RFC 9780 added in 2025, the rest of RFC 4291, and metadata services of clouds.
const V6: [(Ipv6Net, Kind); 34] = [
    v6(&[0; 8], 128, Kind::Is(Reach::NotPublic("unspecified (RFC 4291)"))),
    v6(&[0, 0, 0, 0, 0, 0, 0, 1], 128, Kind::Is(Reach::NotPublic("loopback (RFC 4291)"))),
    v6(&[0], 96, Kind::MayCarry(last_32_bits, "an IPv4-compatible address (RFC 4291)")),
    // Mapped (RFC 4291) and translated (RFC 2765) addresses, NAT64's well-known prefix (RFC 6052).
    v6(&[0, 0, 0, 0, 0, 0xffff], 96, Kind::Carries(last_32_bits)),
    v6(&[0, 0, 0, 0, 0xffff], 96, Kind::Carries(last_32_bits)),
    v6(&[0x64, 0xff9b], 96, Kind::Carries(last_32_bits)),
    v6(&[0x64, 0xff9b, 1], 48, Kind::MayCarry(placements, "local-use NAT64 (RFC 8215)")),
    v6(&[0x100], 64, Kind::Is(Reach::NotPublic("discard-only (RFC 6666)"))),
    v6(&[0x100, 0, 0, 1], 64, Kind::Is(Reach::NotPublic("the dummy prefix (RFC 9780)"))),
    v6(&[0x2000], 3, Kind::Is(Reach::Public)),
    v6(&[0x2001], 23, Kind::Is(Reach::NotPublic("reserved for IETF protocols (RFC 2928)"))),
    v6(&[0x2001], 32, Kind::Carries(client_and_server)),
    // Anycast of the Port Control Protocol, TURN and DNS-SD (RFC 7723, RFC 8155, RFC 9665).
    v6(&[0x2001, 1, 0, 0, 0, 0, 0, 1], 128, Kind::Is(Reach::Public)),
    v6(&[0x2001, 1, 0, 0, 0, 0, 0, 2], 128, Kind::Is(Reach::Public)),
    v6(&[0x2001, 1, 0, 0, 0, 0, 0, 3], 128, Kind::Is(Reach::Public)),
    v6(&[0x2001, 2], 48, Kind::Is(Reach::NotPublic("benchmarking (RFC 5180)"))),
    // AMT (RFC 7450), AS112 (RFC 7535).
    v6(&[0x2001, 3], 32, Kind::Is(Reach::Public)),
    v6(&[0x2001, 4, 0x112], 48, Kind::Is(Reach::Public)),
    v6(
        &[0x2001, 0x10],
        28,
        Kind::Is(Reach::NotPublic("a deprecated ORCHID identifier (RFC 4843)")),
    ),
    v6(&[0x2001, 0x20], 28, Kind::Is(Reach::NotPublic(ORCHID))),
    v6(&[0x2001, 0x30], 28, Kind::Is(Reach::NotPublic(DRONE))),
    v6(&[0x2001, 0xdb8], 32, Kind::Is(Reach::NotPublic("documentation (RFC 3849)"))),
    v6(&[0x2002], 16, Kind::Carries(after_16_bits)),
    // AS112 by delegation (RFC 7534).
    v6(&[0x2620, 0x4f, 0x8000], 48, Kind::Is(Reach::Public)),
    v6(&[0x3fff], 20, Kind::Is(Reach::NotPublic("documentation (RFC 9637)"))),
    v6(&[0x5f00], 16, Kind::Is(Reach::NotPublic("an SRv6 segment (RFC 9602)"))),
    v6(&[0xfc00], 7, Kind::Is(Reach::NotPublic("unique local (RFC 4193)"))),
    // AWS: ::254 is the metadata service, ::23 EKS's.
    v6(&[0xfd00, 0xec2], 32, Kind::Is(EC2)),
    // Scaleway, Linode, Google Cloud.
    v6(&[0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42], 128, Kind::Is(METADATA)),
    v6(&[0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1], 128, Kind::Is(METADATA)),
    v6(&[0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, Kind::Is(METADATA)),
    v6(&[0xfe80], 10, Kind::Is(Reach::Forbidden("link-local (RFC 4291)"))),
    v6(&[0xfec0], 10, Kind::Is(Reach::NotPublic("deprecated site-local (RFC 3879)"))),
    v6(&[0xff00], 8, Kind::Is(Reach::NotPublic("multicast (RFC 4291)"))),
];

const EC2: Reach = Reach::Forbidden("in EC2's instance metadata network (fd00:ec2::/32)");
const ORCHID: &str = "an identifier that is not routed, although IANA lists it as globally reachable (ORCHIDv2, RFC 7343)";
const DRONE: &str = "a drone's identifier that is not routed, although IANA lists it as globally reachable (DET, RFC 9374)";

const fn v4([a, b, c, d]: [u8; 4], length: u8, reach: Reach) -> (Ipv4Net, Reach) {
    (Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length), reach)
}

/// `first` is the first of the eight segments; the rest is zero.
const fn v6(first: &[u16], length: u8, kind: Kind) -> (Ipv6Net, Kind) {
    let (mut bits, mut position) = (0_u128, 0);
    while position < 8 {
        let segment = if position < first.len() { first[position] } else { 0 };
        bits = bits << 16 | segment as u128;
        position += 1;
    }
    (Ipv6Net::new_assert(Ipv6Addr::from_bits(bits), length), kind)
}
