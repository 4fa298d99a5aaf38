//! What a finding weighs at a server name that CloudFront may not send.

use std::sync::Arc;
use std::time::Duration;

use origin_probe::observation::{Endpoint, Failure, Handshake, NotProbed, Observation};
use origin_probe::origin::{Exemption, Origin, ProtocolPolicy, Target, Usage};
use origin_probe::rules::UndecidedReason;
use origin_probe::verdict::{Answer, Conclusion, NotApplicable, judge};

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
        handshake: Handshake {
            failure: (*state == "fails").then_some(Failure::Alert { code: 112 }),
            connect_time: Some(Duration::from_millis(1)),
            ..Handshake::default()
        },
        ..Endpoint::new(address, position, at)
    });
    Observation { endpoints: endpoints.collect(), ..Observation::new(Arc::new(origin), at) }
}

#[test]
fn a_failure_counts_as_far_as_the_name_is_used() {
    use Usage::{Certain, OwnDomain, PolicyUnknown};
    for (targets, answer, reasons, ratio) in [
        (&[("www.example.com", Certain, "fails")][..], Answer::Fails, &[][..], 1.0),
        (
            &[("www.example.com", Certain, "works"), ("d1.cloudfront.net", OwnDomain, "fails")],
            Answer::Answers,
            &[],
            0.0,
        ),
        (
            &[("www.example.com", Certain, "fails"), ("d1.cloudfront.net", OwnDomain, "works")],
            Answer::Fails,
            &[],
            1.0,
        ),
        (
            &[(DOMAIN, PolicyUnknown, "fails"), ("www.example.com", PolicyUnknown, "works")],
            Answer::Undecided,
            &[UndecidedReason::PolicyUnknown],
            0.0,
        ),
        (
            &[(DOMAIN, PolicyUnknown, "fails"), ("www.example.com", PolicyUnknown, "fails")],
            Answer::Fails,
            &[],
            1.0,
        ),
        (
            &[("a.example.com", PolicyUnknown, "fails"), (DOMAIN, Certain, "works")],
            Answer::Undecided,
            &[UndecidedReason::PolicyUnknown],
            0.0,
        ),
        (
            &[("a.example.com", PolicyUnknown, "works"), (DOMAIN, Certain, "fails")],
            Answer::Fails,
            &[],
            0.5,
        ),
    ] {
        let conclusion = conclusion(targets);
        assert_eq!(conclusion.answer, answer, "{targets:?}");
        assert_eq!(conclusion.undecided_reasons, reasons, "{targets:?}");
        assert_eq!(conclusion.failing_ratio, Some(ratio), "{targets:?}");
    }
}

#[test]
fn a_name_that_perhaps_nobody_uses_and_that_was_not_reached_is_undecided_by_itself() {
    let own = ("d1.cloudfront.net", Usage::OwnDomain, "works");
    let missed = Some(Failure::NotProbed { reason: NotProbed::OutOfTime });
    for (targets, expected) in [
        (
            &[("www.example.com", Usage::Certain, "works"), own][..],
            [Answer::Answers, Answer::Undecided],
        ),
        (&[own][..], [Answer::Undecided, Answer::Undecided]),
    ] {
        let mut observation = observed(targets);
        let endpoint = observation.endpoints.last_mut().unwrap();
        let handshake = &mut endpoint.handshake;
        (handshake.failure, handshake.connect_time) = (missed.clone(), None);
        let verdict = judge(&observation, "2026-06-01T00:00:00Z".parse().unwrap());
        let own = verdict.targets.last().unwrap();
        let found = [&verdict.conclusion, own].map(|conclusion| conclusion.answer);
        assert_eq!(found, expected, "{targets:?}");
    }
}

#[test]
fn an_exempt_origin_is_not_applicable_whatever_was_seen() {
    let at = "2026-06-01T00:00:00Z".parse().unwrap();
    for (exemption, policy, reason) in [
        (Some(Exemption::VpcOrigin), ProtocolPolicy::HttpsOnly, NotApplicable::VpcOrigin),
        (
            Some(Exemption::OriginAccessControl),
            ProtocolPolicy::MatchViewer,
            NotApplicable::OriginAccessControl,
        ),
        (Some(Exemption::Unused), ProtocolPolicy::HttpOnly, NotApplicable::Unused),
        (None, ProtocolPolicy::HttpOnly, NotApplicable::HttpOnly),
    ] {
        let mut observation = observed(&[(DOMAIN, Usage::Certain, "fails")]);
        let origin = Arc::make_mut(&mut observation.origin);
        origin.exemption = exemption;
        origin.protocol_policy = policy;
        assert!(!observation.origin.is_judged());
        let verdict = judge(&observation, at);
        assert_eq!(verdict.conclusion.answer, Answer::NotApplicable(reason));
        assert!(verdict.findings.is_empty());
    }
}
