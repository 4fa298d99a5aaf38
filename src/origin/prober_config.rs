//! The prober's settings, on which verdicts depend in addition to the origin's settings.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

/// The nameservers, trust anchors, networks and limits of every probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProberConfig {
    /// Empty: the system's nameservers.
    pub nameservers: Vec<SocketAddr>,
    /// Nameservers to query if the first answer has no usable or no public address.
    pub confirm_with: Vec<SocketAddr>,
    /// Whether to query every nameserver instead of stopping at the first answer.
    pub check_all: bool,
    /// The timeout of each query to a nameserver, over UDP and again over TCP after a truncated
    /// answer. Not configurable.
    pub dns_timeout: Duration,
    /// The number of queries to each nameserver before a lookup fails; 0 counts as 1. Not
    /// configurable.
    pub dns_attempts: usize,
    /// Whether to trust Mozilla's list, as CloudFront does.
    pub mozilla: bool,
    /// PEM files with additional trust anchors.
    pub extra_anchors: Vec<PathBuf>,
    /// Networks that are not public but that CloudFront can reach.
    pub assume_public: Vec<IpNet>,
    /// The time limit for one origin.
    pub deadline: Duration,
    /// The timeout of one TLS handshake; at most the deadline.
    pub handshake_timeout: Duration,
    /// The maximum number of open sockets.
    pub concurrency: usize,
    /// The maximum number of open sockets per address.
    pub per_address: usize,
    /// The maximum number of server names of one origin per probe. If there are more, successive
    /// probes rotate through them.
    pub max_server_names: usize,
    /// The maximum memory for the certificate chains of all origins, in bytes; `None`: derived
    /// from the memory limit of the process.
    pub chain_bytes: Option<usize>,
    pub window: WindowLimits,
}

/// How many results of an endpoint are kept while only some of its connections fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLimits {
    /// The maximum number of results, from 1 to 1,000.
    pub connections: u16,
    /// The age at which a result no longer counts.
    pub age: Duration,
    /// The number of connections that decide whether a fault is over, from 1 to 1,000.
    pub burst: u16,
}

impl Default for WindowLimits {
    /// Returns the defaults of the configuration file.
    fn default() -> Self {
        Self { connections: 20, age: Duration::from_secs(6 * 3600), burst: 8 }
    }
}

impl Default for ProberConfig {
    /// Returns the defaults of the configuration file.
    fn default() -> Self {
        Self {
            nameservers: Vec::new(),
            confirm_with: Vec::new(),
            check_all: false,
            // The defaults of resolv.conf(5).
            dns_timeout: Duration::from_secs(5),
            dns_attempts: 2,
            mozilla: true,
            extra_anchors: Vec::new(),
            assume_public: Vec::new(),
            deadline: Duration::from_secs(60),
            handshake_timeout: Duration::from_secs(10),
            concurrency: 4096,
            per_address: 4,
            max_server_names: 20,
            chain_bytes: None,
            window: WindowLimits::default(),
        }
    }
}

impl ProberConfig {
    /// Returns whether verdicts depend on the same nameservers and networks.
    pub fn has_same_view(&self, other: &Self) -> bool {
        self.nameservers == other.nameservers
            && self.confirm_with == other.confirm_with
            && self.check_all == other.check_all
            && self.assume_public == other.assume_public
    }
}
