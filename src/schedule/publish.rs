//! Whether a new report is shown, or waits for a second probe to confirm it.

use std::sync::Arc;

use crate::report::Report;
use crate::verdict::Answer;

/// What becomes of a new report.
#[derive(Debug)]
pub(super) enum Step {
    Publish(Arc<Report>),
    /// It turns an origin that did not fail into one that fails: probe again first.
    Confirm(Arc<Report>),
}

/// Decides on `new`, which `published` is to be replaced by; `held` is the failure that `new` was
/// to confirm.
pub(super) fn decide(published: Option<&Report>, held: Option<&Report>, new: Arc<Report>) -> Step {
    match published {
        Some(published) if held.is_none() && turns_to_failing(published, &new) => {
            Step::Confirm(new)
        }
        _ => Step::Publish(new),
    }
}

/// Returns the report whose memory a new one takes over: a failure that was held back counts from
/// its first probe on, if the second one fails as well.
pub(super) fn memory<'a>(
    published: Option<&'a Report>,
    held: Option<&'a Report>,
    new: impl FnOnce() -> Answer,
) -> Option<&'a Report> {
    match held {
        Some(held) if new() == Answer::Fails => Some(held),
        _ => published,
    }
}

fn turns_to_failing(before: &Report, after: &Report) -> bool {
    let mut targets = before.verdict.targets.iter().zip(&after.verdict.targets);
    targets.any(|(before, after)| before.answer != Answer::Fails && after.answer == Answer::Fails)
}
