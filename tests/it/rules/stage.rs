//! What the tables are made of: chains, endpoints and observations by hand.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::observation::{
    Elsewhere, Endpoint, Failure, Family, FamilyAnswer, Handshake, KeyProof, NameserverState,
    NotProbed, Observation, ProberState, Resolution, ResolutionFailure, ResolvedAddress, Transport,
    View,
};
use origin_probe::origin::Origin;
use origin_probe::report::Report;
use rustls_pki_types::CertificateDer;

use crate::common::Found;

/// A story, what was seen, and what is to be found.
pub(super) type Row = (&'static str, Observation, Found);

pub(super) fn row(story: &'static str, observation: Observation, expected: Found) -> Row {
    (story, observation, expected)
}

pub(super) const DOMAIN: &str = "origin.example.com";

pub(super) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// The authorities behind the chains of this table.
pub(super) struct Pki {
    pub(super) root: Authority,
    pub(super) intermediate: Authority,
}

impl Pki {
    pub(super) fn new() -> Self {
        let long = || Window::days(-1000..3000, now());
        let root = Authority::root("Test Root", long()).unwrap();
        let intermediate = root.intermediate("Test CA", long(), &Default::default()).unwrap();
        Self { root, intermediate }
    }

    pub(super) fn chain(&self, certificates: &[Vec<u8>]) -> Option<Arc<ChainFacts>> {
        let mut anchors = TrustAnchors::none();
        anchors.add_der(&CertificateDer::from(self.root.der())).unwrap();
        Some(Arc::new(ChainFacts::analyse(certificates, &anchors)))
    }

    /// A chain of an end entity and the intermediate.
    pub(super) fn issue(&self, end_entity: &EndEntity) -> Option<Arc<ChainFacts>> {
        let issued = self.intermediate.issue(end_entity).unwrap();
        self.chain(&[issued.der, self.intermediate.der()])
    }
}

pub(super) fn end_entity(days: std::ops::Range<i64>) -> EndEntity {
    EndEntity::new(&[DOMAIN], Window::days(days, now()))
}

pub(super) fn address(last: u8) -> IpAddr {
    IpAddr::from([203, 0, 114, last])
}

pub(super) fn endpoint(last: u8, chain: Option<Arc<ChainFacts>>) -> Endpoint {
    Endpoint {
        chain,
        handshake: Handshake {
            key_proof: KeyProof::Proven { position: 0 },
            connect_time: Some(Duration::from_millis(1)),
            handshake_time: Some(Duration::from_millis(2)),
            ..Handshake::default()
        },
        ..Endpoint::new(address(last), 0, now())
    }
}

pub(super) fn failed(last: u8, failure: Failure) -> Endpoint {
    let reached = !matches!(failure.stage(), "connect");
    Endpoint {
        handshake: Handshake {
            failure: Some(failure),
            connect_time: reached.then_some(Duration::from_millis(1)),
            ..endpoint(last, None).handshake
        },
        ..endpoint(last, None)
    }
}

pub(super) fn resolution(outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>) -> Resolution {
    Resolution {
        answers: vec![FamilyAnswer {
            family: Family::Ipv4,
            cnames: Vec::new(),
            outcome,
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

pub(super) fn at(addresses: &[IpAddr]) -> Resolution {
    let resolved = |address: &IpAddr| ResolvedAddress { address: *address, ttl_seconds: 60 };
    resolution(Ok(addresses.iter().map(resolved).collect()))
}

/// An observation of a prober that is well and has been let in before.
pub(super) fn seen(endpoints: Vec<Endpoint>) -> Observation {
    let addresses: Vec<IpAddr> = endpoints.iter().map(|e| e.address).collect();
    Observation {
        resolution: Some(at(&addresses)),
        endpoints,
        prober: ProberState {
            last_reached: Some(now()),
            elsewhere: Elsewhere::Reached,
            nameserver: NameserverState::Answers,
            ..ProberState::default()
        },
        ..Observation::new(Arc::new(Origin::with_defaults(DOMAIN.parse().unwrap())), now())
    }
}

pub(super) fn unresolved(failure: ResolutionFailure) -> Observation {
    Observation { resolution: Some(resolution(Err(failure))), ..seen(Vec::new()) }
}

pub(super) fn with_prober(
    observation: Observation,
    change: impl FnOnce(&mut ProberState),
) -> Observation {
    let mut observation = observation;
    change(&mut observation.prober);
    observation
}

pub(super) fn with_origin(
    observation: Observation,
    change: impl FnOnce(&mut Origin),
) -> Observation {
    let mut origin = (*observation.origin).clone();
    change(&mut origin);
    Observation { origin: Arc::new(origin), ..observation }
}

pub(super) fn judged(observation: Observation) -> Report {
    Report::new(None, Arc::new(observation), now())
}

pub(super) fn silence() -> Failure {
    Failure::ConnectionTimedOut { attempts: 3, timeout: Duration::from_secs(10) }
}

pub(super) fn refusal() -> Failure {
    Failure::ConnectionRefused { attempts: 3 }
}

pub(super) fn dns_silence() -> ResolutionFailure {
    ResolutionFailure::TimedOut { waited: Duration::from_secs(5) }
}

pub(super) fn no_route() -> Failure {
    let error = "Network is unreachable".into();
    Failure::NotProbed { reason: NotProbed::NoRoute { error } }
}
