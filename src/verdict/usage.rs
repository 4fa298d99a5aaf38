//! What a finding weighs at a server name of which it is not certain that CloudFront sends it.

use crate::observation::Observation;
use crate::origin::Usage;
use crate::rules::Effect;
use crate::rules::UndecidedReason;

use super::Finding;

/// Takes from each finding what the usage of its server name does not bear out.
///
/// Under the distribution's own domain, which viewers of its aliases do not use, nothing counts. Where an unknown policy
/// decides between the origin domain and the viewers' hosts, a failure under the one is a failure
/// only if there is one under the other, too.
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

/// Tells whether the endpoints of a target count among those that were judged.
pub(super) fn counts(observation: &Observation, target: usize) -> bool {
    usage(observation, target) != Some(Usage::OwnDomain)
}

/// What an unknown policy decides between.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::observation::Endpoint;
    use crate::observation::Failure;
    use crate::observation::NotProbed;
    use crate::observation::Observation;
    use crate::origin::Exemption;
    use crate::origin::Origin;
    use crate::origin::ProtocolPolicy;
    use crate::origin::Target;
    use crate::origin::Usage;
    use crate::verdict::Conclusion;
    use crate::verdict::judge;

    const DOMAIN: &str = "origin.example.com";

    /// Judges an origin whose servers refuse the server names given as failing.
    fn conclusion(targets: &[(&str, Usage, &str)]) -> Conclusion {
        judge(&observed(targets), "2026-06-01T00:00:00Z".parse().unwrap()).conclusion
    }

    fn observed(targets: &[(&str, Usage, &str)]) -> Observation {
        let mut origin = Origin::with_defaults(DOMAIN.parse().unwrap());
        let domain = origin.domain().clone();
        let target = |(name, usage, _): &(&str, Usage, &str)| Target {
            usage: *usage,
            ..Target::forwarded(&name.parse().unwrap(), &domain)
        };
        origin.targets = targets.iter().map(target).collect();
        let at = "2026-06-01T00:00:00Z".parse().unwrap();
        let address = "192.0.2.1".parse().unwrap();
        let endpoints = targets.iter().enumerate().map(|(position, (_, _, state))| Endpoint {
            failure: (*state == "fails").then_some(Failure::Alert { code: 112 }),
            connect_time: Some(Duration::from_millis(1)),
            ..Endpoint::new(address, position, at)
        });
        Observation { endpoints: endpoints.collect(), ..Observation::new(Arc::new(origin), at) }
    }

    #[test]
    fn a_failure_counts_as_far_as_the_name_is_used() {
        use Usage::Certain;
        use Usage::OwnDomain;
        use Usage::PolicyUnknown;
        for (targets, answer, reasons, ratio) in [
            (&[("www.example.com", Certain, "fails")][..], "fails", &[][..], 1.0),
            (
                &[("www.example.com", Certain, "works"), ("d1.cloudfront.net", OwnDomain, "fails")],
                "answers",
                &[],
                0.0,
            ),
            (
                &[("www.example.com", Certain, "fails"), ("d1.cloudfront.net", OwnDomain, "works")],
                "fails",
                &[],
                1.0,
            ),
            (
                &[(DOMAIN, PolicyUnknown, "fails"), ("www.example.com", PolicyUnknown, "works")],
                "undecided",
                &["policy-unknown"],
                0.0,
            ),
            (
                &[(DOMAIN, PolicyUnknown, "fails"), ("www.example.com", PolicyUnknown, "fails")],
                "fails",
                &[],
                1.0,
            ),
            (
                &[("a.example.com", PolicyUnknown, "fails"), (DOMAIN, Certain, "works")],
                "undecided",
                &["policy-unknown"],
                0.0,
            ),
            (
                &[("a.example.com", PolicyUnknown, "works"), (DOMAIN, Certain, "fails")],
                "fails",
                &[],
                0.5,
            ),
        ] {
            let conclusion = conclusion(targets);
            assert_eq!(conclusion.answer.as_str(), answer, "{targets:?}");
            let given: Vec<&str> =
                conclusion.undecided_reasons.iter().map(|reason| reason.as_str()).collect();
            assert_eq!(given, reasons, "{targets:?}");
            assert_eq!(conclusion.failing_ratio, Some(ratio), "{targets:?}");
        }
    }

    #[test]
    fn a_name_that_perhaps_nobody_uses_and_that_was_not_reached_is_undecided_by_itself() {
        let own = ("d1.cloudfront.net", Usage::OwnDomain, "works");
        let missed = Some(Failure::NotProbed { reason: NotProbed::OutOfTime });
        for (targets, expected) in [
            (&[("www.example.com", Usage::Certain, "works"), own][..], ["answers", "undecided"]),
            (&[own][..], ["undecided", "undecided"]),
        ] {
            let mut observation = observed(targets);
            let endpoint = observation.endpoints.last_mut().unwrap();
            (endpoint.failure, endpoint.connect_time) = (missed.clone(), None);
            let verdict = judge(&observation, "2026-06-01T00:00:00Z".parse().unwrap());
            let own = verdict.targets.last().unwrap();
            let found = [&verdict.conclusion, own].map(|conclusion| conclusion.answer.as_str());
            assert_eq!(found, expected, "{targets:?}");
        }
    }

    #[test]
    fn an_exempt_origin_is_not_applicable_whatever_was_seen() {
        let at = "2026-06-01T00:00:00Z".parse().unwrap();
        for (exemption, policy, words) in [
            (Some(Exemption::VpcOrigin), ProtocolPolicy::HttpsOnly, "a VPC origin"),
            (Some(Exemption::OriginAccessControl), ProtocolPolicy::MatchViewer, "an S3 bucket"),
            (Some(Exemption::Unused), ProtocolPolicy::HttpOnly, "no behavior"),
            (None, ProtocolPolicy::HttpOnly, "CloudFront speaks plain HTTP"),
        ] {
            let mut observation = observed(&[(DOMAIN, Usage::Certain, "fails")]);
            let origin = Arc::make_mut(&mut observation.origin);
            origin.exemption = exemption;
            origin.protocol_policy = policy;
            assert!(!observation.origin.is_judged());
            let verdict = judge(&observation, at);
            let crate::verdict::Answer::NotApplicable(reason) = verdict.conclusion.answer else {
                panic!("{exemption:?}: {:?}", verdict.conclusion);
            };
            assert!(reason.as_str().starts_with(words), "{}", reason.as_str());
            assert!(verdict.findings.is_empty());
        }
    }
}
