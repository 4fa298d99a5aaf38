//! Server and CloudFront have no protocol version in common.

use crate::cloudfront::Offer;
use crate::cloudfront::Page;
use crate::cloudfront::Version;
use crate::observation::Failure;
use crate::observation::ListedVersions;
use crate::origin::SslProtocols;

use super::Check;
use super::Facts;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "no-shared-protocol-version",
    title: "The origin speaks no TLS version that CloudFront offers it",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-with-supported-ciphers-protocols"),
    remedy: "Enable TLS 1.2 or 1.3 on the server; or else let the origin's SSL protocols (OriginSslProtocols) reach down to what it speaks.",
    explanation: "CloudFront offers the versions from the lowest of the origin's SSL protocols up to TLS 1.3; SSLv3 is offered alone or not at all. Amazon also writes that the list is taken word for word: where the two readings disagree about a server, nothing settles the matter.",
    repair: &repair::VERSIONS,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let address = endpoint.address;
    let protocols = &facts.observation.origin.ssl_protocols;
    let allowed = listed(protocols);
    match &endpoint.failure {
        Some(failure @ Failure::NoSharedVersion { spoken, .. }) => {
            let offered = names(&Offer::of(protocols).versions);
            let detail = format!(
                "{address}: {failure}; the origin's SSL protocols are {allowed}, so CloudFront offers {offered}"
            );
            Some(Violation::new(detail).with_remedy(remedy(protocols, *spoken)))
        }
        Some(_) => None,
        None if endpoint.listed_versions == ListedVersions::Refused => {
            let chosen = endpoint.tls.as_ref()?.version;
            let detail = format!(
                "{address} chose {chosen}, which the origin's SSL protocols ({allowed}) do not list, and refuses the listed ones"
            );
            let remedy =
                format!("Add {chosen} to the origin's SSL protocols (OriginSslProtocols).");
            Some(Violation::new(detail).with_remedy(remedy).with_doubt(Some(Doubt::Undocumented)))
        }
        None => None,
    }
}

fn remedy(protocols: &SslProtocols, spoken: Option<&str>) -> String {
    let Some(spoken) = spoken.and_then(Version::named) else { return RULE.remedy.to_owned() };
    let lowest = Offer::of(protocols).versions.first().copied().unwrap_or(Version::Tls1_2);
    if spoken > lowest {
        return format!(
            "Set the origin's SSL protocols (OriginSslProtocols) to {}.",
            spoken.min(Version::Tls1_2)
        );
    }
    let first = "Enable TLS 1.2 or 1.3 on the server.";
    match spoken {
        Version::Ssl3 => format!(
            "{first} SSLv3 alone in the origin's SSL protocols (OriginSslProtocols) would also do, but it is broken (RFC 7568)."
        ),
        spoken => format!(
            "{first} Until then, add {spoken} to the origin's SSL protocols (OriginSslProtocols)."
        ),
    }
}

fn listed(protocols: &SslProtocols) -> String {
    let names: Vec<&str> = protocols.listed().iter().map(|protocol| protocol.as_str()).collect();
    format!("[{}]", names.join(", "))
}

fn names(versions: &[Version]) -> String {
    let names: Vec<&str> = versions.iter().map(|version| version.as_str()).collect();
    names.join(", ")
}
