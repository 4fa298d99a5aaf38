//! Whether this machine has a route to the IPv6 internet; many clusters have none.

use std::io;
use std::net::{IpAddr, Ipv6Addr, UdpSocket};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::io::Errno;
use tokio::time::Instant;

use crate::cloudfront::{Reach, reach};
use crate::observation::{Failure, NotProbed};

/// Remembers a missing route, so that not every probe has to find out. Once an hour, one probe
/// tries again. Only addresses of the public internet are affected.
#[derive(Debug)]
pub(super) struct Routes {
    look: fn(IpAddr) -> Network,
    no_ipv6: Mutex<Option<NoWay>>,
}

/// Whether the kernel has a route to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    Present,
    Missing,
}

#[derive(Debug)]
struct NoWay {
    /// The kernel's error message.
    error: Box<str>,
    /// The time of the last attempt.
    tried: Instant,
}

impl Default for Routes {
    fn default() -> Self {
        Self { look, no_ipv6: Mutex::default() }
    }
}

impl Routes {
    /// Returns why `address` need not be tried now; `None` if it must be tried.
    pub(super) fn missing(&self, address: IpAddr, now: Instant) -> Option<NotProbed> {
        if !is_of_the_ipv6_internet(address) {
            return None;
        }
        let mut no_ipv6 = self.no_ipv6();
        let no_way = no_ipv6.as_mut()?;
        if now.saturating_duration_since(no_way.tried) >= UNTIL_NEXT_TRY {
            // This probe tries; the others wait for its result.
            no_way.tried = now;
            return None;
        }
        Some(NotProbed::NoRoute { error: no_way.error.clone() })
    }

    /// Records the result of a connection to `address`.
    pub(super) fn note(&self, address: IpAddr, failure: Option<&Failure>, now: Instant) {
        if !is_of_the_ipv6_internet(address) {
            return;
        }
        match failure {
            // A remote router can return the same error for a single address.
            Some(Failure::NotProbed { reason: NotProbed::NoRoute { error } })
                if (self.look)(address) == Network::Missing =>
            {
                *self.no_ipv6() = Some(NoWay { error: error.clone(), tried: now });
            }
            Some(Failure::NotProbed { reason: NotProbed::OutOfTime })
            | Some(Failure::NotProbed { reason: NotProbed::OwnFailure { .. } }) => {}
            _ => *self.no_ipv6() = None,
        }
    }

    /// Forgets a missing route.
    pub(super) fn forget(&self) {
        *self.no_ipv6() = None;
    }

    fn no_ipv6(&self) -> MutexGuard<'_, Option<NoWay>> {
        self.no_ipv6.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time between attempts while there is no route.
const UNTIL_NEXT_TRY: Duration = Duration::from_secs(3600);

fn is_of_the_ipv6_internet(address: IpAddr) -> bool {
    // An IPv4-mapped address is connected to over IPv4.
    address.to_canonical().is_ipv6() && reach(address) == Reach::Public
}

/// Asks the kernel for a route to `address`. Connecting a UDP socket sends nothing.
fn look(address: IpAddr) -> Network {
    let connected = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))
        .and_then(|socket| socket.connect((address, 443)));
    match connected {
        Err(error) if says_no_network(&error) => Network::Missing,
        _ => Network::Present,
    }
}

