//! Certificates as a server sends them: their order, names, and paths to trust anchors. Knows
//! nothing about CloudFront.

mod anchor_certificate;
mod anchors;
mod certificate;
mod der;
mod distinguished_name;
mod fault;
mod first_fit;
mod general_name;
mod irregularity;
mod keeping;
mod key;
mod links;
mod missing_issuer;
mod mozilla;
mod name;
mod name_constraints;
mod order;
mod path;
mod profile;
mod signature;
mod staple;
mod text;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

pub use anchors::{TrustAnchorError, TrustAnchors};
pub use certificate::{Certificate, MalformedCertificate};
pub use der::digest_of;
pub use distinguished_name::DistinguishedName;
pub use fault::{KeyUsageFault, PathFault};
pub use first_fit::{FirstFitFailure, Taken};
pub use irregularity::Irregularity;
pub use keeping::{Keeping, Lease, Outline, Validity, WantedNames};
pub use key::{CertificateKey, Curve, KeyAlgorithm, SignatureAlgorithm, ml_dsa};
pub use missing_issuer::{Kin, MissingIssuer, PublicSign};
pub use mozilla::{MOZILLA_DATE, MOZILLA_VERSION};
pub use name::{NameFound, presents_below, presents_host};
pub use order::{Order, OrderFault};
pub use path::{DeadEnd, Path};
pub use staple::StapledStatus;
pub use text::{is_visible, printable, printable_json, printable_lines, quoted, word};

use first_fit::Fits;
use links::{Links, MAX_LINKED};
use name_constraints::NameChecks;
use path::Paths;
use signature::Signatures;

/// One entry of the served list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    Certificate(Arc<Certificate>),
    /// Bytes that are not a certificate.
    Malformed {
        error: MalformedCertificate,
        length: usize,
    },
    /// A certificate that no judgement refers to, in a chain that is not kept.
    NotKept {
        length: usize,
        /// For a certificate that may be linked.
        outline: Option<Outline>,
    },
}

impl Served {
    /// Returns whether the bytes may be a certificate that this program cannot read.
    fn is_readable_by_others(&self) -> bool {
        matches!(self, Self::Malformed { error: MalformedCertificate::IndefiniteLength, .. })
    }

    /// Returns the certificate, if the bytes are one.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Certificate(certificate) => Some(certificate),
            Self::Malformed { .. } | Self::NotKept { .. } => None,
        }
    }
}

/// All facts of a served list that depend only on it and a set of anchors, regardless of the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFacts {
    /// As sent, in order; never empty. Only the beginning of a long list that is not kept.
    pub served: Vec<Served>,
    /// The entries after that beginning that a judgement refers to, each with its position.
    beyond: Vec<(usize, Served)>,
    /// The number of entries served.
    pub count: usize,
    pub bytes: usize,
    /// The position of the end entity; `None` if the first entry is not a certificate.
    pub end_entity: Option<usize>,
    /// For each position, whether it can be reached from the end entity by issuer links.
    pub related: Vec<bool>,
    /// For each position, whether a byte-identical certificate precedes it.
    pub repeated: Vec<bool>,
    /// The positions of served certificates that are trust anchors' own.
    pub served_anchors: Vec<usize>,
    pub order: Order,
    /// Every path to an anchor, including expired ones.
    pub paths: Vec<Path>,
    /// Why there is no path; `None` if there is one, or no end entity.
    pub missing_issuer: Option<MissingIssuer>,
    /// The issuer links from the end entity that do not reach an anchor; empty if there is a path.
    pub dead_ends: Vec<DeadEnd>,
    /// False if the list was too long or too tangled to be followed to the end, or if only other
    /// libraries can read a certificate in it.
    pub is_complete: bool,
    /// The issuers that seem to fit for each served certificate.
    fits: Vec<Fits>,
    /// Whether all of it is still in memory.
    pub keeping: Keeping,
    pub lease: Lease,
}

impl ChainFacts {
    /// Parses and analyses a served list, which must not be empty (an empty one is a failed
    /// handshake).
    pub fn analyse(list: &[impl AsRef<[u8]>], anchors: &TrustAnchors) -> Self {
        let signatures = Signatures::new();
        let served = read(list, &signatures);
        let certificates: Vec<Option<&Certificate>> =
            served.iter().map(Served::certificate).collect();
        let links = Links::among(&certificates, &signatures);
        let end_entity = order::end_entity(&certificates, &links);
        let repeated = repetitions(&certificates);
        let own =
            |certificate: &Option<&Certificate>| certificate.is_some_and(|c| anchors.has_own(c));
        let served_anchors = (0..served.len()).filter(|p| own(&certificates[*p])).collect();
        let (mut related, mut order) = (vec![false; served.len()], Order::InOrder);
        let mut names = NameChecks::new();
        let (mut paths, mut dead_ends, mut missing_issuer) = (Paths::none(), Vec::new(), None);
        if let Some(end_entity) = end_entity {
            related = links.reached_from(end_entity);
            order = order::order(&certificates, end_entity, &related, &repeated, &links);
            paths = path::enumerate(
                &certificates,
                end_entity,
                &links,
                anchors,
                &signatures,
                &mut names,
            );
            if paths.found.is_empty() {
                let found = std::mem::take(&mut paths.dead_ends).into_iter();
                dead_ends.extend(found.map(|way| DeadEnd::new(&certificates, way, &mut names)));
                missing_issuer = missing_issuer::find(
                    &certificates,
                    end_entity,
                    &related,
                    &dead_ends,
                    anchors,
                    &signatures,
                );
                if let Some(MissingIssuer::SignatureInvalid { issuer: Some(issuer), .. }) =
                    missing_issuer
                {
                    // It belongs to the chain, judging by its name and key id.
                    let above = links.reached_from(issuer);
                    related.iter_mut().zip(above).for_each(|(mark, above)| *mark |= above);
                }
            }
        }
        let fits = match paths.found.is_empty() {
            true => Vec::new(),
            false => first_fit::fits(&certificates, anchors),
        };
        let is_complete = !served.iter().any(Served::is_readable_by_others)
            && links.complete
            && paths.are_all
            && !signatures.is_spent();
        let paths = paths.found;
        Self {
            end_entity,
            related,
            repeated,
            served_anchors,
            order,
            paths,
            missing_issuer,
            dead_ends,
            is_complete,
            fits,
            beyond: Vec::new(),
            count: served.len(),
            bytes: served.iter().map(Served::length).sum(),
            keeping: Keeping::Kept,
            lease: Lease::default(),
            served,
        }
    }

