//! The stapled OCSP response calls the certificate revoked.

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
    id: "revoked-staple",
    title: "The stapled status says that the certificate is revoked",
    effect: Effect::Notice,
    basis: Basis::Inferred,
    status: None,
    citation: Page::REQUIREMENTS,
    remedy: "Have the certificate reissued and install the new one; a CA that has revoked a certificate does not take it back.",
    explanation: "The server itself sends its CA's word that the certificate is revoked. Whether CloudFront looks at it is not documented; browsers do.",
    repair: &repair::REISSUE,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let Some(StapledStatus::Revoked { at }) = endpoint.staple else { return None };
    Some(Violation::new(format!(
        "{} staples a status that says the certificate was revoked at {at}",
        endpoint.address
    )))
}