/// Returns whether the whole network is missing: no route, no source address, or a kernel without
/// IPv6.
fn says_no_network(error: &io::Error) -> bool {
    let missing = [Errno::NETUNREACH, Errno::ADDRNOTAVAIL, Errno::AFNOSUPPORT];
    Errno::from_io_error(error).is_some_and(|errno| missing.contains(&errno))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::IpAddr;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use jiff::Timestamp;
    use rustix::io::Errno;
    use tokio::time::Instant;

    use crate::chain::TrustAnchors;
    use crate::handshake::Client;
    use crate::observation::{Failure, NotProbed};
    use crate::origin::{Origin, ProberConfig};
    use crate::resolve::Resolver;

    use super::super::{ProbeOptions, Prober};
    use super::{Network, Routes, UNTIL_NEXT_TRY, look, says_no_network};

    const SOME: &str = "2600:9000::1";
    const OTHER: &str = "2a05:d018::1";

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn no_route() -> NotProbed {
        NotProbed::NoRoute { error: "network unreachable".into() }
    }

    fn routes(network: fn(IpAddr) -> Network) -> Routes {
        Routes { look: network, no_ipv6: Mutex::default() }
    }

    fn without_a_network() -> Routes {
        routes(|_| Network::Missing)
    }

    /// Records a connection to [`SOME`] that failed for lack of a route.
    fn fail(routes: &Routes, now: Instant) {
        routes.note(address(SOME), Some(&Failure::NotProbed { reason: no_route() }), now);
    }

    #[test]
    fn without_a_network_no_public_ipv6_address_is_tried() {
        let (routes, now) = (without_a_network(), Instant::now());
        assert_eq!(routes.missing(address(OTHER), now), None);
        fail(&routes, now);
        for (text, expected) in [
            (SOME, Some(no_route())),
            (OTHER, Some(no_route())),
            ("::1", None),
            ("fd12::1", None),
            ("::ffff:198.51.100.1", None),
            ("::ffff:1.1.1.1", None),
            ("1.1.1.1", None),
        ] {
            assert_eq!(routes.missing(address(text), now), expected, "{text}");
        }
    }

    #[test]
    fn one_is_tried_again_every_hour() {
        let (routes, start) = (without_a_network(), Instant::now());
        fail(&routes, start);
        let before = start + UNTIL_NEXT_TRY - Duration::from_secs(1);
        assert_eq!(routes.missing(address(OTHER), before), Some(no_route()));
        let mut now = start;
        for round in 1..=3 {
            now += UNTIL_NEXT_TRY;
            assert_eq!(routes.missing(address(OTHER), now), None, "round {round}");
            assert_eq!(routes.missing(address(SOME), now), Some(no_route()), "round {round}");
        }
    }

    #[test]
    fn only_what_tells_of_the_network_changes_the_memory() {
        let now = Instant::now();
        let not_probed = |reason| Some(Failure::NotProbed { reason });
        let own = NotProbed::OwnFailure { shortage: None, detail: "too many open files".into() };
        let silence = Failure::ConnectionTimedOut { attempts: 3, timeout: Duration::from_secs(10) };
        for (text, outcome, stays) in [
            (SOME, None, false),
            (SOME, Some(Failure::ConnectionRefused { attempts: 3 }), false),
            (SOME, Some(silence), false),
            (SOME, not_probed(NotProbed::OutOfTime), true),
            (SOME, not_probed(own), true),
            (SOME, not_probed(no_route()), true),
            ("::1", None, true),
            ("1.1.1.1", None, true),
        ] {
            let routes = without_a_network();
            fail(&routes, now);
            routes.note(address(text), outcome.as_ref(), now);
            let expected = stays.then(no_route);
            assert_eq!(routes.missing(address(OTHER), now), expected, "{text} {outcome:?}");
        }
    }

    #[test]
    fn what_is_said_of_one_address_holds_for_no_other() {
        let now = Instant::now();
        let reachable = routes(|_| Network::Present);
        fail(&reachable, now);
        assert_eq!(reachable.missing(address(OTHER), now), None);
        let routes = without_a_network();
        for text in ["::1", "fd12::1", "192.0.2.1"] {
            let failure = Failure::NotProbed { reason: no_route() };
            routes.note(address(text), Some(&failure), now);
            assert_eq!(routes.missing(address(OTHER), now), None, "{text}");
        }
    }

    #[test]
    fn only_the_network_as_a_whole_counts() {
        for (errno, is_missing) in [
            (Errno::NETUNREACH, true),
            (Errno::ADDRNOTAVAIL, true),
            (Errno::AFNOSUPPORT, true),
            (Errno::HOSTUNREACH, false),
            (Errno::ACCESS, false),
            (Errno::PERM, false),
            (Errno::MFILE, false),
        ] {
            assert_eq!(says_no_network(&io::Error::from(errno)), is_missing, "{errno}");
        }
    }

    #[tokio::test]
    async fn a_probe_opens_no_socket_where_there_is_no_network() {
        let config = ProberConfig {
            nameservers: vec!["127.0.0.1:53".parse().unwrap()],
            concurrency: 8,
            per_address: 8,
            ..ProberConfig::default()
        };
        let mut prober = Prober::new(
            Arc::new(Resolver::new(&config).unwrap()),
            Client::new().unwrap(),
            Arc::new(TrustAnchors::none()),
            config,
        );
        prober.routes = without_a_network();
        fail(&prober.routes, Instant::now());
        let origin = Arc::new(Origin::with_defaults("origin.example.com".parse().unwrap()));
        let options = ProbeOptions { address: Some(address(OTHER)), ..ProbeOptions::default() };
        let observation = prober.probe(origin, &options, Timestamp::UNIX_EPOCH).await;
        let failures: Vec<_> =
            observation.endpoints.into_iter().map(|e| e.handshake.failure).collect();
        assert_eq!(failures, [Some(Failure::NotProbed { reason: no_route() })]);
    }

    #[test]
    fn a_machine_with_ipv6_has_a_way_to_itself() {
        // Without IPv6, there is nothing to test.
        if std::net::UdpSocket::bind("[::1]:0").is_ok() {
            assert_eq!(look(address("::1")), Network::Present);
        }
    }
}
