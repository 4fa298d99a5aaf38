//! The server refuses the server name that CloudFront sends.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;

pub(super) const RULE: Rule = Rule {
    id: "server-name-refused",
    title: "The origin refuses the server name that CloudFront sends",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    // AWS's own spelling.
    citation: Page::BAD_GATEWAY.section("ssl-negotitation-failure"),
    remedy: "Give the server a certificate and a site for this name, or change which name CloudFront sends: the Host header that it forwards, or else the origin domain.",
    explanation: "The server name in the handshake is the Host header that CloudFront sends to the origin: the viewer's host where Host is forwarded, the origin domain where it is not. The server knows no site of that name.",
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::Alert { code: UNRECOGNIZED_NAME } = facts.endpoint.failure.as_ref()?
    else {
        return None;
    };
    let name = &facts.observation.target_of(facts.endpoint)?.server_name;
    Some(Violation::new(format!("to the server name {name}, {failure}")))
}

/// RFC 6066 §3.
pub(super) const UNRECOGNIZED_NAME: u8 = 112;
