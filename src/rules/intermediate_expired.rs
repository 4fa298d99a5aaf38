//! Every path above the end entity leads through an expired intermediate.

use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::ChainFacts;
use crate::chain::Path;
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
    let mut ways: Vec<Vec<&Certificate>> =
        chain.best_paths().map(|path| issuers(chain, path)).collect();
    if ways.is_empty() {
        // Below a root that has left the list there is no path, and the same holds.
        ways.extend(former_root::issuers(chain));
    }
    // One that is not valid yet is of no use either, but does not count alone: that is another
    // rule's cause.
    let is_broken = |way: &Vec<&Certificate>| way.iter().any(|issuer| !issuer.is_in_time(at));
    if !ways.iter().all(is_broken) {
        return None;
    }
    let has_ended = |issuer: &&&Certificate| at.as_second() > issuer.not_after.as_second();
    let first = ways.iter().flatten().find(has_ended)?;
    Some(Violation::new(format!(
        "the intermediate {} is valid only until {}",
        first.subject, first.not_after
    )))
}

fn issuers<'a>(chain: &'a ChainFacts, path: &Path) -> Vec<&'a Certificate> {
    let above = path.certificates.iter().skip(1);
    above.filter_map(|position| chain.certificate(*position)).collect()
}
