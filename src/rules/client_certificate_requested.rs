//! The server asks for a client certificate, but lets clients without one in.

use crate::cloudfront::Page;
use crate::observation::ClientCertificate;
use crate::observation::Engine;
use crate::origin::OriginMtls;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "client-certificate-requested",
    title: "The origin asks for a client certificate",
    effect: Effect::MayFail,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::REQUEST_BEHAVIOR,
    remedy: "Do not ask CloudFront for a client certificate (nginx: ssl_verify_client off for this server), or configure origin mTLS.",
    explanation: "The guide says that CloudFront drops the request when an origin asks for a client certificate; whether it does so when the origin would go on without one has not been tried.",
    repair: &repair::CLIENT_CERTIFICATE,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let is_fault = facts.endpoint.client_certificate == ClientCertificate::Requested
        && facts.observation.origin.origin_mtls == OriginMtls::NotConfigured;
    is_fault.then(|| {
        let address = facts.endpoint.address;
        // A hello alone does not show what comes after the request.
        let went_on = match facts.endpoint.engine {
            Engine::Rustls if facts.endpoint.failure.is_none() => " and went on without one",
            _ => "",
        };
        Violation::new(format!("{address} asked for a client certificate{went_on}"))
    })
}
