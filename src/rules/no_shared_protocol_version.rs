//! The server and CloudFront have no protocol version in common.

use crate::cloudfront::{Offer, Page, Version};
use crate::observation::{Failure, ListedVersions};
use crate::origin::{OriginSetting, SslProtocols};

use super::finding::{Doubt, Violation};
use super::{Check, Class, Facts, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NoSharedProtocolVersion,
    name: "no-shared-protocol-version",
    since: "0.1.0",
    title: "The origin supports no TLS version that CloudFront offers",
    class: Class::FAILS.on(OriginSetting::SslProtocols),
    citation: Page::BAD_GATEWAY.section("origin-not-responding-with-supported-ciphers-protocols"),
    remedy: "Enable TLS 1.2 or 1.3 on the server, or add a version that it supports to the origin's SSL protocols (OriginSslProtocols).",
    explanation: "AWS's documents disagree about the origin's SSL protocols. According to some, the lowest listed protocol is a minimum, and CloudFront also offers all later versions. According to others, CloudFront offers exactly the listed protocols. If these two readings give different results, the verdict is undecided: for example, if the server supports only TLS 1.2, and only TLSv1 is listed. TLS 1.3 cannot be listed. AWS documents that CloudFront supports it, but does not document when CloudFront offers it. origin-probe assumes that it always does, with one exception: if SSLv3 is the only protocol listed, CloudFront offers only SSLv3. If other protocols are listed, too, CloudFront does not offer SSLv3.",
    repair: Topic::Versions,
    check: Check::Endpoint(check),
};

fn check(facts: &Facts<'_>) -> Option<Violation> {
    let endpoint = facts.endpoint;
    let address = endpoint.address;
    let protocols = &facts.observation.origin.ssl_protocols;
    let allowed = listed(protocols);
    match &endpoint.handshake.failure {
        Some(failure @ Failure::NoSharedVersion { spoken, .. }) => {
            let offered = range(&Offer::of(protocols).versions);
            let detail = format!(
                "{address}: {failure}; CloudFront offers {offered} (OriginSslProtocols: {allowed})"
            );
            Some(Violation::new(detail).with_remedy(remedy(protocols, spoken.as_deref())))
        }
        Some(_) => None,
        None if endpoint.handshake.listed_versions == ListedVersions::Refused => {
            let chosen = &*endpoint.handshake.tls.as_ref()?.version;
            let detail = format!(
                "{address} chose {chosen} and refuses the listed versions (OriginSslProtocols: {allowed})"
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
            "{first} Listing only SSLv3 in the origin's SSL protocols (OriginSslProtocols) would also work, but SSLv3 is broken (RFC 7568)."
        ),
        spoken => format!(
            "{first} Until then, add {spoken} to the origin's SSL protocols (OriginSslProtocols)."
        ),
    }
}

fn listed(protocols: &SslProtocols) -> String {
    let names: Vec<&str> = protocols.listed().iter().map(|protocol| protocol.as_str()).collect();
    names.join(", ")
}

/// Describes the offered versions, which have no gaps.
fn range(versions: &[Version]) -> String {
    match versions {
        [] => "no version".to_owned(),
        [only] => format!("only {}", only.as_str()),
        [lowest, .., highest] => {
            format!("{} to {}", lowest.as_str(), highest.as_str())
        }
    }
}
