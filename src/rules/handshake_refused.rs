//! The server refuses the handshake for a reason that no other rule knows.

use crate::cloudfront::Page;
use crate::observation::ClientCertificate;
use crate::observation::Failure;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::UndecidedReason;
use super::finding::Violation;
use super::repair;
use super::server_name_refused::UNRECOGNIZED_NAME;

pub(super) const RULE: Rule = Rule {
    id: "handshake-refused",
    title: "The origin refuses the TLS handshake",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-with-supported-ciphers-protocols"),
    remedy: "Compare the server's protocol versions and cipher suites with CloudFront's list, and look at the server's own log for the reason.",
    explanation: "Client and server find no common ground, or the server has a policy against this client.",
    repair: &repair::REFUSED,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let failure = endpoint.failure.as_ref()?;
    let violation = Violation::new(format!("{}: {failure}", endpoint.address));
    match failure {
        Failure::Alert { code: UNRECOGNIZED_NAME } => None,
        // Said by a rule of its own.
        Failure::Alert { .. } if endpoint.client_certificate == ClientCertificate::Required => {
            None
        }
        Failure::Alert { .. } | Failure::ProtocolBroken { .. } => Some(violation),
        Failure::Unsettled { .. } => {
            Some(
                violation
                    .with_doubt(Some(Doubt::Prober(UndecidedReason::NegotiationUnsettled)))
                    .with_remedy(
                        "This may be a limit of the probe. Compare the server's versions and suites with CloudFront's list, and look at the server's own log for this moment.",
                    ),
            )
        }
        _ => None,
    }
}
