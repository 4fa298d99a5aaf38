//! Every path above the end entity leads through an expired intermediate.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::former_root;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "intermediate-expired",
    title: "An intermediate certificate has expired",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Replace the intermediate in the server's certificate file with the CA's current one; the site's own certificate may stay.",
    explanation: "A path is valid while all of its certificates are. An expired cross-certificate beside a good path does no harm; this one has no such path beside it.",
    repair: &repair::CURRENT,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let chain = view.chain;
    let mut ways: Vec<Vec<usize>> = chain
        .best_paths()
        .map(|path| path.certificates.iter().skip(1).copied().collect())
        .collect();
    if ways.is_empty() {
        // Below a root that has left the list there is no path, and the same holds.
        ways.extend(former_root::issuers(chain));
    }
    // One that is not valid yet is of no use either, but does not count alone: that is another
    // rule's cause.
    let is_early_or_late =
        |issuer: &usize| chain.validity(*issuer).is_some_and(|v| !v.contains(at));
    let is_broken = |way: &Vec<usize>| way.iter().any(is_early_or_late);
    if !ways.iter().all(is_broken) {
        return None;
    }
    let (first, end) = ways.iter().flatten().find_map(|issuer| {
        let end = chain.validity(*issuer)?.not_after;
        (at.as_second() > end.as_second()).then_some((*issuer, end))
    })?;
    let name = chain.name(first);
    Some(Violation::new(format!("the intermediate {name} is valid only until {end}")))
}
