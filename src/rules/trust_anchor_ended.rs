//! Every usable path ends in a root whose own certificate has ended or is not valid yet.

use jiff::Timestamp;

use crate::chain::Path;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "trust-anchor-ended",
    title: "The root that the chain ends in is not valid now",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Ask the CA for a chain to a root that is valid; it usually is another intermediate, served in place of the present one.",
    explanation: "RFC 5280 does not ask for a root's own dates, but the TLS library that AWS publishes checks them like those of any other certificate. Amazon does not document it.",
    repair: &repair::CURRENT,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let mut usable = view.chain.best_paths().filter(|path| path.is_in_time(at)).peekable();
    let first = *usable.peek()?;
    if usable.any(|path| path.is_anchor_in_time(at)) {
        return None;
    }
    Some(Violation::new(format!("the chain ends in {}, which {}", first.anchor, when(first, at)?)))
}

fn when(path: &Path, at: Timestamp) -> Option<String> {
    match path.anchor_begins_after(at) {
        Some(start) => Some(format!("is valid only from {start}")),
        None => Some(format!("is valid only until {}", path.anchor_not_after?)),
    }
}
