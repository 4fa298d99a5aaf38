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
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let failure = endpoint.failure.as_ref()?;
    let is_unsettled = match failure {
        Failure::Alert { code: UNRECOGNIZED_NAME } => return None,
        // Said by a rule of its own.
        Failure::Alert { .. } if endpoint.client_certificate == ClientCertificate::Required => {
            return None;
        }
        Failure::Alert { code } => UNSETTLED_ALERTS.contains(code),
        Failure::Incompatible { .. } | Failure::ChainUnreadable { .. } => true,
        _ => return None,
    };
    let violation = Violation::new(format!("{}: {failure}", endpoint.address));
    if !is_unsettled {
        return Some(violation);
    }
    Some(
        violation
            .with_doubt(Some(Doubt::Prober(UndecidedReason::NegotiationUnsettled)))
            .with_remedy(
                "CloudFront also offers suites and versions that this probe does not speak (CBC, static RSA, TLS 1.0 and 1.1), so this may be a limit of the probe. Compare the server's versions and suites with CloudFront's list.",
            ),
    )
}

/// The alerts with which servers answer an offer that does not suit them: handshake_failure,
/// illegal_parameter, decode_error, protocol_version, insufficient_security, internal_error,
/// missing_extension, unsupported_extension, no_application_protocol.
const UNSETTLED_ALERTS: [u8; 9] = [40, 47, 50, 70, 71, 80, 109, 110, 120];
