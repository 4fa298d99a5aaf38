//! The result of the DNS resolution, in the JSON contract.

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

use crate::observation::{
    FamilyAnswer, Observation, Resolution, ResolutionFailure, ResolvedAddress,
};
use crate::origin::DomainName;

/// The DNS view whose addresses were probed; empty if nothing was resolved.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ResolutionJson<'a> {
    cnames: Vec<&'a str>,
    addresses: Vec<AddressJson>,
    nameserver: Option<SocketAddr>,
    error: Option<&'static str>,
    /// How long the error may be cached; null if that is not known.
    negative_ttl_seconds: Option<u32>,
    /// The answers of each nameserver of the first view, by family; empty unless
    /// `resolver.check_all` is set.
    nameservers: Vec<NameserverJson<'a>>,
}

impl<'a> ResolutionJson<'a> {
    pub(super) fn new(observation: &'a Observation) -> Self {
        let Some(resolution) = probed_view(observation) else { return Self::default() };
        let failed = failed(resolution);
        let each = observation.resolution.iter().flat_map(|first| &first.each_nameserver);
        Self {
            cnames: resolution.cnames().iter().map(DomainName::as_str).collect(),
            addresses: resolution.addresses().map(AddressJson::new).collect(),
            nameserver: resolution.answers.iter().find_map(|answer| answer.nameserver),
            error: failed.and_then(kind),
            negative_ttl_seconds: failed.and_then(|answer| answer.negative_ttl_seconds),
            nameservers: each.map(NameserverJson::new).collect(),
        }
    }
}

/// Returns the second view if its addresses were probed, otherwise the first.
fn probed_view(observation: &Observation) -> Option<&Resolution> {
    let first = observation.resolution.as_ref()?;
    let was_probed = |second: &&Resolution| {
        let mut answered = second.addresses().map(|resolved| resolved.address);
        answered.any(|address| observation.endpoints.iter().any(|e| e.address == address))
    };
    Some(first.confirmation.as_deref().filter(was_probed).unwrap_or(first))
}

/// Returns the first answer that is a failure. A family without records is not a failure if the
/// other family has addresses.
fn failed(resolution: &Resolution) -> Option<&FamilyAnswer> {
    let has_address = resolution.addresses().next().is_some();
    let failures = || resolution.answers.iter().filter(|answer| answer.outcome.is_err());
    failures()
        .find(|answer| answer.outcome != Err(ResolutionFailure::NoData))
        .or_else(|| failures().next().filter(|_| !has_address))
}

fn kind(answer: &FamilyAnswer) -> Option<&'static str> {
    answer.outcome.as_ref().err().map(ResolutionFailure::kind)
}

/// One nameserver's answer for one family.
#[derive(Clone, Debug, Serialize)]
struct NameserverJson<'a> {
    nameserver: Option<SocketAddr>,
    family: &'static str,
    cnames: Vec<&'a str>,
    addresses: Vec<AddressJson>,
    error: Option<&'static str>,
    negative_ttl_seconds: Option<u32>,
}

impl<'a> NameserverJson<'a> {
    fn new(answer: &'a FamilyAnswer) -> Self {
        Self {
            nameserver: answer.nameserver,
            family: answer.family.as_str(),
            cnames: answer.cnames.iter().map(DomainName::as_str).collect(),
            addresses: answer.addresses().map(AddressJson::new).collect(),
            error: kind(answer),
            negative_ttl_seconds: answer.negative_ttl_seconds,
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct AddressJson {
    address: IpAddr,
    ttl_seconds: u32,
}

impl AddressJson {
    fn new(resolved: &ResolvedAddress) -> Self {
        Self { address: resolved.address, ttl_seconds: resolved.ttl_seconds }
    }
}
