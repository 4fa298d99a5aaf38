//! The root of the best path expires soon.

use jiff::{SignedDuration, Timestamp};

use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::TrustAnchorExpiring,
    name: "trust-anchor-expiring",
    since: "0.1.0",
    title: "The root of the chain expires within 180 days",
    class: Class::NOTICE,
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Ask the CA for a chain to a newer root. Usually you only have to replace an intermediate.",
    explanation: "A root certificate (trust anchor) that expires soon is about to leave Mozilla's CA list, and CloudFront will then stop trusting it. AWS's TLS library (s2n-tls) also refuses an expired root, although RFC 5280 does not require this.",
    repair: Topic::Current,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let mut best: Option<(Timestamp, &str)> = None;
    for path in view.chain.sound_paths().filter(|path| path.is_in_time(at)) {
        // No finding if one of the roots may last longer.
        let not_after = path.anchor_not_after?;
        if best.is_none_or(|(latest, _)| latest < not_after) {
            best = Some((not_after, &path.anchor));
        }
    }
    // An expired root is reported by another rule.
    let (not_after, anchor) = best.filter(|(end, _)| at.as_second() <= end.as_second())?;
    (not_after.duration_since(at) < NOTICE).then(|| {
        Violation::new(format!("the chain ends in `{anchor}`, which expires at {not_after}"))
    })
}

/// How long before a root expires the notice begins: CA customers need that long to migrate.
const NOTICE: SignedDuration = SignedDuration::from_hours(180 * 24);
