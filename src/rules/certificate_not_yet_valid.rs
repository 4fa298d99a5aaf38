//! The certificate, or every path above it, is not valid yet.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CertificateNotYetValid,
    name: "certificate-not-yet-valid",
    since: "0.1.0",
    title: "The certificate is not valid yet",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Restore the previous certificate until this one is valid, and check the clock of the machine that issued this one.",
    explanation: "A certificate is invalid before its notBefore, and CloudFront drops the connection.",
    repair: Topic::NotYet,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    if at < certificate.not_before {
        return Some(Violation::new(format!(
            "the end-entity certificate is not valid before {}",
            certificate.not_before
        )));
    }
    // The same for an intermediate that every path needs.
    let mut early = view.chain.best_paths().map(|path| {
        path.certificates.iter().skip(1).find_map(|position| {
            let start = view.chain.validity(*position)?.not_before;
            (at < start).then_some((*position, start))
        })
    });
    let (first, start) = early.next()??;
    early.all(|issuer| issuer.is_some()).then(|| {
        let name = view.chain.name(first);
        Violation::new(format!("the intermediate `{name}` is not valid before {start}"))
    })
}
