//! The server refuses the handshake for a reason that no other rule knows.

use crate::cloudfront::Page;
use crate::observation::ClientCertificate;
use crate::observation::Failure;
use crate::observation::Refusal;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::UndecidedReason;
use super::finding::Violation;
use super::likely_causes::likely_causes;
use super::repair;
use super::server_name_refused::UNRECOGNIZED_NAME;

pub(super) const RULE: Rule = Rule {
    id: "handshake-refused",
    title: "The origin refuses the TLS handshake",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-with-supported-ciphers-protocols"),
    remedy: "Find the reason for this moment in the server's log. Likely causes: no certificate for the server name, protocol versions and cipher suites that exclude what CloudFront offers, a policy against this client.",
    explanation: "The server ends the handshake with an alert, whatever is offered and whichever server name is sent. Many servers have no certificate for the name then: they send handshake_failure (Traffic Server, Node.js, Python, Jetty, OpenSSL 4, CDNs), internal_error (Caddy, Go, Traefik, nginx) or access_denied (rustls). An answer that breaks the protocol, such as a choice that was not offered, is reported here as well; whether CloudFront tolerates it is not documented.",
    repair: &repair::REFUSED,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let Some(failure) = &endpoint.failure else { return without_chain(facts) };
    let violation = Violation::new(format!("{}: {failure}", endpoint.address));
    match failure {
        Failure::Alert { code: UNRECOGNIZED_NAME } => None,
        // Said by a rule of its own.
        Failure::Alert { .. } if endpoint.client_certificate == ClientCertificate::Required => {
            None
        }
        Failure::Alert { code } => {
            let server_name = &facts.observation.target_of(endpoint)?.server_name;
            let refusal = Refusal::Alert { code: *code };
            Some(violation.with_remedy(likely_causes(refusal, server_name)))
        }
        Failure::ProtocolBroken { .. } => Some(violation.with_remedy(BROKEN)),
        // AWS's library refuses most of these, but what CloudFront does is not documented.
        Failure::OfferViolated { .. } => {
            Some(violation.with_remedy(BROKEN).with_doubt(Some(Doubt::Undocumented)))
        }
        Failure::Unsettled { .. } => {
            Some(
                violation
                    .with_doubt(Some(Doubt::Prober(UndecidedReason::NegotiationUnsettled)))
                    .with_remedy(
                        "This may be a limit of the probe. Find the entry for this moment in the server's log.",
                    ),
            )
        }
        _ => None,
    }
}

/// Returns what speaks against a handshake that is said to have succeeded and showed no chain: an
/// origin answers only if its chain was read and judged.
fn without_chain(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let is_unread = endpoint.tls.is_some() && endpoint.chain.is_none();
    is_unread.then(|| {
        let detail = format!("{}: the handshake showed no certificate chain", endpoint.address);
        let doubt = Doubt::Prober(UndecidedReason::NegotiationUnsettled);
        Violation::new(detail).with_doubt(Some(doubt))
    })
}

const BROKEN: &str = "Update the server or the device that answers for it: its handshake messages do not follow RFC 5246 or RFC 8446.";
