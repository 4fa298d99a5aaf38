//! The server refuses the server name that CloudFront sends.

use crate::cloudfront::Page;
use crate::observation::AnsweredName;
use crate::observation::Failure;
use crate::origin::DomainName;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "server-name-refused",
    title: "The origin refuses the server name that CloudFront sends",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    // AWS's own spelling.
    citation: Page::BAD_GATEWAY.section("ssl-negotitation-failure"),
    remedy: "Give the server a certificate and a site for this name, or change which name CloudFront sends: the Host header that it forwards, or else the origin domain.",
    explanation: "The server name in the handshake is the Host header that CloudFront sends to the origin: the viewer's host where Host is forwarded, the origin domain where it is not. The server knows no site of that name.",
    repair: &repair::SERVER_NAME,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let name = &facts.observation.target_of(endpoint)?.server_name;
    let address = endpoint.address;
    match &endpoint.failure {
        Some(
            failure @ (Failure::Alert { code: UNRECOGNIZED_NAME }
            | Failure::ServerNameRefused { .. }),
        ) => {
            let detail = format!("{address}: to the server name {name}, {failure}");
            Some(Violation::new(detail).with_remedy(remedy(facts, name, failure)))
        }
        // AWS's library ends the connection at any warning unless told otherwise (s2n-tls,
        // `s2n_alerts.c`); what CloudFront tells it is not documented.
        None if endpoint.warnings.contains(&UNRECOGNIZED_NAME) => {
            let detail = format!(
                "{address}: to the server name {name}, the server sent the warning unrecognized_name ({UNRECOGNIZED_NAME}) and went on"
            );
            Some(Violation::new(detail).with_doubt(Some(Doubt::Undocumented)))
        }
        _ => None,
    }
}

fn remedy(facts: &Facts<'_>, name: &DomainName, failure: &Failure) -> String {
    let origin = &facts.observation.origin;
    let first = format!("Give the server a certificate and a site for {name}");
    let Failure::ServerNameRefused { answered: AnsweredName::Name(answered), .. } = failure else {
        return format!(
            "{first}, or change which name CloudFront sends: the Host header that it forwards, otherwise the origin domain."
        );
    };
    if *answered == *origin.domain() {
        format!("{first}, or stop forwarding Host, so that CloudFront sends {answered}.")
    } else if *name == *origin.domain() {
        format!(
            "{first}, or forward the Host header (origin request policy AllViewer), so that CloudFront sends the viewer's host, such as {answered}."
        )
    } else {
        format!("{first}; the server has one for {answered}.")
    }
}

/// RFC 6066 §3.
pub(super) const UNRECOGNIZED_NAME: u8 = 112;
