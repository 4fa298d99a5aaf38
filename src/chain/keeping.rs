//! The memory use of a chain, and the summary of a chain that is not kept.

mod remains;

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::mem::size_of;
use std::sync::Arc;

use jiff::Timestamp;

use super::first_fit::Fits;
use super::links::MAX_LINKED;
use super::path::{DeadEnd, Path};
use super::{ChainFacts, MissingIssuer, Order, PublicSign, Served, SignatureAlgorithm};

use remains::Texts;
pub use remains::{Outline, WantedNames};

/// Whether everything that was served is still in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    Kept,
    /// Only the facts for judgements are kept, without the bytes of the certificates and most of
    /// their names.
    NotKept {
        /// The bytes of memory that the whole chain takes.
        whole: usize,
    },
}

/// Something that is dropped with the chain, such as its share of a budget.
#[derive(Clone, Default)]
pub struct Lease(Option<Arc<dyn Any + Send + Sync>>);

impl Lease {
    /// Returns the lease if it is of type `T`.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.as_deref()?.downcast_ref()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}

/// Chains with the same facts are equal, whatever their lease.
impl PartialEq for Lease {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Lease {}

impl ChainFacts {
    /// Returns about how many bytes of memory the chain takes: the DER of its certificates, and the
    /// parsed facts, with the overhead of each allocation.
    pub fn size(&self) -> usize {
        let lists = self.served.capacity() * size_of::<Served>()
            + self.beyond.capacity() * size_of::<(usize, Served)>()
            + self.related.len()
            + self.repeated.len()
            + self.served_anchors.len() * size_of::<usize>();
        size_of::<Self>()
            + lists
            + self.entries().map(|(_, served)| served.size()).sum::<usize>()
            + self.paths.iter().map(Path::size).sum::<usize>()
            + self.dead_ends.iter().map(DeadEnd::size).sum::<usize>()
            + self.fits.iter().map(Fits::size).sum::<usize>()
    }

    /// Returns the chain with a lease that ends when the last holder drops it.
    pub fn leased(self, lease: impl Any + Send + Sync) -> Self {
        Self { lease: Lease(Some(Arc::new(lease))), ..self }
    }

    /// Returns how many leading certificates together take at most `room` bytes, and how many bytes
    /// they take.
    pub fn leading(&self, room: usize) -> (usize, usize) {
        let certificates = self.served.iter().take_while(|served| served.certificate().is_some());
        let sums = certificates.scan(0, |sum, served| {
            *sum += served.size();
            Some(*sum)
        });
        let fitting = sums.take_while(|sum| *sum <= room);
        fitting.fold((0, 0), |(count, _), sum| (count + 1, sum))
    }

    /// Returns the facts for judgements, without the bytes of the certificates and without names
    /// that are not among the `wanted` ones. The first `leading` certificates stay whole.
    ///
    /// Certificates that no judgement refers to are left out, so that a list of any length becomes
    /// small.
    pub fn without_bulk(&self, wanted: &WantedNames<'_>, leading: usize) -> Self {
        let mut needed = self.named_positions();
        needed.extend(0..ALWAYS_SHOWN);
        if let Some(MissingIssuer::SignatureInvalid { issuer, .. }) = self.missing_issuer {
            needed.extend(issuer);
        }
        for path in &self.paths {
            needed.extend(path.certificates.iter().chain(&path.faulty_certificate));
        }
        for dead_end in self.dead_ends.iter().take(WHOLE_DEAD_ENDS) {
            needed.extend(&dead_end.certificates);
        }
        needed.extend(
            self.dead_ends
                .iter()
                .flat_map(|dead_end| dead_end.end().into_iter().chain(dead_end.faulty_certificate)),
        );
        self.reduced(wanted, leading, &needed, &Texts::NAMED)
    }

