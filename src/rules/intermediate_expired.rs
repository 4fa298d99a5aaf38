//! Every path above the end entity leads through an expired intermediate.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;

pub(super) const RULE: Rule = Rule {
    id: "intermediate-expired",
    title: "An intermediate certificate has expired",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Replace the intermediate in the server's certificate file with the CA's current one; the site's own certificate may stay.",
    explanation: "A path is valid while all of its certificates are. An expired cross-certificate beside a good path does no harm; this one has no such path beside it.",
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let mut expired = view.chain.sound_paths().map(|path| {
        path.certificates.iter().skip(1).find_map(|position| {
            let issuer = view.chain.certificate(*position)?;
            (at.as_second() > issuer.not_after.as_second()).then_some(issuer)
        })
    });
    let first = expired.next()??;
    expired.all(|issuer| issuer.is_some()).then(|| {
        Violation::new(format!(
            "the intermediate {} was valid until {}",
            first.subject, first.not_after
        ))
    })
}
