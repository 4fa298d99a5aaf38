//! Something else than TLS answers on the origin's HTTPS port.

use crate::cloudfront::Page;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::connection_remedy;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "not-tls",
    title: "The origin's HTTPS port does not speak TLS",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-on-specified-ports"),
    remedy: "Turn TLS on for this port, correct the origin's HTTPS port, or set the origin protocol policy to http-only if plain HTTP is meant.",
    explanation: "CloudFront opens the HTTPS port with a TLS handshake; an answer in another protocol ends the connection.",
    repair: &repair::SPEAK_TLS,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NotTls { .. } = facts.endpoint.failure.as_ref()? else { return None };
    let port = facts.observation.origin.https_port;
    let violation = Violation::new(format!("{} port {port}: {failure}", facts.endpoint.address));
    Some(connection_remedy::for_s3_website(facts.observation, violation))
}
