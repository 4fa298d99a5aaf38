//! Every path from the end-entity certificate leads through an expired intermediate.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic, former_root};

pub(super) const RULE: Rule = Rule {
    id: RuleId::IntermediateExpired,
    name: "intermediate-expired",
    since: "0.1.0",
    title: "An intermediate certificate has expired",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Replace the expired intermediate in the server's certificate file with the CA's current one. The site's own certificate can stay.",
    explanation: "A path is valid only while all of its certificates are valid. An expired cross-certificate does no harm if another path is valid. Here no other path is.",
    repair: Topic::Current,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let chain = view.chain;
    let mut ways: Vec<Vec<usize>> = chain
        .best_paths()
        .map(|path| path.certificates.iter().skip(1).copied().collect())
        .collect();
    if ways.is_empty() {
        // Below a root that has left Mozilla's list there is no path, and the same applies.
        ways.extend(former_root::issuers(chain));
    }
    // An issuer that is not valid yet breaks a path, too, but is reported by another rule if it is
    // the only cause.
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
    let expired = view.expires_or_expired(end);
    Some(Violation::new(format!("the intermediate `{name}` {expired} on {end}")))
}
