//! A certificate that the server falls back to, because it has none for the forwarded Host.

use crate::observation::Observation;
use crate::origin::DomainName;
use crate::origin::Platform;
use crate::origin::PlatformCertificate;
use crate::origin::ReferenceId;

use super::ChainView;
use super::finding::Doubt;
use super::finding::Violation;
use super::name_not_in_certificate::finds;
use super::name_not_in_certificate::presented;
use super::repair;

/// Returns the violation of a server that has no certificate for the Host header that CloudFront
/// forwards; `None` where Host is not forwarded, or the certificate is for it.
pub(super) fn violation(view: &ChainView<'_>) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    if !is_served(view) {
        return None;
    }
    let host = &view.target.server_name;
    let names = presented(certificate);
    Some(
        Violation::new(format!(
            "the server has no certificate for {host} and serves its default, for {names}"
        ))
        .with_remedy(remedy(view.observation, host))
        .with_repair(&repair::DEFAULT_CERTIFICATE),
    )
}

/// Gives a violation that concerns a default certificate the remedy that comes first: what is wrong
/// with that certificate is of no account once the server has one for the Host.
pub(super) fn put_first(view: &ChainView<'_>, violation: Violation) -> Violation {
    // What the prober doubts has a remedy of its own.
    let is_doubted = matches!(violation.doubt, Some(Doubt::Prober(_)));
    let has_it = violation.repair == Some(&repair::DEFAULT_CERTIFICATE);
    if is_doubted || has_it || !is_served(view) {
        return violation;
    }
    let host = &view.target.server_name;
    violation
        .with_remedy(format!(
            "This is the server's default certificate, which it serves because it has none for {host}: see name-not-in-certificate."
        ))
        .with_repair(&repair::DEFAULT_CERTIFICATE)
}

fn is_served(view: &ChainView<'_>) -> bool {
    let (target, domain) = (view.target, view.observation.origin.domain());
    let Some(certificate) = view.chain.end_entity() else { return false };
    target.server_name != *domain
        && finds(certificate, &ReferenceId::Name(target.server_name.clone())).is_none()
        && target.reference_ids.iter().all(|id| finds(certificate, id).is_none())
}

/// Returns what to do where the server does not know the forwarded Host.
pub(super) fn remedy(observation: &Observation, host: &DomainName) -> String {
    let domain = observation.origin.domain();
    let of_domain = Platform::of(domain);
    let change = match (Platform::of(host), of_domain) {
        (Some(platform), _) => format!(
            "{host} is the name of {}, for which your server cannot get a certificate. Give the distribution an alternate domain name for which the server has one",
            platform.what
        ),
        (None, Some(platform)) if platform.certificate == PlatformCertificate::OfPlatform => {
            format!(
                "Set up {host} as a custom domain name of {}, with a certificate for it",
                platform.what
            )
        }
        (None, _) => format!(
            "Give the server a certificate for {host} (a TLS host of the Kubernetes Ingress, a certificate of the load balancer's listener)"
        ),
    };
    match without_host(observation) {
        WithoutHost::Answers => format!(
            "{change}. Or do not forward the Host header: for {domain} the server has a certificate."
        ),
        WithoutHost::NotProbed
            if of_domain.is_none_or(|p| p.certificate == PlatformCertificate::OfPlatform) =>
        {
            format!(
                "{change}. Or do not forward the Host header, if the server has a certificate for {domain}."
            )
        }
        WithoutHost::NotProbed | WithoutHost::Fails => format!("{change}."),
    }
}

/// What is known of the origin if CloudFront sends the origin domain instead of Host.
enum WithoutHost {
    Answers,
    Fails,
    NotProbed,
}

fn without_host(observation: &Observation) -> WithoutHost {
    let domain = observation.origin.domain();
    let mut known = WithoutHost::NotProbed;
    for endpoint in &observation.endpoints {
        let is_meant = observation
            .target_of(endpoint)
            .is_some_and(|target| target.server_name == *domain);
        if !is_meant || !endpoint.was_probed() {
            continue;
        }
        let end_entity = endpoint.chain.as_ref().and_then(|chain| chain.end_entity());
        let is_for_domain =
            end_entity.is_some_and(|it| it.finds_host(domain.as_str()).is_some());
        if endpoint.failure.is_some() || !is_for_domain {
            return WithoutHost::Fails;
        }
        known = WithoutHost::Answers;
    }
    known
}
