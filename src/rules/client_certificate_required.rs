//! The server requires a client certificate.

use crate::cloudfront::Page;
use crate::observation::ClientCertificate;
use crate::origin::{OriginMtls, OriginSetting};

use super::finding::Violation;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ClientCertificateRequired,
    name: "client-certificate-required",
    since: "0.1.0",
    title: "The origin requires a client certificate",
    class: Class::FAILS.on(OriginSetting::ClientCertificate),
    citation: Page::REQUEST_BEHAVIOR,
    remedy: "Turn off client authentication on the listener that CloudFront uses, or configure origin mTLS with a client certificate for this origin.",
    explanation: "The server ends the handshake if the client presents no certificate. Without origin mTLS, CloudFront has no client certificate and drops the request.",
    repair: Topic::ClientCertificate,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let is_fault = facts.endpoint.handshake.client_certificate == ClientCertificate::Required
        && facts.observation.origin.origin_mtls == OriginMtls::NotConfigured;
    let failure = facts.endpoint.handshake.failure.as_ref()?;
    is_fault.then(|| {
        Violation::new(format!(
            "{} requested a client certificate; without one, {failure}",
            facts.endpoint.address
        ))
    })
}
