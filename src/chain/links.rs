//! Which served certificate certifies which: by name, key id and signature.

use std::cell::Cell;
use std::collections::HashMap;

use super::certificate::Certificate;
use super::certificate::SignatureCheck;

/// The issuer links among served certificates.
///
/// Positions are those of the served list; a repeated certificate stands for its first
/// occurrence. Signatures are checked only where names and key ids fit, and at most
/// [`MAX_SIGNATURE_CHECKS`] times, so that a hostile list of look-alikes costs milliseconds.
#[derive(Debug)]
pub(super) struct Links {
    /// For each position the positions of its issuers.
    issuers: Vec<Vec<usize>>,
    pub(super) complete: bool,
}

impl Links {
    /// Finds the links among `served`; `None` stands for a certificate that could not be parsed.
    pub(super) fn among(served: &[Option<&Certificate>], budget: &SignatureBudget) -> Self {
        let mut by_subject: HashMap<&[u8], Vec<usize>> = HashMap::new();
        let mut seen: HashMap<[u8; 32], usize> = HashMap::new();
        for (position, certificate) in served.iter().enumerate().take(MAX_LINKED) {
            if let Some(certificate) = certificate {
                let first = *seen.entry(certificate.sha256).or_insert(position);
                if first == position {
                    by_subject.entry(certificate.subject.der()).or_default().push(position);
                }
            }
        }
        let mut issuers = vec![Vec::new(); served.len()];
        for (position, certificate) in served.iter().enumerate().take(MAX_LINKED) {
            let Some(certificate) = certificate else { continue };
            if seen.get(&certificate.sha256) != Some(&position) {
                continue;
            }
            for candidate in by_subject.get(certificate.issuer.der()).into_iter().flatten() {
                let Some(Some(issuer)) = served.get(*candidate) else { continue };
                if *candidate != position
                    && certificate.names_as_issuer(issuer)
                    && budget.signed_with(certificate, issuer.spki())
                {
                    issuers[position].push(*candidate);
                }
            }
        }
        let complete = served.len() <= MAX_LINKED && !budget.is_spent();
        Self { issuers, complete }
    }

    /// Returns the positions of the certificates that certify the one at `position`.
    pub(super) fn issuers_of(&self, position: usize) -> &[usize] {
        self.issuers.get(position).map_or(&[], Vec::as_slice)
    }

    /// Returns which positions are reached from `start` by issuer links, itself included.
    pub(super) fn reached_from(&self, start: usize) -> Vec<bool> {
        let mut reached = vec![false; self.issuers.len()];
        let mut open = vec![start];
        while let Some(position) = open.pop() {
            if let Some(mark) = reached.get_mut(position)
                && !*mark
            {
                *mark = true;
                open.extend(self.issuers_of(position));
            }
        }
        reached
    }
}

/// How many signature checks one chain may still cost.
#[derive(Debug)]
pub(super) struct SignatureBudget(Cell<u32>);

impl SignatureBudget {
    pub(super) fn new() -> Self {
        Self(Cell::new(MAX_SIGNATURE_CHECKS))
    }

    /// Tells whether `certificate` is signed with `spki`; a signature whose algorithm cannot be
    /// checked is taken at its word, so that the rule about that algorithm can speak.
    pub(super) fn signed_with(&self, certificate: &Certificate, spki: &[u8]) -> bool {
        let Some(left) = self.0.get().checked_sub(1) else { return false };
        self.0.set(left);
        certificate.signature_under(spki) != SignatureCheck::Wrong
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// Certificates beyond this many are kept as facts but not linked: no public chain has more than
/// a handful, and AWS's library stops at seven.
const MAX_LINKED: usize = 32;

/// At about 60 µs each this is 12 ms at worst.
const MAX_SIGNATURE_CHECKS: u32 = 200;
