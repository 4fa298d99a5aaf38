//! The name resolves, but has no address of the configured type.

use crate::cloudfront::Page;
use crate::observation::{Observation, ResolutionFailure};
use crate::origin::OriginSetting;

use super::finding::{Doubt, Violation};
use super::origin_domain_unresolvable::Nameserver;
use super::{Check, Class, Rule, RuleId, Topic, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NoUsableAddress,
    name: "no-usable-address",
    since: "0.1.0",
    title: "The origin domain has no address of the origin's IP address type",
    class: Class::FAILS.on(OriginSetting::AddressType).of_http_too(),
    citation: Page::ORIGIN_SETTINGS,
    remedy: "Add an address record of the configured type, or change the origin's IpAddressType to one that the domain has records for.",
    explanation: "CloudFront reaches an origin of type ipv4 through A records only, and an origin of type ipv6 through AAAA records only. Other records of the name do not count.",
    repair: Topic::AddressType,
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
    // Another resolver may follow another of several CNAME records.
    let competing = resolution.competing_aliases().map(|_| Doubt::Undocumented);
    let doubt = doubt::of_second_view(observation).or(competing);
    let violation = Violation::new(format!(
        "{nameserver} reports that {} exists, but has no {records} (the origin's IP address type is {})",
        origin.domain(),
        origin.ip_address_type.as_str()
    ));
    Some(violation.with_doubt(doubt))
}
