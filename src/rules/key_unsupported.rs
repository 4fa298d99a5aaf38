//! The certificate's key is of a kind or size that CloudFront does not support.

use crate::chain::ChainFacts;
use crate::chain::Curve;
use crate::chain::KeyAlgorithm;
use crate::cloudfront::Page;
use crate::observation::Endpoint;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "key-unsupported",
    title: "CloudFront does not support the certificate's key",
    effect: Effect::Fails,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::CIPHERS,
    remedy: "Have a certificate issued for an RSA key of 2048 bits or an ECDSA key on P-256.",
    explanation: "CloudFront offers the curves P-256, P-384 and X25519 and no EdDSA. RSA keys below 2048 or above 4096 bits and keys restricted to PSS lie outside what its pages name; whether they work is not documented.",
    repair: &repair::KEY_KIND,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let of_certificate = endpoint.chain.as_ref().and_then(|chain| of_certificate(chain, endpoint));
    of_certificate.or_else(|| match &endpoint.failure {
        Some(failure @ Failure::NoSharedSignatureScheme { .. }) => {
            Some(Violation::new(format!("{}: {failure}", endpoint.address)))
        }
        _ => None,
    })
}

fn of_certificate(chain: &ChainFacts, endpoint: &Endpoint) -> Option<Violation> {
    let key = &chain.end_entity()?.key_algorithm;
    let doubt = match key {
        KeyAlgorithm::Rsa { bits: 2048..=4096 } | KeyAlgorithm::Ec(Curve::P256 | Curve::P384) => {
            return None;
        }
        // In TLS 1.3 the number of ecdsa_sha512, which CloudFront offers, means P-521.
        KeyAlgorithm::Ec(Curve::P521) if endpoint.failure.is_none() => Some(Doubt::Undocumented),
        KeyAlgorithm::Ec(_) | KeyAlgorithm::Ed25519 | KeyAlgorithm::Other { .. } => None,
        KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => Some(Doubt::Undocumented),
    };
    Some(Violation::new(format!("the end-entity certificate's key is {key}")).with_doubt(doubt))
}
