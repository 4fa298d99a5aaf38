//! The remedies of failed connections: a dead address family, a dead address, an S3 website.

use std::net::IpAddr;

use crate::observation::Failure;
use crate::observation::Observation;
use crate::origin::IpAddressType;
use crate::origin::Platform;
use crate::origin::Service;

use super::finding::Violation;
use super::repair;

/// Returns the only address type under which a dual-stack origin can be connected to, where no
/// address of the family of `dead` takes connections and one of the other family does.
pub fn working_family(observation: &Observation, dead: IpAddr) -> Option<IpAddressType> {
    let is_dualstack = observation.origin.ip_address_type == IpAddressType::Dualstack;
    let is_alike = |address: IpAddr| address.is_ipv4() == dead.is_ipv4();
    let mut of_other = observation.endpoints.iter().filter(|e| !is_alike(e.address));
    let mut of_dead = observation.endpoints.iter().filter(|e| is_alike(e.address));
    let takes_none = of_dead.all(|endpoint| {
        matches!(
            endpoint.failure,
            Some(Failure::ConnectionRefused { .. } | Failure::ConnectionTimedOut { .. })
        )
    });
    (is_dualstack && takes_none && of_other.any(|endpoint| endpoint.was_reached())).then_some(
        match dead {
            IpAddr::V4(_) => IpAddressType::Ipv6,
            IpAddr::V6(_) => IpAddressType::Ipv4,
        },
    )
}

/// Gives a failed connection the remedy for a dead address family, or for a single dead address
/// among others.
pub(super) fn for_dead_address(
    observation: &Observation,
    address: IpAddr,
    violation: Violation,
) -> Violation {
    let origin = &observation.origin;
    let (domain, port) = (origin.domain(), origin.https_port);
    if let Some(working) = working_family(observation, address) {
        let (family, record) = match address {
            IpAddr::V4(_) => ("IPv4", "A"),
            IpAddr::V6(_) => ("IPv6", "AAAA"),
        };
        return violation
            .with_remedy(format!(
                "No {family} address of {domain} takes connections. Make the server listen on port {port} over {family} and admit CloudFront in the firewall there; or take {family} out: set the origin's IpAddressType to {}, or delete the {record} record of {domain}.",
                working.as_str()
            ))
            .with_repair(&repair::DEAD_FAMILY);
    }
    violation.with_remedy(format!(
        "Other addresses of {domain} take connections on port {port}: make the server at {address} listen there and admit CloudFront in its firewall, or take this address out of DNS."
    ))
}

/// Gives a failure to connect or to speak TLS the remedy for an S3 website, if the origin is one.
pub(super) fn for_s3_website(observation: &Observation, violation: Violation) -> Violation {
    let domain = observation.origin.domain();
    if Platform::of(domain).is_none_or(|platform| platform.service != Service::S3Website) {
        return violation;
    }
    violation
        .with_remedy(format!(
            "{domain} is an S3 website endpoint, and these speak plain HTTP only: set the origin protocol policy (OriginProtocolPolicy) to http-only, or use the bucket itself as an S3 origin."
        ))
        .with_repair(&repair::S3_WEBSITE)
}
