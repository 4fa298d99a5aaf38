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

/// Why a CNAME chain is not followed any further.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The records form a loop.
    Circle,
    /// There are more than [`MAX_CNAMES`].
    TooLong,
}

impl From<Stop> for ResolutionFailure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Circle => Self::CnameLoop,
            Stop::TooLong => Self::TooManyCnames { length: ChainLength::MoreThan(MAX_CNAMES) },
        }
    }
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
    pub(super) fn follow(&mut self, records: &[Record]) -> Result<(), Stop> {
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
                return Err(Stop::Circle);
            }
            if self.length() == MAX_CNAMES {
                return Err(Stop::TooLong);
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

#[cfg(test)]
pub(super) mod tests {
    use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
    use hickory_resolver::proto::rr::{Name, RData, Record};

    use crate::observation::{CompetingAliases, Family, ResolvedAddress};
    use crate::origin::DomainName;

    use super::{Chain, MAX_ADDRESSES, MAX_CNAMES, Stop};

    pub(in super::super) fn name(text: &str) -> Name {
        let mut name = Name::from_ascii(text).unwrap();
        name.set_fqdn(true);
        name
    }

    pub(in super::super) fn a(owner: &str, ttl: u32, address: &str) -> Record {
        Record::from_rdata(name(owner), ttl, RData::A(A(address.parse().unwrap())))
    }

    fn aaaa(owner: &str, ttl: u32, address: &str) -> Record {
        Record::from_rdata(name(owner), ttl, RData::AAAA(AAAA(address.parse().unwrap())))
    }

    fn cname(owner: &str, ttl: u32, target: &str) -> Record {
        Record::from_rdata(name(owner), ttl, RData::CNAME(CNAME(name(target))))
    }

    fn address(text: &str, ttl_seconds: u32) -> ResolvedAddress {
        ResolvedAddress { address: text.parse().unwrap(), ttl_seconds }
    }

    #[test]
    fn records_may_stand_in_any_order_and_case() {
        let records = [
            a("C.example", 40, "192.0.2.1"),
            cname("B.Example", 20, "c.example"),
            a("unrelated.example", 1, "192.0.2.9"),
            cname("a.example", 30, "b.example"),
            aaaa("c.example", 40, "2001:db8::1"),
        ];
        let mut chain = Chain::new(name("a.example"));
        assert_eq!(chain.follow(&records), Ok(()));
        assert_eq!(
            chain.cnames(),
            ["b.example", "c.example"].map(|n| n.parse::<DomainName>().unwrap())
        );
        assert_eq!(chain.addresses(Family::Ipv4, &records), [address("192.0.2.1", 20)]);
        assert_eq!(chain.addresses(Family::Ipv6, &records), [address("2001:db8::1", 20)]);
    }

    #[test]
    fn an_address_given_twice_is_kept_once_with_the_smaller_ttl() {
        let records = [
            a("a.example", 50, "192.0.2.1"),
            a("a.example", 60, "192.0.2.2"),
            a("a.example", 40, "192.0.2.1"),
        ];
        let chain = Chain::new(name("a.example"));
        assert_eq!(
            chain.addresses(Family::Ipv4, &records),
            [address("192.0.2.1", 40), address("192.0.2.2", 60)]
        );
    }

    #[test]
    fn a_ttl_with_the_top_bit_set_is_zero() {
        for (ttl, expected) in
            [(0, 0), (1, 1), (i32::MAX.unsigned_abs(), i32::MAX.unsigned_abs()), (1 << 31, 0)]
        {
            let records = [a("a.example", ttl, "192.0.2.1")];
            let addresses = Chain::new(name("a.example")).addresses(Family::Ipv4, &records);
            assert_eq!(addresses, [address("192.0.2.1", expected)], "{ttl}");
        }
    }

    #[test]
    fn names_that_lead_back_are_a_circle() {
        for records in [
            vec![cname("a.example", 1, "A.example")],
            vec![cname("a.example", 1, "b.example"), cname("b.example", 1, "a.example")],
            vec![cname("a.example", 1, "b.example"), cname("b.example", 1, "b.example")],
        ] {
            let mut chain = Chain::new(name("a.example"));
            assert_eq!(chain.follow(&records), Err(Stop::Circle), "{records:?}");
        }
    }

    #[test]
    fn names_that_lead_on_for_too_long_are_not_a_circle() {
        let link = |n: usize| cname(&format!("n{n}.example"), 1, &format!("n{}.example", n + 1));
        for (links, expected) in [(MAX_CNAMES, Ok(())), (MAX_CNAMES + 1, Err(Stop::TooLong))] {
            let records: Vec<Record> = (0..links).map(link).collect();
            let mut chain = Chain::new(name("n0.example"));
            assert_eq!(chain.follow(&records), expected, "{links}");
        }
    }

    #[test]
    fn of_several_canonical_names_the_first_is_followed_and_all_are_kept() {
        let records = [
            cname("a.example", 1, "b.example"),
            cname("A.example", 1, "B.example"),
            cname("b.example", 1, "c.example"),
            cname("b.example", 1, "d.example"),
            cname("other.example", 1, "e.example"),
            cname("other.example", 1, "f.example"),
        ];
        let mut chain = Chain::new(name("a.example"));
        assert_eq!(chain.follow(&records), Ok(()));
        assert_eq!(*chain.end(), name("c.example"));
        let expected = CompetingAliases {
            name: "b.example".into(),
            targets: ["c.example", "d.example"].map(Into::into).to_vec(),
        };
        assert_eq!(chain.competing_aliases(), Some(expected));
    }

    #[test]
    fn no_more_addresses_are_kept_than_can_be_probed() {
        let records: Vec<Record> = (0..=u16::MAX)
            .take(MAX_ADDRESSES + 100)
            .map(|n| aaaa("a.example", 1, &format!("2001:db8::{n:x}")))
            .collect();
        let addresses = Chain::new(name("a.example")).addresses(Family::Ipv6, &records);
        assert_eq!(addresses.len(), MAX_ADDRESSES);
    }

    #[test]
    fn a_canonical_name_that_is_no_host_name_leads_on() {
        let odd = Name::from_labels([&b"odd name"[..], b"example"]).unwrap();
        let mut into = cname("a.example", 1, "x.example");
        into.data = RData::CNAME(CNAME(odd.clone()));
        let mut out_of = cname("a.example", 1, "x.example");
        out_of.name = odd;
        let records = [into, out_of, a("x.example", 1, "192.0.2.1")];
        let mut chain = Chain::new(name("a.example"));
        assert_eq!(chain.follow(&records), Ok(()));
        assert_eq!(chain.cnames(), ["x.example".parse::<DomainName>().unwrap()]);
        assert_eq!(chain.addresses(Family::Ipv4, &records), [address("192.0.2.1", 1)]);
    }
}
