//! The root of the best path ends soon.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "trust-anchor-expiring",
    title: "The root that the chain ends in expires within 180 days",
    effect: Effect::Notice,
    basis: Basis::Inferred,
    status: None,
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Ask the CA for a chain to a younger root; it usually is another intermediate, served in place of the present one.",
    explanation: "A root that ends soon is about to leave Mozilla's list, and with it CloudFront's trust. The TLS library that AWS publishes also refuses a root that has ended, which RFC 5280 does not ask for.",
    repair: &repair::CURRENT,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let mut best: Option<(Timestamp, &str)> = None;
    for path in view.chain.sound_paths().filter(|path| path.is_in_time(at)) {
        // Nothing is said where one of the roots may last.
        let not_after = path.anchor_not_after?;
        if best.is_none_or(|(latest, _)| latest < not_after) {
            best = Some((not_after, &path.anchor));
        }
    }
    // An anchor that has ended is reported by another rule.
    let (not_after, anchor) = best.filter(|(end, _)| at.as_second() <= end.as_second())?;
    (not_after.duration_since(at) < NOTICE).then(|| {
        Violation::new(format!("the chain ends in {anchor}, which is valid until {not_after}"))
    })
}

/// How long before its end a root is worth a word: it takes a CA's customers that long to move.
const NOTICE: SignedDuration = SignedDuration::from_hours(180 * 24);
