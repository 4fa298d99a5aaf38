//! Prediction: judges the same observation at later instants.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::observation::{Endpoint, Observation};
use crate::origin::Usage;
use crate::rules::turning_points;

use super::Answer;
use super::judge::judge;

/// When an origin will first fail, according to its certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstFailure {
    /// For the origin: the earliest over its targets.
    pub origin: Option<Timestamp>,
    /// For each of its targets.
    pub targets: Vec<Option<Timestamp>>,
}

/// Returns the earliest instants ≥ `now` at which [`judge`] fails.
///
/// Only certificates change by themselves, so judging at `now`, at each `notBefore` and at the
/// second after each `notAfter` finds every change (`notAfter` itself is still valid, RFC 5280
/// §4.1.2.5).
///
/// Server names that this probe left out, and that only an earlier probe observed, are ignored: for
/// those targets nothing has changed.
pub fn first_failure(observation: &Observation, now: Timestamp) -> FirstFailure {
    let observation = &*in_turn(observation);
    let mut instants: Vec<Timestamp> = observation
        .chains()
        .flat_map(|(_, chain)| turning_points(chain))
        .filter(|instant| *instant > now)
        .chain([now])
        .collect();
    instants.sort_unstable();
    instants.dedup();
    let mut first =
        FirstFailure { origin: None, targets: vec![None; observation.origin.targets.len()] };
    for at in instants {
        let verdict = judge(observation, at);
        for (target, conclusion) in first.targets.iter_mut().zip(&verdict.targets) {
            if conclusion.answer == Answer::Fails {
                target.get_or_insert(at);
            }
        }
        if verdict.conclusion.answer == Answer::Fails {
            first.origin.get_or_insert(at);
        }
        if first.targets.iter().all(Option::is_some) {
            break;
        }
    }
    first
}

/// Returns only what this probe itself observed. The work is quadratic in the number of server
/// names, and there may be ten thousand.
fn in_turn(observation: &Observation) -> Cow<'_, Observation> {
    let probed: BTreeSet<usize> = observation
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.probed_at == observation.started_at)
        .map(|endpoint| endpoint.target)
        .collect();
    let is_own = |endpoint: &Endpoint| probed.contains(&endpoint.target);
    // If a policy is unknown, the verdict of one name depends on that of another.
    let are_apart = observation.origin.targets.iter().all(|t| t.usage != Usage::PolicyUnknown);
    if !are_apart || observation.endpoints.iter().all(is_own) {
        return Cow::Borrowed(observation);
    }
    let own = observation.endpoints.iter().filter(|endpoint| is_own(endpoint)).cloned();
    Cow::Owned(Observation {
        origin: Arc::clone(&observation.origin),
        resolution: observation.resolution.clone(),
        endpoints: own.collect(),
        prober: observation.prober.clone(),
        ..*observation
    })
}
