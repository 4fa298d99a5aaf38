//! What DNS said of one origin domain.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::time::Duration;

use crate::limits::Shortage;
use crate::origin::DomainName;

/// The answers to one origin domain's questions: A, AAAA or both, as its address type asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// One for each family asked for; never empty.
    pub answers: Vec<FamilyAnswer>,
    /// Whose view of DNS this is.
    pub view: View,
    /// What each nameserver of this view says by itself, in the order configured, family by
    /// family; empty unless `resolver.check_all` is set. One that had not come to an end at the
    /// probe's deadline is left out.
    pub each_nameserver: Vec<FamilyAnswer>,
    /// What the second view said, when the first gave no usable or no public address and
    /// `resolver.confirm_with` names one.
    pub confirmation: Option<Box<Self>>,
}

impl Resolution {
    /// Returns every address, in the order answered, each once.
    pub fn addresses(&self) -> impl Iterator<Item = &ResolvedAddress> {
        self.answers.iter().flat_map(|answer| answer.addresses())
    }

    /// Returns the canonical names on the way, in order, from the first answer that has any.
    pub fn cnames(&self) -> &[DomainName] {
        self.answers.iter().map(|a| a.cnames.as_slice()).find(|c| !c.is_empty()).unwrap_or(&[])
    }

    /// Returns the number of canonical names of the longest chain.
    pub fn aliases(&self) -> usize {
        self.answers.iter().map(|answer| answer.cnames.len()).max().unwrap_or_default()
    }

    /// Returns the first name of the chain that has more than one canonical name.
    pub fn competing_aliases(&self) -> Option<&CompetingAliases> {
        self.answers.iter().find_map(|answer| answer.competing_aliases.as_ref())
    }

    /// Returns the nameservers that failed to answer, each with the transport; the address is `None`
    /// if several were asked and none of them answered. One that could not be asked because no
    /// socket was left is not among them.
    pub fn unanswered(&self) -> impl Iterator<Item = (Option<SocketAddr>, Transport)> {
        let failed = |answer: &&FamilyAnswer| {
            answer.outcome.as_ref().is_err_and(|failure| !failure.is_answer() && !failure.is_own())
        };
        self.answers.iter().filter(failed).map(|answer| (answer.nameserver, answer.transport))
    }

    /// Returns the failures, family by family; an empty answer is one.
    pub fn failures(&self) -> impl Iterator<Item = (Family, &ResolutionFailure)> {
        self.answers.iter().filter_map(|a| a.outcome.as_ref().err().map(|f| (a.family, f)))
    }
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyAnswer {
    pub family: Family,
    /// The canonical names that were followed, in order.
    pub cnames: Vec<DomainName>,
    /// At least one address, or why there is none.
    pub outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>,
    /// The name of the chain that has more than one canonical name, if there is one.
    pub competing_aliases: Option<CompetingAliases>,
    /// The nameserver asked, as far as it is known.
    pub nameserver: Option<SocketAddr>,
    /// The transport of the last question to it.
    pub transport: Transport,
    /// For how many seconds the absence of an address may be believed: what the zone's SOA record
    /// says (RFC 2308 §5), or less where a canonical name on the way holds for less. `None` where
    /// there are addresses, and where the nameserver sent no such record.
    pub negative_ttl_seconds: Option<u32>,
    /// How long ago the nameserver said so; zero where it was asked just now.
    pub age: Duration,
}

impl FamilyAnswer {
    /// Returns the addresses; none where the question failed.
    pub fn addresses(&self) -> impl Iterator<Item = &ResolvedAddress> {
        self.outcome.iter().flatten()
    }

    /// Returns for how many seconds the answer holds; `None` for what is no answer at all, such as
    /// a silence, and for an absence without a term.
    pub fn ttl_seconds(&self) -> Option<u32> {
        match &self.outcome {
            Ok(addresses) => addresses.iter().map(|resolved| resolved.ttl_seconds).min(),
            Err(ResolutionFailure::NxDomain | ResolutionFailure::NoData) => {
                self.negative_ttl_seconds
            }
            Err(_) => None,
        }
    }

    /// Returns the answer as it stands `age` after it was given: what remains of every TTL.
    pub fn aged(mut self, age: Duration) -> Self {
        // A second that has begun is gone: what is promised must hold.
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

/// A name with several CNAME records, where one is allowed (RFC 1034 §3.6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompetingAliases {
    pub name: Box<str>,
    /// The first was followed.
    pub targets: Vec<Box<str>>,
}

/// The transport of a question to a nameserver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transport {
    #[default]
    Udp,
    /// Where the answer by UDP was truncated.
    Tcp,
}

/// One address record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedAddress {
    pub address: IpAddr,
    /// How long the answer may be kept: the smallest along the chain of canonical names.
    pub ttl_seconds: u32,
}

/// The kind of address asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// Returns the type of the DNS record that holds such addresses: `A` or `AAAA`.
    pub fn record_type(self) -> &'static str {
        match self {
            Self::Ipv4 => "A",
            Self::Ipv6 => "AAAA",
        }
    }

    /// Returns the family of `address`.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }
}

/// Whose view of DNS an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The system's resolver: it may know names that the public does not.
    System,
    /// Nameservers from the configuration, taken as the public view.
    Configured,
}

/// Why a question brought no address.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// No answer came in time.
    TimedOut { waited: Duration },
    /// The answer by UDP was truncated, and none came by TCP.
    TcpFailed { detail: String },
    /// The probe ended before the nameservers had their full time.
    OutOfTime { waited: Duration },
    /// The canonical names lead back to one another.
    CnameLoop,
    /// There are more canonical names than the nameserver, or this resolver, follows.
    TooManyCnames { length: ChainLength },
    /// The question could not be sent, for a reason on our side.
    NotAsked {
        /// The resource that ran out; `None` where the network refused the question.
        shortage: Option<Shortage>,
        detail: String,
    },
    /// The answer could not be understood.
    Unusable { detail: String },
}

/// How many canonical names there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainLength {
    /// The last of them leads to no other one.
    Exactly(usize),
    /// The end was not reached.
    MoreThan(usize),
}

impl ResolutionFailure {
    /// Tells whether it says something of the domain: the others are the nameserver's, or ours.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::NxDomain | Self::NoData | Self::CnameLoop | Self::TooManyCnames { .. })
    }

    /// Returns whether this machine lacked the resources to ask.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::NotAsked { shortage: Some(_), .. })
    }

    /// Returns the kind in kebab-case, a closed list.
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
