//! The rules, judged on observations made by hand: every rule is violated somewhere and holds for
//! a healthy origin, and what the prober may have caused is never held against the origin.

mod chain;
mod connection;
mod doubt;
mod file;
mod hand_made;
mod history;
mod nameservers;
mod negotiation;
mod paths;
mod remedies;
mod sentences;
mod stage;
mod table;
mod usage;

use std::collections::BTreeSet;
use std::sync::Arc;

use origin_probe::observation::{Observation, ResolutionFailure};
use origin_probe::origin::{ProtocolPolicy, Reachability};
use origin_probe::report::Report;
use origin_probe::rules::{RULES, RuleId};
use origin_probe::verdict::{Answer, NotApplicable};

use crate::common::found;
use chain::above_the_connection;
use connection::below_the_certificate;
use doubt::doubtful;
use file::{of_former_roots, of_staples, of_the_file};
use negotiation::of_the_negotiation;
use paths::of_paths;
use stage::{
    Pki, Row, at, bad, end_entity, endpoint, failed, failure, judged, no_route, now, refusal, seen,
    served, silence, unresolved, with_origin, with_prober,
};

/// The rows of all tables but those of `paths`.
fn rows(pki: &Pki) -> Vec<Row> {
    [
        below_the_certificate(pki),
        of_the_negotiation(pki),
        above_the_connection(pki),
        doubtful(pki),
        of_the_file(pki),
        of_staples(pki),
        of_former_roots(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_observation_gets_its_findings_and_no_others() {
    for (story, observation, expected) in rows(&Pki::new()) {
        let report = judged(observation);
        assert_eq!(found(&report), expected, "{story}: {:#?}", report.verdict.findings);
    }
}

#[test]
fn every_rule_is_violated_somewhere_and_holds_for_a_healthy_origin() {
    let violated: BTreeSet<RuleId> = rows(&Pki::new())
        .into_iter()
        .chain(of_paths())
        .flat_map(|(_, observation, _)| judged(observation).verdict.findings)
        .map(|finding| finding.rule.id)
        .collect();
    // SHA-1 and MD5 certificates cannot be made with today's libraries: those of the past are
    // judged in `tests/it/old_signatures.rs`.
    let all: BTreeSet<RuleId> =
        RULES.iter().map(|rule| rule.id).filter(|id| *id != RuleId::SignatureUnsupported).collect();
    assert_eq!(violated, all);
}

#[test]
fn what_cloudfront_never_does_is_not_applicable() {
    let http = with_origin(seen(Vec::new()), |o| o.protocol_policy = ProtocolPolicy::HttpOnly);
    let report = judged(Observation { resolution: None, ..http });
    assert_eq!(report.verdict.conclusion.answer, Answer::NotApplicable(NotApplicable::HttpOnly));
    let closed = |observation| {
        with_origin(observation, |o| o.reachable_from_here = Reachability::Unreachable)
    };
    let resolves = Observation { resolution: Some(at(1)), ..seen(Vec::new()) };
    let report = judged(closed(resolves));
    assert_eq!(
        report.verdict.conclusion.answer,
        Answer::NotApplicable(NotApplicable::UnreachableFromHere)
    );
    let report = judged(closed(unresolved(ResolutionFailure::NxDomain)));
    assert_eq!(found(&report), bad("origin-domain-unresolvable", 502));
}

#[test]
fn the_ratio_counts_endpoints_that_could_be_judged() {
    let pki = Pki::new();
    let sound = || endpoint(1, pki.sound());
    let expired = || endpoint(2, pki.issue(&end_entity(-90..-1)));
    for (endpoints, ratio) in [
        (vec![sound()], Some(0.0)),
        (vec![sound(), expired()], Some(0.5)),
        (vec![sound(), failed(2, refusal())], Some(0.5)),
        (vec![expired(), failed(3, no_route())], Some(1.0)),
        (vec![failed(3, no_route())], None),
    ] {
        assert_eq!(judged(seen(endpoints)).verdict.conclusion.failing_ratio, ratio);
    }
}

#[test]
fn the_status_is_that_of_the_larger_share_and_502_in_a_tie() {
    for (failures, status) in [
        (vec![refusal(), silence()], 502),
        (vec![refusal(), silence(), silence()], 504),
        (vec![refusal(), refusal(), silence()], 502),
    ] {
        let endpoints = (1..).zip(failures).map(|(last, failure)| failed(last, failure)).collect();
        let report = judged(seen(endpoints));
        assert_eq!(report.verdict.conclusion.status, Some(status));
    }
}

#[test]
fn facts_and_prediction_survive_a_probe_that_reads_no_chain() {
    let pki = Pki::new();
    let first = judged(served(pki.sound()));
    let blind = with_prober(failure(silence()), |prober| prober.last_reached = None);
    let later = now() + jiff::SignedDuration::from_hours(1);
    let second = Report::new(Some(&first.brief), Arc::new(blind), later);
    assert_eq!(second.verdict.conclusion.answer, Answer::Undecided);
    assert_eq!(second.brief.first_failure(), first.brief.first_failure());
    assert!(second.brief.first_failure().is_some());
    assert_eq!(second.brief.targets[0].chain, first.brief.targets[0].chain);
    assert_eq!(second.brief.chain_read_at(), Some(now()));
    let renewed = served(pki.issue(&end_entity(-1..89)));
    let third = Report::new(Some(&second.brief), Arc::new(renewed), later);
    assert_eq!(third.brief.targets[0].certificate_changes, 1);
}

#[test]
fn a_failure_begins_when_it_was_first_seen() {
    let pki = Pki::new();
    let expired = || Arc::new(served(pki.issue(&end_entity(-90..-1))));
    let first = Report::new(None, expired(), now());
    let later = now() + jiff::SignedDuration::from_hours(1);
    let second = Report::new(Some(&first.brief), expired(), later);
    assert_eq!(second.brief.failing_since(), Some(now()));
    assert_eq!(second.brief.first_failure(), Some(now()));
}
