//! The end-entity certificate is signed with its own key.

use jiff::Timestamp;

use crate::chain::{ChainFacts, MissingIssuer};
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CertificateSelfSigned,
    name: "certificate-self-signed",
    since: "0.1.0",
    title: "The certificate is self-signed",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Install a certificate from a public CA (Let's Encrypt, or ACM on a load balancer). A self-signed certificate is often the server's built-in default.",
    explanation: "For a custom origin, CloudFront trusts only certificates from CAs on Mozilla's CA list. No CA vouches for a self-signed certificate.",
    repair: Topic::Public,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    if view.chain.missing_issuer != Some(MissingIssuer::EndEntitySelfSigned) {
        return None;
    }
    let certificate = view.chain.end_entity()?;
    Some(Violation::new(format!("`{}` is its own issuer", certificate.subject)))
}

/// Replaces the remedy of an expired certificate if it is self-signed, because a renewal would not
/// repair that.
pub(super) fn instead_of_renewal(chain: &ChainFacts, violation: Violation) -> Violation {
    if chain.missing_issuer != Some(MissingIssuer::EndEntitySelfSigned) {
        return violation;
    }
    violation
        .with_remedy("Fix certificate-self-signed instead; renewing the certificate does not help.")
        .with_repair(Topic::Public)
}
