//! What a finding weighs at a server name that CloudFront may not send.

use std::sync::Arc;

use origin_probe::observation::{Failure, Handshake, NotProbed, Observation};
use origin_probe::origin::{Exemption, ProtocolPolicy, Usage};
use origin_probe::rules::UndecidedReason;
use origin_probe::verdict::{Answer, Conclusion, NotApplicable, judge};

use super::stage::{DOMAIN, address, now, with_handshake};
use crate::common::by_hand;

/// Judges an origin whose servers refuse the server names given as failing.
fn conclusion(targets: &[(&str, Usage, &str)]) -> Conclusion {
    judge(&observed(targets), now()).conclusion
}

fn observed(targets: &[(&str, Usage, &str)]) -> Observation {
    let names: Vec<&str> = targets.iter().map(|(name, ..)| *name).collect();
    let mut origin = by_hand::forwarding(DOMAIN, &names);
    let mut endpoints = Vec::new();
    for (position, (_, usage, state)) in targets.iter().enumerate() {
        origin.targets[position].usage = *usage;
        let endpoint = by_hand::answering(address(1), position, None, now());
        endpoints.push(with_handshake(endpoint, |it| {
            it.failure = (*state == "fails").then_some(Failure::Alert { code: 112 });
        }));
    }
    Observation { endpoints, ..Observation::new(Arc::new(origin), now()) }
}

#[test]
fn a_failure_counts_as_far_as_the_name_is_used() {
    use Usage::{Certain, OwnDomain, PolicyUnknown};
    let (www, a, d1) = ("www.example.com", "a.example.com", "d1.cloudfront.net");
    let unknown = &[UndecidedReason::PolicyUnknown][..];
    let (works, fails) = ("works", "fails");
    for (targets, answer, reasons, ratio) in [
        (&[(www, Certain, fails)][..], Answer::Fails, &[][..], 1.0),
        (&[(www, Certain, works), (d1, OwnDomain, fails)], Answer::Answers, &[], 0.0),
        (&[(www, Certain, fails), (d1, OwnDomain, works)], Answer::Fails, &[], 1.0),
        (
            &[(DOMAIN, PolicyUnknown, fails), (www, PolicyUnknown, works)],
            Answer::Undecided,
            unknown,
            0.0,
        ),
        (&[(DOMAIN, PolicyUnknown, fails), (www, PolicyUnknown, fails)], Answer::Fails, &[], 1.0),
        (&[(a, PolicyUnknown, fails), (DOMAIN, Certain, works)], Answer::Undecided, unknown, 0.0),
        (&[(a, PolicyUnknown, works), (DOMAIN, Certain, fails)], Answer::Fails, &[], 0.5),
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
        endpoint.handshake = Handshake { failure: missed.clone(), ..Handshake::default() };
        let verdict = judge(&observation, now());
        let own = verdict.targets.last().unwrap();
        let found = [&verdict.conclusion, own].map(|conclusion| conclusion.answer);
        assert_eq!(found, expected, "{targets:?}");
    }
}

#[test]
fn an_exempt_origin_is_not_applicable_whatever_was_seen() {
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
        let verdict = judge(&observation, now());
        assert_eq!(verdict.conclusion.answer, Answer::NotApplicable(reason));
        assert!(verdict.findings.is_empty());
    }
}
