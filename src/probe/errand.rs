//! What a probe is told: how far it may go, and what is particular to it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::resolve::Freshness;

use super::SharedConnections;

/// How far a probe may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeLimits {
    /// One origin, everything included.
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
}
