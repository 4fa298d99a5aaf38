//! SSLv3 is listed with other protocols, and so has no effect.

use crate::cloudfront::Page;
use crate::observation::Observation;
use crate::origin::{OriginSetting, SslProtocol};

use super::finding::Violation;
use super::{Basis, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::Sslv3NotOffered,
    name: "sslv3-not-offered",
    since: "0.1.0",
    title: "SSLv3 has no effect when other protocols are listed",
    class: Class::NOTICE.by(Basis::Documented).on(OriginSetting::SslProtocols),
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Remove SSLv3 from the origin's SSL protocols (OriginSslProtocols). It is broken (RFC 7568) and has no effect when other protocols are listed.",
    explanation: "AWS documents that CloudFront sends only SSLv3 requests if SSLv3 is selected, but not what it does if other protocols are listed, too. No ClientHello can offer both SSLv3 and TLS 1.3. origin-probe therefore assumes that CloudFront offers SSLv3 only if SSLv3 is the only protocol listed.",
    repair: Topic::Sslv3,
    check: Check::Origin(check),
};

fn check(observation: &Observation) -> Option<Violation> {
    let listed = observation.origin.ssl_protocols.listed();
    (listed.len() > 1 && listed.contains(&SslProtocol::SslV3)).then(|| {
        let names: Vec<&str> = listed.iter().map(|protocol| protocol.as_str()).collect();
        Violation::new(format!("the origin's SSL protocols are [{}]", names.join(", ")))
    })
}
