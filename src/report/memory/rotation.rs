//! Addresses that DNS names only in some of its answers.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::observation::{Endpoint, Failure, Observation, Refusal};

use super::{may_be_the_network, signature_of};

/// The addresses that recent answers left out.
///
/// An address that is left out and returns proves that the name rotates. Until then only the last
/// answer counts; from then on the others are probed as well.
#[derive(Debug, Default)]
pub(super) struct Rotation {
    is_proven: bool,
    left_out: Vec<LeftOut>,
}

#[derive(Debug)]
struct LeftOut {
    address: IpAddr,
    /// How many answers in a row left it out.
    answers: u8,
    last_named: Timestamp,
    /// How its connections ended while DNS named it.
    faces: Vec<Face>,
}

/// The marks of the server behind an address: how its connections end, and the names that it serves.
#[derive(Debug, PartialEq, Eq)]
struct Face {
    target: usize,
    failure: Option<(&'static str, Option<Refusal>)>,
    /// The names on the certificate, sorted; `None` if no certificate was read.
    names: Option<Vec<Box<str>>>,
}

impl Rotation {
    /// Takes note of the addresses that DNS named in `now`, after those of `before`.
    pub(super) fn note(&mut self, before: Option<&Observation>, now: &Observation) {
        let named = |observation: &Observation| -> BTreeSet<IpAddr> {
            let named = observation.endpoints.iter().filter(|endpoint| !endpoint.is_remembered);
            named.map(|endpoint| endpoint.address).collect()
        };
        let current = named(now);
        // A lookup without an address says nothing about single addresses, nor does a cached one.
        let is_fresh =
            now.resolution.as_ref().is_some_and(|it| it.answers.iter().all(|a| a.age.is_zero()));
        if current.is_empty() || !is_fresh {
            return;
        }
        let all = self.left_out.len();
        self.left_out.retain(|each| !current.contains(&each.address));
        self.is_proven |= self.left_out.len() < all;
        for each in &mut self.left_out {
            each.answers += 1;
        }
        let before_that = before.map(named).unwrap_or_default();
        for address in before_that.difference(&current) {
            if self.left_out.iter().all(|each| each.address != *address) {
                let (faces, last_named) = faces(before, *address);
                self.left_out.push(LeftOut { address: *address, answers: 1, last_named, faces });
            }
        }
        let at = now.started_at;
        self.left_out.retain(|each| {
            each.answers < MOST_ANSWERS && at.duration_since(each.last_named) < LONGEST
        });
        // The newest are at the end.
        let excess = self.left_out.len().saturating_sub(MOST_ADDRESSES);
        self.left_out.drain(..excess);
        self.is_proven &= !self.left_out.is_empty();
    }

    pub(super) fn is_proven(&self) -> bool {
        self.is_proven
    }

    pub(super) fn left_out(&self) -> impl Iterator<Item = IpAddr> {
        self.left_out.iter().map(|each| each.address)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left_out.is_empty()
    }

    /// Drops the remembered addresses at which another server may answer by now, or none, and
    /// returns them. They never fail the origin.
    pub(super) fn drop_moved<'a>(
        &mut self,
        endpoints: impl Iterator<Item = &'a Endpoint>,
    ) -> BTreeSet<IpAddr> {
        let has_moved = |endpoint: &&Endpoint| {
            let known = self.left_out.iter().find(|each| each.address == endpoint.address);
            endpoint.is_remembered && known.is_none_or(|known| !known.is_recognized(endpoint))
        };
        let moved: BTreeSet<IpAddr> = endpoints.filter(has_moved).map(|e| e.address).collect();
        self.left_out.retain(|each| !moved.contains(&each.address));
        moved
    }
}

impl LeftOut {
    fn is_recognized(&self, endpoint: &Endpoint) -> bool {
        if !endpoint.was_probed() {
            return true;
        }
        let is_gone = may_be_the_network(endpoint)
            || matches!(endpoint.handshake.failure, Some(Failure::NotTls { .. }));
        let face = Face::of(endpoint);
        !is_gone && self.faces.contains(&face)
    }
}

impl Face {
    fn of(endpoint: &Endpoint) -> Self {
        let certificate = endpoint.chain.as_ref().and_then(|chain| chain.end_entity());
        let names = certificate.map(|certificate| {
            let mut names: Vec<Box<str>> = certificate.presented_ids().map(Into::into).collect();
            names.sort_unstable();
            names
        });
        let failure = endpoint.handshake.failure.as_ref().map(signature_of);
        Self { target: endpoint.target, failure, names }
    }
}

/// Returns how the connections to an address ended, and when DNS named it.
fn faces(observation: Option<&Observation>, address: IpAddr) -> (Vec<Face>, Timestamp) {
    let endpoints = observation.into_iter().flat_map(|observation| &observation.endpoints);
    let own = endpoints.filter(|endpoint| endpoint.address == address);
    let named_at = observation.map_or(Timestamp::MIN, |observation| observation.started_at);
    (own.map(Face::of).collect(), named_at)
}

/// After this many answers without it, an address no longer belongs to the name.
const MOST_ANSWERS: u8 = 24;
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
const MOST_ADDRESSES: usize = 64;
