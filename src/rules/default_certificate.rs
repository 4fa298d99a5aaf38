//! A certificate that the server falls back to, because it has none for the forwarded Host.

use crate::chain::ChainFacts;
use crate::observation::Endpoint;
use crate::observation::Observation;
use crate::origin::DomainName;
use crate::origin::Platform;
use crate::origin::PlatformCertificate;
use crate::origin::ReferenceId;
use crate::origin::Target;

use super::ChainView;
use super::finding::Doubt;
use super::finding::Violation;
use super::name_not_in_certificate::finds;
use super::name_not_in_certificate::presented;
use super::remedy::Remedy;
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
    // A doubt of the prober has a remedy of its own.
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
pub(super) fn remedy(observation: &Observation, host: &DomainName) -> Remedy {
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
    let may_answer = of_domain.is_none_or(|p| p.certificate == PlatformCertificate::OfPlatform);
    let remedy = Remedy::from(format!("{change}."));
    match without_host(observation) {
        WithoutHost::Answers => remedy.alternative(format!(
            "or do not forward the Host header: for {domain} the server has a certificate"
        )),
        WithoutHost::NotProbed if may_answer => remedy.alternative(format!(
            "or do not forward the Host header, if the server has a certificate for {domain}"
        )),
        WithoutHost::NotProbed | WithoutHost::Fails => remedy,
    }
}

/// The known state of the origin if CloudFront sends the origin domain instead of Host.
enum WithoutHost {
    Answers,
    /// Or some of the viewers' names answer today, and would depend on a name that was not probed.
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
    // The names come last: there may be thousands, and this is asked for each finding.
    let is_trusted = |chain: &ChainFacts| {
        let finds_any = |own| target.reference_ids.iter().any(|id| finds(own, id).is_some());
        chain.paths.iter().any(|path| path.not_before <= at && at <= path.not_after)
            && chain.end_entity().is_some_and(finds_any)
    };
    endpoint.failure.is_none() && endpoint.chain.as_ref().is_some_and(|chain| is_trusted(chain))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::observation::Failure;
    use crate::origin::Origin;

    use super::super::remedy::ReadIn;
    use super::Endpoint;
    use super::Observation;
    use super::Target;
    use super::remedy;

    fn observed(domain: &str, sent: &[&str]) -> Observation {
        let mut origin = Origin::with_defaults(domain.parse().unwrap());
        let domain = origin.domain().clone();
        let target = |name: &&str| Target::forwarded(&name.parse().unwrap(), &domain);
        origin.targets = sent.iter().map(target).collect();
        let at = "2026-06-01T00:00:00Z".parse().unwrap();
        let refused = |target| Endpoint {
            failure: Some(Failure::Alert { code: 112 }),
            ..Endpoint::new([192, 0, 2, 1].into(), target, at)
        };
        Observation {
            endpoints: (0..sent.len()).map(refused).collect(),
            ..Observation::new(Arc::new(origin), at)
        }
    }

    fn told(domain: &str, sent: &[&str]) -> String {
        let host = sent.last().unwrap().parse().unwrap();
        remedy(&observed(domain, sent), &host).read_in(ReadIn::Daemon)
    }

    const OWN: &str = "d111111abcdef8.cloudfront.net";

    #[test]
    fn host_is_left_out_only_where_the_domain_may_answer() {
        let alias = "www.shop.example";
        let leaves_out = |text: &str| text.contains("do not forward the Host header");
        assert!(leaves_out(&told("origin.shop.example", &[alias])));
        // The domain was probed and fails.
        assert!(!leaves_out(&told("origin.shop.example", &["origin.shop.example", alias])));
        // No certificate of the customer's carries it.
        assert!(!leaves_out(&told("shop.eu-west-1.elasticbeanstalk.com", &[alias])));
        assert!(leaves_out(&told("abc.execute-api.eu-west-1.amazonaws.com", &[alias])));
    }

    #[test]
    fn no_certificate_for_a_platforms_name_is_asked_for() {
        for domain in ["origin.shop.example", "shop.eu-west-1.elasticbeanstalk.com"] {
            let text = told(domain, &[OWN]);
            assert!(!text.contains(&format!("a certificate for {OWN}")), "{text}");
            assert!(text.contains("an alternate domain name"), "{text}");
        }
    }
}
