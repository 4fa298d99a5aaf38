//! The end entity is a CA certificate.

use jiff::Timestamp;

use crate::chain::Gap;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "ca-as-end-entity",
    title: "The end-entity certificate is a CA certificate",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::REQUIREMENTS,
    remedy: "Have a certificate issued for the server that is no CA; if this one is the issuer's, serve the site's own before it.",
    explanation: "A certificate with the CA flag is made to certify others, and strict verifiers refuse it as a server's own. The TLS library that AWS publishes does not look; what CloudFront does is not documented.",
    repair: &repair::REISSUE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    // A self-made certificate usually has the flag; that it is self-signed is the cause.
    if !certificate.is_ca || view.chain.gap == Some(Gap::EndEntitySelfSigned) {
        return None;
    }
    Some(Violation::new(format!(
        "{} is a CA certificate and served as the server's own",
        certificate.subject
    )))
}
