//! Certificates as a server sends them: their order, their names, and their paths to trust
//! anchors. Has never heard of CloudFront.

mod anchor_certificate;
mod anchors;
mod certificate;
mod der;
mod distinguished_name;
mod fault;
mod first_fit;
mod gap;
mod general_name;
mod irregularity;
mod keeping;
mod key;
mod links;
mod mozilla;
mod name;
mod name_constraints;
mod order;
mod path;
mod profile;
mod signature;
mod staple;
mod text;
mod way;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

pub use anchors::TrustAnchorError;
pub use anchors::TrustAnchors;
pub use certificate::Certificate;
pub use certificate::MalformedCertificate;
pub use distinguished_name::DistinguishedName;
pub use fault::KeyUsageFault;
pub use fault::PathFault;
pub use first_fit::DeadEnd;
pub use first_fit::Taken;
pub use gap::Gap;
pub use gap::Kin;
pub use gap::PublicSign;
pub use irregularity::Irregularity;
pub use keeping::Keeping;
pub use keeping::Lease;
pub use keeping::Outline;
pub use keeping::Validity;
pub use keeping::WantedNames;
pub use key::CertificateKey;
pub use key::Curve;
pub use key::KeyAlgorithm;
pub use key::SignatureAlgorithm;
pub use key::ml_dsa;
pub use mozilla::MOZILLA_DATE;
pub use mozilla::MOZILLA_VERSION;
pub use name::NameFound;
pub use name::presents_below;
pub use name::presents_host;
pub use order::Order;
pub use order::OrderFault;
pub use path::Path;
pub use staple::StapledStatus;
pub use text::is_visible;
pub use text::printable;
pub use text::printable_json;
pub use text::printable_lines;
pub use text::quoted;
pub use text::word;
pub use way::Way;

use first_fit::Fits;
use links::Links;
use links::MAX_LINKED;
use name_constraints::NameChecks;
use path::Paths;
use signature::Signatures;

/// One entry of the served list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    Certificate(Arc<Certificate>),
    /// Bytes that are no certificate.
    Malformed {
        error: MalformedCertificate,
        length: usize,
    },
    /// One that no judgement names, in a chain that is not kept.
    NotKept {
        length: usize,
        /// Of a certificate that may be linked.
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

/// Everything that can be said of a served list by itself and a set of anchors, whatever the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFacts {
    /// As sent, in order; never empty. Of a long list that is not kept, its beginning.
    pub served: Vec<Served>,
    /// The entries beyond that beginning that a judgement names, each with its position.
    beyond: Vec<(usize, Served)>,
    /// How many entries were served, and how many bytes they are.
    pub count: usize,
    pub bytes: usize,
    /// The position of the end entity; `None` when the first entry is no certificate.
    pub end_entity: Option<usize>,
    /// For each position: is it reached from the end entity by issuer links?
    pub related: Vec<bool>,
    /// For each position: does a byte-identical certificate stand before it?
    pub repeated: Vec<bool>,
    /// The positions of served certificates that are trust anchors' own.
    pub served_anchors: Vec<usize>,
    pub order: Order,
    /// Every path to an anchor, whether in time or not.
    pub paths: Vec<Path>,
    /// Why there is no path; `None` when there is one, or no end entity.
    pub gap: Option<Gap>,
    /// How far the ways up lead where there is no path.
    pub ways: Vec<Way>,
    /// False when the list was too long or too tangled to be followed to the end, or a certificate
    /// in it can only be read by others.
    pub is_complete: bool,
    /// The issuers that seem to fit above each served certificate.
    fits: Vec<Fits>,
    /// Whether all of it is still there.
    pub keeping: Keeping,
    pub lease: Lease,
}

impl ChainFacts {
    /// Reads and analyses a served list, which must not be empty (an empty one is a failed
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
        let (mut paths, mut ways, mut gap) = (Paths::none(), Vec::new(), None);
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
                let dead_ends = std::mem::take(&mut paths.dead_ends).into_iter();
                ways.extend(dead_ends.map(|way| Way::new(&certificates, way, &mut names)));
                gap = gap::find(&certificates, end_entity, &related, &ways, anchors, &signatures);
                if let Some(Gap::SignatureInvalid { issuer: Some(issuer), .. }) = gap {
                    // It belongs to the chain, as far as its name and key id go.
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
            gap,
            ways,
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

    /// Returns the end entity; `None` when the first entry is no certificate.
    pub fn end_entity(&self) -> Option<&Certificate> {
        self.certificate(self.end_entity?)
    }

    /// Returns the certificate at a position of the served list.
    pub fn certificate(&self, position: usize) -> Option<&Certificate> {
        self.entry(position)?.certificate()
    }

    fn entry(&self, position: usize) -> Option<&Served> {
        let beyond = || self.beyond.iter().find(|(at, _)| *at == position).map(|(_, entry)| entry);
        self.served.get(position).or_else(beyond)
    }

    /// Returns the entries that are there, each with its position.
    pub fn entries(&self) -> impl Iterator<Item = (usize, &Served)> {
        let beyond = self.beyond.iter().map(|entry| (entry.0, &entry.1));
        self.served.iter().enumerate().chain(beyond)
    }

    /// Returns the certificates that could be parsed, each with its position.
    pub fn certificates(&self) -> impl Iterator<Item = (usize, &Certificate)> {
        self.entries().filter_map(|(p, s)| s.certificate().map(|c| (p, c)))
    }

    /// Returns the paths that time alone can break, or the age of their signatures.
    pub fn sound_paths(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().filter(|path| path.fault.is_none())
    }

    /// Returns the paths that count: the sound ones, or all where none is sound.
    pub fn best_paths(&self) -> impl Iterator<Item = &Path> {
        let is_any_sound = self.sound_paths().next().is_some();
        self.paths.iter().filter(move |path| !is_any_sound || path.fault.is_none())
    }

    /// Returns until when the best path holds, past or future; `None` when no path reaches an
    /// anchor.
    pub fn path_not_after(&self) -> Option<Timestamp> {
        self.best_paths()
            .filter(|path| path.not_before <= path.not_after)
            .map(|path| path.not_after)
            .max()
            .or_else(|| self.paths.iter().map(|path| path.not_after).max())
    }

    /// Returns the instants at which something about the chain's validity changes: each
    /// `notBefore` on the way up from the end entity, and the second after each `notAfter`.
    pub fn turning_points(&self) -> impl Iterator<Item = Timestamp> {
        let is_related = |position: &usize| self.related.get(*position) == Some(&true);
        let related = (0..self.served.len()).filter(is_related);
        related.filter_map(|position| self.validity(position)).flat_map(|own| {
            let after = own.not_after.checked_add(jiff::SignedDuration::from_secs(1)).ok();
            std::iter::once(own.not_before).chain(after)
        })
    }
}

/// Reads the list; what is too far down to be linked is not looked at for its own signature.
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

/// How many bytes AWS's library lets follow the first certificate; any number may follow the others
/// (s2n-tls, `crypto/s2n_openssl_x509.h`, `S2N_MAX_ALLOWED_CERT_TRAILING_BYTES`).
const MOST_TRAILING: usize = 3;

fn repetitions(certificates: &[Option<&Certificate>]) -> Vec<bool> {
    let mut seen = HashSet::new();
    certificates.iter().map(|c| c.is_some_and(|c| !seen.insert(c.sha256))).collect()
}
