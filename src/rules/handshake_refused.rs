//! The server refuses the handshake for a reason that no other rule covers.

use crate::cloudfront::Page;
use crate::observation::{ClientCertificate, Failure, Refusal};

use super::finding::{Doubt, Violation};
use super::likely_causes::likely_causes;
use super::server_name_refused::UNRECOGNIZED_NAME;
use super::undecided_reason::UndecidedReason;
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::HandshakeRefused,
    name: "handshake-refused",
    since: "0.1.0",
    title: "The origin refuses the TLS handshake",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("origin-not-responding-with-supported-ciphers-protocols"),
    remedy: "Find the reason in the server's log. Likely causes: no certificate for the server name, protocol versions or cipher suites that exclude what CloudFront offers, or an access rule that blocks this client.",
    explanation: "The server rejected every ClientHello that was tried, whatever it offered, with and without a server name. Some servers do this when they have no certificate for the name and no default certificate. They send handshake_failure (Traffic Server, Node.js, Python, Jetty, OpenSSL 4, CDNs), internal_error (Caddy, Go, Traefik, nginx) or access_denied (rustls). If a server accepts another name or none, the finding is server-name-refused instead. If the server only chooses something that was not offered, the verdict is undecided, because AWS does not document whether CloudFront tolerates this.",
    repair: Topic::Refused,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let Some(failure) = &endpoint.handshake.failure else { return without_chain(facts) };
    let violation = Violation::new(format!("{}: {failure}", endpoint.address));
    match failure {
        Failure::Alert { code: UNRECOGNIZED_NAME } => None,
        // Reported by client-certificate-required.
        Failure::Alert { .. } if endpoint.handshake.client_certificate == ClientCertificate::Required => {
            None
        }
        Failure::Alert { code } => {
            let server_name = &facts.observation.target_of(endpoint)?.server_name;
            let refusal = Refusal::Alert { code: *code };
            Some(violation.with_remedy(likely_causes(refusal, server_name)))
        }
        Failure::ProtocolBroken { .. } => Some(violation.with_remedy(BROKEN)),
        // s2n-tls refuses most of these, but AWS does not document what CloudFront does.
        Failure::OfferViolated { .. } => {
            Some(violation.with_remedy(BROKEN).with_doubt(Some(Doubt::Undocumented)))
        }
        Failure::Unsettled { .. } => {
            Some(
                violation
                    .with_doubt(Some(Doubt::Prober(UndecidedReason::NegotiationUnsettled)))
                    .with_remedy(
                        "Find the reason in the server's log. The failure may also be caused by a limit of the probe.",
                    ),
            )
        }
        _ => None,
    }
}

/// Returns the violation if the handshake succeeded without a chain: an origin answers only if its
/// chain was read and judged.
fn without_chain(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let is_unread = endpoint.handshake.tls.is_some() && endpoint.chain.is_none();
    is_unread.then(|| {
        let detail =
            format!("{}: the handshake succeeded without a certificate chain", endpoint.address);
        let doubt = Doubt::Prober(UndecidedReason::NegotiationUnsettled);
        Violation::new(detail).with_doubt(Some(doubt))
    })
}

const BROKEN: &str = "Update the server, or the device that answers for it. Its handshake messages do not follow RFC 5246 or RFC 8446.";
