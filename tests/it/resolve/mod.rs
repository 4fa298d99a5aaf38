//! The whole way through sockets on loopback.

mod kept;
mod outcomes;
mod records;
mod several;
mod test_nameserver;
mod world;

use std::net::SocketAddr;
use std::time::Duration;

use origin_probe::observation::{
    Family, FamilyAnswer, Resolution, ResolutionFailure, ResolvedAddress, View,
};
use origin_probe::origin::{DomainName, IpAddressType, ProberConfig};
use origin_probe::resolve::{Freshness, Resolver};

use test_nameserver::{TestNameserver, Zone};
use world::world;

/// Returns a nameserver of the small world, and a resolver that asks it.
async fn small_world() -> (TestNameserver, Resolver) {
    serving(world).await
}

async fn serving(zone: Zone) -> (TestNameserver, Resolver) {
    let server = TestNameserver::start(zone).await;
    let resolver = Resolver::new(&settings(&[server.address])).unwrap();
    (server, resolver)
}

/// Looks up the IPv4 addresses of a domain without the cache.
async fn lookup(resolver: &Resolver, asked: &str) -> Resolution {
    resolver.resolve(&domain(asked), IpAddressType::Ipv4, Freshness::Anew).await
}

fn settings(nameservers: &[SocketAddr]) -> ProberConfig {
    ProberConfig {
        nameservers: nameservers.to_vec(),
        dns_timeout: Duration::from_secs(20),
        dns_attempts: 1,
        ..ProberConfig::default()
    }
}

/// For nameservers that say nothing: the tests wait for this to pass.
fn hasty(nameservers: &[SocketAddr]) -> ProberConfig {
    ProberConfig { dns_timeout: Duration::from_millis(50), ..settings(nameservers) }
}

fn domain(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn addresses(expected: &[(&str, u32)]) -> Result<Vec<ResolvedAddress>, ResolutionFailure> {
    let address = |&(text, ttl_seconds): &(&str, u32)| ResolvedAddress {
        address: text.parse().unwrap(),
        ttl_seconds,
    };
    Ok(expected.iter().map(address).collect())
}

/// The IPv4 addresses that most names of the small world have.
fn two() -> Result<Vec<ResolvedAddress>, ResolutionFailure> {
    addresses(&[("192.0.2.1", 60), ("192.0.2.2", 60)])
}

fn answer(
    family: Family,
    cnames: &[&str],
    outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>,
    nameserver: SocketAddr,
) -> FamilyAnswer {
    FamilyAnswer {
        cnames: cnames.iter().map(|name| domain(name)).collect(),
        outcome,
        nameserver: Some(nameserver),
        ..FamilyAnswer::failed(family, ResolutionFailure::NoData)
    }
}

/// Returns a whole lookup with these answers.
fn resolution(answers: Vec<FamilyAnswer>) -> Resolution {
    Resolution { answers, view: View::Configured, each_nameserver: Vec::new(), confirmation: None }
}

/// Returns the answers with every waiting time set to zero, having made sure that there was one.
fn without_waits(mut resolution: Resolution) -> Resolution {
    for answer in &mut resolution.answers {
        if let Err(ResolutionFailure::TimedOut { waited }) = &mut answer.outcome {
            assert!(*waited >= Duration::from_millis(50), "waited {waited:?} only");
            *waited = Duration::ZERO;
        }
    }
    resolution
}

const SILENCE: Result<Vec<ResolvedAddress>, ResolutionFailure> =
    Err(ResolutionFailure::TimedOut { waited: Duration::ZERO });
