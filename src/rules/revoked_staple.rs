//! The stapled OCSP response says that the certificate is revoked.

use crate::chain::StapledStatus;
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RevokedStaple,
    name: "revoked-staple",
    since: "0.1.0",
    title: "The stapled OCSP response says that the certificate is revoked",
    class: Class::NOTICE,
    citation: Page::REQUIREMENTS,
    remedy: "Have the certificate reissued and install the new one. A CA does not undo a revocation.",
    explanation: "The server itself sends its CA's statement that the certificate is revoked. AWS does not document whether CloudFront checks this statement. Browsers do.",
    repair: Topic::Reissue,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let Some(StapledStatus::Revoked { at }) = endpoint.staple else { return None };
    Some(Violation::new(format!(
        "{} staples an OCSP response that says the certificate was revoked at {at}",
        endpoint.address
    )))
}
