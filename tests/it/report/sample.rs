//! Hand-made reports for the tests of this module.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use origin_probe::chain::{ChainFacts, Served, TrustAnchors};
use origin_probe::observation::{
    Endpoint, Failure, Family, FamilyAnswer, Handshake, KeyProof, Observation, ProberState,
    Resolution, ResolvedAddress, TlsParameters, Transport, View,
};
use origin_probe::origin::{DomainName, Origin, Target};

use origin_probe::report::Report;

/// An origin and the observations of a probe at [`now`].
pub struct Sample {
    pub origin: Origin,
    pub endpoints: Vec<Endpoint>,
    pub resolution: Option<Resolution>,
}

/// Returns an instant 38 days before the sample chain expires.
pub fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

impl Sample {
    /// Creates an origin with CloudFront's defaults and without endpoints.
    pub fn of(domain: &str) -> Self {
        let origin = Origin::with_defaults(domain.parse().unwrap());
        Self { origin, endpoints: Vec::new(), resolution: None }
    }

    pub fn with_id(mut self, id: &str) -> Self {
        self.origin.key.id = id.into();
        self
    }

    /// Sends another server name, which the certificate must match.
    pub fn renamed(mut self, domain: &str) -> Self {
        self.origin.targets = vec![Target::unforwarded(&domain.parse().unwrap())];
        self
    }

    /// Forwards Host for the given viewer hosts.
    pub fn forwarding(mut self, hosts: &[&str]) -> Self {
        let domain = self.origin.domain().clone();
        let target = |host: &&str| Target::forwarded(&host.parse::<DomainName>().unwrap(), &domain);
        self.origin.targets = hosts.iter().map(target).collect();
        self
    }

    /// Makes every target at `address` serve the sample chain: `www.shop.example` and
    /// `shop.example`, valid in 2026.
    pub fn serving(self, address: &str) -> Self {
        self.serving_chain(address, chain())
    }

    /// Like [`Self::serving`], but the end-entity certificate expires at `not_after`.
    pub fn serving_until(self, address: &str, not_after: &str) -> Self {
        self.serving_from(address, "2026-01-01T00:00:00Z", not_after)
    }

    /// Like [`Self::serving`], but the end-entity certificate is valid from `not_before` to
    /// `not_after`.
    pub fn serving_from(self, address: &str, not_before: &str, not_after: &str) -> Self {
        let not_after: Timestamp = not_after.parse().unwrap();
        let mut chain = chain();
        let mut end_entity = chain.end_entity().unwrap().clone();
        end_entity.not_before = not_before.parse().unwrap();
        end_entity.not_after = not_after;
        // A different certificate has a different hash.
        end_entity.sha256[..8].copy_from_slice(&not_after.as_second().to_be_bytes());
        chain.served[0] = Served::Certificate(Arc::new(end_entity));
        chain.paths.iter_mut().for_each(|path| path.not_after = not_after);
        self.serving_chain(address, chain)
    }

    /// Makes every target at `address` fail.
    pub fn failing(mut self, address: &str, failure: &Failure) -> Self {
        for target in 0..self.origin.targets.len() {
            let connect_time = (failure.stage() != "connect").then(|| Duration::from_millis(9));
            self.endpoints.push(Endpoint {
                handshake: Handshake {
                    failure: Some(failure.clone()),
                    connect_time,
                    ..endpoint(address, target).handshake
                },
                ..endpoint(address, target)
            });
        }
        self
    }

    pub fn report(self) -> Report {
        self.report_at(now())
    }

    pub fn report_at(self, at: Timestamp) -> Report {
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

    pub fn serving_chain(mut self, address: &str, chain: ChainFacts) -> Self {
        let chain = Arc::new(chain);
        for target in 0..self.origin.targets.len() {
            self.endpoints.push(Endpoint {
                chain: Some(Arc::clone(&chain)),
                handshake: Handshake {
                    tls: Some(TlsParameters {
                        version: "TLSv1.3",
                        cipher_suite: "TLS_AES_128_GCM_SHA256".into(),
                        group: Some("x25519".into()),
                    }),
                    key_proof: KeyProof::Proven { position: 0 },
                    connect_time: Some(Duration::from_millis(9)),
                    handshake_time: Some(Duration::from_millis(20)),
                    ..endpoint(address, target).handshake
                },
                ..endpoint(address, target)
            });
        }
        self
    }
}

/// Returns an answer with one CNAME.
pub fn resolved(addresses: &[&str]) -> Resolution {
    let address = |text: &&str| ResolvedAddress { address: text.parse().unwrap(), ttl_seconds: 60 };
    Resolution {
        answers: vec![FamilyAnswer {
            family: Family::Ipv4,
            cnames: vec!["lb.example".parse().unwrap()],
            outcome: Ok(addresses.iter().map(address).collect()),
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

fn endpoint(address: &str, target: usize) -> Endpoint {
    Endpoint::new(address.parse::<IpAddr>().unwrap(), target, now())
}

fn chain() -> ChainFacts {
    let root = include_bytes!("../../contract/root.pem");
    let served = include_bytes!("../../contract/served_chain.pem");
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from_pem_slice(root).unwrap()).unwrap();
    let served: Vec<_> = CertificateDer::pem_slice_iter(served).map(Result::unwrap).collect();
    ChainFacts::analyse(&served, &anchors)
}