    /// Returns the minimal facts for judgements: like [`Self::without_bulk`], but without
    /// certificates that matter only for their dates, and with texts that are only displayed cut
    /// short.
    pub fn outlined(&self, wanted: &WantedNames<'_>, leading: usize) -> Self {
        let is_former = |position: &usize| {
            let end = self.certificate(*position);
            end.is_some_and(|c| [&c.subject, &c.issuer].iter().any(|n| wanted.is_root(n.as_str())))
        };
        // The others show a reader where the chain ends, but do not affect judgements.
        let dead_ends: Vec<DeadEnd> = self
            .dead_ends
            .iter()
            .filter(|dead_end| dead_end.end().as_ref().is_some_and(is_former))
            .cloned()
            .collect();
        let mut needed = self.named_positions();
        needed.extend(dead_ends.iter().filter_map(DeadEnd::end));
        let own_end = self.end_entity().map(|own| own.not_after);
        let ends_first = |position: &usize| {
            self.validity(*position).is_some_and(|issuer| Some(issuer.not_after) < own_end)
        };
        let lasting =
            self.best_paths().filter(|path| Some(path.not_after) == self.path_not_after());
        let lasting = lasting.map(|path| &path.certificates);
        let issuers = lasting
            .chain(dead_ends.iter().map(|dead_end| &dead_end.certificates))
            .flatten()
            .copied();
        needed.extend(issuers.filter(ends_first).take(ENDING_FIRST));
        Self { dead_ends, ..self.reduced(wanted, leading, &needed, &Texts::LEAST) }
    }

    fn reduced(
        &self,
        wanted: &WantedNames<'_>,
        leading: usize,
        needed: &BTreeSet<usize>,
        texts: &Texts,
    ) -> Self {
        // Dates matter wherever certificates are linked.
        let length = self.served.len().min(MAX_LINKED);
        let short = |at: usize, served: &Served| match served {
            Served::Certificate(_) if at < leading => served.clone(),
            Served::Certificate(own) if needed.contains(&at) => {
                let is_end_entity = self.end_entity == Some(at);
                Served::Certificate(Arc::new(own.without_bulk(wanted, texts, is_end_entity)))
            }
            Served::Malformed { .. } if needed.contains(&at) => served.clone(),
            _ => Served::NotKept {
                length: served.length(),
                outline: served.certificate().map(Outline::of),
            },
        };
        let entry = |at: &usize| Some((*at, short(*at, self.served.get(*at)?)));
        let beyond: Box<[(usize, Served)]> = needed.range(length..).filter_map(entry).collect();
        let served: Box<[Served]> =
            (0..length).filter_map(|at| entry(&at)).map(|(_, s)| s).collect();
        let last = needed.last().map_or(length, |last| length.max(last + 1));
        let repeated: Box<[bool]> = self.repeated.iter().take(last).copied().collect();
        let related: Box<[bool]> = self.related.iter().take(length).copied().collect();
        Self {
            served: served.into(),
            beyond: beyond.into(),
            related: related.into(),
            repeated: repeated.into(),
            served_anchors: {
                let named = self.served_anchors.iter().copied().filter(|at| needed.contains(at));
                named.collect()
            },
            keeping: Keeping::NotKept { whole: self.size() },
            lease: Lease::default(),
            ..self.clone()
        }
    }

    /// Returns the positions that a judgement refers to, or for which more than the dates matters.
    fn named_positions(&self) -> BTreeSet<usize> {
        let mut needed = BTreeSet::from_iter(self.end_entity);
        if let Order::OutOfOrder { position, .. } = self.order {
            needed.insert(position);
        }
        match &self.missing_issuer {
            Some(
                MissingIssuer::SelfSignedIssuer { position, .. }
                | MissingIssuer::SignatureInvalid { position, .. },
            ) => needed.extend([*position]),
            Some(MissingIssuer::IssuerNotServed { position, sign }) => {
                needed.insert(*position);
                if let Some(PublicSign::ServedCaReachesAnchor { position }) = sign {
                    needed.insert(*position);
                }
            }
            Some(MissingIssuer::EndEntitySelfSigned) | None => {}
        }
        let is_outdated = |at: &usize| {
            let own = self.certificate(*at);
            own.is_some_and(|own| own.signature_algorithm != SignatureAlgorithm::Current)
        };
        let on_paths = |path: &Path| path.certificates.iter().copied().find(is_outdated);
        needed.extend(self.paths.iter().filter_map(on_paths));
        needed.extend(self.paths.first().and_then(|path| path.faulty_certificate));
        let of_end_entity = self.end_entity().map(|own| own.sha256);
        let is_repeated = |at: &usize| self.repeated.get(*at) == Some(&true);
        let is_unrelated = |at: &usize| self.related.get(*at) == Some(&false) && !is_repeated(at);
        let is_irregular =
            |at: &usize| self.certificate(*at).is_some_and(|c| c.irregularity.is_some());
        let repeats_it = |at: &usize| {
            is_repeated(at) && self.certificate(*at).map(|own| own.sha256) == of_end_entity
        };
        let all = || 0..self.served.len();
        let first = [
            self.deciding_malformed(),
            all().find(is_repeated),
            all().find(repeats_it),
            all().find(|at| is_unrelated(at) && self.certificate(*at).is_some()),
            all().find(is_irregular),
            self.served_anchors.iter().copied().find(|at| Some(*at) != self.end_entity),
        ];
        needed.extend(first.into_iter().flatten());
        needed
    }

