//! DNS answers differ between two views, or between two nameservers of one view.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use crate::cloudfront::{Page, Reach, reach};
use crate::observation::{
    ChainLength, Family, FamilyAnswer, Observation, Resolution, ResolutionFailure,
};

use super::finding::Violation;
use super::remedy::{ProberSetting, Remedy};
use super::{Basis, Check, Class, Rule, RuleId, Topic, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NameserversDisagree,
    name: "nameservers-disagree",
    since: "0.1.0",
    title: "Nameservers give different answers, or one of them gives none",
    class: Class::NOTICE.by(Basis::Documented),
    citation: Page::BAD_GATEWAY.section("http-502-dns-error"),
    remedy: "Correct the zone, or let the prober query public resolvers if the difference is intended (split-horizon DNS).",
    explanation: "CloudFront uses public DNS. origin-probe queries the prober's own nameservers: those in resolver.nameservers or, if there are none, the system's. If they return no public address for the origin domain, it asks the confirming nameservers (resolver.confirm_with), and probes the public addresses that these return. With resolver.check_all, it queries each of the prober's nameservers separately. It queries the nameservers of the zone only if you list them in resolver.nameservers. The finding names a nameserver that can make lookups fail: it denies records that others have, returns only addresses that CloudFront cannot reach, or does not answer. Different public addresses are not a finding, because load balancers rotate them and some nameservers return the nearest one. A name with several CNAME records is a finding, too: only one is allowed, and resolvers differ in which one they follow.",
    repair: Topic::Nameservers,
    check: Check::OriginSeveral(check),
};

fn check(observation: &Observation) -> Vec<Violation> {
    let Some(resolution) = observation.resolution.as_ref() else { return Vec::new() };
    let mut violations: Vec<Violation> = two_views(observation, resolution).into_iter().collect();
    violations.extend(of_each_nameserver(observation, &resolution.each_nameserver));
    violations.extend(several_aliases(resolution));
    violations
}

fn two_views(observation: &Observation, first: &Resolution) -> Option<Violation> {
    let second = first.confirmation.as_ref()?;
    let addresses = |resolution: &Resolution| {
        let mut list: Vec<_> = resolution.addresses().map(|a| a.address).collect();
        list.sort_unstable();
        list
    };
    let (ours, public) = (addresses(first), addresses(second));
    if ours == public || public.is_empty() {
        return None;
    }
    let show = |list: &[IpAddr]| match list {
        [] => "no address".to_owned(),
        list => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let detail = format!(
        "for {}, the prober's nameserver returned {}, and the confirming nameserver returned {}",
        observation.origin.domain(),
        show(&ours),
        show(&public)
    );
    Some(
        Violation::new(detail).with_remedy(
            Remedy::from("Correct the zone, or set ")
                .setting(ProberSetting::Nameservers)
                .text(" to public resolvers if the difference is intended (split-horizon DNS)."),
        ),
    )
}

/// Returns a violation for each name that has more than one CNAME record.
fn several_aliases(first: &Resolution) -> Vec<Violation> {
    let second = first.confirmation.iter().flat_map(|second| &second.answers);
    let answers = first.answers.iter().chain(second).chain(&first.each_nameserver);
    let mut said = BTreeSet::new();
    let competing = answers.filter_map(|answer| answer.competing_aliases.as_ref());
    competing
        .filter(|aliases| said.insert(aliases.name.to_ascii_lowercase()))
        .map(|aliases| {
            let detail = format!(
                "{} has several CNAME records ({}); only one is allowed, and resolvers differ in which \
                 one they follow",
                aliases.name,
                aliases.targets.join(", ")
            );
            let remedy = format!("Keep one CNAME record of {} and delete the others.", aliases.name);
            Violation::new(detail).with_remedy(remedy)
        })
        .collect()
}

/// Returns the violations of single nameservers, for each family: no answer or a failure although
/// another nameserver answers, or a worse answer than the best one. Each is reported once, not
/// separately for A and AAAA.
fn of_each_nameserver(observation: &Observation, answers: &[FamilyAnswer]) -> Vec<Violation> {
    let families: BTreeSet<Family> = answers.iter().map(|answer| answer.family).collect();
    let mut said = BTreeSet::new();
    let mut violations = Vec::new();
    for family in families {
        let of_family = || answers.iter().filter(move |answer| answer.family == family);
        let best = of_family().filter_map(Worth::of).max();
        let are_best = || of_family().filter(|answer| Worth::of(answer) == best);
        // If none of them answers, the fault is not that of a single nameserver.
        let (Some(_), Some(first)) = (best, are_best().next()) else { continue };
        let witnesses = Witnesses { first, more: are_best().count() - 1 };
        for answer in of_family().filter(|answer| Worth::of(answer) != best) {
            let Some(nameserver) = answer.nameserver else { continue };
            let kind = answer.outcome.as_ref().err().map(ResolutionFailure::kind);
            // A timeout proves nothing while the prober itself was late, nor does an unsent query.
            let is_ours = kind == Some(TIMEOUT) && doubt::of_timeout(observation).is_some()
                || matches!(answer.outcome, Err(ResolutionFailure::NotAsked { .. }));
            if is_ours || !said.insert((nameserver, kind)) {
                continue;
            }
            let (domain, record_type) = (observation.origin.domain(), family.record_type());
            let said = Said(answer);
            let detail = format!(
                "queried for {record_type} records of {domain}, {nameserver} {said}, while {witnesses}"
            );
            let remedy = match Worth::of(answer) {
                Some(_) => Remedy::from(REMEDY_FOR_LESS),
                None => {
                    Remedy::from(REMEDY_FOR_FAILURE).setting(ProberSetting::Nameservers).text(".")
                }
            };
            violations.push(Violation::new(detail).with_remedy(remedy));
        }
    }
    violations
}

/// The kind of a [`ResolutionFailure::TimedOut`].
const TIMEOUT: &str = "timeout";

const REMEDY_FOR_LESS: &str = "Make every nameserver of the zone serve the same records. Look for a secondary that was not updated, a delegation to an old provider, or a private zone of the same name.";

const REMEDY_FOR_FAILURE: &str = "Query this nameserver directly (dig @nameserver name) and repair it, or remove it from the zone's delegation and from ";

/// How useful an answer is to CloudFront.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    NoAddress,
    OnlyAddressesOutOfReach,
    PublicAddresses,
}

