//! The options of one probe.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::cloudfront::{Reach, reach};
use crate::observation::{Failure, NotProbed, Sample, TimeLimit};
use crate::resolve::Freshness;

use super::SharedConnections;

#[derive(Clone, Debug, Default)]
pub struct ProbeOptions {
    /// Connect only to this address, without DNS queries.
    pub address: Option<IpAddr>,
    /// Whether to look a name up three times if its answers may be used for at most two seconds,
    /// because such names often rotate.
    pub looks_again: bool,
    /// How fresh DNS answers must be.
    pub freshness: Freshness,
    /// The target to begin with, if there are more than one probe takes.
    pub first_target: usize,
    /// Addresses to probe besides those that DNS names, if it names any.
    pub remembered: Vec<IpAddr>,
    /// Further connections to make, instead of a probe. Their results are the endpoints of the
    /// observation.
    pub samples: Vec<Sample>,
    /// The addresses that hung at the last probe.
    pub hung: Box<[IpAddr]>,
    /// Connections that other origins of the same round need as well, if there are any.
    pub shared: Option<Arc<SharedConnections>>,
    /// A shorter time limit than the prober's own deadline, which still applies. It includes the
    /// wait for a socket.
    pub deadline: Option<Duration>,
    /// The origin of `deadline`.
    pub time_limit: TimeLimit,
    pub asked_by: Requester,
}

/// The party that requests a probe, which decides where it may connect to.
///
/// No party may connect to a link-local address or a metadata service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Requester {
    /// The operator: the public internet, and addresses that CloudFront is assumed to reach.
    #[default]
    Operator,
    /// Anyone who can reach the daemon: the public internet and these networks, with the
    /// on-demand share of the sockets.
    Anyone { networks: Vec<IpNet> },
}

impl ProbeOptions {
    /// Returns why `address` may not be connected to; `None` if it may.
    ///
    /// `assumed_public` is whether CloudFront is assumed to reach it.
    pub(super) fn refusal(&self, address: IpAddr, assumed_public: bool) -> Option<Failure> {
        let kind = match reach(address) {
            Reach::Public => return None,
            Reach::Forbidden(kind) => return Some(Failure::NotPublic { kind: kind.into() }),
            Reach::NotPublic(kind) => kind,
        };
        match &self.asked_by {
            // An address given by hand is intended.
            Requester::Operator if assumed_public || self.address.is_some() => None,
            Requester::Anyone { networks } if admit(networks, address) => None,
            Requester::Anyone { .. } if assumed_public => {
                Some(Failure::NotProbed { reason: NotProbed::NotAllowed { kind: kind.into() } })
            }
            Requester::Operator | Requester::Anyone { .. } => {
                Some(Failure::NotPublic { kind: kind.into() })
            }
        }
    }
}

/// An IPv4-mapped address is connected to over IPv4, so it is looked up as IPv4.
fn admit(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use crate::observation::Failure;

    use super::{ProbeOptions, Requester};

    /// Returns the failure's kind, or that the address may be connected to.
    fn said(options: &ProbeOptions, address: &str, assumed_public: bool) -> &'static str {
        let address: IpAddr = address.parse().unwrap();
        options.refusal(address, assumed_public).as_ref().map_or("connects", Failure::kind)
    }

    #[test]
    fn where_a_probe_may_connect_to_depends_on_who_asks() {
        let private = "address-not-public";
        let operator = ProbeOptions::default();
        let by_hand =
            ProbeOptions { address: Some([10, 0, 0, 1].into()), ..ProbeOptions::default() };
        let anyone = |networks: &[&str]| {
            let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
            ProbeOptions { asked_by: Requester::Anyone { networks }, ..ProbeOptions::default() }
        };
        let (stranger, guest) = (anyone(&[]), anyone(&["10.0.0.0/8", "fd12::/16", "::/1"]));
        for (address, assumed_public, expected) in [
            ("8.8.8.8", false, ["connects", "connects", "connects", "connects"]),
            ("10.0.0.1", false, [private, "connects", private, "connects"]),
            ("10.0.0.1", true, ["connects", "connects", "not-allowed", "connects"]),
            ("192.168.0.1", false, [private, "connects", private, private]),
            ("127.0.0.1", true, ["connects", "connects", "not-allowed", "not-allowed"]),
            ("::1", false, [private, "connects", private, "connects"]),
            ("fd12::1", false, [private, "connects", private, "connects"]),
            ("fd13::1", false, [private, "connects", private, private]),
            ("::ffff:10.0.0.1", false, [private, "connects", private, "connects"]),
            // The IPv6 network contains the mapped form, but not the IPv4 address.
            ("::ffff:127.0.0.1", false, [private, "connects", private, private]),
            ("169.254.169.254", true, [private; 4]),
            ("::ffff:169.254.169.254", true, [private; 4]),
            ("169.254.170.2", true, [private; 4]),
            ("169.254.170.23", true, [private; 4]),
            ("168.63.129.16", true, [private; 4]),
            ("100.100.100.200", true, [private; 4]),
            ("192.0.0.192", true, [private; 4]),
            ("64:ff9b:1:a9fe:a9:fe00::", true, [private; 4]),
            ("fe80::1", true, [private; 4]),
            ("fd00:ec2::254", true, [private; 4]),
            ("fd00:42::42", true, [private; 4]),
            ("fd00:a9fe:a9fe::1", true, [private; 4]),
        ] {
            let found =
                [&operator, &by_hand, &stranger, &guest].map(|e| said(e, address, assumed_public));
            assert_eq!(found, expected, "{address} {assumed_public}");
        }
    }
}
