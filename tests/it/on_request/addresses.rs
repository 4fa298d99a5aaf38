//! Where a probe on request may connect to: decided by the addresses themselves.

use std::io::ErrorKind;
use std::net::{IpAddr, TcpListener, TcpStream};

use super::stage::{DOMAIN, Stage, failures};

/// Notes who connects, without ever waiting: by the time that the one who connects knows of it,
/// the system has it in the queue.
struct Guard {
    listener: TcpListener,
    port: u16,
}

impl Guard {
    /// Watches one port of an address; `None` where this machine does not have it.
    fn at(address: &str, port: u16) -> Option<Self> {
        let address: IpAddr = address.parse().unwrap();
        let listener = TcpListener::bind((address, port)).ok()?;
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        Some(Self { listener, port })
    }

    /// Watches a port of every address of this machine, of both families where it has them.
    fn everywhere() -> Self {
        Self::at("::", 0).or_else(|| Self::at("0.0.0.0", 0)).unwrap()
    }

    /// Returns how many have connected since it was asked last.
    fn connections(&self) -> usize {
        let mut count = 0;
        loop {
            match self.listener.accept() {
                Ok(_) => count += 1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return count,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_on_the_public_internet_is_refused_after_resolution() {
    let guard = Guard::everywhere();
    let port = guard.port;
    let stage = Stage::at(port, "").await;
    let query = format!("target={DOMAIN}:{port}&ip_address_type=dualstack&debug=true");
    // The prober takes loopback as reachable by CloudFront: that admits no one who asks here.
    let loopback = "127.0.0.1 127.1.2.3 ::1".split(' ');
    let not_public = "0.0.0.0 :: ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::127.0.0.1 \
                      2002:7f00:1::1 10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 fd12::1";
    let link_local = "169.254.1.1 169.254.169.254 ::ffff:169.254.169.254 fe80::1 fd00:ec2::254 \
                      100.100.100.200";
    let not_public = not_public.split(' ').chain(link_local.split(' '));
    let not_public = not_public.map(|address| (address, "address-not-public"));
    for (address, kind) in loopback.map(|address| (address, "not-allowed")).chain(not_public) {
        stage.resolves_to(&[address]);
        let answer = stage.probe(&query).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.body);
        let shown: IpAddr = address.parse().unwrap();
        assert_eq!(failures(&answer), [format!("{shown} {kind}")], "{address}");
        assert_eq!(answer.sample("probe_success"), Some("0"), "{address}");
        assert_eq!(guard.connections(), 0, "{address}");
    }
    // One that does connect is seen.
    let _connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert_eq!(guard.connections(), 1);
}

#[tokio::test]
async fn a_listed_network_is_connected_to_and_metadata_never() {
    let networks = "127.0.0.0/8, 169.254.0.0/16, 'fe80::/10', '::/0'";
    let (stage, server, port) = Stage::serving(DOMAIN, networks).await;
    let query = format!("target={DOMAIN}:{port}&ip_address_type=dualstack&debug=true");
    for (address, kind) in [
        ("127.0.0.1", "none"),
        ("169.254.169.254", "address-not-public"),
        ("fe80::1", "address-not-public"),
        ("fd00:ec2::254", "address-not-public"),
        ("::ffff:169.254.169.254", "address-not-public"),
    ] {
        stage.resolves_to(&[address]);
        let answer = stage.probe(&query).await;
        let shown: IpAddr = address.parse().unwrap();
        assert_eq!(failures(&answer), [format!("{shown} {kind}")], "{address}");
        let success = if kind == "none" { "1" } else { "0" };
        assert_eq!(answer.sample("probe_success"), Some(success), "{address}");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn of_two_addresses_the_refused_one_is_left_alone_and_told() {
    let (stage, server, port) = Stage::serving(DOMAIN, "127.0.0.1").await;
    // Another address of this machine; where there is none, nobody could connect there either.
    let other = Guard::at("127.0.0.2", port);
    stage.resolves_to(&["127.0.0.2", "127.0.0.1"]);
    let answer = stage.probe(&format!("target={DOMAIN}:{port}&debug=true")).await;
    let mut failures = failures(&answer);
    failures.sort_unstable();
    assert_eq!(failures, ["127.0.0.1 none", "127.0.0.2 not-allowed"]);
    assert_eq!(server.connections(), 1);
    assert_eq!(other.map_or(0, |guard| guard.connections()), 0);
    // The other address keeps its verdict, and the notice says what is missing.
    assert_eq!(answer.sample("probe_success"), Some("1"));
    let rules = answer.labels("cloudfront_origin_violation", "rule");
    assert_eq!(rules, ["address-not-probed"]);
    assert!(answer.body.contains("probe_endpoint.allow.networks"), "{}", answer.body);
}

#[tokio::test]
async fn a_name_that_turns_to_another_address_is_looked_at_anew_and_asked_for_once() {
    let (stage, server, port) = Stage::serving(DOMAIN, "127.0.0.1").await;
    let query = format!("target={DOMAIN}:{port}&debug=true");
    let good = stage.probe(&query).await;
    assert_eq!(failures(&good), ["127.0.0.1 none"]);
    assert_eq!(stage.dns.questions(DOMAIN), 1);
    let other = Guard::at("127.0.0.3", port);
    stage.resolves_to(&["127.0.0.3"]);
    let bad = stage.probe(&query).await;
    assert_eq!(failures(&bad), ["127.0.0.3 not-allowed"]);
    assert_eq!(stage.dns.questions(DOMAIN), 2);
    assert_eq!(server.connections(), 1);
    assert_eq!(other.map_or(0, |guard| guard.connections()), 0);
}
