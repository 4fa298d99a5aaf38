//! No name in the end-entity certificate matches the origin domain or the forwarded Host.

use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::NameFound;
use crate::cloudfront::Page;
use crate::cloudfront::is_load_balancers_own_name;
use crate::origin::ReferenceId;
use crate::origin::Target;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "name-not-in-certificate",
    title: "The certificate names neither the origin domain nor the forwarded host",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    // AWS's own spelling.
    citation: Page::BAD_GATEWAY.section("ssl-negotitation-failure"),
    remedy: "Set Origin Domain to a name that the certificate carries (with a DNS record for it), or have the certificate reissued with the missing name.",
    explanation: "The certificate must carry the Origin Domain, or the Host header where CloudFront forwards it. Otherwise the handshake fails and viewers get 502.",
    repair: &repair::NAME,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    if view.target.reference_ids.iter().any(|id| finds(certificate, id).is_some()) {
        return None;
    }
    let violation = Violation::new(format!(
        "the certificate names {}, not {}",
        presented(certificate),
        wanted(view.target)
    ));
    let domain = view.observation.origin.domain();
    if !is_load_balancers_own_name(domain) {
        return Some(violation);
    }
    let own_name = certificate
        .presented_ids()
        .find(|name| !name.starts_with("*."))
        .unwrap_or("the site's name");
    Some(violation.with_remedy(format!(
        "{domain} is the load balancer's own name, for which you cannot have a certificate. Put a custom domain name that the certificate carries into Origin Domain, with a DNS record (CNAME or alias) from it to the load balancer; or forward the Host header (origin request policy AllViewer), so that CloudFront asks for {own_name} itself."
    )))
}

/// Tells where the certificate carries a reference identifier.
pub(super) fn finds(certificate: &Certificate, id: &ReferenceId) -> Option<NameFound> {
    match id {
        ReferenceId::Name(name) => certificate.finds_host(name.as_str()),
        ReferenceId::Wildcard(name) => certificate.finds_below(name.as_str()),
    }
}

fn presented(certificate: &Certificate) -> String {
    let names: Vec<&str> = certificate.presented_ids().take(SHOWN + 1).collect();
    match names.as_slice() {
        [] => "no host at all".to_owned(),
        names if names.len() <= SHOWN => names.join(", "),
        names => format!(
            "{} and {} more",
            names[..SHOWN].join(", "),
            certificate.presented_ids().count() - SHOWN
        ),
    }
}

fn wanted(target: &Target) -> String {
    let ids: Vec<String> = target.reference_ids.iter().map(ToString::to_string).collect();
    ids.join(" or ")
}

/// How many presented names a sentence bears.
const SHOWN: usize = 4;
