//! The certificate's key is of a kind or size that CloudFront does not support.

use crate::chain::{ChainFacts, Curve, KeyAlgorithm, ml_dsa};
use crate::cloudfront::Page;
use crate::observation::Failure;

use super::finding::{Doubt, Violation};
use super::{Basis, Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::KeyUnsupported,
    name: "key-unsupported",
    since: "0.1.0",
    title: "The certificate's key is not supported by CloudFront",
    class: Class::FAILS.by(Basis::Inferred),
    citation: Page::CIPHERS,
    remedy: "Get a certificate for an RSA key of 2048 bits or an ECDSA key on P-256.",
    explanation: "CloudFront offers the curves P-256, P-384 and X25519, and does not offer EdDSA. AWS does not document whether RSA keys below 2048 or above 4096 bits, keys restricted to PSS, and P-521 keys work. For P-521, CloudFront offers the signature scheme but not the curve. AWS publishes policies with ML-DSA (`-PQ`), but no public CA issues ML-DSA certificates.",
    repair: Topic::KeyKind,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    endpoint.chain.as_ref().and_then(|chain| of_certificate(chain)).or_else(|| {
        let Some(failure @ Failure::NoSharedSignatureScheme { taken, .. }) =
            &endpoint.handshake.failure
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
        // CloudFront offers the scheme of P-521 but not its curve; most servers check the scheme.
        KeyAlgorithm::Ec(Curve::P521) => Some(Doubt::Undocumented),
        KeyAlgorithm::Other { oid } if ml_dsa(oid).is_some() => {
            let detail = format!("the end-entity certificate's key is {key}");
            return Some(
                Violation::new(detail)
                    .with_doubt(Some(Doubt::Undocumented))
                    .with_remedy(ML_DSA_REMEDY),
            );
        }
        KeyAlgorithm::Ec(_) | KeyAlgorithm::Ed25519 | KeyAlgorithm::Other { .. } => None,
        KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => Some(Doubt::Undocumented),
    };
    Some(Violation::new(format!("the end-entity certificate's key is {key}")).with_doubt(doubt))
}

const P521_SCHEME: &str = "ecdsa_secp521r1_sha512";

/// The remedy for a post-quantum certificate.
pub(super) const ML_DSA_REMEDY: &str = "Get a certificate from a public CA for an RSA key of 2048 bits or an ECDSA key on P-256, signed with RSA or ECDSA. Serve the ML-DSA certificate only to clients that request it. No public CA issues ML-DSA certificates yet.";
