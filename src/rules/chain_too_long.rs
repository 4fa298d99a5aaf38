//! The served list is longer than CloudFront may read.

use crate::cloudfront::MAX_CERTIFICATES;
use crate::cloudfront::MAX_HANDSHAKE_MESSAGE;
use crate::cloudfront::Page;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "chain-too-long",
    title: "The origin serves more certificates than CloudFront may read",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::REQUIREMENTS,
    remedy: "Serve the end-entity certificate and the intermediates of its path, and nothing else.",
    explanation: "The TLS library that AWS publishes reads at most seven certificates and handshake messages of 64 KiB. What limits CloudFront sets is not documented.",
    repair: &repair::TRIM,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let address = endpoint.address;
    if let Some(failure @ Failure::ChainUnreadable { .. }) = &endpoint.failure {
        return Some(Violation::new(format!("{address}: {failure}")));
    }
    let chain = endpoint.chain.as_ref()?;
    let count = chain.count;
    if count > MAX_CERTIFICATES {
        return Some(Violation::new(format!("{address} serves {count} certificates")));
    }
    let bytes = chain.bytes + count * LENGTH;
    (bytes > MAX_HANDSHAKE_MESSAGE)
        .then(|| Violation::new(format!("{address} serves certificates of {bytes} bytes in all")))
}

/// Each certificate stands in the message with a length of three bytes before it.
const LENGTH: usize = 3;
