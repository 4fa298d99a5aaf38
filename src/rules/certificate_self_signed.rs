//! The end-entity certificate is signed with its own key.

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
    id: "certificate-self-signed",
    title: "The certificate is self-signed",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Install a certificate from a public CA (Let's Encrypt, or ACM on a load balancer); a server's built-in default certificate is always self-signed.",
    explanation: "Between CloudFront and a custom origin only certificates of CAs on Mozilla's list are trusted; nobody vouches for a self-signed one.",
    repair: &repair::PUBLIC,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    if view.chain.gap != Some(Gap::EndEntitySelfSigned) {
        return None;
    }
    let certificate = view.chain.end_entity()?;
    Some(Violation::new(format!("{} is its own issuer", certificate.subject)))
}
