//! What DNS said of one origin domain.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::time::Duration;

use crate::origin::DomainName;

/// The answers to one origin domain's questions: A, AAAA or both, as its address type asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// One for each family asked for; never empty.
    pub answers: Vec<FamilyAnswer>,
    /// Whose view of DNS this is.
    pub view: View,
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
    /// The nameserver asked, as far as it is known.
    pub nameserver: Option<SocketAddr>,
}

impl FamilyAnswer {
    /// Returns the addresses; none where the question failed.
    pub fn addresses(&self) -> impl Iterator<Item = &ResolvedAddress> {
        self.outcome.iter().flatten()
    }
}

/// One address record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedAddress {
    pub address: IpAddr,
    /// How long the answer may be kept: the smallest along the chain of canonical names.
    pub ttl_seconds: u32,
}

/// The kind of address asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The canonical names lead back to one another, or on without end.
    CnameLoop,
    /// The answer could not be understood, or the question not sent.
    Unusable { detail: String },
}

impl ResolutionFailure {
    /// Returns the kind in kebab-case, a closed list.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NxDomain => "nxdomain",
            Self::NoData => "no-data",
            Self::ServFail => "servfail",
            Self::Refused => "refused",
            Self::OtherCode { .. } => "other-code",
            Self::TimedOut { .. } => "timeout",
            Self::CnameLoop => "cname-loop",
            Self::Unusable { .. } => "unusable",
        }
    }
}
