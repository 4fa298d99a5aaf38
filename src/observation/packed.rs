//! An observation as it is kept between probes: in few bytes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::chain::ChainFacts;
use crate::origin::Origin;

use super::{Endpoint, Observation, ProberState, Resolution};

/// An observation in a compact form. The chains are shared; everything else is written into about
/// a hundred bytes for a healthy origin, where the observation itself takes a kilobyte.
#[derive(Clone, Debug)]
pub struct PackedObservation {
    bytes: Box<[u8]>,
    /// Each distinct chain once.
    chains: Box<[Arc<ChainFacts>]>,
}

/// The written form, in this order.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(with = "jiff::fmt::serde::timestamp::nanosecond::required")]
    started_at: Timestamp,
    resolution: &'a Option<Resolution>,
    endpoints: &'a [Endpoint],
    /// For each endpoint, the position of its chain plus one; 0 for none.
    chains: Vec<usize>,
    prober: &'a ProberState,
    resolve_time: Duration,
    duration: Duration,
}

/// The same for reading.
#[derive(Deserialize)]
struct Read {
    #[serde(with = "jiff::fmt::serde::timestamp::nanosecond::required")]
    started_at: Timestamp,
    resolution: Option<Resolution>,
    endpoints: Vec<Endpoint>,
    chains: Vec<usize>,
    prober: ProberState,
    resolve_time: Duration,
    duration: Duration,
}

impl PackedObservation {
    /// Packs an observation.
    ///
    /// # Errors
    /// None is known: every type of an observation can be written.
    pub fn new(observation: &Observation) -> Result<Self, postcard::Error> {
        let mut places: BTreeMap<*const ChainFacts, usize> = BTreeMap::new();
        let mut distinct: Vec<Arc<ChainFacts>> = Vec::new();
        let mut place = |chain: &Arc<ChainFacts>| {
            *places.entry(Arc::as_ptr(chain)).or_insert_with(|| {
                distinct.push(Arc::clone(chain));
                distinct.len()
            })
        };
        let endpoints = observation.endpoints.iter();
        let chains: Vec<usize> = endpoints
            .map(|each| each.chain.as_ref())
            .map(|chain| chain.map_or(0, &mut place))
            .collect();
        let written = Written {
            started_at: observation.started_at,
            resolution: &observation.resolution,
            endpoints: &observation.endpoints,
            chains,
            prober: &observation.prober,
            resolve_time: observation.resolve_time,
            duration: observation.duration,
        };
        let bytes = postcard::to_allocvec(&written)?.into();
        Ok(Self { bytes, chains: distinct.into() })
    }

    /// Returns the observation, which is of `origin`.
    ///
    /// # Errors
    /// None is known: the bytes are those that [`PackedObservation::new`] wrote.
    pub fn unpack(&self, origin: Arc<Origin>) -> Result<Observation, postcard::Error> {
        let mut read: Read = postcard::from_bytes(&self.bytes)?;
        for (endpoint, chain) in read.endpoints.iter_mut().zip(read.chains) {
            endpoint.chain = chain.checked_sub(1).and_then(|chain| self.chains.get(chain)).cloned();
        }
        Ok(Observation {
            origin,
            started_at: read.started_at,
            resolution: read.resolution,
            endpoints: read.endpoints,
            prober: read.prober,
            resolve_time: read.resolve_time,
            duration: read.duration,
        })
    }
}
