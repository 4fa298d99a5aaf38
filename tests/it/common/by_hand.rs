//! Observations made by hand of chains alone: a healthy connection to each address, whatever the
//! chain is.
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::ChainFacts;
use origin_probe::observation::{
    Elsewhere, Endpoint, Family, FamilyAnswer, Handshake, KeyProof, NameserverState, Observation,
    ProberState, Resolution, ResolvedAddress, Transport, View,
};
use origin_probe::origin::{DomainName, Origin};

/// Returns an observation of `domain`, each of whose addresses served one of `chains`.
pub fn observation(domain: &str, chains: Vec<Arc<ChainFacts>>, at: Timestamp) -> Observation {
    let origin = Origin::with_defaults("origin.example.com".parse().unwrap());
    let name: DomainName = domain.parse().unwrap();
    let target = origin_probe::origin::Target::unforwarded(&name);
    let origin = Origin { targets: vec![target], ..origin };
    let endpoints: Vec<Endpoint> =
        chains.into_iter().enumerate().map(|(n, chain)| endpoint(n, 0, chain, at)).collect();
    let addresses: Vec<IpAddr> = endpoints.iter().map(|endpoint| endpoint.address).collect();
    Observation {
        resolution: Some(resolution(&addresses)),
        endpoints,
        prober: ProberState {
            last_reached: Some(at),
            elsewhere: Elsewhere::Reached,
            nameserver: NameserverState::Answers,
            ..ProberState::default()
        },
        ..Observation::new(Arc::new(origin), at)
    }
}

/// Returns the endpoint of the `number`th address for a target, which served `chain`.
pub fn endpoint(number: usize, target: usize, chain: Arc<ChainFacts>, at: Timestamp) -> Endpoint {
    let address = IpAddr::from([203, 0, 114, 1 + u8::try_from(number).unwrap()]);
    Endpoint {
        chain: Some(chain),
        handshake: Handshake {
            key_proof: KeyProof::Proven { position: 0 },
            connect_time: Some(Duration::from_millis(1)),
            handshake_time: Some(Duration::from_millis(2)),
            ..Handshake::default()
        },
        ..Endpoint::new(address, target, at)
    }
}

fn resolution(addresses: &[IpAddr]) -> Resolution {
    let resolved = |address: &IpAddr| ResolvedAddress { address: *address, ttl_seconds: 60 };
    Resolution {
        answers: vec![FamilyAnswer {
            family: Family::Ipv4,
            cnames: Vec::new(),
            outcome: Ok(addresses.iter().map(resolved).collect()),
            competing_aliases: None,
            nameserver: Some("192.0.2.53:53".parse().unwrap()),
            transport: Transport::Udp,
            negative_ttl_seconds: None,
            age: Duration::ZERO,
        }],
        view: View::Configured,
        each_nameserver: Vec::new(),
        confirmation: None,
    }
}
