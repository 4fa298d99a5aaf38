//! The end-entity certificate is a CA certificate.

use jiff::Timestamp;

use crate::chain::MissingIssuer;
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CaAsEndEntity,
    name: "ca-as-end-entity",
    since: "0.1.0",
    title: "The end-entity certificate is a CA certificate",
    class: Class::MAY_FAIL,
    citation: Page::REQUIREMENTS,
    remedy: "Get a certificate for the server that is not a CA certificate. If this one is the issuer's certificate, put the site's certificate before it in the file.",
    explanation: "A CA certificate is meant to sign other certificates, and strict verifiers refuse it as a server certificate. AWS's TLS library (s2n-tls) does not check this. AWS does not document what CloudFront does: request a page through CloudFront to find out whether viewers get 502.",
    repair: Topic::Reissue,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    // Self-signed certificates often have the CA flag; another rule reports those.
    if !certificate.is_ca || view.chain.missing_issuer == Some(MissingIssuer::EndEntitySelfSigned) {
        return None;
    }
    Some(Violation::new(format!(
        "the end-entity certificate, `{}`, is a CA certificate",
        certificate.subject
    )))
}
