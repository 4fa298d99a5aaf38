//! No name in the end-entity certificate matches the origin domain or the forwarded Host.

use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::NameFound;
use crate::cloudfront::Page;
use crate::origin::DomainName;
use crate::origin::Platform;
use crate::origin::PlatformCertificate;
use crate::origin::ReferenceId;
use crate::origin::Target;

use super::ChainView;
use super::Check;
use super::Rule;
use super::default_certificate;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::remedy::Remedy;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "name-not-in-certificate",
    title: "The certificate names neither the origin domain nor the forwarded host",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    // AWS's own spelling.
    citation: Page::BAD_GATEWAY.section("ssl-negotitation-failure"),
    remedy: "Set Origin Domain to a name that the certificate carries (with a DNS record that leads to the origin, not to CloudFront), or have the certificate reissued with the missing name.",
    explanation: "The certificate must carry the Origin Domain, or the Host header where CloudFront forwards it. Otherwise the handshake fails and viewers get 502.",
    repair: &repair::NAME,
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
        "the certificate names {}, not {}",
        presented(certificate),
        wanted(view.target)
    ));
    let domain = view.observation.origin.domain();
    Some(match Platform::of(domain) {
        Some(platform) => violation
            .with_remedy(on_platform(domain, platform, certificate))
            .with_repair(&repair::PLATFORM_NAME),
        None => violation,
    })
}

/// Returns what to do where Origin Domain is a platform's name, which no certificate of the
/// customer's carries.
fn on_platform(domain: &DomainName, platform: Platform, certificate: &Certificate) -> Remedy {
    let what = platform.what;
    if platform.certificate == PlatformCertificate::OfCustomer {
        let owner = what.split_once(' ').map_or(what, |(_, owner)| owner);
        let own_name = certificate
            .presented_ids()
            .find(|name| !name.starts_with("*."))
            .unwrap_or("the site's name");
        return Remedy::from(format!(
            "{domain} is the {owner}'s own name, for which you cannot have a certificate. Put a custom domain name that the certificate carries into Origin Domain, with a DNS record (CNAME or alias) from it to the {owner}."
        ))
        .alternative(format!(
            "or forward the Host header (origin request policy AllViewer), so that CloudFront asks for {own_name} itself"
        ));
    }
    // A wildcard covers one label (RFC 9525 §6.3).
    let is_too_deep = certificate.presented_ids().any(|name| {
        let base = name.strip_prefix('*');
        base.is_some_and(|base| domain.as_str().ends_with(base))
    });
    if is_too_deep {
        return Remedy::from(format!(
            "{domain} is the name of {what}, whose certificate covers names with one label less. Use a name without the additional dot, or let CloudFront use the bucket as an S3 origin. Whether the Host header is forwarded makes no difference."
        ));
    }
    Remedy::from(format!(
        "{domain} is the name of {what}, which has a certificate of the platform's for it that you cannot replace; this one is another. Look whether the name is right and still in use there, and do not forward the Host header: then CloudFront asks for {domain} itself. To use your own certificate, set up a custom domain name there and put that into Origin Domain."
    ))
}

/// Tells where the certificate carries a reference identifier.
pub(super) fn finds(certificate: &Certificate, id: &ReferenceId) -> Option<NameFound> {
    match id {
        ReferenceId::Name(name) => certificate.finds_host(name.as_str()),
        ReferenceId::Wildcard(name) => certificate.finds_below(name.as_str()),
    }
}

pub(super) fn presented(certificate: &Certificate) -> String {
    let names: Vec<&str> = certificate.presented_ids().take(SHOWN + 1).collect();
    match names.as_slice() {
        [] => "no host at all".to_owned(),
        names if names.len() <= SHOWN => names.join(", "),
        names => format!(
            "{} and {} more",
            names[..SHOWN].join(", "),
            certificate.presented_ids().count() + certificate.names_left_out - SHOWN
        ),
    }
}

fn wanted(target: &Target) -> String {
    let ids: Vec<String> = target.reference_ids.iter().map(ToString::to_string).collect();
    ids.join(" or ")
}

/// How many presented names a sentence bears.
const SHOWN: usize = 4;
