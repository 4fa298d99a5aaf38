//! The result of one host's requests at one origin.

use std::collections::{HashMap, HashSet};

use crate::distribution::{Derivation, DerivedOrigin, HostForwarding, Route, ViewerHost};
use crate::origin::{DomainName, OriginKey};
use crate::rules::ViewerError;
use crate::verdict::{Answer, CompactVerdict, Violated};

use super::{Place, ProtocolPolicy, ViewerProtocol};

/// The result of requests at one origin.
#[derive(Debug)]
pub(super) enum Leg<'a> {
    /// The origin could not be derived from the distribution.
    NotDerived,
    /// CloudFront speaks plain HTTP to it, or it is not judged for another reason.
    NotJudged,
    Answers,
    Undecided,
    Fails(LegFailure<'a>),
}

/// How requests at one origin fail.
#[derive(Debug)]
pub(super) struct LegFailure<'a> {
    pub(super) status: Option<u16>,
    verdict: &'a CompactVerdict,
    targets: Vec<usize>,
}

impl LegFailure<'_> {
    /// Returns the errors that viewers get, one for each cause.
    pub(super) fn causes(&self) -> impl Iterator<Item = ViewerError> {
        let concerns = |target: Option<usize>| target.is_none_or(|t| self.targets.contains(&t));
        let violations = self.verdict.violations.iter();
        violations
            .filter(move |violated| violated.counts_as_failing && concerns(violated.target()))
            .filter_map(|violated| violated.rule().class.error)
    }
}

/// Returns the result of requests over plain HTTP. They depend on the address of the origin, but on
/// nothing else that was judged.
fn without_tls(verdict: &CompactVerdict) -> Leg<'_> {
    let concerns = |violated: &&Violated| violated.rule().class.applies_to_http;
    let mut violations = verdict.violations.iter().filter(concerns);
    let targets = (0..verdict.targets.len()).collect();
    match violations.clone().find(|violated| violated.counts_as_failing) {
        Some(violated) => Leg::Fails(LegFailure { status: violated.status(), verdict, targets }),
        None if violations.any(|violated| violated.undecided_reason.is_some()) => Leg::Undecided,
        None => Leg::NotJudged,
    }
}

/// Every origin of a distribution with its verdict, by id and viewer host.
#[derive(Debug)]
pub(super) struct Places<'a> {
    by_id: HashMap<&'a str, Vec<Standing<'a>>>,
}

#[derive(Debug)]
struct Standing<'a> {
    derived: &'a DerivedOrigin,
    verdict: Option<&'a CompactVerdict>,
    targets: HashMap<&'a DomainName, usize>,
    /// The hosts of its viewers; empty if it is the only origin with its id.
    hosts: HashSet<&'a DomainName>,
}

impl<'a> Places<'a> {
    pub(super) fn of(
        derivation: &'a Derivation,
        verdict_of: impl Fn(&OriginKey) -> Option<&'a CompactVerdict>,
    ) -> Self {
        let mut by_id: HashMap<&str, Vec<Standing<'_>>> = HashMap::new();
        for derived in &derivation.origins {
            let origin = &*derived.origin;
            let targets = origin.targets.iter().enumerate();
            let standing = Standing {
                derived,
                verdict: verdict_of(&origin.key),
                targets: targets.map(|(position, t)| (&t.server_name, position)).collect(),
                hosts: HashSet::new(),
            };
            by_id.entry(&*origin.key.id).or_default().push(standing);
        }
        for standings in by_id.values_mut().filter(|standings| standings.len() > 1) {
            for standing in standings {
                standing.hosts = standing.derived.hosts.iter().map(|h| &h.name).collect();
            }
        }
        Self { by_id }
    }

    /// Returns the result of a route's requests at the origin with this id.
    pub(super) fn reached(
        &self,
        id: &str,
        route: &Route,
        protocol: ViewerProtocol,
        host: Option<&ViewerHost>,
    ) -> (Place, Leg<'a>) {
        let standings = self.by_id.get(id).map(Vec::as_slice).unwrap_or_default();
        let standing = match standings {
            [only] => Some(only),
            several => several
                .iter()
                .find(|standing| host.is_some_and(|host| standing.hosts.contains(&host.name))),
        };
        let key = standing.map(|standing| standing.derived.origin.key.clone());
        let leg = standing.map_or(Leg::NotDerived, |standing| standing.leg(route, protocol, host));
        (Place { id: id.into(), key }, leg)
    }
}

impl<'a> Standing<'a> {
    fn leg(&self, route: &Route, protocol: ViewerProtocol, host: Option<&ViewerHost>) -> Leg<'a> {
        let origin = &self.derived.origin;
        let is_plain = match origin.protocol_policy {
            ProtocolPolicy::HttpOnly => true,
            ProtocolPolicy::MatchViewer => protocol == ViewerProtocol::Http,
            ProtocolPolicy::HttpsOnly => false,
        };
        let Some(verdict) = self.verdict else { return Leg::Undecided };
        if matches!(verdict.conclusion.answer, Answer::NotApplicable(_)) {
            return Leg::NotJudged;
        }
        if is_plain {
            return without_tls(verdict);
        }
        let forwarded = || host.map(|host| &host.name);
        let names: Vec<&DomainName> = match route.host {
            HostForwarding::Forwarded => forwarded().into_iter().collect(),
            HostForwarding::NotForwarded => vec![origin.domain()],
            HostForwarding::Unknown { .. } => {
                std::iter::once(origin.domain()).chain(forwarded()).collect()
            }
        };
        let targets: Vec<usize> =
            names.into_iter().filter_map(|name| self.targets.get(name).copied()).collect();
        let answers = targets.iter().filter_map(|target| verdict.targets.get(*target));
        let answers: Vec<Answer> = answers.map(|conclusion| conclusion.answer).collect();
        if answers.is_empty() {
            return Leg::Undecided;
        }
        if answers.iter().all(|answer| *answer == Answer::Fails) {
            let status = targets
                .first()
                .and_then(|target| verdict.targets.get(*target))
                .and_then(|conclusion| conclusion.status());
            return Leg::Fails(LegFailure { status, verdict, targets });
        }
        match answers.iter().all(|answer| *answer == Answer::Answers) {
            true => Leg::Answers,
            false => Leg::Undecided,
        }
    }
}