    /// Returns the position of the first entry that no library can read, or else of the first that
    /// this program cannot read.
    fn deciding_malformed(&self) -> Option<usize> {
        let is_malformed = |served: &Served| matches!(served, Served::Malformed { .. });
        let malformed = self.served.iter().enumerate().filter(|(_, served)| is_malformed(served));
        malformed.min_by_key(|(_, served)| served.is_readable_by_others()).map(|(at, _)| at)
    }

    /// Returns the validity of a served certificate, even if it is not kept.
    pub fn validity(&self, position: usize) -> Option<Validity> {
        match self.entry(position)? {
            Served::Certificate(own) => Some(own.validity()),
            Served::NotKept { outline, .. } => outline.and_then(Outline::validity),
            Served::Malformed { .. } => None,
        }
    }

    /// Returns a served certificate's subject, or its number if it is not kept.
    pub fn name(&self, position: usize) -> Cow<'_, str> {
        match self.certificate(position) {
            Some(certificate) => Cow::Borrowed(certificate.subject.as_str()),
            None => Cow::Owned(format!("number {}", position + 1)),
        }
    }

    /// Returns an identifier of a served certificate.
    pub(super) fn identity(&self, position: usize) -> Option<[u8; 16]> {
        match self.entry(position)? {
            Served::Certificate(own) => own.sha256.first_chunk().copied(),
            Served::NotKept { outline, .. } => outline.map(|outline| outline.identity),
            Served::Malformed { .. } => None,
        }
    }
}

/// The validity period of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Validity {
    /// Returns whether the certificate is valid at the instant `at`.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.not_before <= at && at.as_second() <= self.not_after.as_second()
    }
}

impl Served {
    /// Returns how many bytes were served.
    pub fn length(&self) -> usize {
        match self {
            Self::Certificate(certificate) => certificate.length,
            Self::Malformed { length, .. } | Self::NotKept { length, .. } => *length,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Certificate(certificate) => ALLOCATION + certificate.size(),
            // The error message.
            Self::Malformed { .. } => ALLOCATION + 64,
            Self::NotKept { .. } => 0,
        }
    }
}

impl Path {
    fn size(&self) -> usize {
        size_of::<Self>()
            + (self.certificates.len() + 4 * self.anchor_validity.len()) * size_of::<usize>()
            + self.anchor.len()
            + 3 * ALLOCATION
    }
}

impl DeadEnd {
    fn size(&self) -> usize {
        size_of::<Self>() + self.certificates.len() * size_of::<usize>() + ALLOCATION
    }
}

impl Fits {
    /// Returns the size without the anchors, which are always kept.
    fn size(&self) -> usize {
        let anchors = self.anchors.len() * size_of::<usize>();
        size_of::<Self>() + if anchors > 0 { ALLOCATION + anchors } else { 0 }
    }
}

/// About how many bytes an allocation takes in addition to its content.
const ALLOCATION: usize = 32;

/// The leading entries that are always kept: a public chain has no more.
const ALWAYS_SHOWN: usize = 4;

/// A chain that is cross-signed with a root that left the list has two dead ends.
const WHOLE_DEAD_ENDS: usize = 2;

/// How many issuers that expire before the end entity are named.
const ENDING_FIRST: usize = 3;
