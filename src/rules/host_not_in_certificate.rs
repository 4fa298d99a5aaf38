//! Host is forwarded, but only the origin domain is on the certificate.

use jiff::Timestamp;

use crate::cloudfront::Page;
use crate::origin::Platform;
use crate::origin::ReferenceId;

use super::ChainView;
use super::Check;
use super::Rule;
use super::default_certificate;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "host-not-in-certificate",
    title: "The certificate names the origin domain, but not the forwarded host",
    effect: Effect::Notice,
    basis: Basis::Documented,
    status: None,
    citation: Page::REQUIREMENTS,
    remedy: "Add the viewers' host name to the origin's certificate.",
    explanation: "Amazon's pages disagree: one accepts either name, another asks that the certificate match the forwarded Host. A certificate with both is right by each.",
    repair: &repair::BOTH,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    let (host, domain) = (&view.target.server_name, view.observation.origin.domain());
    // Names given by hand replace the rule: there the operator says what must match.
    let is_forwarded = view.target.reference_ids
        == [ReferenceId::Name(host.clone()), ReferenceId::Name(domain.clone())];
    if !is_forwarded
        || certificate.finds_host(host.as_str()).is_some()
        || certificate.finds_host(domain.as_str()).is_none()
    {
        return None;
    }
    let violation = Violation::new(format!(
        "Host {host} is forwarded, but the certificate names only the origin domain {domain}"
    ));
    Some(match Platform::of(host).or_else(|| Platform::of(domain)) {
        Some(_) => violation
            .with_remedy(default_certificate::remedy(view.observation, host))
            .with_repair(&repair::DEFAULT_CERTIFICATE),
        None => violation,
    })
}
