//! The path found by a library that takes the first issuer that fits and never backtracks (AWS-LC,
//! `X509_verify_cert`).

use std::sync::Arc;

use jiff::Timestamp;

use super::ChainFacts;
use super::anchors::{FittingAnchor, TrustAnchors};
use super::certificate::Certificate;
use super::links::MAX_LINKED;
use super::path::Path;

/// The possible issuers of one served certificate, by names, key ids and key usage. Such a library
/// checks signatures and constraints only once the path is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fits {
    pub(super) anchors: Vec<Arc<FittingAnchor>>,
    /// The positions of served certificates, one bit for each of the first [`MAX_LINKED`].
    served: u32,
    /// Whether the certificate seems to be its own issuer.
    is_own: bool,
}

impl Fits {
    /// Returns the positions of the served certificates that fit, in order.
    fn positions(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..MAX_LINKED).filter(|position| self.served >> position & 1 == 1)
    }
}

/// Finds the possible issuers of each served certificate.
pub(super) fn fits(served: &[Option<&Certificate>], anchors: &TrustAnchors) -> Vec<Fits> {
    let of_one = |certificate: &Certificate| Fits {
        anchors: anchors
            .named(&certificate.issuer)
            .filter(|anchor| anchor.seems_to_issue(certificate))
            .map(|anchor| anchor.as_fitting())
            .collect(),
        served: served
            .iter()
            .enumerate()
            .take(MAX_LINKED)
            .filter(|(_, issuer)| issuer.is_some_and(|issuer| certificate.seems_issued_by(issuer)))
            .fold(0, |positions, (position, _)| positions | 1 << position),
        is_own: certificate.profile.is_self_issued && certificate.seems_issued_by(certificate),
    };
    let linked = served.iter().take(MAX_LINKED);
    linked.map(|certificate| certificate.map(of_one).unwrap_or_default()).collect()
}

/// Where the first-fit search fails although a valid path exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstFitFailure {
    /// The position of the last certificate that the search shares with the valid path.
    pub below: usize,
    pub taken: Taken,
    /// The position of the certificate in the valid path instead; `None` for its anchor.
    pub better: Option<usize>,
    /// The anchor of the valid path.
    pub anchor: Box<str>,
}

/// The issuer that the search takes and that leads to a dead end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    Served {
        position: usize,
    },
    Anchor {
        name: Box<str>,
    },
    /// Nothing fits, or the path exceeds the maximum length.
    Nothing,
}

impl ChainFacts {
    /// Returns where a library that never backtracks fails at the instant `at`, although there is a
    /// valid path; `None` if it does not fail, or if there is no valid path.
    pub fn dead_end(&self, at: Timestamp) -> Option<FirstFitFailure> {
        let is_good = |path: &&Path| {
            path.fault.is_none()
                && !path.has_refused_signature
                && path.is_in_time(at)
                && path.is_anchor_in_time(at)
        };
        let end_entity = self.end_entity.filter(|position| *position == 0)?;
        if !self.is_complete || self.served_anchors.contains(&end_entity) {
            return None;
        }
        self.paths.iter().find(is_good)?;
        let (walk, anchors) = self.walk(end_entity, at);
        let shared = |path: &Path| {
            let pairs = path.certificates.iter().zip(&walk);
            pairs.take_while(|(one, other)| self.is_same(**one, **other)).count()
        };
        let leads_on = |anchor: &&Arc<FittingAnchor>| {
            let good = self.paths.iter().filter(is_good);
            good.filter(|path| path.anchor_place == anchor.place)
                .any(|path| path.certificates.len() == walk.len() && shared(path) == walk.len())
        };
        // It is not known which of several the library finds first.
        let useless = anchors.iter().copied().find(|anchor| !leads_on(anchor));
        if useless.is_none() && !anchors.is_empty() {
            return None;
        }
        // The valid path that shares most with the search shows the problem best.
        let path = self.paths.iter().filter(is_good).max_by_key(|path| shared(path))?;
        let shared = shared(path);
        let taken = match (walk.get(shared), useless) {
            (Some(position), _) => Taken::Served { position: *position },
            (None, Some(anchor)) => Taken::Anchor { name: anchor.name.clone() },
            (None, None) => Taken::Nothing,
        };
        Some(FirstFitFailure {
            below: *path.certificates.get(shared.checked_sub(1)?)?,
            taken,
            better: path.certificates.get(shared).copied(),
            anchor: path.anchor.clone(),
        })
    }

    /// Returns the served certificates that the search takes, and the anchors that may end it.
    fn walk(&self, start: usize, at: Timestamp) -> (Vec<usize>, Vec<&Arc<FittingAnchor>>) {
        let mut walk = vec![start];
        let mut last = start;
        while walk.len() < MAX_WALK {
            let Some(fits) = self.fits.get(last) else { break };
            if fits.is_own {
                break;
            }
            if !fits.anchors.is_empty() {
                // The order of several is that of the library's store, which is not known.
                let in_time = || fits.anchors.iter().filter(|anchor| anchor.is_in_time(at));
                let anchors = match in_time().next() {
                    Some(_) => in_time().collect(),
                    None => fits.anchors.iter().collect(),
                };
                return (walk, anchors);
            }
            let free = || fits.positions().filter(|one| !walk.contains(one));
            let is_in_time = |one: &usize| self.validity(*one).is_some_and(|own| own.contains(at));
            let Some(next) = free().find(is_in_time).or_else(|| free().next_back()) else { break };
            walk.push(next);
            last = next;
        }
        (walk, Vec::new())
    }

    /// Returns whether the same certificate is served at both positions.
    fn is_same(&self, one: usize, other: usize) -> bool {
        one == other || self.identity(one).is_some_and(|own| Some(own) == self.identity(other))
    }
}

/// s2n-tls accepts a path of seven certificates besides the end entity and the anchor.
const MAX_WALK: usize = 9;
