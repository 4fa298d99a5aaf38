//! A certificate that requires a stapled OCSP response is served without a usable one.

use crate::chain::StapledStatus;
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::MustStapleUnanswered,
    name: "must-staple-unanswered",
    since: "0.1.0",
    title: "The certificate requires a stapled OCSP response, but no usable one is served",
    class: Class::NOTICE,
    citation: Page::REQUIREMENTS,
    remedy: "Turn on OCSP stapling, or have the certificate reissued without must-staple. Many CAs no longer provide OCSP.",
    explanation: "The certificate requires a stapled OCSP response in every handshake (must-staple, RFC 7633). AWS does not document whether CloudFront enforces this. Some clients do.",
    repair: Topic::Staple,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    // A handshake that failed may have failed before the staple, and a file has none.
    if endpoint.handshake.failure.is_some() || !endpoint.was_reached() {
        return None;
    }
    let certificate = endpoint.chain.as_ref()?.end_entity()?;
    if !certificate.demands_staple {
        return None;
    }
    let served = match endpoint.staple {
        None => "none",
        Some(StapledStatus::Unreadable) => "data that is not an OCSP response",
        Some(StapledStatus::OfAnother) => "one for another certificate",
        Some(StapledStatus::Unknown) => "one with the status unknown",
        Some(StapledStatus::Good | StapledStatus::Revoked { .. }) => return None,
    };
    Some(Violation::new(format!(
        "the certificate requires a stapled OCSP response; {} serves {served}",
        endpoint.address
    )))
}
