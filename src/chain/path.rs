//! Paths from the end entity to a trust anchor (RFC 5280 §6), regardless of the time.

use jiff::Timestamp;

use super::anchors::{Anchor, TrustAnchors};
use super::certificate::Certificate;
use super::fault::PathFault;
use super::keeping::Validity;
use super::links::Links;
use super::name_constraints::NameChecks;
use super::signature::Signatures;

/// One path from the end entity to a trust anchor, found by names, key ids and signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Positions in the served list: the end entity first, without the anchor.
    pub certificates: Vec<usize>,
    /// The anchor's subject.
    pub anchor: Box<str>,
    /// The start of the anchor's own validity, if known. RFC 5280 §6.1.1 does not check an anchor's
    /// dates, but s2n-tls does.
    pub anchor_not_before: Option<Timestamp>,
    /// The end of the anchor's own validity, if known.
    pub anchor_not_after: Option<Timestamp>,
    /// The validity of each of the anchor's own certificates; a renewed anchor has several.
    pub(super) anchor_validity: Vec<Validity>,
    /// The anchor's position among the trust anchors.
    pub(super) anchor_place: usize,
    /// The start of the period in which all of the path's certificates are valid.
    pub not_before: Timestamp,
    /// The end of that period.
    pub not_after: Timestamp,
    /// A fault that does not depend on the time.
    pub fault: Option<PathFault>,
    /// The position of the faulty certificate, if the fault is in one.
    pub faulty_certificate: Option<usize>,
    /// Whether today's verifiers refuse a signature on it, because of its algorithm or key length.
    pub has_refused_signature: bool,
}

impl Path {
    /// Returns whether every certificate of the path is within its validity at `at`.
    pub fn is_in_time(&self, at: Timestamp) -> bool {
        Validity { not_before: self.not_before, not_after: self.not_after }.contains(at)
    }

    /// Returns whether the anchor's own certificate is within its validity at `at`, as far as its
    /// dates are known.
    pub fn is_anchor_in_time(&self, at: Timestamp) -> bool {
        let own = &self.anchor_validity;
        own.is_empty() || own.iter().any(|own| own.contains(at))
    }

    /// Returns when the next of the anchor's own certificates becomes valid.
    pub fn anchor_begins_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.anchor_validity.iter().map(|own| own.not_before).filter(|start| *start > at).min()
    }
}

/// One sequence of issuers from the end entity, as far as it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadEnd {
    /// Positions in the served list, the end entity first. The last one is self-signed, its issuer
    /// is not served, or its issuer is already in the sequence.
    pub certificates: Vec<usize>,
    /// The objection of RFC 5280 §6.1 that does not depend on the time or on the rest of the path.
    pub fault: Option<PathFault>,
    /// The position of the faulty certificate, if the fault is in one.
    pub faulty_certificate: Option<usize>,
}

impl DeadEnd {
    pub(super) fn new(
        served: &[Option<&Certificate>],
        positions: Vec<usize>,
        names: &mut NameChecks,
    ) -> Self {
        let (judged, certificates): (Vec<usize>, Vec<&Certificate>) = positions
            .iter()
            .filter_map(|position| Some((*position, served.get(*position).copied().flatten()?)))
            // A root may be untrusted, but by itself it violates no rule.
            .enumerate()
            .filter(|(place, (_, certificate))| *place == 0 || !certificate.is_self_signed)
            .map(|(_, of_way)| of_way)
            .unzip();
        let (fault, place) = PathFault::find(&certificates, &judged, None, names).unzip();
        let faulty = place.flatten().and_then(|place| judged.get(place).copied());
        Self { certificates: positions, fault, faulty_certificate: faulty }
    }

    /// Returns the position at which it ends.
    pub fn end(&self) -> Option<usize> {
        self.certificates.last().copied()
    }
}

/// The paths that were found, and whether there may be more.
pub(super) struct Paths {
    pub(super) found: Vec<Path>,
    pub(super) are_all: bool,
    /// The sequences that do not reach an anchor, at most [`MAX_DEAD_ENDS`].
    pub(super) dead_ends: Vec<Vec<usize>>,
}

impl Paths {
    /// Returns an empty and complete result.
    pub(super) fn none() -> Self {
        Self { found: Vec::new(), are_all: true, dead_ends: Vec::new() }
    }
}

/// Enumerates the paths that start at `end_entity`, at most [`MAX_PATHS`].
pub(super) fn enumerate(
    served: &[Option<&Certificate>],
    end_entity: usize,
    links: &Links,
    anchors: &TrustAnchors,
    signatures: &Signatures,
    names: &mut NameChecks,
) -> Paths {
    let paths = Paths::none();
    let steps_left = MAX_STEPS;
    let mut search = Search { served, links, anchors, signatures, names, steps_left, paths };
    search.extend(&mut vec![end_entity]);
    search.paths
}

