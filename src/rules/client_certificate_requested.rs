//! The server requests a client certificate, but also admits clients without one.

use crate::cloudfront::Page;
use crate::observation::{ClientCertificate, Engine};
use crate::origin::{OriginMtls, OriginSetting};

use super::finding::Violation;
use super::{Basis, Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ClientCertificateRequested,
    name: "client-certificate-requested",
    since: "0.1.0",
    title: "The origin requests a client certificate",
    class: Class::MAY_FAIL.by(Basis::Documented).on(OriginSetting::ClientCertificate),
    citation: Page::REQUEST_BEHAVIOR,
    remedy: "Turn off client authentication on the listener that CloudFront uses (nginx: ssl_verify_client off), or configure origin mTLS.",
    explanation: "AWS documents that CloudFront drops the request when an origin requests a client certificate. It is not known whether CloudFront also does so if the origin accepts clients without a certificate, as this one does: request a page through CloudFront to find out whether viewers get 502.",
    repair: Topic::ClientCertificate,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let is_fault = facts.endpoint.handshake.client_certificate == ClientCertificate::Requested
        && facts.observation.origin.origin_mtls == OriginMtls::NotConfigured;
    is_fault.then(|| {
        let address = facts.endpoint.address;
        // A ClientHello alone does not show what follows the request.
        let went_on = match facts.endpoint.handshake.engine {
            Engine::Rustls if facts.endpoint.handshake.failure.is_none() => {
                " and continued without one"
            }
            _ => "",
        };
        Violation::new(format!("{address} requested a client certificate{went_on}"))
    })
}
