//! The certificate, or every path above it, is not valid yet.

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
    id: "certificate-not-yet-valid",
    title: "The certificate is not valid yet",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Put the previous certificate back until then, and check the clock of the machine that issued this one.",
    explanation: "Before its notBefore a certificate is invalid, and CloudFront drops the connection.",
    repair: &repair::NOT_YET,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    if at < certificate.not_before {
        return Some(Violation::new(format!(
            "the end-entity certificate is valid from {} on",
            certificate.not_before
        )));
    }
    // The same for an intermediate, where no path does without it.
    let mut early = view.chain.best_paths().map(|path| {
        path.certificates.iter().skip(1).find_map(|position| {
            let start = view.chain.validity(*position)?.not_before;
            (at < start).then_some((*position, start))
        })
    });
    let (first, start) = early.next()??;
    early.all(|issuer| issuer.is_some()).then(|| {
        let name = view.chain.name(first);
        Violation::new(format!("the intermediate {name} is valid from {start} on"))
    })
}
