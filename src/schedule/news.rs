//! What is said in the log of a new report: changes aloud, the rest in a low voice.

use std::collections::BTreeSet;

use tracing::debug;
use tracing::info;
use tracing::warn;

use crate::report::Report;
use crate::verdict::Answer;

/// Logs a verdict that has changed at warn or info, and one that has not at debug.
pub(super) fn log(before: Option<&Report>, after: &Report) {
    let verdict = after.verdict.conclusion.answer;
    let origin = &after.origin.key;
    let rules: BTreeSet<&str> = after.verdict.findings.iter().map(|f| f.rule.id).collect();
    let rules = rules.into_iter().collect::<Vec<_>>().join(",");
    let domain = origin.domain.as_str();
    let verdict_text = verdict.as_str();
    match before.map(|report| report.verdict.conclusion.answer) {
        Some(earlier) if earlier == verdict => {
            debug!(%origin, domain, verdict = verdict_text, rules, "probed; nothing new");
        }
        _ if verdict == Answer::Fails => {
            let status = after.verdict.conclusion.status;
            let detail = after.verdict.findings.first().map(|f| f.detail.as_str());
            warn!(%origin, domain, verdict = verdict_text, status, rules, detail, "verdict");
        }
        _ => info!(%origin, domain, verdict = verdict_text, rules, "verdict"),
    }
}
