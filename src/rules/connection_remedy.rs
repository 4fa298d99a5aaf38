//! Remedies for failed connections: a dead address family, a dead address, an S3 website.

use std::net::IpAddr;

use crate::observation::{Failure, Observation};
use crate::origin::{IpAddressType, Platform, Service};

use super::finding::{Doubt, Violation};
use super::{Facts, Topic};

/// Returns the address type that works for a dual-stack origin if no address of the family of
/// `dead` accepts connections and one of the other family does.
pub fn working_family(observation: &Observation, dead: IpAddr) -> Option<IpAddressType> {
    let is_dualstack = observation.origin.ip_address_type == IpAddressType::Dualstack;
    let is_alike = |address: IpAddr| address.is_ipv4() == dead.is_ipv4();
    let mut of_other = observation.endpoints.iter().filter(|e| !is_alike(e.address));
    let mut of_dead = observation.endpoints.iter().filter(|e| is_alike(e.address));
    let takes_none = of_dead.all(|endpoint| {
        matches!(
            endpoint.handshake.failure,
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

/// Adds the remedy for a dead address or an S3 website to a failed connection.
pub(super) fn add(facts: &Facts<'_>, violation: Violation) -> Violation {
    match violation.doubt {
        Some(Doubt::OtherAddressesAnswer) => {
            for_dead_address(facts.observation, facts.endpoint.address, violation)
        }
        _ => for_s3_website(facts.observation, violation),
    }
}

/// Adds the remedy for a dead address family, or for a single dead address.
fn for_dead_address(observation: &Observation, address: IpAddr, violation: Violation) -> Violation {
    let origin = &observation.origin;
    let (domain, port) = (origin.domain(), origin.https_port);
    if let Some(working) = working_family(observation, address) {
        let (family, record) = match address {
            IpAddr::V4(_) => ("IPv4", "A"),
            IpAddr::V6(_) => ("IPv6", "AAAA"),
        };
        return violation
            .with_remedy(format!(
                "Make the server accept connections on port {port} over {family} and allow CloudFront in its firewall, or stop using {family}. No {family} address of {domain} accepts connections. To stop using {family}, set the origin's IpAddressType to {}, or delete the {record} record of {domain}.",
                working.as_str()
            ))
            .with_repair(Topic::DeadFamily);
    }
    violation.with_remedy(format!(
        "Make the server at {address} listen on port {port} and allow CloudFront in its firewall, or remove this address from DNS. Other addresses of {domain} accept connections on this port."
    ))
}

/// Adds the remedy for an S3 website to a failed connection or handshake if the origin is one.
pub(super) fn for_s3_website(observation: &Observation, violation: Violation) -> Violation {
    let domain = observation.origin.domain();
    if Platform::of(domain).is_none_or(|platform| platform.service != Service::S3Website) {
        return violation;
    }
    violation
        .with_remedy(format!(
            "Set the origin protocol policy (OriginProtocolPolicy) to http-only, or use the bucket as an S3 origin. {domain} is an S3 website endpoint, which supports plain HTTP only."
        ))
        .with_repair(Topic::S3Website)
}