    /// Replaces each certificate but the end entity by the equal one that `known` returns for it, so
    /// that chains have their intermediates in common.
    pub fn share(&mut self, mut known: impl FnMut(&Arc<Certificate>) -> Arc<Certificate>) {
        for (position, served) in self.served.iter_mut().enumerate() {
            if let Served::Certificate(certificate) = served
                && Some(position) != self.end_entity
            {
                *certificate = known(certificate);
            }
        }
    }

    /// Returns the end entity; `None` if the first entry is not a certificate.
    pub fn end_entity(&self) -> Option<&Certificate> {
        self.certificate(self.end_entity?)
    }

    pub fn certificate(&self, position: usize) -> Option<&Certificate> {
        self.entry(position)?.certificate()
    }

    fn entry(&self, position: usize) -> Option<&Served> {
        let beyond = || self.beyond.iter().find(|(at, _)| *at == position).map(|(_, entry)| entry);
        self.served.get(position).or_else(beyond)
    }

    /// Returns the entries that are still in memory, each with its position.
    pub fn entries(&self) -> impl Iterator<Item = (usize, &Served)> {
        let beyond = self.beyond.iter().map(|entry| (entry.0, &entry.1));
        self.served.iter().enumerate().chain(beyond)
    }

    /// Returns the certificates that could be parsed, each with its position.
    pub fn certificates(&self) -> impl Iterator<Item = (usize, &Certificate)> {
        self.entries().filter_map(|(p, s)| s.certificate().map(|c| (p, c)))
    }

    /// Returns the paths whose only possible faults are expiry and obsolete signatures.
    pub fn sound_paths(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().filter(|path| path.fault.is_none())
    }

    /// Returns the paths that count: the sound ones, or all if none is sound.
    pub fn best_paths(&self) -> impl Iterator<Item = &Path> {
        let is_any_sound = self.sound_paths().next().is_some();
        self.paths.iter().filter(move |path| !is_any_sound || path.fault.is_none())
    }

    /// Returns the end of the best path's validity, past or future; `None` if no path reaches an
    /// anchor.
    pub fn path_not_after(&self) -> Option<Timestamp> {
        self.best_paths()
            .filter(|path| path.not_before <= path.not_after)
            .map(|path| path.not_after)
            .max()
            .or_else(|| self.paths.iter().map(|path| path.not_after).max())
    }

    /// Returns the instants at which the chain's validity changes: each `notBefore` on the paths
    /// from the end entity, and the second after each `notAfter`.
    pub fn turning_points(&self) -> impl Iterator<Item = Timestamp> {
        let is_related = |position: &usize| self.related.get(*position) == Some(&true);
        let related = (0..self.served.len()).filter(is_related);
        related.filter_map(|position| self.validity(position)).flat_map(|own| {
            let after = own.not_after.checked_add(jiff::SignedDuration::from_secs(1)).ok();
            std::iter::once(own.not_before).chain(after)
        })
    }
}

/// Parses the list. The own signatures of entries too far down to be linked are not checked.
fn read(list: &[impl AsRef<[u8]>], signatures: &Signatures) -> Vec<Served> {
    let refused = Signatures::refused();
    let of_place = |place| if place < MAX_LINKED { signatures } else { &refused };
    let list = list.iter().map(AsRef::as_ref).enumerate();
    let most_trailing = |place| if place == 0 { MOST_TRAILING } else { usize::MAX };
    list.map(|(place, der)| {
        match Certificate::parse_within(der, most_trailing(place), of_place(place)) {
            Ok(certificate) => Served::Certificate(Arc::new(certificate)),
            Err(error) => Served::Malformed { error, length: der.len() },
        }
    })
    .collect()
}

/// How many bytes s2n-tls accepts after the first certificate; it accepts any number after the
/// others (s2n-tls, `crypto/s2n_openssl_x509.h`, `S2N_MAX_ALLOWED_CERT_TRAILING_BYTES`).
const MOST_TRAILING: usize = 3;

fn repetitions(certificates: &[Option<&Certificate>]) -> Vec<bool> {
    let mut seen = HashSet::new();
    certificates.iter().map(|c| c.is_some_and(|c| !seen.insert(c.sha256))).collect()
}
