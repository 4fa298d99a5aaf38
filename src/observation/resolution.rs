//! The result of resolving one origin domain.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::Shortage;
use crate::origin::{DomainName, IpAddressType};

/// The answers for one origin domain: A, AAAA or both, depending on its address type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// One for each family that was queried; never empty.
    pub answers: Vec<FamilyAnswer>,
    /// Whose view of DNS this is.
    pub view: View,
    /// The answer of each nameserver of this view, in the configured order, family by family;
    /// empty unless `resolver.check_all` is set. A nameserver that had not finished by the probe's
    /// deadline is left out.
    pub each_nameserver: Vec<FamilyAnswer>,
    /// The answer of the second view, if the first had no usable or no public address and
    /// `resolver.confirm_with` is set.
    pub confirmation: Option<Box<Self>>,
}

impl Resolution {
    /// Returns every address once, in the order of the answers.
    pub fn addresses(&self) -> impl Iterator<Item = &ResolvedAddress> {
        self.answers.iter().flat_map(|answer| answer.addresses())
    }

    /// Returns the CNAME targets in order, from the first answer that has any.
    pub fn cnames(&self) -> &[DomainName] {
        self.answers.iter().map(|a| a.cnames.as_slice()).find(|c| !c.is_empty()).unwrap_or(&[])
    }

    /// Returns the length of the longest CNAME chain.
    pub fn aliases(&self) -> usize {
        self.answers.iter().map(|answer| answer.cnames.len()).max().unwrap_or_default()
    }

    /// Returns the first name of the chain that has more than one CNAME record.
    pub fn competing_aliases(&self) -> Option<&CompetingAliases> {
        self.answers.iter().find_map(|answer| answer.competing_aliases.as_ref())
    }

    /// Returns the nameservers that failed to answer, each with the transport. The address is
    /// `None` if several were queried and none answered. A nameserver that could not be queried
    /// because no socket was left is not included.
    pub fn unanswered(&self) -> impl Iterator<Item = (Option<SocketAddr>, Transport)> {
        let failed = |answer: &&FamilyAnswer| {
            answer.outcome.as_ref().is_err_and(|failure| !failure.is_answer() && !failure.is_own())
        };
        self.answers.iter().filter(failed).map(|answer| (answer.nameserver, answer.transport))
    }

    /// Returns the failures by family; NODATA is one of them.
    pub fn failures(&self) -> impl Iterator<Item = (Family, &ResolutionFailure)> {
        self.answers.iter().filter_map(|a| a.outcome.as_ref().err().map(|f| (a.family, f)))
    }
}

/// The answer to one query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyAnswer {
    pub family: Family,
    /// The CNAME targets that were followed, in order.
    pub cnames: Vec<DomainName>,
    /// At least one address, or why there is none.
    pub outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>,
    /// The name of the chain that has more than one CNAME record, if there is one.
    pub competing_aliases: Option<CompetingAliases>,
    /// The nameserver that was queried, if it is known.
    pub nameserver: Option<SocketAddr>,
    /// The transport of the last query to it.
    pub transport: Transport,
    /// How many seconds a negative answer may be cached: the value of the zone's SOA record
    /// (RFC 2308 §5), or the TTL of a followed CNAME record if that is shorter. `None` if there
    /// are addresses or the nameserver sent no SOA record.
    pub negative_ttl_seconds: Option<u32>,
    /// The time since the nameserver answered; zero if it was queried just now.
    pub age: Duration,
}

impl FamilyAnswer {
    /// Returns the answer of a query that no nameserver has answered yet.
    pub fn failed(family: Family, failure: ResolutionFailure) -> Self {
        Self {
            family,
            cnames: Vec::new(),
            outcome: Err(failure),
            competing_aliases: None,
            nameserver: None,
            transport: Transport::Udp,
            negative_ttl_seconds: None,
            age: Duration::ZERO,
        }
    }

    /// Returns the addresses; none if the query failed.
    pub fn addresses(&self) -> impl Iterator<Item = &ResolvedAddress> {
        self.outcome.iter().flatten()
    }

    /// Returns how many seconds the answer is valid; `None` if there was no answer, such as after a
    /// timeout, and for a negative answer without a TTL.
    pub fn ttl_seconds(&self) -> Option<u32> {
        match &self.outcome {
            Ok(addresses) => addresses.iter().map(|resolved| resolved.ttl_seconds).min(),
            Err(ResolutionFailure::NxDomain | ResolutionFailure::NoData) => {
                self.negative_ttl_seconds
            }
            Err(_) => None,
        }
    }

