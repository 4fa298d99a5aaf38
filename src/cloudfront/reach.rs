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
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(v4) => match reach_v4(v4) {
                Reach::Forbidden(kind) => Reach::Forbidden(kind),
                _ => Reach::NotPublic("an IPv4 address in IPv6 form (RFC 4291)"),
            },
            None => reach_v6(address),
        },
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
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
    } else if first & 0xfe00 == 0xfc00 {
        Reach::NotPublic("unique local (RFC 4193)")
    } else if first & 0xff00 == 0xff00 {
        Reach::NotPublic("multicast (RFC 4291)")
    } else if (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second & 0xf000 == 0) {
        Reach::NotPublic("documentation (RFC 3849, RFC 9637)")
    } else if first == 0x0100 && second == 0 {
        Reach::NotPublic("discard-only (RFC 6666)")
    } else if first & 0xe000 == 0x2000 || (first == 0x0064 && second == 0xff9b) {
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
