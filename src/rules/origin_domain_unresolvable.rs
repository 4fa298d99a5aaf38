//! DNS gives no address for the origin domain.

use crate::cloudfront::Page;
use crate::observation::Observation;
use crate::observation::ResolutionFailure;

use super::Check;
use super::Rule;
use super::doubt;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::UndecidedReason;
use super::finding::Violation;
use super::remedy::ProberSetting;
use super::remedy::Remedy;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "origin-domain-unresolvable",
    title: "The origin domain does not resolve",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("http-502-dns-error"),
    remedy: "Make the name resolve in public DNS: ask every authoritative nameserver of the zone for it, and check the delegation's NS and SOA records.",
    explanation: "CloudFront resolves the origin domain through public DNS for every connection it opens. Where that fails it has no address to connect to.",
    repair: &repair::UNRESOLVABLE,
    check: Check::Origin(check),
};

fn check(observation: &Observation) -> Option<Violation> {
    let resolution = observation.resolution.as_ref()?;
    if !observation.endpoints.is_empty() || resolution.addresses().next().is_some() {
        return None;
    }
    // An empty answer is another rule's; of the rest the one that says most about the domain counts.
    let (_, failure) = resolution
        .failures()
        .filter(|(_, failure)| **failure != ResolutionFailure::NoData)
        .min_by_key(|(_, failure)| match failure {
            ResolutionFailure::NxDomain => 0,
            ResolutionFailure::CnameLoop => 1,
            ResolutionFailure::Refused => 2,
            ResolutionFailure::ServFail => 3,
            ResolutionFailure::OtherCode { .. } => 4,
            ResolutionFailure::TimedOut { .. } => 5,
            ResolutionFailure::Unusable { .. } | ResolutionFailure::NoData => 6,
        })?;
    let domain = observation.origin.domain();
    let at_end = match resolution.cnames().last() {
        Some(last) => format!("{domain}, through its CNAME {last},"),
        None => domain.to_string(),
    };
    let (detail, may_be_ours) = match failure {
        ResolutionFailure::NxDomain => (format!("{at_end} does not exist (NXDOMAIN)"), false),
        ResolutionFailure::CnameLoop => {
            (format!("the CNAMEs of {domain} lead in a circle or on without end"), false)
        }
        ResolutionFailure::Refused => {
            (format!("the nameserver refuses to answer for {domain} (REFUSED)"), true)
        }
        ResolutionFailure::ServFail => {
            (format!("the nameserver fails on {domain} (SERVFAIL)"), true)
        }
        ResolutionFailure::OtherCode { code } => {
            (format!("the nameserver answers for {domain} with the code {code}"), true)
        }
        ResolutionFailure::TimedOut { waited } => {
            let seconds = waited.as_secs_f64();
            (format!("no nameserver answered for {domain} within {seconds:.1} s"), true)
        }
        ResolutionFailure::Unusable { detail } => {
            (format!("the answer for {domain} is unusable: {detail}"), true)
        }
        ResolutionFailure::NoData => return None,
    };
    let violation = Violation::new(detail);
    Some(match doubt::of_nameserver(observation).filter(|_| may_be_ours) {
        // The domain may be well, so nothing is to be done about it yet.
        doubt @ Some(Doubt::Prober(UndecidedReason::ResolverSilent)) => {
            violation.with_doubt(doubt).with_remedy(
                Remedy::from(
                    "Make the nameservers that this prober asks answer again, or name others under ",
                )
                .setting(ProberSetting::Nameservers)
                .text("."),
            )
        }
        doubt => violation.with_doubt(doubt),
    })
}
