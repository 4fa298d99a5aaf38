//! A certificate is overdue for renewal.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::finding::Violation;
use super::renewal::renewals;
use super::{ChainView, Check, Class, Rule, RuleId, Topic, certificate_self_signed};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RenewalOverdue,
    name: "renewal-overdue",
    since: "0.1.0",
    title: "A certificate is overdue for renewal",
    class: Class::NOTICE,
    citation: Page::REQUIREMENTS,
    remedy: "Renew the certificate now, and find out why it was not renewed automatically. CloudFront picks up the new certificate the next time it connects.",
    explanation: "Automatic renewal usually runs when a third of the lifetime is left. This notice appears later: by default, when less than 25 % of the lifetime and also less than 21 days are left (`renewal.warning`). By then, the renewal has probably failed or been forgotten. The finding names the certificate. If it names an intermediate, install the CA's current chain as intermediate-expired describes.",
    repair: Topic::Renew,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    // An expired certificate is reported by another rule.
    let due = renewals(view.chain, &view.observation.origin.renewal)
        .filter(|due| due.instants.warning <= at)
        .filter(|due| at.as_second() <= due.certificate.not_after.as_second())
        .min_by_key(|due| due.certificate.not_after)?;
    let urgency = if due.instants.critical <= at { "long overdue" } else { "overdue" };
    let violation = Violation::new(format!(
        "`{}` expires at {}; its renewal has been {urgency} since {}",
        due.certificate.subject,
        due.certificate.not_after,
        if due.instants.critical <= at { due.instants.critical } else { due.instants.warning }
    ));
    Some(certificate_self_signed::instead_of_renewal(view.chain, violation))
}
