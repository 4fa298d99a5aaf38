//! Judges an observation at one instant.

use jiff::Timestamp;

use crate::observation::{Endpoint, Observation};
use crate::origin::{Origin, ProtocolPolicy, Reachability};
use crate::rules::{Basis, Doubt, Effect, RULES, ReadIn, Rule, UndecidedReason, Violation};

use super::usage::{counts, weigh};
use super::{Answer, Conclusion, Finding, NotApplicable, Share, Verdict};

/// Judges one observation as of `at`. It uses neither a clock nor a trust store.
pub fn judge(observation: &Observation, at: Timestamp) -> Verdict {
    let targets = observation.origin.targets.len();
    if let Some(reason) = not_applicable(&observation.origin) {
        let conclusion = Conclusion::not_applicable(reason);
        return Verdict {
            targets: vec![conclusion.clone(); targets],
            conclusion,
            findings: Vec::new(),
        };
    }
    let mut findings: Vec<Finding> = RULES
        .iter()
        .flat_map(|rule| {
            let violations = rule.violations(observation, at).into_iter();
            violations.map(|(position, v)| finding(rule, observation, position, v))
        })
        .collect();
    weigh(observation, &mut findings);
    settle_judged_names(observation, &mut findings);
    let (conclusion, targets) = conclude_all(observation, &findings, targets);
    Verdict { conclusion, targets, findings }
}

/// Returns why an origin is not judged at all.
fn not_applicable(origin: &Origin) -> Option<NotApplicable> {
    let by_exemption = origin.exemption.map(NotApplicable::from);
    let is_http_only = origin.protocol_policy == ProtocolPolicy::HttpOnly;
    by_exemption.or_else(|| is_http_only.then_some(NotApplicable::HttpOnly))
}

impl Conclusion {
    fn without_result(answer: Answer, undecided_reasons: Vec<UndecidedReason>) -> Self {
        let endpoints = Share::default();
        Self { answer, undecided_reasons, status: None, failing_ratio: None, endpoints }
    }

    fn not_applicable(reason: NotApplicable) -> Self {
        Self::without_result(Answer::NotApplicable(reason), Vec::new())
    }

    /// Returns whether the only reason is a missing first probe.
    pub fn is_not_probed_yet(&self) -> bool {
        self.undecided_reasons == [UndecidedReason::NotProbedYet]
    }

    /// Returns the conclusion about an origin that has not been probed yet.
    pub fn not_probed_yet() -> Self {
        Self::without_result(Answer::Undecided, vec![UndecidedReason::NotProbedYet])
    }
}

fn finding(
    rule: &'static Rule,
    observation: &Observation,
    position: Option<usize>,
    violation: Violation,
) -> Finding {
    let endpoint = position.and_then(|position| observation.endpoints.get(position));
    let (effect, basis, reason) = match violation.doubt {
        None if rule.class.effect == Effect::MayFail => {
            (rule.class.effect, rule.class.basis, Some(UndecidedReason::Undocumented))
        }
        None => (rule.class.effect, rule.class.basis, None),
        Some(Doubt::OtherAddressesAnswer | Doubt::Undocumented) => (
            rule.class.effect.min(Effect::MayFail),
            Basis::Inferred,
            Some(UndecidedReason::Undocumented),
        ),
        Some(Doubt::Harmless) => (Effect::Notice, rule.class.basis, None),
        Some(Doubt::Prober(reason)) => {
            (rule.class.effect.min(Effect::MayFail), rule.class.basis, Some(reason))
        }
    };
    let remedy = violation.remedy.unwrap_or_else(|| rule.remedy.into());
    Finding {
        rule,
        effect,
        basis,
        status: if effect == Effect::Notice { None } else { rule.status() },
        endpoint: position,
        target: endpoint.map(|endpoint| endpoint.target),
        server_name: endpoint
            .and_then(|endpoint| observation.target_of(endpoint))
            .map(|target| target.server_name.clone()),
        address: endpoint.map(|endpoint| endpoint.address),
        detail: cut(violation.detail),
        remedy: remedy.read_in(ReadIn::Daemon),
        remedy_in_check: remedy.read_in(ReadIn::Check),
        sure_remedy: remedy,
        repair: violation.repair.unwrap_or(rule.repair),
        undecided_reason: reason,
        counts_as_failing: effect == Effect::Fails
            || violation.doubt == Some(Doubt::OtherAddressesAnswer),
    }
}

