//! Reports put together by hand, for the tests of this room.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::chain::ChainFacts;
use crate::chain::Served;
use crate::chain::TrustAnchors;
use crate::observation::Endpoint;
use crate::observation::Failure;
use crate::observation::KeyProof;
use crate::observation::Observation;
use crate::observation::ProberState;
use crate::observation::Resolution;
use crate::observation::TlsParameters;
use crate::origin::DomainName;
use crate::origin::Origin;
use crate::origin::Target;

use super::Report;

/// An origin and what a probe at [`now`] saw of it.
pub(super) struct Sample {
    pub(super) origin: Origin,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) resolution: Option<Resolution>,
}

/// Returns 38 days before the sample chain expires.
pub(super) fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

impl Sample {
    /// Starts with an origin with CloudFront's defaults and no endpoint.
    pub(super) fn of(domain: &str) -> Self {
        let origin = Origin::with_defaults(domain.parse().unwrap());
        Self { origin, endpoints: Vec::new(), resolution: None }
    }

    pub(super) fn with_id(mut self, id: &str) -> Self {
        self.origin.key.id = id.into();
        self
    }

    /// Forwards Host for the given viewer hosts.
    pub(super) fn forwarding(mut self, hosts: &[&str]) -> Self {
        let domain = self.origin.domain().clone();
        let target = |host: &&str| Target::forwarded(&host.parse::<DomainName>().unwrap(), &domain);
        self.origin.targets = hosts.iter().map(target).collect();
        self
    }

    /// Lets every target at `address` serve the sample chain: `www.shop.example` and
    /// `shop.example`, the year 2026.
    pub(super) fn serving(self, address: &str) -> Self {
        self.serving_chain(address, chain())
    }

    /// The same, but the end entity ends at `not_after`.
    pub(super) fn serving_until(self, address: &str, not_after: &str) -> Self {
        let not_after: Timestamp = not_after.parse().unwrap();
        let mut chain = chain();
        let mut end_entity = chain.end_entity().unwrap().clone();
        end_entity.not_after = not_after;
        // Another certificate has another hash.
        end_entity.sha256[..8].copy_from_slice(&not_after.as_second().to_be_bytes());
        chain.served[0] = Served::Certificate(Arc::new(end_entity));
        chain.paths.iter_mut().for_each(|path| path.not_after = not_after);
        self.serving_chain(address, chain)
    }

    /// Lets every target at `address` fail.
    pub(super) fn failing(mut self, address: &str, failure: &Failure) -> Self {
        for target in 0..self.origin.targets.len() {
            let connect_time = (failure.stage() != "connect").then(|| Duration::from_millis(9));
            self.endpoints.push(Endpoint {
                failure: Some(failure.clone()),
                connect_time,
                ..endpoint(address, target)
            });
        }
        self
    }

    pub(super) fn report(self) -> Report {
        self.report_at(now())
    }

    pub(super) fn report_at(self, at: Timestamp) -> Report {
        let observation = Observation {
            origin: Arc::new(self.origin),
            started_at: at,
            resolution: self.resolution,
            endpoints: self.endpoints,
            prober: ProberState::default(),
            resolve_time: Duration::from_millis(3),
            duration: Duration::from_millis(40),
        };
        Report::new(None, Arc::new(observation), at)
    }

    pub(super) fn serving_chain(mut self, address: &str, chain: ChainFacts) -> Self {
        let chain = Arc::new(chain);
        for target in 0..self.origin.targets.len() {
            self.endpoints.push(Endpoint {
                tls: Some(TlsParameters {
                    version: "TLSv1.3",
                    cipher_suite: "TLS_AES_128_GCM_SHA256".into(),
                    group: Some("x25519".into()),
                }),
                chain: Some(Arc::clone(&chain)),
                key_proof: KeyProof::Proven { position: 0 },
                connect_time: Some(Duration::from_millis(9)),
                handshake_time: Some(Duration::from_millis(20)),
                ..endpoint(address, target)
            });
        }
        self
    }
}

fn endpoint(address: &str, target: usize) -> Endpoint {
    Endpoint::new(address.parse::<IpAddr>().unwrap(), target, now())
}

fn chain() -> ChainFacts {
    let root = include_bytes!("../../tests/contract/root.pem");
    let served = include_bytes!("../../tests/contract/served_chain.pem");
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from_pem_slice(root).unwrap()).unwrap();
    let served: Vec<_> = CertificateDer::pem_slice_iter(served).map(Result::unwrap).collect();
    ChainFacts::analyse(&served, &anchors)
}
