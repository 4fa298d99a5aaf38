//! The first view of DNS had no address for CloudFront, the second has.

use crate::cloudfront::Page;
use crate::observation::Observation;

use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;

pub(super) const RULE: Rule = Rule {
    id: "nameservers-disagree",
    title: "Two views of DNS give different answers",
    effect: Effect::Notice,
    basis: Basis::Documented,
    status: None,
    citation: Page::BAD_GATEWAY.section("http-502-dns-error"),
    remedy: "If the difference is meant (split-horizon DNS), set resolver.nameservers to public resolvers; otherwise correct the zone.",
    explanation: "CloudFront uses public DNS. What the prober's own nameserver says differs from it, so the public answer was probed.",
    check: Check::Origin(check),
};

fn check(observation: &Observation) -> Option<Violation> {
    let first = observation.resolution.as_ref()?;
    let second = first.confirmation.as_ref()?;
    let addresses = |resolution: &crate::observation::Resolution| {
        let mut list: Vec<_> = resolution.addresses().map(|a| a.address).collect();
        list.sort_unstable();
        list
    };
    let (ours, public) = (addresses(first), addresses(second));
    if ours == public || public.is_empty() {
        return None;
    }
    let show = |list: &[std::net::IpAddr]| match list {
        [] => "no address".to_owned(),
        list => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    Some(Violation::new(format!(
        "for {} our nameserver gives {}, the one that confirms gives {}",
        observation.origin.domain(),
        show(&ours),
        show(&public)
    )))
}