struct Search<'a> {
    served: &'a [Option<&'a Certificate>],
    links: &'a Links,
    anchors: &'a TrustAnchors,
    signatures: &'a Signatures,
    names: &'a mut NameChecks,
    steps_left: usize,
    paths: Paths,
}

impl<'a> Search<'a> {
    fn extend(&mut self, so_far: &mut Vec<usize>) {
        let Some(last) = so_far.last().copied() else { return };
        let Some(certificate) = self.at(last) else { return };
        let Some(steps_left) = self.steps_left.checked_sub(1) else {
            self.paths.are_all = false;
            return;
        };
        self.steps_left = steps_left;
        let mut is_dead_end = true;
        for anchor in self.anchors.named(&certificate.issuer) {
            if self.signatures.signed_with(certificate.der(), &anchor.spki()) {
                is_dead_end = false;
                self.find(so_far, anchor);
            }
        }
        // A self-signed certificate ends the path, because its only issuer is itself.
        let issuers = if certificate.is_self_signed { &[] } else { self.links.issuers_of(last) };
        for issuer in issuers {
            if self.leads_on(so_far, *issuer) {
                is_dead_end = false;
                so_far.push(*issuer);
                self.extend(so_far);
                so_far.pop();
            }
        }
        if is_dead_end && self.paths.dead_ends.len() < MAX_DEAD_ENDS {
            self.paths.dead_ends.push(so_far.clone());
        }
    }

    fn find(&mut self, positions: &[usize], anchor: Anchor<'_>) {
        if self.paths.found.len() < MAX_PATHS {
            let path = self.complete(positions, anchor);
            self.paths.found.push(path);
        } else {
            self.paths.are_all = false;
            self.steps_left = 0;
        }
    }

    /// Returns whether a path may continue with `next`: not in a loop, not through an anchor's own
    /// certificate (which would repeat the path to the anchor), and not beyond the limits.
    fn leads_on(&mut self, so_far: &[usize], next: usize) -> bool {
        let Some(issuer) = self.at(next) else { return false };
        let is_anchor = self.anchors.has_own(issuer);
        let before = so_far.iter().filter_map(|position| self.at(*position));
        let namesakes: Vec<&Certificate> =
            before.filter(|c| c.subject.matches(&issuer.subject)).collect();
        let is_circle = namesakes.iter().any(|c| c.spki() == issuer.spki());
        if is_anchor || is_circle {
            return false;
        }
        let is_tangled = namesakes.len() >= MAX_NAMESAKES || so_far.len() >= MAX_DEPTH;
        self.paths.are_all &= !is_tangled;
        !is_tangled
    }

    fn at(&self, position: usize) -> Option<&'a Certificate> {
        self.served.get(position).copied().flatten()
    }

    fn complete(&mut self, positions: &[usize], anchor: Anchor<'_>) -> Path {
        let certificates: Vec<&Certificate> =
            positions.iter().filter_map(|position| self.at(*position)).collect();
        let not_before = certificates.iter().map(|c| c.not_before).max();
        let not_after = certificates.iter().map(|c| c.not_after).min();
        let (not_before, not_after) =
            (not_before.unwrap_or(Timestamp::MIN), not_after.unwrap_or(Timestamp::MIN));
        let has_refused_signature = !self.is_signed_as_today(&certificates, anchor);
        let fault = PathFault::find(&certificates, positions, Some(anchor), self.names);
        let (fault, faulty) = fault.unzip();
        Path {
            certificates: positions.to_vec(),
            anchor: anchor.name(),
            anchor_not_before: anchor.not_before(),
            anchor_not_after: anchor.not_after(),
            anchor_validity: anchor.certificates().iter().map(|own| own.validity()).collect(),
            anchor_place: anchor.place,
            not_before,
            not_after,
            faulty_certificate: faulty.flatten().and_then(|place| positions.get(place).copied()),
            fault,
            has_refused_signature,
        }
    }

    fn is_signed_as_today(&self, certificates: &[&Certificate], anchor: Anchor<'_>) -> bool {
        let anchor = anchor.spki();
        let keys = certificates.iter().skip(1).map(|issuer| issuer.spki()).chain([&*anchor]);
        certificates.iter().zip(keys).all(|(c, key)| self.signatures.is_current(c.der(), key))
    }
}

/// Cross-signing gives a handful of paths; more are an attack or an accident.
const MAX_PATHS: usize = 32;

/// A chain that reaches no anchor ends in one place, or in a few if it is cross-signed.
const MAX_DEAD_ENDS: usize = 8;

/// Two certificates with one name and different keys are a renewed CA; more are a maze.
const MAX_NAMESAKES: usize = 2;

/// A public chain needs fewer than ten steps; a maze of cross-signatures has no end.
const MAX_STEPS: usize = 500;

/// s2n-tls allows seven certificates; a path of twice that length is still reported as a path.
const MAX_DEPTH: usize = 14;
