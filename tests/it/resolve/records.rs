//! The meaning of the records of one answer, in whatever order they are.

use hickory_resolver::proto::op::{Message, Query};
use hickory_resolver::proto::rr::rdata::CNAME;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

use origin_probe::observation::{
    ChainLength, CompetingAliases, Family, FamilyAnswer, ResolutionFailure,
};
use origin_probe::resolve::read_answer;

use super::test_nameserver::{a, aaaa, cname, name};
use super::{addresses, domain};

/// The longest CNAME chain that is followed.
const MAX_CNAMES: usize = 64;
/// How many addresses of one answer are kept.
const MAX_ADDRESSES: usize = 512;

/// Returns what an answer to the question for a domain says; `None` if it has to be followed.
fn read(asked: &str, family: Family, records: Vec<Record>) -> Option<FamilyAnswer> {
    let record_type = match family {
        Family::Ipv4 => RecordType::A,
        Family::Ipv6 => RecordType::AAAA,
    };
    let mut message = Message::query().into_response();
    message.queries = vec![Query::query(name(asked), record_type)];
    message.answers = records;
    read_answer(&message.to_vec().unwrap(), &domain(asked), family)
}

/// Returns what an answer says of the IPv4 addresses of `a.example`.
fn said(records: Vec<Record>) -> FamilyAnswer {
    read("a.example", Family::Ipv4, records).unwrap()
}

#[test]
fn records_may_stand_in_any_order_and_case() {
    let records = vec![
        a("C.example", 40, "192.0.2.1"),
        cname("B.Example", 20, "c.example"),
        a("unrelated.example", 1, "192.0.2.9"),
        cname("a.example", 30, "b.example"),
        aaaa("c.example", 40, "2001:db8::1"),
    ];
    for (family, address) in [(Family::Ipv4, "192.0.2.1"), (Family::Ipv6, "2001:db8::1")] {
        let answer = read("a.example", family, records.clone()).unwrap();
        assert_eq!(answer.outcome, addresses(&[(address, 20)]));
        assert_eq!(answer.cnames, ["b.example", "c.example"].map(domain));
    }
}

#[test]
fn an_address_given_twice_is_kept_once_with_the_smaller_ttl() {
    let answer = said(vec![
        a("a.example", 50, "192.0.2.1"),
        a("a.example", 60, "192.0.2.2"),
        a("a.example", 40, "192.0.2.1"),
    ]);
    assert_eq!(answer.outcome, addresses(&[("192.0.2.1", 40), ("192.0.2.2", 60)]));
}

#[test]
fn a_ttl_with_the_top_bit_set_is_zero() {
    const LONGEST: u32 = i32::MAX.unsigned_abs();
    for (ttl, expected) in [(0, 0), (1, 1), (LONGEST, LONGEST), (1 << 31, 0)] {
        let answer = said(vec![a("a.example", ttl, "192.0.2.1")]);
        assert_eq!(answer.outcome, addresses(&[("192.0.2.1", expected)]), "{ttl}");
    }
}

#[test]
fn names_that_lead_back_are_a_circle() {
    for records in [
        vec![cname("a.example", 1, "A.example")],
        vec![cname("a.example", 1, "b.example"), cname("b.example", 1, "a.example")],
        vec![cname("a.example", 1, "b.example"), cname("b.example", 1, "b.example")],
    ] {
        assert_eq!(said(records).outcome, Err(ResolutionFailure::CnameLoop));
    }
}

#[test]
fn names_that_lead_on_for_too_long_are_not_a_circle() {
    let links = |count| {
        let link = |n| cname(&format!("n{n}.example"), 1, &format!("n{}.example", n + 1));
        read("n0.example", Family::Ipv4, (0..count).map(link).collect())
    };
    assert_eq!(links(MAX_CNAMES), None);
    let length = ChainLength::MoreThan(MAX_CNAMES);
    let outcome = links(MAX_CNAMES + 1).map(|answer| answer.outcome);
    assert_eq!(outcome, Some(Err(ResolutionFailure::TooManyCnames { length })));
}

#[test]
fn of_several_canonical_names_the_first_is_followed_and_all_are_kept() {
    let answer = said(vec![
        cname("a.example", 1, "b.example"),
        cname("A.example", 1, "B.example"),
        cname("b.example", 1, "c.example"),
        cname("b.example", 1, "d.example"),
        cname("other.example", 1, "e.example"),
        cname("other.example", 1, "f.example"),
        a("c.example", 1, "192.0.2.1"),
    ]);
    let expected = CompetingAliases {
        name: "b.example".into(),
        targets: ["c.example", "d.example"].map(Into::into).to_vec(),
    };
    assert_eq!(answer.competing_aliases, Some(expected));
    assert_eq!(answer.cnames, ["b.example", "c.example"].map(domain));
}

#[test]
fn no_more_addresses_are_kept_than_can_be_probed() {
    let address = |n| aaaa("a.example", 1, &format!("2001:db8::{n:x}"));
    let records = (0..MAX_ADDRESSES + 100).map(address).collect();
    let answer = read("a.example", Family::Ipv6, records).unwrap();
    assert_eq!(answer.addresses().count(), MAX_ADDRESSES);
}

#[test]
fn a_canonical_name_that_is_no_host_name_leads_on() {
    let odd = Name::from_labels([&b"odd name"[..], b"example"]).unwrap();
    let mut into = cname("a.example", 1, "x.example");
    into.data = RData::CNAME(CNAME(odd.clone()));
    let mut out_of = cname("a.example", 1, "x.example");
    out_of.name = odd;
    let answer = said(vec![into, out_of, a("x.example", 1, "192.0.2.1")]);
    assert_eq!(answer.cnames, ["x.example"].map(domain));
    assert_eq!(answer.outcome, addresses(&[("192.0.2.1", 1)]));
}