    /// Returns the answer `age` after it was given, with the remaining TTLs.
    pub fn aged(mut self, age: Duration) -> Self {
        // Rounds up, so that no TTL is overstated.
        let begun = age.as_secs() + u64::from(age.subsec_nanos() > 0);
        let passed = u32::try_from(begun).unwrap_or(u32::MAX);
        for resolved in self.outcome.iter_mut().flatten() {
            resolved.ttl_seconds = resolved.ttl_seconds.saturating_sub(passed);
        }
        self.negative_ttl_seconds = self.negative_ttl_seconds.map(|ttl| ttl.saturating_sub(passed));
        self.age = age;
        self
    }
}

/// A name with several CNAME records, although only one is allowed (RFC 1034 §3.6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompetingAliases {
    pub name: Box<str>,
    /// The first one was followed.
    pub targets: Vec<Box<str>>,
}

/// The transport of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Transport {
    #[default]
    Udp,
    /// Used if the UDP answer was truncated.
    Tcp,
}

/// One address record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedAddress {
    pub address: IpAddr,
    /// The smallest TTL along the CNAME chain.
    pub ttl_seconds: u32,
}

/// An address family, and with it a DNS record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Family {
    /// A records.
    Ipv4,
    /// AAAA records.
    Ipv6,
}

impl Family {
    /// Returns `ipv4` or `ipv6`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }

    /// Returns `A` or `AAAA`.
    pub fn record_type(self) -> &'static str {
        match self {
            Self::Ipv4 => "A",
            Self::Ipv6 => "AAAA",
        }
    }

    /// Returns the families that CloudFront uses.
    pub fn of_type(kind: IpAddressType) -> &'static [Self] {
        match kind {
            IpAddressType::Ipv4 => &[Self::Ipv4],
            IpAddressType::Ipv6 => &[Self::Ipv6],
            IpAddressType::Dualstack => &[Self::Ipv4, Self::Ipv6],
        }
    }

    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }
}

/// Whose view of DNS an answer represents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// The system's resolvers, which may know names that public DNS does not.
    System,
    /// Nameservers from the configuration, which count as the public view.
    Configured,
}

/// Why a query returned no address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResolutionFailure {
    /// The name does not exist (RFC 1035, RCODE 3).
    NxDomain,
    /// The name exists, but has no record of this family (RFC 2308 §2.2).
    NoData,
    /// The nameserver failed (RCODE 2).
    ServFail,
    /// The nameserver refused to answer (RCODE 5).
    Refused,
    /// Any other RCODE.
    OtherCode { code: u16 },
    /// No answer arrived in time.
    TimedOut { waited: Duration },
    /// The UDP answer was truncated, and TCP returned none.
    TcpFailed { detail: String },
    /// The probe ended before the nameservers had their full timeouts.
    OutOfTime { waited: Duration },
    /// The CNAME records form a loop.
    CnameLoop,
    /// There are more CNAME records than the nameserver, or this resolver, follows.
    TooManyCnames { length: ChainLength },
    /// The query could not be sent, for a reason on the prober's side.
    NotAsked {
        /// The exhausted resource; `None` if the network refused the query.
        shortage: Option<Shortage>,
        detail: String,
    },
    /// The answer could not be interpreted.
    Unusable { detail: String },
}

/// The number of CNAME records in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChainLength {
    /// The last one has no further CNAME record.
    Exactly(usize),
    /// The end was not reached.
    MoreThan(usize),
}

impl ResolutionFailure {
    /// Returns whether it describes the domain. The other failures are the nameserver's or ours.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::NxDomain | Self::NoData | Self::CnameLoop | Self::TooManyCnames { .. })
    }

    /// Returns whether this machine lacked the resources to send the query.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::NotAsked { shortage: Some(_), .. })
    }

    /// Returns the kind in kebab case. The set is closed.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NxDomain => "nxdomain",
            Self::NoData => "no-data",
            Self::ServFail => "servfail",
            Self::Refused => "refused",
            Self::OtherCode { .. } => "other-code",
            Self::TimedOut { .. } => "timeout",
            Self::TcpFailed { .. } => "tcp-failed",
            Self::OutOfTime { .. } => "out-of-time",
            Self::CnameLoop => "cname-loop",
            Self::TooManyCnames { .. } => "too-many-cnames",
            Self::NotAsked { .. } => "not-asked",
            Self::Unusable { .. } => "unusable",
        }
    }
}
