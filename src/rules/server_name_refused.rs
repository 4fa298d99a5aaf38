//! The server refuses the server name that CloudFront sends.

use crate::cloudfront::Page;
use crate::observation::AnsweredName;
use crate::observation::Failure;
use crate::origin::DomainName;

use super::Check;
use super::Facts;
use super::Rule;
use super::default_certificate;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::remedy::Remedy;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "server-name-refused",
    title: "The origin refuses the server name that CloudFront sends",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    // AWS's own spelling.
    citation: Page::BAD_GATEWAY.section("ssl-negotitation-failure"),
    remedy: "Give the server a certificate and a site for this name, or put a domain name of yours for which it has them into Origin Domain.",
    explanation: "The server name in the handshake is the Host header that CloudFront sends to the origin: the viewer's host where Host is forwarded, the origin domain where it is not. The server knows no site of that name.",
    repair: &repair::SERVER_NAME,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let name = &facts.observation.target_of(endpoint)?.server_name;
    let address = endpoint.address;
    let violation = |detail: String| {
        let violation = Violation::new(detail);
        match *name == *facts.observation.origin.domain() {
            true => violation.with_remedy(remedy(name, endpoint.failure.as_ref())),
            false => violation.with_remedy(default_certificate::remedy(facts.observation, name)),
        }
    };
    match &endpoint.failure {
        Some(
            failure @ (Failure::Alert { code: UNRECOGNIZED_NAME }
            | Failure::ServerNameRefused { .. }),
        ) => Some(violation(format!("{address}: to the server name {name}, {failure}"))),
        // AWS's library ends the connection at any warning unless told otherwise (s2n-tls,
        // `s2n_alerts.c`); what CloudFront tells it is not documented.
        None if endpoint.warnings.contains(&UNRECOGNIZED_NAME) => {
            let detail = format!(
                "{address}: to the server name {name}, the server sent the warning unrecognized_name ({UNRECOGNIZED_NAME}) and went on"
            );
            Some(violation(detail).with_doubt(Some(Doubt::Undocumented)))
        }
        _ => None,
    }
}

/// Returns what to do where the origin domain is refused.
fn remedy(name: &DomainName, failure: Option<&Failure>) -> Remedy {
    let first = Remedy::from(format!("Give the server a certificate and a site for {name}."));
    match failure {
        Some(Failure::ServerNameRefused { answered: AnsweredName::Name(answered), .. }) => {
            first.alternative(format!(
                "or forward the Host header (origin request policy AllViewer), so that CloudFront sends the viewer's host: for {answered} the server has a certificate"
            ))
        }
        _ => first.alternative(
            "or put a domain name of yours for which the server has both into Origin Domain",
        ),
    }
}

/// RFC 6066 §3.
pub(super) const UNRECOGNIZED_NAME: u8 = 112;
