//! Paths from the end entity to a trust anchor (RFC 5280 §6), whatever the time.

use std::mem::size_of;

use jiff::Timestamp;

use super::anchors::Anchor;
use super::anchors::TrustAnchors;
use super::certificate::Certificate;
use super::fault::PathFault;
use super::keeping::ALLOCATION;
use super::links::Links;
use super::name_constraints::NameChecks;
use super::signature::Signatures;

/// One way from the end entity to a trust anchor, found by structure: names, key ids, signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Positions in the served list: the end entity first, the anchor left out.
    pub certificates: Vec<usize>,
    /// The anchor's subject.
    pub anchor: Box<str>,
    /// Since when the anchor's own certificate is valid, where that is known. RFC 5280 §6.1.1 does
    /// not look at an anchor's dates; AWS's library does.
    pub anchor_not_before: Option<Timestamp>,
    /// Until when it is, where that is known.
    pub anchor_not_after: Option<Timestamp>,
    /// From when until when each of the anchor's own certificates is valid; a renewed anchor has
    /// several.
    pub(super) anchor_validity: Vec<(Timestamp, Timestamp)>,
    /// The anchor's position among the trust anchors.
    pub(super) anchor_place: usize,
    /// From when all of the path's certificates are valid.
    pub not_before: Timestamp,
    /// Until when all of them are.
    pub not_after: Timestamp,
    /// The fault that the path has at any time.
    pub fault: Option<PathFault>,
    /// The position of the certificate that the fault lies in, where it is one's.
    pub culprit: Option<usize>,
    /// Whether today's verifiers refuse a signature on it, for its algorithm or its key's length.
    pub has_refused_signature: bool,
}

impl Path {
    /// Tells whether every certificate of the path is within its validity at `at`.
    pub fn is_in_time(&self, at: Timestamp) -> bool {
        self.not_before <= at && at.as_second() <= self.not_after.as_second()
    }

    /// Returns about how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + (self.certificates.len() + 4 * self.anchor_validity.len()) * size_of::<usize>()
            + self.anchor.len()
            + 3 * ALLOCATION
    }

    /// Returns whether the anchor's own certificate is within its validity at `at`, as far as its
    /// dates are known.
    pub fn is_anchor_in_time(&self, at: Timestamp) -> bool {
        self.anchor_validity.is_empty()
            || self
                .anchor_validity
                .iter()
                .any(|(start, end)| *start <= at && at.as_second() <= end.as_second())
    }

    /// Returns when the next of the anchor's own certificates becomes valid.
    pub fn anchor_begins_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.anchor_validity.iter().map(|(start, _)| *start).filter(|start| *start > at).min()
    }
}

/// The paths that were found, and whether there may be more.
pub(super) struct Paths {
    pub(super) found: Vec<Path>,
    pub(super) are_all: bool,
    /// The ways that lead to no anchor, at most [`MAX_DEAD_ENDS`].
    pub(super) dead_ends: Vec<Vec<usize>>,
}

impl Paths {
    /// Returns no paths, of which there are no more.
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
            if self.signatures.signed_with(certificate, &anchor.spki()) {
                is_dead_end = false;
                self.find(so_far, anchor);
            }
        }
        // A self-signed certificate ends the way: beyond it there is only itself.
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

    /// Tells whether a way may go on to `next`: not in a circle, not through an anchor's own
    /// certificate (that is the path to the anchor once more), not for ever.
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
        let (fault, culprit) = fault.unzip();
        Path {
            certificates: positions.to_vec(),
            anchor: anchor.name(),
            anchor_not_before: anchor.not_before(),
            anchor_not_after: anchor.not_after(),
            anchor_validity: {
                let own = anchor.certificates().iter();
                own.map(|certificate| (certificate.not_before, certificate.not_after)).collect()
            },
            anchor_place: anchor.place,
            not_before,
            not_after,
            culprit: culprit.flatten().and_then(|place| positions.get(place).copied()),
            fault,
            has_refused_signature,
        }
    }

    fn is_signed_as_today(&self, certificates: &[&Certificate], anchor: Anchor<'_>) -> bool {
        let anchor = anchor.spki();
        let keys = certificates.iter().skip(1).map(|issuer| issuer.spki()).chain([&*anchor]);
        certificates.iter().zip(keys).all(|(c, key)| self.signatures.is_current(c, key))
    }
}

/// Cross-signing gives a handful of paths; more is an attack or an accident.
const MAX_PATHS: usize = 32;

/// A chain that reaches no anchor breaks off in one place, or in a few where it is cross-signed.
const MAX_DEAD_ENDS: usize = 8;

/// Two certificates of one name and different keys are a renewed CA; more are a maze.
const MAX_NAMESAKES: usize = 2;

/// The ways of a public chain need fewer than ten; a maze of cross-signs has no end of them.
const MAX_STEPS: usize = 500;

/// AWS's library allows seven certificates; a path twice as long is still reported as a path.
const MAX_DEPTH: usize = 14;
