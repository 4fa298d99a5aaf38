//! The handshake does not finish in time.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::finding::Violation;
use super::{Basis, Check, Class, Facts, Rule, RuleId, Topic, ViewerError, doubt};

pub(super) const RULE: Rule = Rule {
    id: RuleId::HandshakeTimedOut,
    name: "handshake-timed-out",
    since: "0.1.0",
    title: "The origin does not finish the TLS handshake in time",
    class: Class::FAILS.by(Basis::Inferred).with(ViewerError::GatewayTimeout),
    citation: Page::GATEWAY_TIMEOUT,
    remedy: "Check the server's load and the network path to it. Likely causes: a full accept queue, a proxy that waits for its backend, or a packet filter that drops large packets.",
    explanation: "The TCP connection is established, but the TLS handshake does not finish. CloudFront waits as it does for a response, and then returns 504.",
    repair: Topic::Slow,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let violation =
        facts.failure(|failure| matches!(failure, Failure::HandshakeTimedOut { .. }))?;
    Some(violation.with_doubt(doubt::of_timeout(facts.observation)))
}
