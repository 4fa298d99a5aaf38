//! The root certificate is served along.

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
    id: "trust-anchor-served",
    title: "The root certificate is served along",
    effect: Effect::Notice,
    basis: Basis::Documented,
    status: None,
    citation: Page::REQUIREMENTS,
    remedy: "Leave the root out of the server's certificate file; CloudFront has its own copy.",
    explanation: "Amazon asks to leave the root certificate out. It does no harm but to cost bytes in every handshake.",
    repair: &repair::TRIM,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let chain = view.chain;
    let position =
        chain.served_anchors.iter().find(|position| Some(**position) != chain.end_entity)?;
    let root = chain.certificate(*position)?;
    Some(Violation::new(format!(
        "certificate {}, {}, is a trust anchor's own",
        position + 1,
        root.subject
    )))
}
