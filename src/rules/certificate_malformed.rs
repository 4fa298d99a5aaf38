//! Something in the certificate list is no certificate.

use jiff::Timestamp;

use crate::chain::Served;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "certificate-malformed",
    title: "A served certificate cannot be parsed",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Replace the server's certificate file: it was cut off, converted wrongly, or holds something else than certificates.",
    explanation: "CloudFront refuses an invalid certificate. AWS's TLS library parses every entry of the list, so one that is no certificate spoils the rest.",
    repair: &repair::INSTALL_ONE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    view.chain.served.iter().enumerate().find_map(|(position, served)| match served {
        Served::Malformed { error, length } => Some(Violation::new(format!(
            "certificate {} of {} ({length} bytes) cannot be parsed: {error}",
            position + 1,
            view.chain.served.len()
        ))),
        Served::Certificate(_) => None,
    })
}
