//! The name resolves, but to no address of the kind that CloudFront is told to use.

use crate::cloudfront::Page;
use crate::observation::Observation;
use crate::observation::ResolutionFailure;

use super::Check;
use super::Rule;
use super::doubt;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::origin_domain_unresolvable::NO_HOSTS_FILE;
use super::origin_domain_unresolvable::Nameserver;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "no-usable-address",
    title: "The origin domain has no address of the origin's address type",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::ORIGIN_SETTINGS,
    remedy: "Add an address record of that kind, or change the origin's IpAddressType to one that the domain has.",
    explanation: "An origin of the type ipv4 is reached over A records only, one of the type ipv6 over AAAA records only, whatever else the name has.",
    repair: &repair::ADDRESS_TYPE,
    check: Check::Origin(check),
};

fn check(observation: &Observation) -> Option<Violation> {
    let resolution = observation.resolution.as_ref()?;
    let only_empty =
        resolution.failures().all(|(_, failure)| *failure == ResolutionFailure::NoData);
    if !observation.endpoints.is_empty() || resolution.addresses().next().is_some() || !only_empty {
        return None;
    }
    let origin = &observation.origin;
    let records = match origin.ip_address_type.as_str() {
        "ipv4" => "A record",
        "ipv6" => "AAAA record",
        _ => "A or AAAA record",
    };
    let nameserver = Nameserver(resolution.answers.iter().find_map(|answer| answer.nameserver));
    // Another resolver may follow another of several aliases.
    let competing = resolution.competing_aliases().map(|_| Doubt::Undocumented);
    let doubt = doubt::of_second_view(observation).or(competing);
    let violation = Violation::new(format!(
        "{nameserver} says that {} exists, but has no {records} (the origin's address type is {}); \
         {NO_HOSTS_FILE}",
        origin.domain(),
        origin.ip_address_type.as_str()
    ));
    Some(violation.with_doubt(doubt))
}
