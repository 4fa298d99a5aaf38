//! DNS gives no address for the origin domain.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::cloudfront::Page;
use crate::observation::{ChainLength, Observation, Resolution, ResolutionFailure};
use crate::origin::OriginSetting;

use super::finding::{Doubt, Violation};
use super::remedy::{ProberSetting, Remedy};
use super::undecided_reason::UndecidedReason;
use super::{Check, Class, Rule, RuleId, Topic, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::OriginDomainUnresolvable,
    name: "origin-domain-unresolvable",
    since: "0.1.0",
    title: "The origin domain does not resolve",
    class: Class::FAILS.on(OriginSetting::OriginDomain).of_http_too(),
    citation: Page::BAD_GATEWAY.section("http-502-dns-error"),
    remedy: "Make the origin domain resolve in public DNS. Query every authoritative nameserver of the zone for the domain, and compare the zone's NS records in the parent zone with those in the zone itself.",
    explanation: "CloudFront resolves the origin domain through public DNS. If the lookup fails, CloudFront has no address to connect to. origin-probe ignores /etc/hosts. A chain of CNAME records that is longer than many resolvers follow makes the verdict undecided, because AWS does not document CloudFront's limit.",
    repair: Topic::Unresolvable,
    check: Check::Origin(check),
};

fn check(observation: &Observation) -> Option<Violation> {
    let resolution = observation.resolution.as_ref()?;
    if !observation.endpoints.is_empty() || resolution.addresses().next().is_some() {
        return not_asked(observation, resolution).or_else(|| long_chain(observation, resolution));
    }
    // An empty answer belongs to another rule. Of the other failures, one that is conclusive about
    // the domain takes precedence, then the least conclusive one, which leaves the result open.
    let (answer, failure) = resolution
        .answers
        .iter()
        .filter_map(|answer| Some((answer, answer.outcome.as_ref().err()?)))
        .filter(|(_, failure)| **failure != ResolutionFailure::NoData)
        .min_by_key(|(_, failure)| match failure {
            ResolutionFailure::NxDomain => 0,
            ResolutionFailure::CnameLoop => 1,
            ResolutionFailure::TooManyCnames { .. } => 2,
            ResolutionFailure::NotAsked { .. } => 3,
            ResolutionFailure::OutOfTime { .. } => 4,
            ResolutionFailure::TcpFailed { .. } => 5,
            ResolutionFailure::Refused => 6,
            ResolutionFailure::ServFail => 7,
            ResolutionFailure::OtherCode { .. } => 8,
            ResolutionFailure::TimedOut { .. } => 9,
            ResolutionFailure::Unusable { .. } | ResolutionFailure::NoData => 10,
        })?;
    let domain = observation.origin.domain();
    let at_end = match resolution.cnames().last() {
        Some(last) => format!("{domain} (through its CNAME {last})"),
        None => domain.to_string(),
    };
    let nameserver = Nameserver(answer.nameserver);
    let seconds = |waited: &Duration| waited.as_secs_f64();
    let detail = match failure {
        ResolutionFailure::NxDomain => {
            format!("{nameserver} reports that {at_end} does not exist (NXDOMAIN)")
        }
        ResolutionFailure::CnameLoop => {
            format!("{nameserver} returned a loop of CNAME records for {domain}")
        }
        ResolutionFailure::TooManyCnames { length: ChainLength::Exactly(aliases) } => {
            format!("{nameserver} failed (SERVFAIL) on the {aliases} CNAME records of {domain}")
        }
        ResolutionFailure::TooManyCnames { length: ChainLength::MoreThan(aliases) } => {
            format!("{domain} resolves through more than {aliases} CNAME records")
        }
        ResolutionFailure::NotAsked { detail, .. } => {
            format!("the prober could not query {domain}: {detail}")
        }
        ResolutionFailure::OutOfTime { waited } => format!(
            "no nameserver answered for {domain} within the {:.1} s that the probe had",
            seconds(waited)
        ),
        ResolutionFailure::TcpFailed { detail } => {
            format!("{nameserver} truncated its UDP answer for {domain}, and TCP failed: {detail}")
        }
        ResolutionFailure::Refused => {
            format!("{nameserver} refused to answer for {domain} (REFUSED)")
        }
        ResolutionFailure::ServFail => {
            format!("{nameserver} failed to resolve {domain} (SERVFAIL)")
        }
        ResolutionFailure::OtherCode { code } => {
            format!("{nameserver} answered for {domain} with response code {code}")
        }
        ResolutionFailure::TimedOut { waited } => match answer.nameserver {
            Some(nameserver) => {
                format!("{nameserver} did not answer for {domain} within {:.1} s", seconds(waited))
            }
            None => {
                format!("no nameserver answered for {domain} within {:.1} s", seconds(waited))
            }
        },
        ResolutionFailure::Unusable { detail } => {
            format!("{nameserver} gave an unusable answer for {domain}: {detail}")
        }
        ResolutionFailure::NoData => return None,
    };
    let violation = Violation::new(detail);
    if let ResolutionFailure::TooManyCnames { .. } = failure {
        return Some(violation.with_doubt(Some(Doubt::Undocumented)).with_remedy(SHORTEN));
    }
    if failure.is_answer() {
        // Another resolver may follow another CNAME record.
        let competing = resolution.competing_aliases().map(|_| Doubt::Undocumented);
        return Some(violation.with_doubt(doubt::of_second_view(observation).or(competing)));
    }
    // The domain may be healthy, so the remedy concerns the prober.
    let doubt =
        doubt::of_second_view(observation).or_else(|| doubt::of_nameserver(observation, failure));
    let remedy = match doubt {
        Some(Doubt::Prober(UndecidedReason::ResolverSilent)) => {
            let first = match failure {
                ResolutionFailure::TcpFailed { .. } => {
                    "Let the prober reach its nameservers over TCP as well as UDP (port 53), or set others with "
                }
                _ => "Make the nameservers that this prober uses answer again, or set others with ",
            };
            Some(Remedy::from(first).setting(ProberSetting::Nameservers).text("."))
        }
        Some(Doubt::Prober(UndecidedReason::OwnFailure)) => doubt::own_remedy(observation),
        Some(Doubt::Prober(UndecidedReason::ScrapeTimeoutTooShort)) => {
            Some(longer(Remedy::from("Make the scrape timeout")))
        }
        Some(Doubt::Prober(UndecidedReason::NotEnoughTime)) => {
            Some(longer(Remedy::from("Make ").setting(ProberSetting::Deadline)))
        }
        _ => None,
    };
    Some(violation.with_doubt(doubt).with_any_remedy(remedy))
}

