//! The whole way through sockets on loopback.

mod kept;
mod outcomes;
mod several;
mod test_nameserver;
mod world;

use std::net::SocketAddr;
use std::time::Duration;

use origin_probe::observation::{
    Family, FamilyAnswer, Resolution, ResolutionFailure, ResolvedAddress, Transport,
};
use origin_probe::origin::{DomainName, ProberConfig};

pub(super) fn settings(nameservers: &[SocketAddr]) -> ProberConfig {
    ProberConfig {
        nameservers: nameservers.to_vec(),
        dns_timeout: Duration::from_secs(20),
        dns_attempts: 1,
        ..ProberConfig::default()
    }
}

/// For nameservers that say nothing: the tests wait for this to pass.
pub(super) fn hasty(nameservers: &[SocketAddr]) -> ProberConfig {
    ProberConfig { dns_timeout: Duration::from_millis(50), ..settings(nameservers) }
}

pub(super) fn domain(text: &str) -> DomainName {
    text.parse().unwrap()
}

pub(super) fn addresses(
    expected: &[(&str, u32)],
) -> Result<Vec<ResolvedAddress>, ResolutionFailure> {
    let address = |&(text, ttl_seconds): &(&str, u32)| ResolvedAddress {
        address: text.parse().unwrap(),
        ttl_seconds,
    };
    Ok(expected.iter().map(address).collect())
}

pub(super) fn answer(
    family: Family,
    cnames: &[&str],
    outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>,
    nameserver: SocketAddr,
) -> FamilyAnswer {
    let cnames = cnames.iter().map(|n| domain(n)).collect();
    FamilyAnswer {
        family,
        cnames,
        outcome,
        competing_aliases: None,
        nameserver: Some(nameserver),
        transport: Transport::Udp,
        negative_ttl_seconds: None,
        age: Duration::ZERO,
    }
}

/// Returns the answers with every waiting time set to zero, having made sure that there was one.
pub(super) fn without_waits(mut resolution: Resolution) -> Resolution {
    for answer in &mut resolution.answers {
        if let Err(ResolutionFailure::TimedOut { waited }) = &mut answer.outcome {
            assert!(*waited >= Duration::from_millis(50), "waited {waited:?} only");
            *waited = Duration::ZERO;
        }
    }
    resolution
}

pub(super) const SILENCE: Result<Vec<ResolvedAddress>, ResolutionFailure> =
    Err(ResolutionFailure::TimedOut { waited: Duration::ZERO });