impl Worth {
    /// Returns `None` if the nameserver failed to answer.
    fn of(answer: &FamilyAnswer) -> Option<Self> {
        match &answer.outcome {
            Ok(addresses) => {
                let has_public = addresses.iter().any(|a| reach(a.address) == Reach::Public);
                Some(if has_public { Self::PublicAddresses } else { Self::OnlyAddressesOutOfReach })
            }
            Err(failure) => failure.is_answer().then_some(Self::NoAddress),
        }
    }
}

/// A nameserver's answer, as the predicate of a sentence.
struct Said<'a>(&'a FamilyAnswer);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Err(failure) = &self.0.outcome else {
            let addresses = addresses(self.0);
            return write!(f, "returned only {addresses}, which CloudFront cannot reach");
        };
        match failure {
            ResolutionFailure::NxDomain => {
                f.write_str("reported that it does not exist (NXDOMAIN)")
            }
            ResolutionFailure::NoData => f.write_str("returned no such record"),
            ResolutionFailure::CnameLoop => f.write_str("returned a loop of CNAME records"),
            ResolutionFailure::TooManyCnames { length: ChainLength::Exactly(aliases) } => {
                write!(f, "failed (SERVFAIL) on {aliases} CNAME records")
            }
            ResolutionFailure::TooManyCnames { length: ChainLength::MoreThan(aliases) } => {
                write!(f, "returned more than {aliases} CNAME records")
            }
            ResolutionFailure::ServFail => f.write_str("failed (SERVFAIL)"),
            ResolutionFailure::Refused => f.write_str("refused to answer (REFUSED)"),
            ResolutionFailure::OtherCode { code } => {
                write!(f, "answered with response code {code}")
            }
            ResolutionFailure::TcpFailed { detail } => {
                write!(f, "truncated its UDP answer and failed over TCP: {detail}")
            }
            ResolutionFailure::NotAsked { detail, .. } => {
                write!(f, "could not be queried: {detail}")
            }
            ResolutionFailure::TimedOut { waited } | ResolutionFailure::OutOfTime { waited } => {
                write!(f, "did not answer within {:.1} s", waited.as_secs_f64())
            }
            ResolutionFailure::Unusable { detail } => {
                write!(f, "gave an unusable answer: {detail}")
            }
        }?;
        match self.0.cnames.last() {
            Some(last) => write!(f, " (through the CNAME {last})"),
            None => Ok(()),
        }
    }
}

/// The nameservers with the best answer, as a clause.
struct Witnesses<'a> {
    first: &'a FamilyAnswer,
    more: usize,
}

impl fmt::Display for Witnesses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nameserver) = self.first.nameserver {
            write!(f, "{nameserver} ")?;
        }
        if self.more > 0 {
            write!(f, "and {} more ", self.more)?;
        }
        if self.first.outcome.is_err() {
            return f.write_str("answered");
        }
        write!(f, "returned {}", addresses(self.first))
    }
}

fn addresses(answer: &FamilyAnswer) -> String {
    let mut addresses: Vec<IpAddr> = answer.addresses().map(|a| a.address).collect();
    addresses.sort_unstable();
    let mut shown: Vec<String> = addresses.iter().take(SHOWN).map(ToString::to_string).collect();
    if addresses.len() > SHOWN {
        shown.push(format!("and {} more", addresses.len() - SHOWN));
    }
    shown.join(", ")
}

/// More addresses than this make a sentence unreadable.
const SHOWN: usize = 4;