/// Truncates a sentence that quotes too many of an origin's names.
fn cut(mut detail: String) -> String {
    if detail.len() > LONGEST_DETAIL {
        detail.truncate(detail.floor_char_boundary(LONGEST_DETAIL));
        detail.push('…');
    }
    detail
}

/// Clears the undecided reason of addresses that were not probed if their server name was judged at
/// another address: the name keeps that verdict.
fn settle_judged_names(observation: &Observation, findings: &mut [Finding]) {
    let mut is_judged = vec![false; observation.origin.targets.len()];
    for endpoint in observation.endpoints.iter().filter(|endpoint| endpoint.was_probed()) {
        if let Some(is_judged) = is_judged.get_mut(endpoint.target) {
            *is_judged = true;
        }
    }
    for finding in findings.iter_mut().filter(|finding| is_of_unprobed(observation, finding)) {
        // A shortage is temporary: the next probe may get another verdict there.
        if finding.undecided_reason == Some(UndecidedReason::OwnFailure) {
            continue;
        }
        if finding.target.and_then(|target| is_judged.get(target)) == Some(&true) {
            finding.undecided_reason = None;
        }
    }
}

/// Returns whether a finding only reports that an endpoint was not probed.
pub(super) fn is_of_unprobed(observation: &Observation, finding: &Finding) -> bool {
    let endpoint = finding.endpoint.and_then(|position| observation.endpoints.get(position));
    finding.rule.class.effect == Effect::Notice && endpoint.is_some_and(|e| !e.was_probed())
}

/// Returns the conclusion over all endpoints, and those over the endpoints of each target.
fn conclude_all(
    observation: &Observation,
    findings: &[Finding],
    targets: usize,
) -> (Conclusion, Vec<Conclusion>) {
    // A single pass: there may be ten thousand server names.
    let mut judged_of = vec![0; targets];
    let mut judged = 0;
    let mut is_known = vec![observation.endpoints.is_empty(); targets];
    for endpoint in &observation.endpoints {
        if let Some(is_known) = is_known.get_mut(endpoint.target) {
            *is_known = true;
        }
        if endpoint.was_probed() && !endpoint.is_other_outcome {
            if let Some(of_target) = judged_of.get_mut(endpoint.target) {
                *of_target += 1;
            }
            judged += usize::from(counts(observation, endpoint.target));
        }
    }
    let mut findings_of: Vec<Vec<&Finding>> = vec![Vec::new(); targets];
    let mut of_origin = Vec::new();
    for finding in findings {
        match finding.target {
            None => of_origin.push(finding),
            Some(target) => {
                if let Some(of_target) = findings_of.get_mut(target) {
                    of_target.push(finding);
                }
            }
        }
    }
    // A name that may be unused does not affect the origin's verdict if another name has one.
    let is_used = |finding: &&Finding| {
        judged == 0 || finding.target.is_none_or(|target| counts(observation, target))
    };
    let all: Vec<&Finding> = findings.iter().filter(is_used).collect();
    let has_endpoints = !observation.endpoints.is_empty();
    let is_any_judged = judged_of.iter().any(|judged| *judged > 0);
    let of_targets = findings_of.into_iter().zip(judged_of).zip(is_known);
    let of_targets = of_targets.map(|((own, judged), is_known)| {
        let findings: Vec<&Finding> = of_origin.iter().copied().chain(own).collect();
        let conclusion = conclude(observation, &findings, judged);
        match conclusion.answer {
            // Not probed yet, because an origin may have more server names than one probe covers.
            // Or not reached, without a finding about it.
            Answer::Answers if !is_known || (judged == 0 && has_endpoints) => {
                Conclusion::not_probed_yet()
            }
            _ => conclusion,
        }
    });
    let of_targets = of_targets.collect();
    let of_origin = conclude(observation, &all, judged);
    let is_open = of_origin.answer == Answer::Answers && has_endpoints && !is_any_judged;
    (if is_open { Conclusion::not_probed_yet() } else { of_origin }, of_targets)
}

