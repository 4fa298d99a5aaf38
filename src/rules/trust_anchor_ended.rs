//! Every usable path ends in a root certificate that has expired or is not valid yet.

use jiff::Timestamp;

use crate::chain::Path;
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::TrustAnchorEnded,
    name: "trust-anchor-ended",
    since: "0.1.0",
    title: "The root of the chain has expired or is not valid yet",
    class: Class::MAY_FAIL,
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Ask the CA for a chain to a valid root. Usually you only have to replace an intermediate.",
    explanation: "RFC 5280 does not require that a root certificate (trust anchor) is within its validity period, but AWS's TLS library (s2n-tls) checks it. AWS does not document what CloudFront does: request a page through CloudFront to find out whether viewers get 502.",
    repair: Topic::Current,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let mut usable = view.chain.best_paths().filter(|path| path.is_in_time(at)).peekable();
    let first = *usable.peek()?;
    if usable.any(|path| path.is_anchor_in_time(at)) {
        return None;
    }
    Some(Violation::new(format!(
        "the chain ends in `{}`, which {}",
        first.anchor,
        when(first, at)?
    )))
}

fn when(path: &Path, at: Timestamp) -> Option<String> {
    match path.anchor_begins_after(at) {
        Some(start) => Some(format!("is not valid before {start}")),
        None => Some(format!("is valid only until {}", path.anchor_not_after?)),
    }
}
