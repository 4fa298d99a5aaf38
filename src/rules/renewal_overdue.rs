//! A certificate ought to have been renewed.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::renewal::renewals;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "renewal-overdue",
    title: "A certificate ought to have been renewed",
    effect: Effect::Notice,
    basis: Basis::Inferred,
    status: None,
    citation: Page::REQUIREMENTS,
    remedy: "Renew it now, and see why the automatic renewal has not come; CloudFront picks the new one up at its next connection.",
    explanation: "An automatic renewal usually comes with a third of the lifetime left. What is still there when the configured warning time begins was probably forgotten.",
    repair: &repair::RENEW,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    // Once it has ended, that it has expired is the cause.
    let due = renewals(view.chain, &view.observation.origin.renewal)
        .filter(|due| due.instants.warning <= at)
        .filter(|due| at.as_second() <= due.certificate.not_after.as_second())
        .min_by_key(|due| due.certificate.not_after)?;
    let urgency = if due.instants.critical <= at { "long overdue" } else { "overdue" };
    Some(Violation::new(format!(
        "{} ends at {}; its renewal has been {urgency} since {}",
        due.certificate.subject,
        due.certificate.not_after,
        if due.instants.critical <= at { due.instants.critical } else { due.instants.warning }
    )))
}
