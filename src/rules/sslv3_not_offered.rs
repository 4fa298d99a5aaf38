//! SSLv3 stands in the origin's list beside others, where it has no effect.

use crate::cloudfront::Page;
use crate::observation::Observation;
use crate::origin::SslProtocol;

use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "sslv3-not-offered",
    title: "SSLv3 is listed beside other protocols, where it is not offered",
    effect: Effect::Notice,
    basis: Basis::Documented,
    status: None,
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Take SSLv3 off the origin's SSL protocols (OriginSslProtocols): it is broken (RFC 7568), and does nothing beside others.",
    explanation: "Amazon writes that CloudFront, where SSLv3 is chosen, sends SSLv3 requests only. No hello can offer both it and TLS 1.3, so beside other protocols it is taken as not offered.",
    repair: &repair::SSL3,
    check: Check::Origin(check),
};

fn check(observation: &Observation) -> Option<Violation> {
    let listed = observation.origin.ssl_protocols.listed();
    (listed.len() > 1 && listed.contains(&SslProtocol::SslV3)).then(|| {
        let names: Vec<&str> = listed.iter().map(|protocol| protocol.as_str()).collect();
        Violation::new(format!("the origin's SSL protocols are [{}]", names.join(", ")))
    })
}
