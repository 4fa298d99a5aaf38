//! Observations made by hand, for tests that judge without a network.
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::metrics::{Selection, exposition};
use origin_probe::observation::{
    Elsewhere, Endpoint, Failure, Family, FamilyAnswer, Handshake, KeyProof, NameserverState,
    Observation, ProberState, Resolution, ResolutionFailure, ResolvedAddress, TlsParameters,
    Transport, View,
};
use origin_probe::origin::{DomainName, Origin, Target};
use origin_probe::report::{Report, Reports};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Returns an observation of `domain`, each of whose addresses served one of `chains`.
pub fn observation(domain: &str, chains: Vec<Arc<ChainFacts>>, at: Timestamp) -> Observation {
    let mut origin = Origin::with_defaults("origin.example.com".parse().unwrap());
    origin.targets = vec![Target::unforwarded(&domain.parse().unwrap())];
    let endpoints = chains.into_iter().enumerate().map(|(n, chain)| endpoint(n, 0, chain, at));
    observed(origin, endpoints.collect(), at)
}

/// Returns the endpoint of the `number`th address for a target, which served `chain`.
pub fn endpoint(number: usize, target: usize, chain: Arc<ChainFacts>, at: Timestamp) -> Endpoint {
    answering(address(1 + u8::try_from(number).unwrap()), target, Some(chain), at)
}

/// Returns an observation by a healthy prober that reached these endpoints.
pub fn observed(origin: Origin, endpoints: Vec<Endpoint>, at: Timestamp) -> Observation {
    let addresses: Vec<IpAddr> = endpoints.iter().map(|endpoint| endpoint.address).collect();
    Observation {
        resolution: Some(resolution(vec![answer(Ok(records(&addresses)))])),
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

/// Returns the first report on an observation, judged when it was made.
pub fn judged(observation: Observation) -> Report {
    let at = observation.started_at;
    Report::new(None, Arc::new(observation), at)
}

/// Returns the first report on endpoints, by a prober that knows nothing else.
pub fn report(origin: &Arc<Origin>, endpoints: Vec<Endpoint>, at: Timestamp) -> Report {
    judged(Observation { endpoints, ..Observation::new(Arc::clone(origin), at) })
}

/// Returns everything that Prometheus gets of these reports.
pub fn exposed(reports: &Reports, own: String) -> String {
    exposed_of(reports, own, &Selection::default())
}

/// Returns what Prometheus gets of these reports if it gets these families.
pub fn exposed_of(reports: &Reports, own: String, selection: &Selection) -> String {
    let pieces: Vec<u8> = exposition(reports, own, selection).flatten().collect();
    String::from_utf8(pieces).unwrap()
}

/// Returns an origin at `domain` that gets the Host of these viewers.
pub fn forwarding(domain: &str, hosts: &[&str]) -> Origin {
    let mut origin = Origin::with_defaults(domain.parse().unwrap());
    let target =
        |host: &&str| Target::forwarded(&host.parse::<DomainName>().unwrap(), origin.domain());
    origin.targets = hosts.iter().map(target).collect();
    origin
}

pub fn address(last: u8) -> IpAddr {
    IpAddr::from([203, 0, 114, last])
}

/// Returns an endpoint with a healthy handshake.
pub fn answering(
    address: IpAddr,
    target: usize,
    chain: Option<Arc<ChainFacts>>,
    at: Timestamp,
) -> Endpoint {
    let handshake = Handshake {
        key_proof: KeyProof::Proven { position: 0 },
        connect_time: Some(Duration::from_millis(1)),
        handshake_time: Some(Duration::from_millis(2)),
        ..Handshake::default()
    };
    Endpoint { chain, handshake, ..Endpoint::new(address, target, at) }
}

/// Returns an endpoint that fails, after a connection where the failure comes later.
pub fn failing(address: IpAddr, target: usize, failure: Failure, at: Timestamp) -> Endpoint {
    let was_reached = failure.stage() != "connect";
    let handshake = Handshake {
        connect_time: was_reached.then_some(Duration::from_millis(1)),
        failure: Some(failure),
        ..Handshake::default()
    };
    Endpoint { handshake, ..Endpoint::new(address, target, at) }
}

/// Returns the same endpoint with another handshake.
pub fn with_handshake(mut endpoint: Endpoint, change: impl FnOnce(&mut Handshake)) -> Endpoint {
    change(&mut endpoint.handshake);
    endpoint
}

/// Sets how long connection and handshake took, of a handshake by TLS 1.3.
pub fn timed(endpoint: Endpoint, connect: u64, handshake: u64) -> Endpoint {
    with_handshake(endpoint, |it| {
        it.connect_time = Some(Duration::from_millis(connect));
        it.handshake_time = Some(Duration::from_millis(handshake));
        it.tls = Some(tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", Some("x25519")));
    })
}

pub fn tls(version: &'static str, cipher_suite: &str, group: Option<&str>) -> TlsParameters {
    let group = group.map(|group| group.to_owned().into());
    TlsParameters { version: version.into(), cipher_suite: cipher_suite.into(), group }
}

pub fn refusal() -> Failure {
    Failure::ConnectionRefused { attempts: 3 }
}

pub fn silence() -> Failure {
    Failure::ConnectionTimedOut { attempts: 3, timeout: Duration::from_secs(10) }
}

/// Returns what a nameserver says of the IPv4 addresses.
pub fn answer(outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>) -> FamilyAnswer {
    FamilyAnswer {
        family: Family::Ipv4,
        cnames: Vec::new(),
        outcome,
        competing_aliases: None,
        nameserver: Some("192.0.2.53:53".parse().unwrap()),
        transport: Transport::Udp,
        negative_ttl_seconds: None,
        age: Duration::ZERO,
    }
}

pub fn records(addresses: &[IpAddr]) -> Vec<ResolvedAddress> {
    let record = |address: &IpAddr| ResolvedAddress { address: *address, ttl_seconds: 60 };
    addresses.iter().map(record).collect()
}

pub fn resolution(answers: Vec<FamilyAnswer>) -> Resolution {
    let view = View::Configured;
    Resolution { answers, view, each_nameserver: Vec::new(), confirmation: None }
}

pub fn anchors(roots: &[impl AsRef<[u8]>]) -> TrustAnchors {
    let mut anchors = TrustAnchors::none();
    for root in roots {
        anchors.add_der(&CertificateDer::from(root.as_ref())).unwrap();
    }
    anchors
}

/// Returns the facts of a served list, with `root` as the only trust anchor.
pub fn chain(served: &[impl AsRef<[u8]>], root: &[u8]) -> Arc<ChainFacts> {
    Arc::new(ChainFacts::analyse(served, &anchors(&[root])))
}

/// Returns the chain of the contract: `www.shop.example` and `shop.example`, valid in 2026.
pub fn shop_chain() -> Arc<ChainFacts> {
    let root = include_bytes!("../../contract/root.pem");
    let served = include_bytes!("../../contract/served_chain.pem");
    let served: Vec<_> = CertificateDer::pem_slice_iter(served).map(Result::unwrap).collect();
    chain(&served, &CertificateDer::from_pem_slice(root).unwrap())
}
