//! Hand-made reports for the tests of this module.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, Served};
use origin_probe::observation::{Endpoint, Failure, Observation, Resolution};
use origin_probe::origin::{Origin, Target};
use origin_probe::report::Report;

use crate::common::by_hand::{self, answering, failing, shop_chain, timed, with_handshake};

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
        self.origin.targets = by_hand::forwarding(self.origin.domain().as_str(), hosts).targets;
        self
    }

    /// Makes every target at `address` serve the sample chain: `www.shop.example` and
    /// `shop.example`, valid in 2026.
    pub fn serving(self, address: &str) -> Self {
        self.serving_chain(address, Arc::unwrap_or_clone(shop_chain()))
    }

    /// Like [`Self::serving`], but the end-entity certificate expires at `not_after`.
    pub fn serving_until(self, address: &str, not_after: &str) -> Self {
        self.serving_from(address, "2026-01-01T00:00:00Z", not_after)
    }

    /// Like [`Self::serving`], but the end-entity certificate is valid from `not_before` to
    /// `not_after`.
    pub fn serving_from(self, address: &str, not_before: &str, not_after: &str) -> Self {
        let not_after: Timestamp = not_after.parse().unwrap();
        let mut chain = Arc::unwrap_or_clone(shop_chain());
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
            let failed = failing(address.parse().unwrap(), target, failure.clone(), now());
            self.endpoints.push(with_handshake(failed, |it| {
                it.connect_time = it.connect_time.map(|_| Duration::from_millis(9));
            }));
        }
        self
    }

    pub fn report(self) -> Report {
        self.report_at(now())
    }

    pub fn report_at(self, at: Timestamp) -> Report {
        let observation = Observation {
            resolution: self.resolution,
            endpoints: self.endpoints,
            resolve_time: Duration::from_millis(3),
            duration: Duration::from_millis(40),
            ..Observation::new(Arc::new(self.origin), at)
        };
        by_hand::judged(observation)
    }

    pub fn serving_chain(mut self, address: &str, chain: ChainFacts) -> Self {
        let chain = Arc::new(chain);
        for target in 0..self.origin.targets.len() {
            let chain = Some(Arc::clone(&chain));
            let served = answering(address.parse().unwrap(), target, chain, now());
            self.endpoints.push(timed(served, 9, 20));
        }
        self
    }
}

/// Returns an answer with one CNAME.
pub fn resolved(addresses: &[&str]) -> Resolution {
    let addresses: Vec<_> = addresses.iter().map(|address| address.parse().unwrap()).collect();
    let mut answer = by_hand::answer(Ok(by_hand::records(&addresses)));
    answer.cnames = vec!["lb.example".parse().unwrap()];
    by_hand::resolution(vec![answer])
}