/// Returns the violation if one family has addresses, but this machine lacked the resources to
/// query the other one, which CloudFront may use.
fn not_asked(observation: &Observation, resolution: &Resolution) -> Option<Violation> {
    let (family, detail) = resolution.answers.iter().find_map(|answer| match &answer.outcome {
        Err(ResolutionFailure::NotAsked { shortage: Some(_), detail }) => {
            Some((answer.family, detail))
        }
        _ => None,
    })?;
    let domain = observation.origin.domain();
    let records = family.record_type();
    let detail = format!("the prober could not query the {records} records of {domain}: {detail}");
    let doubt = Some(Doubt::Prober(UndecidedReason::OwnFailure));
    let violation = Violation::new(detail).with_doubt(doubt);
    Some(violation.with_any_remedy(doubt::own_remedy(observation)))
}

/// Returns the violation if the name resolves through more CNAME records than many resolvers
/// follow.
fn long_chain(observation: &Observation, resolution: &Resolution) -> Option<Violation> {
    let aliases = resolution.aliases();
    (aliases > FOLLOWED_BY_MANY).then(|| {
        let domain = observation.origin.domain();
        Violation::new(format!(
            "{domain} resolves through {aliases} CNAME records; many resolvers follow 8 to 16, and AWS \
             does not document how many CloudFront follows"
        ))
        .with_doubt(Some(Doubt::Undocumented))
        .with_remedy(SHORTEN)
    })
}

/// The limit of well-known resolvers: Unbound and BIND 9.20 follow 11, older BIND and others 16.
const FOLLOWED_BY_MANY: usize = 16;

const SHORTEN: &str = "Shorten the chain of CNAME records. Point the origin domain to the name that has the addresses.";

/// Appends how long DNS may take.
fn longer(what: Remedy) -> Remedy {
    what.text(" longer than DNS can take: 5 s for each of two attempts at each nameserver.")
}

/// A nameserver as the subject of a sentence.
pub(super) struct Nameserver(pub(super) Option<SocketAddr>);

impl fmt::Display for Nameserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nameserver) => write!(f, "the nameserver {nameserver}"),
            None => f.write_str("the nameserver"),
        }
    }
}
