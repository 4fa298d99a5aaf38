//! Whether origins are probed as often as they should be, whatever the scheduler says of itself.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::report::Entry;
use crate::report::Reports;

use super::subject::Subject;

/// Returns how many origins' last probe began more than three of their intervals and ten minutes ago.
///
/// Those not probed yet and those of which there is nothing to judge do not count.
pub fn overdue(reports: &Reports, now: Timestamp) -> usize {
    reports.entries().iter().filter(|entry| is_overdue(entry, now)).count()
}

fn is_overdue(entry: &Entry, now: Timestamp) -> bool {
    let Some(report) = entry.latest() else { return false };
    let is_judged = Subject::of(entry, Some(&report)).any(|subject| subject.judged().is_some());
    let allowed = entry.origin.interval.saturating_mul(3).saturating_add(GRACE);
    let since = now.duration_since(report.probed_at());
    is_judged && SignedDuration::try_from(allowed).is_ok_and(|allowed| since > allowed)
}

/// How long a probe may take at most (`probe.deadline`): an origin that hangs is probed less often
/// than its interval says, and nothing is wrong with that.
const GRACE: Duration = Duration::from_secs(600);
