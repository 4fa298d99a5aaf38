//! The server refuses the server name that CloudFront sends.

use crate::cloudfront::Page;
use crate::observation::{AnsweredName, Failure};
use crate::origin::{DomainName, OriginSetting};

use super::finding::{Doubt, Violation};
use super::remedy::Remedy;
use super::{Check, Class, Facts, Rule, RuleId, Topic, default_certificate};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ServerNameRefused,
    name: "server-name-refused",
    since: "0.1.0",
    title: "The origin refuses the server name (SNI) that CloudFront sends",
    class: Class::FAILS.on(OriginSetting::ServerName),
    // The typo is in AWS's own anchor.
    citation: Page::BAD_GATEWAY.section("ssl-negotitation-failure"),
    remedy: "Add a site and a certificate for this name to the server. If Host is not forwarded, you can instead set Origin Domain to a name that points to the origin, not to CloudFront, and that the server has a site and a certificate for.",
    explanation: "The server name in the handshake is the Host header that CloudFront sends to the origin. This is the viewer's host if Host is forwarded, and the origin domain if it is not. The server has no site for that name.",
    repair: Topic::ServerName,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let name = &facts.observation.target_of(endpoint)?.server_name;
    let address = endpoint.address;
    let violation = |detail: String| {
        let violation = Violation::new(detail);
        match *name == *facts.observation.origin.domain() {
            true => violation.with_remedy(remedy(name, endpoint.handshake.failure.as_ref())),
            false => violation.with_remedy(default_certificate::remedy(facts.observation, name)),
        }
    };
    match &endpoint.handshake.failure {
        Some(
            failure @ (Failure::Alert { code: UNRECOGNIZED_NAME }
            | Failure::ServerNameRefused { .. }),
        ) => Some(violation(format!("{address}: for the server name {name}, {failure}"))),
        // By default, s2n-tls ends the connection at any warning (`s2n_alerts.c`). AWS does not
        // document how CloudFront configures it.
        None if endpoint.handshake.warnings.contains(&UNRECOGNIZED_NAME) => {
            let detail = format!(
                "{address}: for the server name {name}, the server sent the warning unrecognized_name ({UNRECOGNIZED_NAME}) and continued"
            );
            Some(violation(detail).with_doubt(Some(Doubt::Undocumented)))
        }
        _ => None,
    }
}

/// Returns the remedy for a server that refuses the origin domain.
fn remedy(name: &DomainName, failure: Option<&Failure>) -> Remedy {
    let first = Remedy::from(format!("Add a site and a certificate for {name} to the server."));
    match failure {
        Some(Failure::ServerNameRefused { answered: AnsweredName::Name(answered), .. }) => {
            first.alternative(format!(
                "forward the Host header (origin request policy AllViewer), so that CloudFront sends the viewer's host as the server name: the server has a certificate for {answered}"
            ))
        }
        _ => first.alternative(
            "set Origin Domain to a name that points to the origin, not to CloudFront, and that the server has a site and a certificate for",
        ),
    }
}

/// RFC 6066 §3.
pub(super) const UNRECOGNIZED_NAME: u8 = 112;
