//! Which addresses CloudFront can reach: it talks to origins over the public internet (guide,
//! `DownloadDistValuesOrigin`, "Origin domain").

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

/// Whether an address lies on the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Public,
    /// CloudFront cannot get there; the text says what kind of address it is.
    NotPublic(&'static str),
    /// Nobody may be sent there: a connection could reach the machine's own metadata service.
    Forbidden(&'static str),
}

/// Tells whether CloudFront can reach `address` (IANA special-purpose registries, RFC 6890).
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => match (embedded_v4(address), translated_v4(address)) {
            (Some(v4), _) => match reach_v4(v4) {
                Reach::Forbidden(kind) => Reach::Forbidden(kind),
                _ => Reach::NotPublic("an IPv4 address in IPv6 form (RFC 4291)"),
            },
            // The way leads to the IPv4 address, so that one counts.
            (None, Some(v4)) => reach_v4(v4),
            (None, None) => reach_v6(address),
        },
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    if METADATA.contains(&address) {
        return Reach::Forbidden("a cloud's metadata service");
    }
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (169, 254, _) => Reach::Forbidden("link-local (RFC 3927)"),
        (0, ..) => Reach::NotPublic("\"this network\" (RFC 791)"),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Reach::NotPublic("private (RFC 1918)"),
        (127, ..) => Reach::NotPublic("loopback (RFC 1122)"),
        (100, 64..=127, _) => Reach::NotPublic("shared address space of a provider (RFC 6598)"),
        (192, 0, 0) => Reach::NotPublic("reserved for protocols (RFC 6890)"),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => {
            Reach::NotPublic("documentation (RFC 5737)")
        }
        (198, 18..=19, _) => Reach::NotPublic("benchmarking (RFC 2544)"),
        (224..=239, ..) => Reach::NotPublic("multicast (RFC 5771)"),
        (240..=255, ..) => Reach::NotPublic("reserved (RFC 1112)"),
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let [first, second, ..] = address.segments();
    if address.is_unspecified() {
        Reach::NotPublic("unspecified (RFC 4291)")
    } else if address.is_loopback() {
        Reach::NotPublic("loopback (RFC 4291)")
    } else if first & 0xffc0 == 0xfe80 {
        Reach::Forbidden("link-local (RFC 4291)")
    } else if first == 0xfd00 && second == 0x0ec2 {
        Reach::Forbidden("the instance metadata network of EC2 (fd00:ec2::/32)")
    } else if address == METADATA_V6 {
        Reach::Forbidden("a cloud's metadata service")
    } else if first & 0xfe00 == 0xfc00 {
        Reach::NotPublic("unique local (RFC 4193)")
    } else if first & 0xff00 == 0xff00 {
        Reach::NotPublic("multicast (RFC 4291)")
    } else if (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second & 0xf000 == 0) {
        Reach::NotPublic("documentation (RFC 3849, RFC 9637)")
    } else if first == 0x0100 && second == 0 {
        Reach::NotPublic("discard-only (RFC 6666)")
    } else if first & 0xe000 == 0x2000 {
        Reach::Public
    } else {
        Reach::NotPublic("not global unicast (RFC 4291)")
    }
}

/// Returns the IPv4 address within a mapped or compatible IPv6 address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let compatible = segments[..6] == [0; 6] && (segments[6] != 0 || segments[7] > 1);
    address.to_ipv4_mapped().or_else(|| if compatible { address.to_ipv4() } else { None })
}

/// Returns the IPv4 address that an address of a translator or a tunnel leads to: NAT64's
/// well-known prefix (RFC 6052 §2.1), 6to4 (RFC 3056 §2).
fn translated_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(from(high, low)),
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

/// The metadata services that are not link-local: Alibaba Cloud's, Oracle Cloud's, and the one that
/// Azure calls the wire server.
const METADATA: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];
/// Google Cloud's on IPv6.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254);

#[cfg(test)]
mod tests {
    use super::Reach;
    use super::reach;

    #[test]
    fn only_global_unicast_is_public_and_metadata_is_forbidden() {
        for (address, expected) in [
            ("8.8.8.8", "public"),
            ("172.32.0.1", "public"),
            ("2600:9000::1", "public"),
            ("64:ff9b::808:808", "public"),
            ("2002:808:808::1", "public"),
            ("10.0.0.1", "not public"),
            ("172.16.0.1", "not public"),
            ("192.168.1.1", "not public"),
            ("127.0.0.1", "not public"),
            ("100.64.0.1", "not public"),
            ("192.0.2.1", "not public"),
            ("224.0.0.1", "not public"),
            ("255.255.255.255", "not public"),
            ("0.0.0.0", "not public"),
            ("::", "not public"),
            ("::1", "not public"),
            ("fd12::1", "not public"),
            ("ff02::1", "not public"),
            ("2001:db8::1", "not public"),
            ("::ffff:8.8.8.8", "not public"),
            ("::ffff:10.0.0.1", "not public"),
            ("64:ff9b::10.0.0.1", "not public"),
            ("64:ff9b:1::808:808", "not public"),
            ("2002:7f00:1::1", "not public"),
            ("168.63.129.15", "public"),
            ("168.63.129.16", "forbidden"),
            ("100.100.100.200", "forbidden"),
            ("192.0.0.192", "forbidden"),
            ("fd20:ce::254", "forbidden"),
            ("64:ff9b::169.254.169.254", "forbidden"),
            ("2002:a9fe:a9fe::1", "forbidden"),
            ("::169.254.169.254", "forbidden"),
            ("169.254.169.254", "forbidden"),
            ("::ffff:169.254.169.254", "forbidden"),
            ("fe80::1", "forbidden"),
            ("fd00:ec2::254", "forbidden"),
        ] {
            let found = match reach(address.parse().unwrap()) {
                Reach::Public => "public",
                Reach::NotPublic(_) => "not public",
                Reach::Forbidden(_) => "forbidden",
            };
            assert_eq!(found, expected, "{address}");
        }
    }
}
