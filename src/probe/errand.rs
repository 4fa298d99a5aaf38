//! What a probe is told: how far it may go, and what is particular to it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::cloudfront::Reach;
use crate::cloudfront::reach;
use crate::observation::Failure;
use crate::observation::NotProbed;
use crate::observation::TimeLimit;
use crate::resolve::Freshness;

use super::SharedConnections;

/// How far a probe may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeLimits {
    /// One origin, everything included but the wait for a socket, which counts up to as much once
    /// more.
    pub deadline: Duration,
    /// One TLS handshake.
    pub handshake_timeout: Duration,
    /// How many server names of one origin a probe takes; the others take turns.
    pub max_server_names: usize,
    /// Networks that are not public, but that CloudFront is taken to reach.
    pub assume_public: Vec<IpNet>,
}

/// What is particular to one probe.
#[derive(Clone, Debug, Default)]
pub struct Errand {
    /// Connect to this address only, and ask no nameserver.
    pub address: Option<IpAddr>,
    /// How fresh the word of the nameservers has to be.
    pub freshness: Freshness,
    /// Where to begin among the origin's targets, when there are more than a probe takes.
    pub first_target: usize,
    /// The addresses that kept a socket busy without an answer last time.
    pub hung: BTreeSet<IpAddr>,
    /// Connections that other origins of the same round need as well; `None` where there is none.
    pub shared: Option<Arc<SharedConnections>>,
    /// Less time than the prober's own deadline gives; more is never taken, and waiting for a socket
    /// counts.
    pub deadline: Option<Duration>,
    /// Where `deadline` comes from.
    pub time_limit: TimeLimit,
    pub asked_by: AskedBy,
}

/// On whose word a probe is made, and so where it may connect to.
///
/// Nobody's word leads to a link-local address or a metadata service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AskedBy {
    /// The operator's: to the public internet and to what CloudFront is taken to reach.
    #[default]
    Operator,
    /// That of anyone who can reach the daemon: to the public internet and to these networks, with
    /// a guest's share of the sockets.
    Anyone { networks: Vec<IpNet> },
}

impl Errand {
    /// Returns why `address` is not connected to; `None` where it may be.
    ///
    /// `assumed_public` is whether CloudFront is taken to reach it.
    pub(super) fn refusal(&self, address: IpAddr, assumed_public: bool) -> Option<Failure> {
        let kind = match reach(address) {
            Reach::Public => return None,
            Reach::Forbidden(kind) => return Some(Failure::NotPublic { kind }),
            Reach::NotPublic(kind) => kind,
        };
        match &self.asked_by {
            // An address given by hand is meant.
            AskedBy::Operator if assumed_public || self.address.is_some() => None,
            AskedBy::Anyone { networks } if admit(networks, address) => None,
            AskedBy::Anyone { .. } if assumed_public => {
                Some(Failure::NotProbed { reason: NotProbed::NotAllowed { kind } })
            }
            AskedBy::Operator | AskedBy::Anyone { .. } => Some(Failure::NotPublic { kind }),
        }
    }
}

/// An IPv4 address in IPv6 form is connected to as what it is, so it is looked up as that.
fn admit(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use crate::observation::Failure;

    use super::AskedBy;
    use super::Errand;

    /// What is said of an address: its failure's kind, or that it may be connected to.
    fn said(errand: &Errand, address: &str, assumed_public: bool) -> &'static str {
        let address: IpAddr = address.parse().unwrap();
        errand.refusal(address, assumed_public).as_ref().map_or("connects", Failure::kind)
    }

    #[test]
    fn where_a_probe_may_connect_to_depends_on_who_asks() {
        let private = "address-not-public";
        let operator = Errand::default();
        let by_hand = Errand { address: Some([10, 0, 0, 1].into()), ..Errand::default() };
        let anyone = |networks: &[&str]| {
            let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
            Errand { asked_by: AskedBy::Anyone { networks }, ..Errand::default() }
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
            // The IPv6 network holds the form, but not the address that it leads to.
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
