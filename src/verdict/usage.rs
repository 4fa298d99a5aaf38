//! Weighs findings under a server name that CloudFront may not send.

use crate::observation::Observation;
use crate::origin::Usage;
use crate::rules::{Effect, UndecidedReason};

use super::Finding;

/// Drops or weakens findings according to the usage of their server name.
///
/// Findings under the distribution's own domain, which viewers of its aliases do not use, are
/// dropped. If an unknown policy decides between the origin domain and the viewer hosts, a failure
/// under one of them counts only if there is one under the other, too.
pub(super) fn weigh(observation: &Observation, findings: &mut Vec<Finding>) {
    let fails_either_way = {
        let fails_under = |wanted: Alternative| {
            findings.iter().any(|finding| {
                let alternative = finding.target.and_then(|t| Alternative::of(observation, t));
                finding.effect == Effect::Fails && alternative == Some(wanted)
            })
        };
        fails_under(Alternative::OriginDomain) && fails_under(Alternative::ViewerHost)
    };
    let usage_of = |finding: &Finding| finding.target.and_then(|target| usage(observation, target));
    findings.retain(|finding| usage_of(finding) != Some(Usage::OwnDomain));
    for finding in findings {
        match usage_of(finding) {
            Some(Usage::PolicyUnknown) if finding.effect == Effect::Fails && !fails_either_way => {
                finding.effect = Effect::MayFail;
                finding.undecided_reason = Some(UndecidedReason::PolicyUnknown);
                finding.counts_as_failing = false;
            }
            Some(Usage::PolicyUnknown | Usage::OwnDomain | Usage::Certain) | None => {}
        }
    }
}

/// Returns whether the endpoints of a target count as judged.
pub(super) fn counts(observation: &Observation, target: usize) -> bool {
    usage(observation, target) != Some(Usage::OwnDomain)
}

/// The server names that an unknown policy decides between.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alternative {
    OriginDomain,
    ViewerHost,
}

impl Alternative {
    fn of(observation: &Observation, target: usize) -> Option<Self> {
        let target = observation.origin.targets.get(target)?;
        let alternative = match target.server_name == *observation.origin.domain() {
            true => Self::OriginDomain,
            false => Self::ViewerHost,
        };
        (target.usage == Usage::PolicyUnknown).then_some(alternative)
    }
}

fn usage(observation: &Observation, target: usize) -> Option<Usage> {
    observation.origin.targets.get(target).map(|target| target.usage)
}
