//! The default certificate that a server sends because it has none for the forwarded Host header.

use crate::chain::{Certificate, ChainFacts, NameFound};
use crate::observation::{Endpoint, Observation};
use crate::origin::{DomainName, Platform, PlatformCertificate, ReferenceId, Target};

use super::finding::{Doubt, Violation};
use super::remedy::Remedy;
use super::{ChainView, Topic};

/// Returns the violation if the server has no certificate for the forwarded Host header; `None` if
/// Host is not forwarded, or if the certificate covers it.
pub(super) fn violation(view: &ChainView<'_>) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    if !is_served(view) {
        return None;
    }
    let host = &view.target.server_name;
    let names = presented(certificate);
    Some(
        Violation::new(format!(
            "the server has no certificate for {host} and serves its default certificate, which covers {names}"
        ))
        .with_remedy(remedy(view.observation, host))
        .with_repair(Topic::DefaultCertificate),
    )
}

/// Replaces the remedy of a violation that concerns a default certificate: faults of that
/// certificate no longer matter once the server has one for the forwarded Host header.
pub(super) fn put_first(view: &ChainView<'_>, violation: Violation) -> Violation {
    // A doubt about the prober has its own remedy.
    let is_doubted = matches!(violation.doubt, Some(Doubt::Prober(_)));
    let has_it = violation.repair == Some(Topic::DefaultCertificate);
    if is_doubted || has_it || !is_served(view) {
        return violation;
    }
    let host = &view.target.server_name;
    violation
        .with_remedy(format!(
            "Fix name-not-in-certificate first. This is the server's default certificate, which it serves because it has none for {host}."
        ))
        .with_repair(Topic::DefaultCertificate)
}

fn is_served(view: &ChainView<'_>) -> bool {
    let (target, domain) = (view.target, view.observation.origin.domain());
    let Some(certificate) = view.chain.end_entity() else { return false };
    target.server_name != *domain
        && finds(certificate, &ReferenceId::Name(target.server_name.clone())).is_none()
        && target.reference_ids.iter().all(|id| finds(certificate, id).is_none())
}

/// Returns the remedy for a server that does not know the forwarded Host header.
pub(super) fn remedy(observation: &Observation, host: &DomainName) -> Remedy {
    let domain = observation.origin.domain();
    let of_domain = Platform::of(domain);
    let change = match (Platform::of(host), of_domain) {
        (Some(platform), _) => format!(
            "Give the distribution an alternate domain name for which the server has a certificate. Your server cannot get one for {host}, which is the name of {}.",
            platform.what
        ),
        (None, Some(platform)) if platform.certificate == PlatformCertificate::OfPlatform => {
            format!(
                "Set up {host} as a custom domain name of {}, with a certificate for it.",
                platform.what
            )
        }
        (None, _) => format!(
            "Give the server a certificate for {host} (for example in the Kubernetes Ingress, or on the load balancer's listener)."
        ),
    };
    let may_answer = of_domain.is_none_or(|p| p.certificate == PlatformCertificate::OfPlatform);
    let remedy = Remedy::from(change);
    match without_host(observation) {
        WithoutHost::Answers => remedy.alternative(format!(
            "stop forwarding the Host header: the server has a certificate for {domain}"
        )),
        WithoutHost::NotProbed if may_answer => remedy.alternative(format!(
            "stop forwarding the Host header if the server has a certificate for {domain}"
        )),
        WithoutHost::NotProbed | WithoutHost::Fails => remedy,
    }
}

/// The expected result if CloudFront sent the origin domain instead of the viewer's host.
enum WithoutHost {
    Answers,
    /// Also if some viewer hosts answer today and would then depend on a name that was not probed.
    Fails,
    NotProbed,
}

fn without_host(observation: &Observation) -> WithoutHost {
    let domain = observation.origin.domain();
    let (mut of_domain, mut of_hosts) = (Vec::new(), Vec::new());
    for endpoint in observation.endpoints.iter().filter(|endpoint| endpoint.was_probed()) {
        let Some(target) = observation.target_of(endpoint) else { continue };
        match target.server_name == *domain {
            true => of_domain.push(answers(observation, endpoint, target)),
            false => of_hosts.push(answers(observation, endpoint, target)),
        }
    }
    match of_domain.as_slice() {
        [] if of_hosts.contains(&true) => WithoutHost::Fails,
        [] => WithoutHost::NotProbed,
        known if known.contains(&false) => WithoutHost::Fails,
        _ => WithoutHost::Answers,
    }
}

fn answers(observation: &Observation, endpoint: &Endpoint, target: &Target) -> bool {
    let at = observation.started_at;
    // Names are checked last: there may be thousands, and this runs for each finding.
    let is_trusted = |chain: &ChainFacts| {
        let finds_any = |own| target.reference_ids.iter().any(|id| finds(own, id).is_some());
        chain.paths.iter().any(|path| path.not_before <= at && at <= path.not_after)
            && chain.end_entity().is_some_and(finds_any)
    };
    endpoint.handshake.failure.is_none()
        && endpoint.chain.as_ref().is_some_and(|chain| is_trusted(chain))
}

/// Returns where the certificate contains a reference identifier.
pub(super) fn finds(certificate: &Certificate, id: &ReferenceId) -> Option<NameFound> {
    match id {
        ReferenceId::Name(name) => certificate.finds_host(name.as_str()),
        ReferenceId::Wildcard(name) => certificate.finds_below(name.as_str()),
    }
}

pub(super) fn presented(certificate: &Certificate) -> String {
    let names: Vec<&str> = certificate.presented_ids().take(SHOWN + 1).collect();
    match names.as_slice() {
        [] => "no host name".to_owned(),
        names if names.len() <= SHOWN => names.join(", "),
        names => format!(
            "{} and {} more",
            names[..SHOWN].join(", "),
            certificate.presented_ids().count() + certificate.names_left_out - SHOWN
        ),
    }
}

/// How many presented names a sentence lists.
const SHOWN: usize = 4;
