//! The origin's HTTPS port answers in a protocol other than TLS.

use crate::cloudfront::Page;
use crate::observation::Failure;
use crate::origin::OriginSetting;

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic, connection_remedy};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NotTls,
    name: "not-tls",
    since: "0.1.0",
    title: "The origin's HTTPS port does not speak TLS",
    class: Class::FAILS.on(OriginSetting::HttpsPort),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-on-specified-ports"),
    remedy: "Enable TLS on this port, correct the origin's HTTPS port, or set the origin protocol policy to http-only if plain HTTP is intended.",
    explanation: "CloudFront starts a TLS handshake on the HTTPS port. An answer in another protocol ends the connection.",
    repair: Topic::SpeakTls,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let failure @ Failure::NotTls { .. } = facts.endpoint.handshake.failure.as_ref()? else {
        return None;
    };
    let port = facts.observation.origin.https_port;
    let violation = Violation::new(format!("{} port {port}: {failure}", facts.endpoint.address));
    Some(connection_remedy::for_s3_website(facts.observation, violation))
}
