//! DNS gives no address for the origin domain.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::cloudfront::Page;
use crate::observation::ChainLength;
use crate::observation::Observation;
use crate::observation::Resolution;
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
    explanation: "CloudFront resolves the origin domain through public DNS for every connection it opens. Where that fails it has no address to connect to. How many CNAME records in a row its resolvers follow is not documented: a chain longer than many resolvers follow is undecided.",
    repair: &repair::UNRESOLVABLE,
    check: Check::Origin(check),
};

fn check(observation: &Observation) -> Option<Violation> {
    let resolution = observation.resolution.as_ref()?;
    if !observation.endpoints.is_empty() || resolution.addresses().next().is_some() {
        return not_asked(observation, resolution).or_else(|| long_chain(observation, resolution));
    }
    // An empty answer is another rule's; of the rest the one that says most about the domain counts,
    // and then the one that says least: while it is open, nothing is known.
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
        Some(last) => format!("{domain}, through its CNAME {last},"),
        None => domain.to_string(),
    };
    let nameserver = Nameserver(answer.nameserver);
    let seconds = |waited: &Duration| waited.as_secs_f64();
    let detail = match failure {
        ResolutionFailure::NxDomain => {
            format!("{nameserver} says that {at_end} does not exist (NXDOMAIN)")
        }
        ResolutionFailure::CnameLoop => {
            format!("{nameserver} leads in a circle of CNAMEs from {domain}")
        }
        ResolutionFailure::TooManyCnames { length: ChainLength::Exactly(aliases) } => {
            format!("{nameserver} fails (SERVFAIL) on the {aliases} aliases (CNAMEs) of {domain}")
        }
        ResolutionFailure::TooManyCnames { length: ChainLength::MoreThan(aliases) } => {
            format!("{domain} leads through more than {aliases} aliases (CNAMEs)")
        }
        ResolutionFailure::NotAsked { detail, .. } => {
            format!("the prober could not ask for {domain}: {detail}")
        }
        ResolutionFailure::OutOfTime { waited } => format!(
            "no nameserver answered for {domain} within the {:.1} s that the probe had",
            seconds(waited)
        ),
        ResolutionFailure::TcpFailed { detail } => format!(
            "{nameserver} truncates its answer for {domain} by UDP, and by TCP it fails: {detail}"
        ),
        ResolutionFailure::Refused => {
            format!("{nameserver} refuses to answer for {domain} (REFUSED)")
        }
        ResolutionFailure::ServFail => format!("{nameserver} fails on {domain} (SERVFAIL)"),
        ResolutionFailure::OtherCode { code } => {
            format!("{nameserver} answers for {domain} with the code {code}")
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
            format!("{nameserver} gives an unusable answer for {domain}: {detail}")
        }
        ResolutionFailure::NoData => return None,
    };
    let violation = Violation::new(format!("{detail}; {NO_HOSTS_FILE}"));
    if let ResolutionFailure::TooManyCnames { .. } = failure {
        return Some(violation.with_doubt(Some(Doubt::Undocumented)).with_remedy(SHORTEN));
    }
    if failure.is_answer() {
        // Another resolver may follow another of them.
        let competing = resolution.competing_aliases().map(|_| Doubt::Undocumented);
        return Some(violation.with_doubt(doubt::of_second_view(observation).or(competing)));
    }
    // The domain may be well, so nothing is to be done about it yet.
    let doubt =
        doubt::of_second_view(observation).or_else(|| doubt::of_nameserver(observation, failure));
    let remedy = match doubt {
        Some(Doubt::Prober(UndecidedReason::ResolverSilent)) => {
            let first = match failure {
                ResolutionFailure::TcpFailed { .. } => {
                    "Let the prober reach its nameservers by TCP as well as by UDP (port 53), or name others under "
                }
                _ => {
                    "Make the nameservers that this prober asks answer again, or name others under "
                }
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
    let violation = violation.with_doubt(doubt);
    Some(match remedy {
        Some(remedy) => violation.with_remedy(remedy),
        None => violation,
    })
}

/// Returns that one family is not known, though the other has addresses: this machine had no means
/// to ask for it, and CloudFront may use it.
fn not_asked(observation: &Observation, resolution: &Resolution) -> Option<Violation> {
    let (family, detail) = resolution.answers.iter().find_map(|answer| match &answer.outcome {
        Err(ResolutionFailure::NotAsked { shortage: Some(_), detail }) => {
            Some((answer.family, detail))
        }
        _ => None,
    })?;
    let domain = observation.origin.domain();
    let records = family.record_type();
    let detail =
        format!("the prober could not ask for the {records} records of {domain}: {detail}");
    let doubt = Some(Doubt::Prober(UndecidedReason::OwnFailure));
    let violation = Violation::new(detail).with_doubt(doubt);
    Some(match doubt::own_remedy(observation) {
        Some(remedy) => violation.with_remedy(remedy),
        None => violation,
    })
}

/// Returns what speaks against a name that resolves, but through more aliases than others follow.
fn long_chain(observation: &Observation, resolution: &Resolution) -> Option<Violation> {
    let aliases = resolution.aliases();
    (aliases > FOLLOWED_BY_MANY).then(|| {
        let domain = observation.origin.domain();
        Violation::new(format!(
            "{domain} leads through {aliases} aliases (CNAMEs); many resolvers follow 8 to 16, and \
             how many CloudFront's follows is not documented"
        ))
        .with_doubt(Some(Doubt::Undocumented))
        .with_remedy(SHORTEN)
    })
}

/// The bounds of well-known resolvers: Unbound and BIND 9.20 follow 11, older BIND and others 16.
const FOLLOWED_BY_MANY: usize = 16;

/// Part of every message that says what DNS does not have: a name that works elsewhere may be there.
pub(super) const NO_HOSTS_FILE: &str = "the hosts file (/etc/hosts) is not consulted";

const SHORTEN: &str = "Shorten the chain of CNAME records: point the origin domain at the name that has the addresses.";

/// Goes on with how long DNS may take.
fn longer(what: Remedy) -> Remedy {
    what.text(" longer than DNS may take: 5 s for each of two attempts at each nameserver.")
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
