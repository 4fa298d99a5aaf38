//! Which served certificate issued which: by name, key id and signature.

use std::collections::HashMap;

use super::certificate::Certificate;
use super::distinguished_name::NameForm;
use super::signature::Signatures;

/// The issuer links among served certificates.
///
/// Positions are those of the served list; a repeated certificate is represented by its first
/// occurrence. Signatures are checked only if names and key ids match.
#[derive(Debug)]
pub(super) struct Links {
    /// For each position, the positions of its issuers.
    issuers: Vec<Vec<usize>>,
    pub(super) complete: bool,
}

impl Links {
    /// Finds the links among `served`; `None` is a certificate that could not be parsed.
    pub(super) fn among(served: &[Option<&Certificate>], signatures: &Signatures) -> Self {
        let mut by_subject: HashMap<NameForm, Vec<usize>> = HashMap::new();
        let mut seen: HashMap<[u8; 32], usize> = HashMap::new();
        for (position, certificate) in served.iter().enumerate().take(MAX_LINKED) {
            if let Some(certificate) = certificate {
                let first = *seen.entry(certificate.sha256).or_insert(position);
                if first == position {
                    by_subject.entry(certificate.subject.form()).or_default().push(position);
                }
            }
        }
        let mut issuers = vec![Vec::new(); served.len()];
        for (position, certificate) in served.iter().enumerate().take(MAX_LINKED) {
            let Some(certificate) = certificate else { continue };
            if seen.get(&certificate.sha256) != Some(&position) {
                continue;
            }
            for candidate in by_subject.get(&certificate.issuer.form()).into_iter().flatten() {
                let Some(Some(issuer)) = served.get(*candidate) else { continue };
                if *candidate != position
                    && certificate.names_as_issuer(issuer)
                    && signatures.signed_with(certificate.der(), issuer.spki())
                {
                    issuers[position].push(*candidate);
                }
            }
        }
        let complete = served.len() <= MAX_LINKED;
        Self { issuers, complete }
    }

    /// Returns the positions of the issuers of the certificate at `position`.
    pub(super) fn issuers_of(&self, position: usize) -> &[usize] {
        self.issuers.get(position).map_or(&[], Vec::as_slice)
    }

    /// Returns which positions can be reached from `start` by issuer links, including itself.
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

/// Certificates beyond this many are kept as facts but not linked: no public chain has more than a
/// handful, and s2n-tls stops at seven.
pub(super) const MAX_LINKED: usize = 32;
