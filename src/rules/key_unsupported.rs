//! The certificate's key is of a kind or size that CloudFront does not support.

use crate::chain::ChainFacts;
use crate::chain::Curve;
use crate::chain::KeyAlgorithm;
use crate::chain::ml_dsa;
use crate::cloudfront::Page;
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
    explanation: "CloudFront offers the curves P-256, P-384 and X25519 and no EdDSA. RSA keys below 2048 or above 4096 bits, keys restricted to PSS, and P-521, whose signature scheme is in the offer and whose curve is not, lie outside what its pages name; whether they work is not documented. AWS publishes policies with ML-DSA (`-PQ`), but no public CA issues such certificates.",
    repair: &repair::KEY_KIND,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    endpoint.chain.as_ref().and_then(|chain| of_certificate(chain)).or_else(|| {
        let Some(failure @ Failure::NoSharedSignatureScheme { taken, .. }) = &endpoint.failure
        else {
            return None;
        };
        // CloudFront offers this one.
        let doubt = (taken.as_deref() == Some(P521_SCHEME)).then_some(Doubt::Undocumented);
        Some(Violation::new(format!("{}: {failure}", endpoint.address)).with_doubt(doubt))
    })
}

fn of_certificate(chain: &ChainFacts) -> Option<Violation> {
    let key = &chain.end_entity()?.key_algorithm;
    let doubt = match key {
        KeyAlgorithm::Rsa { bits: 2048..=4096 } | KeyAlgorithm::Ec(Curve::P256 | Curve::P384) => {
            return None;
        }
        // The scheme of P-521 is in the offer, its curve is not; most servers go by the scheme.
        KeyAlgorithm::Ec(Curve::P521) => Some(Doubt::Undocumented),
        KeyAlgorithm::Other { oid } if ml_dsa(oid).is_some() => {
            let detail = format!("the end-entity certificate's key is {key}");
            return Some(
                Violation::new(detail)
                    .with_doubt(Some(Doubt::Undocumented))
                    .with_remedy(repair::ML_DSA_REMEDY),
            );
        }
        KeyAlgorithm::Ec(_) | KeyAlgorithm::Ed25519 | KeyAlgorithm::Other { .. } => None,
        KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => Some(Doubt::Undocumented),
    };
    Some(Violation::new(format!("the end-entity certificate's key is {key}")).with_doubt(doubt))
}

const P521_SCHEME: &str = "ecdsa_secp521r1_sha512";
