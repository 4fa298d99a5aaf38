//! The end-entity certificate has expired.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic, certificate_self_signed};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CertificateExpired,
    name: "certificate-expired",
    since: "0.1.0",
    title: "The certificate has expired",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Install a renewed certificate on every server that still sends the old one, and reload the server. If the certificate has not been renewed yet, renew it first. CloudFront picks up the new certificate the next time it connects.",
    explanation: "CloudFront drops the connection if the certificate has expired. A certificate is still valid at its notAfter, and has expired one second later (RFC 5280 §4.1.2.5).",
    repair: Topic::Renew,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    (at.as_second() > certificate.not_after.as_second()).then(|| {
        let violation = Violation::new(format!(
            "the end-entity certificate {} on {}",
            view.expires_or_expired(certificate.not_after),
            certificate.not_after
        ));
        certificate_self_signed::instead_of_renewal(view.chain, violation)
    })
}
