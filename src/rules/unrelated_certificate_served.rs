//! A served certificate does not belong to the chain.

use jiff::Timestamp;

use crate::chain::Served;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "unrelated-certificate-served",
    title: "A served certificate does not belong to the chain",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::REQUIREMENTS,
    remedy: "Take it out of the server's certificate file: serve the end-entity certificate and the intermediates of its path.",
    explanation: "Amazon asks to leave out intermediates that are not in the trust path. The TLS library that AWS publishes ignores them; what CloudFront does is not documented.",
    repair: &repair::TRIM,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    // Without an end entity nothing can be related to it; a list that was not followed to its end
    // may relate what seems not to be.
    if !view.chain.is_complete || view.chain.end_entity.is_none() {
        return None;
    }
    let is_unrelated = |position: usize| {
        view.chain.related.get(position) == Some(&false)
            && view.chain.repeated.get(position) == Some(&false)
    };
    let unrelated: Vec<(usize, &str)> = view
        .chain
        .served
        .iter()
        .enumerate()
        .filter(|(position, _)| is_unrelated(*position))
        .filter_map(|(position, served)| Some((position, subject(served)?)))
        .collect();
    let (position, name) = *unrelated.first()?;
    let more = match unrelated.len() {
        1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    Some(Violation::new(format!(
        "certificate {}, {name},{more} certifies nothing on the way from the end entity",
        position + 1
    )))
}

fn subject(served: &Served) -> Option<&str> {
    served.certificate().map(|certificate| certificate.subject.as_str())
}
