//! The certificate chain may be too long for CloudFront.

use crate::cloudfront::{MAX_CERTIFICATES, MAX_HANDSHAKE_MESSAGE, Page};
use crate::observation::Failure;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ChainTooLong,
    name: "chain-too-long",
    since: "0.1.0",
    title: "The certificate chain may be too long for CloudFront",
    class: Class::MAY_FAIL,
    citation: Page::REQUIREMENTS,
    remedy: "Serve only the end-entity certificate and the intermediates of its path.",
    explanation: "AWS's TLS library (s2n-tls) reads at most seven certificates and handshake messages of up to 64 KiB. AWS does not document CloudFront's limits: request a page through CloudFront to find out whether viewers get 502.",
    repair: Topic::Trim,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let address = endpoint.address;
    if let Some(failure @ Failure::ChainUnreadable { .. }) = &endpoint.handshake.failure {
        return Some(Violation::new(format!("{address}: {failure}")));
    }
    let chain = endpoint.chain.as_ref()?;
    let count = chain.count;
    if count > MAX_CERTIFICATES {
        return Some(Violation::new(format!("{address} serves {count} certificates")));
    }
    let bytes = chain.bytes + count * LENGTH;
    (bytes > MAX_HANDSHAKE_MESSAGE)
        .then(|| Violation::new(format!("{address} serves {bytes} bytes of certificates")))
}

/// The size of the length field before each certificate in the message, in bytes.
const LENGTH: usize = 3;
