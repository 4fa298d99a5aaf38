//! CNAME chains from a domain to its addresses, and the TTLs that apply to them.

use std::net::IpAddr;

use hickory_resolver::proto::rr::{Name, RData, Record};

use crate::observation::{
    ChainLength, CompetingAliases, Family, ResolutionFailure, ResolvedAddress,
};
use crate::origin::DomainName;

/// The names from the queried domain to the one whose addresses count.
pub(super) struct Chain {
    /// Never empty; the first is the queried domain.
    names: Vec<Name>,
    /// The smallest TTL of the CNAME records followed so far.
    ttl_seconds: u32,
    competing: Option<CompetingAliases>,
}

/// Returns the failure of a chain that is not followed any further.
pub(super) fn too_long() -> ResolutionFailure {
    ResolutionFailure::TooManyCnames { length: ChainLength::MoreThan(MAX_CNAMES) }
}

impl Chain {
    /// Returns the chain that consists of `name` only.
    pub(super) fn new(name: Name) -> Self {
        Self { names: vec![name], ttl_seconds: u32::MAX, competing: None }
    }

    /// Returns the name reached.
    pub(super) fn end(&self) -> &Name {
        &self.names[self.names.len() - 1]
    }

    /// Returns how many CNAME records were followed.
    pub(super) fn length(&self) -> usize {
        self.names.len() - 1
    }

    /// Follows CNAME records as far as `records` go, in whatever order they are.
    pub(super) fn follow(&mut self, records: &[Record]) -> Result<(), ResolutionFailure> {
        loop {
            let targets = canonical_names(self.end(), records);
            let Some((target, ttl_seconds)) = targets.first() else { return Ok(()) };
            if targets.len() > 1 && self.competing.is_none() {
                let shown = targets.iter().take(MAX_COMPETING);
                self.competing = Some(CompetingAliases {
                    name: shown_name(self.end()),
                    targets: shown.map(|(target, _)| shown_name(target)).collect(),
                });
            }
            if self.names.contains(target) {
                return Err(ResolutionFailure::CnameLoop);
            }
            if self.length() == MAX_CNAMES {
                return Err(too_long());
            }
            self.names.push((*target).clone());
            self.ttl_seconds = self.ttl_seconds.min(*ttl_seconds);
        }
    }

    /// Returns the addresses of the name reached, without duplicates.
    pub(super) fn addresses(&self, family: Family, records: &[Record]) -> Vec<ResolvedAddress> {
        let mut addresses: Vec<ResolvedAddress> = Vec::new();
        for record in records.iter().filter(|record| record.name == *self.end()) {
            let address = match (&record.data, family) {
                (RData::A(a), Family::Ipv4) => IpAddr::V4(a.0),
                (RData::AAAA(aaaa), Family::Ipv6) => IpAddr::V6(aaaa.0),
                _ => continue,
            };
            let ttl_seconds = self.limit(ttl_of(record));
            if let Some(known) = addresses.iter_mut().find(|known| known.address == address) {
                known.ttl_seconds = known.ttl_seconds.min(ttl_seconds);
            } else if addresses.len() < MAX_ADDRESSES {
                addresses.push(ResolvedAddress { address, ttl_seconds });
            }
        }
        addresses
    }

    /// Returns `ttl_seconds`, or the smallest TTL of the followed CNAME records if that is
    /// smaller.
    pub(super) fn limit(&self, ttl_seconds: u32) -> u32 {
        self.ttl_seconds.min(ttl_seconds)
    }

    /// Returns the first name that has more than one CNAME record.
    pub(super) fn competing_aliases(&self) -> Option<CompetingAliases> {
        self.competing.clone()
    }

    /// Returns the CNAME targets that were followed, in order.
    ///
    /// A name that is not a host name, such as one with a space, is followed as well, but left out
    /// here.
    pub(super) fn cnames(&self) -> Vec<DomainName> {
        self.names.iter().skip(1).filter_map(|name| name.to_ascii().parse().ok()).collect()
    }
}

/// The longest CNAME chain that is followed. Public resolvers give up at 8 to 16; real chains are
/// shorter than 6.
pub(super) const MAX_CNAMES: usize = 64;

/// How many CNAME targets of one name are shown.
const MAX_COMPETING: usize = 4;

/// How many addresses of one answer are kept; every one of them would be probed.
const MAX_ADDRESSES: usize = 512;

/// Returns the CNAME targets of `owner`, without duplicates.
fn canonical_names<'a>(owner: &Name, records: &'a [Record]) -> Vec<(&'a Name, u32)> {
    let mut targets: Vec<(&Name, u32)> = Vec::new();
    for record in records.iter().filter(|record| record.name == *owner) {
        if let RData::CNAME(target) = &record.data
            && targets.iter().all(|(known, _)| **known != target.0)
        {
            targets.push((&target.0, ttl_of(record)));
        }
    }
    targets
}

/// Returns a name without the trailing dot.
fn shown_name(name: &Name) -> Box<str> {
    name.to_ascii().trim_end_matches('.').into()
}

fn ttl_of(record: &Record) -> u32 {
    seconds(record.ttl)
}

/// Returns the seconds of a TTL; a value with the top bit set counts as 0 (RFC 2181 §8).
pub(super) fn seconds(ttl: u32) -> u32 {
    if ttl > i32::MAX.unsigned_abs() { 0 } else { ttl }
}
