//! The end-entity certificate has expired.

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
    id: "certificate-expired",
    title: "The certificate has expired",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Renew the certificate and install it on every server behind the origin domain; CloudFront picks it up at its next connection.",
    explanation: "An expired certificate makes CloudFront drop the connection. notAfter itself is still valid, the second after it is not (RFC 5280 §4.1.2.5).",
    repair: &repair::RENEW,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    (at.as_second() > certificate.not_after.as_second()).then(|| {
        Violation::new(format!(
            "the end-entity certificate is valid only until {}",
            certificate.not_after
        ))
    })
}
