//! Origins with very many server names: tenants by the thousand.

use crate::report::Answer;
use crate::report::Report;

/// Up to so many, what their states are is plain from their own series. `probe.max_server_names`
/// is by default the same: an origin with more has some that wait for their turn.
pub(super) const FEW: usize = 20;

/// So many server names of one origin have series of their own. At 17 series each, an origin with
/// 10,000 tenants would cost Prometheus more than all others together.
const MOST: usize = 100;

/// Returns the positions of the server names that have series of their own, in order: all of
/// them, or those that are worst, filled up with the first ones.
pub(super) fn with_series(all: usize, latest: Option<&Report>) -> Vec<usize> {
    if all <= MOST {
        return (0..all).collect();
    }
    let mut has_findings = vec![false; all];
    for finding in latest.iter().flat_map(|report| &report.verdict.findings) {
        if let Some(has_findings) = finding.target.and_then(|target| has_findings.get_mut(target)) {
            *has_findings = true;
        }
    }
    let conclusions = latest.map_or(&[][..], |report| &report.verdict.targets);
    let urgency = |position: usize| match conclusions.get(position) {
        Some(conclusion) if conclusion.answer == Answer::Fails => 0,
        Some(conclusion) if conclusion.is_not_probed_yet() => 3,
        Some(conclusion) if conclusion.answer == Answer::Undecided => 1,
        _ if has_findings.get(position) == Some(&true) => 2,
        _ => 3,
    };
    let mut positions: Vec<(usize, usize)> =
        (0..all).map(|position| (urgency(position), position)).collect();
    positions.sort_unstable();
    let mut positions: Vec<usize> =
        positions.into_iter().take(MOST).map(|(_, position)| position).collect();
    positions.sort_unstable();
    positions
}

/// Returns how many server names are in which state.
pub(super) fn states(all: usize, latest: Option<&Report>) -> [(&'static str, usize); 4] {
    let (mut answers, mut fails, mut undecided, mut waiting) = (0, 0, 0, 0);
    let conclusions = latest.map_or(&[][..], |report| &report.verdict.targets);
    for position in 0..all {
        let count = match conclusions.get(position) {
            Some(conclusion) if !conclusion.is_not_probed_yet() => match conclusion.answer {
                Answer::Answers => &mut answers,
                Answer::Fails => &mut fails,
                Answer::Undecided => &mut undecided,
                Answer::NotApplicable(_) => continue,
            },
            _ => &mut waiting,
        };
        *count += 1;
    }
    [("answers", answers), ("fails", fails), ("undecided", undecided), ("waiting", waiting)]
}
