//! From an origin domain to addresses: which DNS view counts, and how long to wait for it.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::cloudfront::{Reach, reach};
use crate::observation::{Family, FamilyAnswer, Observation, Resolution, ResolutionFailure, View};
use crate::origin::{IpAddressType, Origin};
use crate::resolve::Freshness;

use super::{ProbeOptions, Prober};

impl Prober {
    /// Queries the first view, and the second one if the first has no address for CloudFront.
    pub(super) async fn resolve(
        &self,
        origin: &Origin,
        options: &ProbeOptions,
        deadline: Instant,
    ) -> Resolution {
        let family = origin.ip_address_type;
        let began = Instant::now();
        let first = self.resolver.resolve(origin.domain(), family, options.freshness);
        let Ok(mut resolution) = tokio::time::timeout_at(deadline, first).await else {
            return out_of_time(family, self.resolver.view(), began.elapsed());
        };
        let has_public = resolution.addresses().any(|a| self.is_public(a.address));
        if !has_public {
            let second = self.resolver.confirm(origin.domain(), family, options.freshness);
            if let Ok(Some(confirmation)) = tokio::time::timeout_at(deadline, second).await {
                resolution.confirmation = Some(Box::new(confirmation));
            }
        }
        resolution
    }

    /// Returns the addresses of two more lookups, if the options ask for them.
    pub(super) async fn look_again(
        &self,
        observation: &Observation,
        options: &ProbeOptions,
        deadline: Instant,
    ) -> Vec<IpAddr> {
        let known = observation.resolution.as_ref();
        let is_short = |known: &&Resolution| known.addresses().all(|a| a.ttl_seconds <= SHORT_TTL);
        if !options.looks_again || known.filter(is_short).is_none() {
            return Vec::new();
        }
        let anew = ProbeOptions { freshness: Freshness::Anew, ..ProbeOptions::default() };
        let mut addresses = Vec::new();
        for _ in 0..2 {
            let resolution = self.resolve(&observation.origin, &anew, deadline).await;
            addresses.extend(self.usable(&resolution));
        }
        addresses
    }

    /// Queries each nameserver individually, if configured.
    pub(super) async fn ask_each_nameserver(
        &self,
        observation: &Observation,
        options: &ProbeOptions,
        deadline: Instant,
    ) -> Vec<FamilyAnswer> {
        let Some(known) = &observation.resolution else { return Vec::new() };
        let domain = observation.origin.domain();
        self.resolver.ask_each(domain, known, options.freshness, deadline).await
    }

    /// Returns the addresses to probe: those of the second view if it has public addresses and the
    /// first does not.
    pub(super) fn usable(&self, resolution: &Resolution) -> Vec<IpAddr> {
        let confirmed = resolution
            .confirmation
            .as_deref()
            .filter(|second| second.addresses().any(|address| self.is_public(address.address)));
        let addresses = confirmed.unwrap_or(resolution).addresses().map(|known| known.address);
        let mut seen = HashSet::new();
        addresses.filter(|address| seen.insert(*address)).take(MAX_ADDRESSES).collect()
    }

    fn is_public(&self, address: IpAddr) -> bool {
        reach(address) == Reach::Public || self.is_assumed_public(address)
    }

    pub(super) fn is_assumed_public(&self, address: IpAddr) -> bool {
        self.config.assume_public.iter().any(|network| network.contains(&address))
    }
}

/// In seconds: a name with a longer TTL is not looked up again, because the answer would be the same.
const SHORT_TTL: u32 = 2;

/// No load balancer has more addresses than this; the rest is not probed.
pub(super) const MAX_ADDRESSES: usize = 64;
fn out_of_time(family: IpAddressType, view: View, waited: Duration) -> Resolution {
    let failure = ResolutionFailure::OutOfTime { waited };
    let answer = |family: &Family| FamilyAnswer::failed(*family, failure.clone());
    let answers = Family::of_type(family).iter().map(answer).collect();
    Resolution { answers, view, each_nameserver: Vec::new(), confirmation: None }
}
