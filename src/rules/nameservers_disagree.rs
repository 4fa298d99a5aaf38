//! DNS says one thing here and another there: two views of it, or two nameservers of one view.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use crate::cloudfront::Page;
use crate::cloudfront::Reach;
use crate::cloudfront::reach;
use crate::observation::ChainLength;
use crate::observation::Family;
use crate::observation::FamilyAnswer;
use crate::observation::Observation;
use crate::observation::Resolution;
use crate::observation::ResolutionFailure;

use super::Check;
use super::Rule;
use super::doubt;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::remedy::ProberSetting;
use super::remedy::Remedy;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "nameservers-disagree",
    title: "Nameservers give different answers, or one of them gives none",
    effect: Effect::Notice,
    basis: Basis::Documented,
    status: None,
    citation: Page::BAD_GATEWAY.section("http-502-dns-error"),
    remedy: "If the difference is meant (split-horizon DNS), let the prober ask public resolvers; otherwise correct the zone.",
    explanation: "CloudFront uses public DNS. Where the prober's own view has no address for it and the second one has, the public answer was probed. With resolver.check_all every nameserver is asked, as Amazon advises: one that denies what others have, has only addresses out of CloudFront's reach, or does not answer is a failed lookup whenever it is its turn. That nameservers give different public addresses is no finding: load balancers rotate them, and some answer each network with the nearest. A name with several CNAME records contradicts itself: one is allowed, and resolvers differ in which of them they follow.",
    repair: &repair::NAMESERVERS,
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
        "for {} our nameserver gives {}, the one that confirms gives {}",
        observation.origin.domain(),
        show(&ours),
        show(&public)
    );
    Some(
        Violation::new(detail).with_remedy(
            Remedy::from("If the difference is meant (split-horizon DNS), set ")
                .setting(ProberSetting::Nameservers)
                .text(" to public resolvers; otherwise correct the zone."),
        ),
    )
}

/// Returns what speaks against names that have more than one CNAME record, each once.
fn several_aliases(first: &Resolution) -> Vec<Violation> {
    let second = first.confirmation.iter().flat_map(|second| &second.answers);
    let answers = first.answers.iter().chain(second).chain(&first.each_nameserver);
    let mut said = BTreeSet::new();
    let competing = answers.filter_map(|answer| answer.competing_aliases.as_ref());
    competing
        .filter(|aliases| said.insert(aliases.name.to_ascii_lowercase()))
        .map(|aliases| {
            let detail = format!(
                "{} has several CNAME records ({}); one is allowed, and resolvers differ in which of \
                 them they follow",
                aliases.name,
                aliases.targets.join(", ")
            );
            let remedy = format!("Keep one CNAME record of {}, and delete the others.", aliases.name);
            Violation::new(detail).with_remedy(remedy)
        })
        .collect()
}

/// Returns what speaks against single nameservers, family by family: silence and failure where
/// another one answers, and less than the best answer. Each is said once, not for A and AAAA alike.
fn of_each_nameserver(observation: &Observation, answers: &[FamilyAnswer]) -> Vec<Violation> {
    let families: BTreeSet<Family> = answers.iter().map(|answer| answer.family).collect();
    let mut said = BTreeSet::new();
    let mut violations = Vec::new();
    for family in families {
        let of_family = || answers.iter().filter(move |answer| answer.family == family);
        let best = of_family().filter_map(Worth::of).max();
        let are_best = || of_family().filter(|answer| Worth::of(answer) == best);
        // Where none of them answers, the fault is not one nameserver's.
        let (Some(_), Some(first)) = (best, are_best().next()) else { continue };
        let witnesses = Witnesses { first, more: are_best().count() - 1 };
        for answer in of_family().filter(|answer| Worth::of(answer) != best) {
            let Some(nameserver) = answer.nameserver else { continue };
            let kind = answer.outcome.as_ref().err().map(ResolutionFailure::kind);
            // A timeout while we ourselves were late tells nothing, nor a question that was not sent.
            let is_ours = kind == Some(TIMEOUT) && doubt::of_timeout(observation).is_some()
                || matches!(answer.outcome, Err(ResolutionFailure::NotAsked { .. }));
            if is_ours || !said.insert((nameserver, kind)) {
                continue;
            }
            let (domain, record_type) = (observation.origin.domain(), family.record_type());
            let said = Said(answer);
            let detail = format!(
                "asked for {record_type} records of {domain}, {nameserver} {said}, while {witnesses}"
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

const REMEDY_FOR_LESS: &str = "Make every nameserver of the zone serve the same records: look for a secondary that was not updated, a delegation to an old provider or a private zone of the same name.";

const REMEDY_FOR_FAILURE: &str = "Ask this nameserver directly (dig @nameserver name) and repair it, or take it out of the zone's delegation and of ";

/// What an answer is worth to CloudFront.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    NoAddress,
    OnlyAddressesOutOfReach,
    PublicAddresses,
}

impl Worth {
    /// Returns none where the nameserver failed to answer.
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

/// What a nameserver said, as a predicate.
struct Said<'a>(&'a FamilyAnswer);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Err(failure) = &self.0.outcome else {
            let addresses = addresses(self.0);
            return write!(f, "gives only {addresses}, out of CloudFront's reach");
        };
        match failure {
            ResolutionFailure::NxDomain => f.write_str("says that it does not exist (NXDOMAIN)"),
            ResolutionFailure::NoData => f.write_str("has no such record"),
            ResolutionFailure::CnameLoop => f.write_str("leads in a circle of CNAMEs"),
            ResolutionFailure::TooManyCnames { length: ChainLength::Exactly(aliases) } => {
                write!(f, "fails (SERVFAIL) on {aliases} aliases")
            }
            ResolutionFailure::TooManyCnames { length: ChainLength::MoreThan(aliases) } => {
                write!(f, "leads through more than {aliases} aliases")
            }
            ResolutionFailure::ServFail => f.write_str("fails (SERVFAIL)"),
            ResolutionFailure::Refused => f.write_str("refuses to answer (REFUSED)"),
            ResolutionFailure::OtherCode { code } => write!(f, "answers with the code {code}"),
            ResolutionFailure::TcpFailed { detail } => {
                write!(f, "truncates its answer by UDP and fails by TCP: {detail}")
            }
            ResolutionFailure::NotAsked { detail, .. } => write!(f, "could not be asked: {detail}"),
            ResolutionFailure::TimedOut { waited } | ResolutionFailure::OutOfTime { waited } => {
                write!(f, "did not answer within {:.1} s", waited.as_secs_f64())
            }
            ResolutionFailure::Unusable { detail } => write!(f, "gave no usable answer: {detail}"),
        }?;
        match self.0.cnames.last() {
            Some(last) => write!(f, ", by the CNAME {last}"),
            None => Ok(()),
        }
    }
}

/// Those whose answer is the best, as a sentence.
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
        let is_one = self.more == 0;
        if self.first.outcome.is_err() {
            return f.write_str(if is_one { "answers" } else { "answer" });
        }
        write!(f, "{} {}", if is_one { "gives" } else { "give" }, addresses(self.first))
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

#[cfg(test)]
mod tests;
