//! The server refuses clients without a certificate.

use crate::cloudfront::Page;
use crate::observation::ClientCertificate;
use crate::origin::OriginMtls;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "client-certificate-required",
    title: "The origin demands a client certificate",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::REQUEST_BEHAVIOR,
    remedy: "Turn client authentication off for CloudFront's listener, or configure origin mTLS with a client certificate for this origin.",
    explanation: "Without origin mTLS CloudFront has no client certificate to show and drops the request.",
    repair: &repair::CLIENT_CERTIFICATE,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let is_fault = facts.endpoint.client_certificate == ClientCertificate::Required
        && facts.observation.origin.origin_mtls == OriginMtls::NotConfigured;
    let failure = facts.endpoint.failure.as_ref()?;
    is_fault.then(|| {
        Violation::new(format!(
            "{} asked for a client certificate; without one {failure}",
            facts.endpoint.address
        ))
    })
}
