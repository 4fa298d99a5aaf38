//! A certificate that asks for a staple is served without one.

use crate::chain::StapledStatus;
use crate::cloudfront::Page;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "must-staple-unanswered",
    title: "The certificate asks for a stapled status, and none is served",
    effect: Effect::Notice,
    basis: Basis::Inferred,
    status: None,
    citation: Page::REQUIREMENTS,
    remedy: "Turn OCSP stapling on, or have the certificate reissued without must-staple; many CAs no longer answer OCSP at all.",
    explanation: "The certificate says that every handshake must carry its status (RFC 7633). Whether CloudFront insists on that is not documented; some clients do.",
    repair: &repair::STAPLE,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    // A handshake that broke off may have broken off before the staple, and a file has none.
    if endpoint.failure.is_some() || !endpoint.was_reached() {
        return None;
    }
    let certificate = endpoint.chain.as_ref()?.end_entity()?;
    if !certificate.demands_staple {
        return None;
    }
    let served = match endpoint.staple {
        None => "none",
        Some(StapledStatus::Unreadable) => "one that is no OCSP response",
        Some(StapledStatus::OfAnother) => "one of another certificate",
        Some(StapledStatus::Unknown) => "one that does not know the certificate",
        Some(StapledStatus::Good | StapledStatus::Revoked { .. }) => return None,
    };
    Some(Violation::new(format!(
        "the certificate asks for a stapled status; {} serves {served}",
        endpoint.address
    )))
}