/// Returns the conclusion from the findings of some endpoints, `judged` of them with a result.
fn conclude(observation: &Observation, findings: &[&Finding], judged: usize) -> Conclusion {
    let fails = findings.iter().any(|finding| finding.effect == Effect::Fails);
    let mut reasons: Vec<UndecidedReason> =
        findings.iter().filter_map(|finding| finding.undecided_reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let is_judged_by_dns_alone = observation.origin.reachable_from_here
        == Reachability::Unreachable
        && observation.endpoints.iter().all(|endpoint| !endpoint.was_reached());
    let answer = match reasons.is_empty() {
        _ if fails => Answer::Fails,
        true if is_judged_by_dns_alone => {
            return Conclusion::not_applicable(NotApplicable::UnreachableFromHere);
        }
        true => Answer::Answers,
        false => Answer::Undecided,
    };
    let (status, failing_ratio, endpoints) = share(observation, findings, judged);
    let undecided_reasons = if fails { Vec::new() } else { reasons };
    let status = status.filter(|_| fails);
    Conclusion { answer, undecided_reasons, status, failing_ratio, endpoints }
}

/// Returns the status of most failing outcomes, and the share of new connections that fail: the mean
/// over the endpoints.
fn share(
    observation: &Observation,
    findings: &[&Finding],
    judged: usize,
) -> (Option<u16>, Option<f64>, Share) {
    let of_origin = findings.iter().find(|f| f.endpoint.is_none() && f.effect == Effect::Fails);
    if let Some(finding) = of_origin {
        return (finding.status, Some(1.0), Share { failing: judged, judged });
    }
    let mut failing: Vec<(usize, u16)> = findings
        .iter()
        .filter(|finding| finding.counts_as_failing)
        .filter_map(|finding| Some((finding.endpoint?, finding.status?)))
        .collect();
    // One status per endpoint: that of its first finding, which is the first step that fails.
    failing.sort_by_key(|(endpoint, _)| *endpoint);
    failing.dedup_by_key(|(endpoint, _)| *endpoint);
    let gateway_timeouts = failing.iter().filter(|(_, status)| *status == 504).count();
    let status = match failing.len() {
        0 => None,
        all if gateway_timeouts * 2 > all => Some(504),
        _ => Some(502),
    };
    let failing: Vec<usize> = failing.into_iter().map(|(endpoint, _)| endpoint).collect();
    let shares = failing_shares(observation, &failing);
    // A chain that was read counts, even if there was no time for the other steps.
    let judged = judged.max(shares.len());
    let ratio = (judged > 0).then(|| shares.iter().sum::<f64>() / judged as f64);
    (status, ratio, Share { failing: shares.len(), judged })
}

/// Returns failed ÷ seen connections of each address and server name with a failing outcome.
/// `failing` has the positions of these outcomes, in order.
fn failing_shares(observation: &Observation, failing: &[usize]) -> Vec<f64> {
    let is_same = |_: &Endpoint, next: &Endpoint| next.is_other_outcome;
    let mut first = 0;
    let mut shares = Vec::new();
    let mut failing = failing.iter().peekable();
    for outcomes in observation.endpoints.chunk_by(is_same) {
        let (mut seen, mut failed) = (0_u32, 0_u32);
        for (position, outcome) in (first..).zip(outcomes) {
            let fails = failing.next_if_eq(&&position).is_some();
            failed += if fails { u32::from(outcome.connections) } else { 0 };
            seen += if fails || outcome.was_probed() { u32::from(outcome.connections) } else { 0 };
        }
        first += outcomes.len();
        if failed > 0 {
            shares.push(f64::from(failed) / f64::from(seen));
        }
    }
    shares
}

/// In bytes: there may be a thousand endpoints, each with several findings.
const LONGEST_DETAIL: usize = 1024;
