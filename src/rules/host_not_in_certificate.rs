//! Host is forwarded, but the certificate covers only the origin domain.

use jiff::Timestamp;

use crate::cloudfront::Page;
use crate::origin::{OriginSetting, Platform, ReferenceId};

use super::finding::Violation;
use super::{Basis, ChainView, Check, Class, Rule, RuleId, Topic, default_certificate};

pub(super) const RULE: Rule = Rule {
    id: RuleId::HostNotInCertificate,
    name: "host-not-in-certificate",
    since: "0.1.0",
    title: "The certificate covers the origin domain, but not the forwarded Host header",
    class: Class::NOTICE.by(Basis::Documented).on(OriginSetting::ServerName),
    citation: Page::REQUIREMENTS,
    remedy: "Add the viewer's host name to the origin's certificate. AWS's documents disagree about whether the certificate must cover that name. If the stricter ones are right, viewers of this host get 502, although this is only a notice.",
    explanation: "Some AWS pages accept a certificate that covers either the origin domain or the forwarded Host header. Others require that the certificate match the forwarded Host header. origin-probe follows the first, so this finding does not change the verdict. A certificate with both names satisfies all of them.",
    repair: Topic::Both,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    let (host, domain) = (&view.target.server_name, view.observation.origin.domain());
    // Configured certificate names replace this rule: the operator decides what must match.
    let is_forwarded = view.target.reference_ids
        == [ReferenceId::Name(host.clone()), ReferenceId::Name(domain.clone())];
    if !is_forwarded
        || certificate.finds_host(host.as_str()).is_some()
        || certificate.finds_host(domain.as_str()).is_none()
    {
        return None;
    }
    let violation = Violation::new(format!(
        "the certificate covers the origin domain {domain}, but not the forwarded host {host}"
    ));
    Some(match Platform::of(host).or_else(|| Platform::of(domain)) {
        Some(_) => violation
            .with_remedy(default_certificate::remedy(view.observation, host))
            .with_repair(Topic::DefaultCertificate),
        None => violation,
    })
}
