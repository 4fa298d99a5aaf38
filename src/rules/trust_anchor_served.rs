//! The root certificate is served with the chain.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::finding::Violation;
use super::{Basis, ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::TrustAnchorServed,
    name: "trust-anchor-served",
    since: "0.1.0",
    title: "The root certificate is served with the chain",
    class: Class::NOTICE.by(Basis::Documented),
    citation: Page::REQUIREMENTS,
    remedy: "Remove the root certificate from the server's certificate file. CloudFront has its own copy.",
    explanation: "AWS asks you to leave out the root certificate (trust anchor). Serving it does no harm, but adds bytes to every handshake.",
    repair: Topic::Trim,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let chain = view.chain;
    let position =
        chain.served_anchors.iter().find(|position| Some(**position) != chain.end_entity)?;
    let root = chain.certificate(*position)?;
    Some(Violation::new(format!(
        "certificate {}, `{}`, is a root certificate",
        position + 1,
        root.subject
    )))
}
