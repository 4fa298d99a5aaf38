//! No name in the end-entity certificate matches the origin domain or the forwarded Host header.

use jiff::Timestamp;

use crate::chain::Certificate;
use crate::cloudfront::Page;
use crate::origin::{DomainName, OriginSetting, Platform, PlatformCertificate, Target};

use super::default_certificate::{finds, presented};
use super::finding::Violation;
use super::remedy::Remedy;
use super::{ChainView, Check, Class, Rule, RuleId, Topic, default_certificate};

pub(super) const RULE: Rule = Rule {
    id: RuleId::NameNotInCertificate,
    name: "name-not-in-certificate",
    since: "0.1.0",
    title: "The certificate covers neither the origin domain nor the forwarded Host header",
    class: Class::FAILS.on(OriginSetting::ServerName),
    // The typo is in AWS's own anchor.
    citation: Page::BAD_GATEWAY.section("ssl-negotitation-failure"),
    remedy: "Set Origin Domain to a name that the certificate covers, or have the certificate reissued with the missing name. The DNS record of Origin Domain must point to the origin, not to CloudFront.",
    explanation: "If Host is not forwarded, the certificate must cover the origin domain. If Host is forwarded, AWS's documents disagree: some accept a certificate that covers either the origin domain or the forwarded Host header, others require that it cover the Host header. origin-probe follows the first, and reports a certificate that covers only the origin domain as host-not-in-certificate. If the certificate covers neither name, the handshake fails and viewers get 502.",
    repair: Topic::Name,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    if view.target.reference_ids.iter().any(|id| finds(certificate, id).is_some()) {
        return None;
    }
    if let Some(violation) = default_certificate::violation(view) {
        return Some(violation);
    }
    let violation = Violation::new(format!(
        "the certificate covers {}, not {}",
        presented(certificate),
        wanted(view.target)
    ));
    let domain = view.observation.origin.domain();
    Some(match Platform::of(domain) {
        Some(platform) => violation
            .with_remedy(on_platform(domain, platform, certificate))
            .with_repair(Topic::PlatformName),
        None => violation,
    })
}

/// Returns the remedy if the origin domain is a platform's name, which no certificate of a customer
/// can cover.
fn on_platform(domain: &DomainName, platform: Platform, certificate: &Certificate) -> Remedy {
    let what = platform.what;
    if platform.certificate == PlatformCertificate::OfCustomer {
        let owner = what.split_once(' ').map_or(what, |(_, owner)| owner);
        let own_name = certificate
            .presented_ids()
            .find(|name| !name.starts_with("*."))
            .unwrap_or("the site's name");
        return Remedy::from(format!(
            "Set Origin Domain to a custom domain name that points to the {owner} through a DNS record (CNAME or alias). The certificate must cover the custom name, so you usually need a new certificate. You cannot get a certificate for {domain}, the {owner}'s own name."
        ))
        .alternative(format!(
            "forward the Host header (origin request policy AllViewer), so that CloudFront sends {own_name} as the server name"
        ));
    }
    // A wildcard covers one label (RFC 9525 §6.3).
    let is_too_deep = certificate.presented_ids().any(|name| {
        let base = name.strip_prefix('*');
        base.is_some_and(|base| domain.as_str().ends_with(base))
    });
    if is_too_deep {
        return Remedy::from(format!(
            "Use a name without the extra dot, or configure the bucket as an S3 origin. {domain} is the name of {what}, whose certificate covers only names with one label less. Forwarding the Host header makes no difference."
        ));
    }
    Remedy::from(format!(
        "Check that the name is correct and still in use on the platform, and do not forward the Host header, so that CloudFront sends {domain} as the server name. This is the name of {what}: the platform's own certificate covers it and cannot be replaced, but the server sent a different one. To use your own certificate, set up a custom domain name on the platform and set Origin Domain to it."
    ))
}

fn wanted(target: &Target) -> String {
    let ids: Vec<String> = target.reference_ids.iter().map(ToString::to_string).collect();
    ids.join(" or ")
}
