//! The memory that a chain takes, and the summary that remains of a chain that is not kept.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::fmt;
use std::mem::size_of;
use std::sync::Arc;

use jiff::Timestamp;

use super::ChainFacts;
use super::Gap;
use super::Order;
use super::PublicSign;
use super::Served;
use super::SignatureAlgorithm;
use super::certificate::Certificate;
use super::distinguished_name::DistinguishedName;
use super::first_fit::Fits;
use super::links::MAX_LINKED;
use super::path::Path;
use super::profile::AuthorityKey;
use super::profile::Profile;
use super::text::cut;
use super::way::Way;

/// Whether everything that was served is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    Kept,
    /// The facts that judgements rest on are there. The bytes of the certificates and most of their
    /// names are not.
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

/// Two chains of the same facts are the same, whoever pays for them.
impl PartialEq for Lease {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Lease {}

/// The host names that a chain is compared with.
#[derive(Debug)]
pub struct WantedNames<'a> {
    hosts: HashSet<&'a str>,
    /// The part of each host after its first dot: `*.` before it is a match.
    of_wildcards: HashSet<&'a str>,
    /// Any label before one of these is a match.
    parents: HashSet<&'a str>,
    domain: &'a str,
    /// Whether a name is that of a root that judgements know although it is no anchor.
    is_root: fn(&str) -> bool,
}

impl<'a> WantedNames<'a> {
    /// Collects names in lower case: `hosts`, and `parents`, below which every name counts. The
    /// origin's `domain` is one of the hosts.
    pub fn new(
        domain: &'a str,
        hosts: impl Iterator<Item = &'a str>,
        parents: impl Iterator<Item = &'a str>,
    ) -> Self {
        let hosts: HashSet<&str> = hosts.chain([domain]).collect();
        let of_wildcards = hosts.iter().filter_map(|host| Some(host.split_once('.')?.1)).collect();
        let parents = parents.collect();
        Self { hosts, of_wildcards, parents, domain, is_root: |_| false }
    }

    /// Adds the names of roots by a question: is this one?
    pub fn with_roots(self, is_root: fn(&str) -> bool) -> Self {
        Self { is_root, ..self }
    }

    /// Returns what of a presented name a wanted one is found by; once is enough for each.
    fn found<'n>(&self, presented: &'n str) -> Option<&'n str> {
        if self.hosts.contains(presented) {
            return Some(presented);
        }
        let (label, rest) = presented.split_once('.')?;
        // A wildcard above the domain is worth a remark, even if it covers another depth.
        let is_above = || presented.get(1..).is_some_and(|base| self.domain.ends_with(base));
        if label == "*" && (self.of_wildcards.contains(rest) || is_above()) {
            return Some(presented);
        }
        (!label.is_empty() && self.parents.contains(rest)).then_some(rest)
    }

    fn is_root(&self, name: &str) -> bool {
        (self.is_root)(name)
    }
}

impl ChainFacts {
    /// Returns about how many bytes of memory the chain takes: the DER of its certificates, and what
    /// was read from them, with the overhead of each allocation.
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
            + self.ways.iter().map(Way::size).sum::<usize>()
            + self.fits.iter().map(Fits::size).sum::<usize>()
    }

    /// Returns the chain with a lease that ends when the last holder drops it.
    pub fn leased(self, lease: impl Any + Send + Sync) -> Self {
        Self { lease: Lease(Some(Arc::new(lease))), ..self }
    }

    /// Returns how many certificates at the beginning take no more than `room` bytes together, and
    /// how many bytes they take.
    pub fn leading(&self, room: usize) -> (usize, usize) {
        let certificates = self.served.iter().take_while(|served| served.certificate().is_some());
        let sums = certificates.scan(0, |sum, served| {
            *sum += served.size();
            Some(*sum)
        });
        let fitting = sums.take_while(|sum| *sum <= room);
        fitting.fold((0, 0), |(count, _), sum| (count + 1, sum))
    }

    /// Returns what judgements rest on, without the bytes of the certificates and without names
    /// that are not among the `wanted` ones. The first `leading` certificates stay whole.
    ///
    /// Certificates that no judgement names are left out, so that a list of any length becomes
    /// small.
    pub fn without_bulk(&self, wanted: &WantedNames<'_>, leading: usize) -> Self {
        let mut needed = self.named_positions();
        needed.extend(0..ALWAYS_SHOWN);
        if let Some(Gap::SignatureInvalid { issuer, .. }) = self.gap {
            needed.extend(issuer);
        }
        for path in &self.paths {
            needed.extend(path.certificates.iter().chain(&path.culprit));
        }
        for way in self.ways.iter().take(WHOLE_WAYS) {
            needed.extend(&way.certificates);
        }
        needed.extend(self.ways.iter().flat_map(|way| way.end().into_iter().chain(way.culprit)));
        let of_others = SHOWN_NAMES;
        let texts = Texts { names: SHOWN_NAMES, of_others, name: HOST_NAME, authority: SHORT_NAME };
        self.reduced(wanted, leading, &needed, &texts)
    }

    /// Returns the least that judgements rest on: like [`Self::without_bulk`], but certificates that
    /// count by their dates alone are left out, and texts that are only shown are cut short.
    pub fn outlined(&self, wanted: &WantedNames<'_>, leading: usize) -> Self {
        let is_former = |position: &usize| {
            let end = self.certificate(*position);
            end.is_some_and(|c| [&c.subject, &c.issuer].iter().any(|n| wanted.is_root(n.as_str())))
        };
        // The others tell a reader where the chain breaks off, and a judgement nothing.
        let ways: Vec<Way> = self
            .ways
            .iter()
            .filter(|way| way.end().as_ref().is_some_and(is_former))
            .cloned()
            .collect();
        let mut needed = self.named_positions();
        needed.extend(ways.iter().filter_map(Way::end));
        let own_end = self.end_entity().map(|own| own.not_after);
        let ends_first = |position: &usize| {
            self.validity(*position).is_some_and(|issuer| Some(issuer.not_after) < own_end)
        };
        let lasting =
            self.best_paths().filter(|path| Some(path.not_after) == self.path_not_after());
        let lasting = lasting.map(|path| &path.certificates);
        let issuers = lasting.chain(ways.iter().map(|way| &way.certificates)).flatten().copied();
        needed.extend(issuers.filter(ends_first).take(ENDING_FIRST));
        let texts = Texts { names: 2, of_others: 0, name: SHORT_TEXT, authority: 2 * SHORT_TEXT };
        Self { ways, ..self.reduced(wanted, leading, &needed, &texts) }
    }

    fn reduced(
        &self,
        wanted: &WantedNames<'_>,
        leading: usize,
        needed: &BTreeSet<usize>,
        texts: &Texts,
    ) -> Self {
        // Dates count wherever certificates are linked.
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
            fits: self.fits.clone(),
            keeping: Keeping::NotKept { whole: self.size() },
            lease: Lease::default(),
            count: self.count,
            bytes: self.bytes,
            end_entity: self.end_entity,
            order: self.order.clone(),
            paths: self.paths.clone(),
            gap: self.gap.clone(),
            ways: self.ways.clone(),
            is_complete: self.is_complete,
        }
    }

    /// Returns the positions of what a judgement names, or decides by more than its dates.
    fn named_positions(&self) -> BTreeSet<usize> {
        let mut needed = BTreeSet::from_iter(self.end_entity);
        if let Order::OutOfOrder { position, .. } = self.order {
            needed.insert(position);
        }
        match &self.gap {
            Some(
                Gap::SelfSignedIssuer { position, .. } | Gap::SignatureInvalid { position, .. },
            ) => needed.extend([*position]),
            Some(Gap::IssuerNotServed { position, sign }) => {
                needed.insert(*position);
                if let Some(PublicSign::ServedCaReachesAnchor { position }) = sign {
                    needed.insert(*position);
                }
            }
            Some(Gap::EndEntitySelfSigned) | None => {}
        }
        let is_outdated = |at: &usize| {
            let own = self.certificate(*at);
            own.is_some_and(|own| own.signature_algorithm != SignatureAlgorithm::Current)
        };
        let on_paths = |path: &Path| path.certificates.iter().copied().find(is_outdated);
        needed.extend(self.paths.iter().filter_map(on_paths));
        needed.extend(self.paths.first().and_then(|path| path.culprit));
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
        let malformed = self.served.iter().enumerate().filter(|(_, served)| served.is_malformed());
        malformed.min_by_key(|(_, served)| served.is_readable_by_others()).map(|(at, _)| at)
    }

    /// Returns from when until when a served certificate is valid, also of one that is not kept.
    pub fn validity(&self, position: usize) -> Option<Validity> {
        match self.entry(position)? {
            Served::Certificate(own) => {
                Some(Validity { not_before: own.not_before, not_after: own.not_after })
            }
            Served::NotKept { outline, .. } => outline.and_then(Outline::validity),
            Served::Malformed { .. } => None,
        }
    }

    /// Returns a served certificate's subject; of one that is not kept its number.
    pub fn name(&self, position: usize) -> Cow<'_, str> {
        match self.certificate(position) {
            Some(certificate) => Cow::Borrowed(certificate.subject.as_str()),
            None => Cow::Owned(format!("number {}", position + 1)),
        }
    }

    /// Returns what tells a served certificate from others.
    pub(super) fn identity(&self, position: usize) -> Option<[u8; 16]> {
        match self.entry(position)? {
            Served::Certificate(own) => own.sha256.first_chunk().copied(),
            Served::NotKept { outline, .. } => outline.map(|outline| outline.identity),
            Served::Malformed { .. } => None,
        }
    }
}

/// From when until when a certificate is valid.
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

/// The remains of a certificate that is not kept: there may be 32 in each list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    not_before: i64,
    not_after: i64,
    /// The beginning of its SHA-256.
    identity: [u8; 16],
}

impl Outline {
    fn of(certificate: &Certificate) -> Self {
        Self {
            not_before: certificate.not_before.as_second(),
            not_after: certificate.not_after.as_second(),
            identity: *certificate.sha256.first_chunk().unwrap_or(&[0; 16]),
        }
    }

    fn validity(self) -> Option<Validity> {
        let at = |second| Timestamp::from_second(second).ok();
        Some(Validity { not_before: at(self.not_before)?, not_after: at(self.not_after)? })
    }
}

/// How much text is left of a certificate.
struct Texts {
    /// Of the end entity's names that nothing is compared with.
    names: usize,
    /// Of the names of other certificates.
    of_others: usize,
    /// Bytes of a name.
    name: usize,
    /// Bytes of the name of an authority.
    authority: usize,
}

impl Served {
    /// Returns how many bytes were served.
    pub fn length(&self) -> usize {
        match self {
            Self::Certificate(certificate) => certificate.length,
            Self::Malformed { length, .. } | Self::NotKept { length, .. } => *length,
        }
    }

    fn is_malformed(&self) -> bool {
        matches!(self, Self::Malformed { .. })
    }

    fn size(&self) -> usize {
        match self {
            Self::Certificate(certificate) => ALLOCATION + certificate.size(),
            // The words of the error.
            Self::Malformed { .. } => ALLOCATION + 64,
            Self::NotKept { .. } => 0,
        }
    }
}

impl Certificate {
    fn size(&self) -> usize {
        let texts = [self.subject.as_str(), self.issuer.as_str(), &self.serial];
        let lists = self.dns_names.iter().chain(&self.ca_issuers).chain(&self.common_name);
        let keys = [&self.profile.subject_key_id, &self.profile.authority_key.id];
        size_of::<Self>()
            + self.der.len()
            + self.spki.len()
            + texts.iter().map(|text| ALLOCATION + text.len()).sum::<usize>()
            + (self.dns_names.capacity() + self.ca_issuers.capacity()) * size_of::<Box<str>>()
            + lists.map(|text| ALLOCATION + text.len()).sum::<usize>()
            + self.ip_addresses.capacity() * size_of::<std::net::IpAddr>()
            + keys.iter().filter_map(|key| key.as_deref()).map(<[u8]>::len).sum::<usize>()
    }

    /// Returns the certificate without its bytes, its key (but for a root's, which tells it from
    /// others of its name) and the names that nothing is compared with.
    fn without_bulk(&self, wanted: &WantedNames<'_>, texts: &Texts, is_end_entity: bool) -> Self {
        let mut found: HashSet<Box<str>> = HashSet::new();
        let mut has_plain_name = false;
        let rest = |(place, name): (usize, &str)| {
            let is_first_plain = !has_plain_name && !name.starts_with("*.");
            has_plain_name |= is_first_plain;
            let lower = name.to_ascii_lowercase();
            let is_found = wanted.found(&lower).is_some_and(|by| found.insert(by.into()));
            match is_found {
                true => Some(cut(name, HOST_NAME)),
                false => (place < texts.names || is_first_plain).then(|| cut(name, texts.name)),
            }
        };
        let names = self.dns_names.iter().map(|name| &**name).enumerate();
        // Nothing is compared with the names of an issuer.
        let dns_names: Box<[Box<str>]> = match is_end_entity {
            true => names.filter_map(rest).collect(),
            false => names.take(texts.of_others).map(|(_, name)| cut(name, texts.name)).collect(),
        };
        let authority = |name: &DistinguishedName| match wanted.is_root(name.as_str()) {
            true => name.clone(),
            false => name.shortened(texts.authority),
        };
        Self {
            der: Arc::default(),
            sha256: self.sha256,
            serial: self.serial.clone(),
            subject: authority(&self.subject),
            issuer: authority(&self.issuer),
            not_before: self.not_before,
            not_after: self.not_after,
            names_left_out: self.names_left_out + self.dns_names.len() - dns_names.len(),
            dns_names: dns_names.into(),
            ip_addresses: Vec::new(),
            common_name: {
                let length = if is_end_entity { HOST_NAME } else { texts.authority };
                self.common_name.as_deref().map(|name| cut(name, length))
            },
            key_algorithm: self.key_algorithm.clone(),
            signature_algorithm: self.signature_algorithm.clone(),
            is_ca: self.is_ca,
            path_length: self.path_length,
            is_for_servers: self.is_for_servers,
            ca_issuers: Vec::new(),
            is_self_signed: self.is_self_signed,
            irregularity: self.irregularity,
            length: self.length,
            demands_staple: self.demands_staple,
            profile: Profile {
                authority_key: AuthorityKey::default(),
                subject_key_id: None,
                ..self.profile.clone()
            },
            spki: if self.is_self_signed { self.spki.clone() } else { Box::default() },
        }
    }
}

/// About as many bytes as an allocation takes beside its content.
pub(super) const ALLOCATION: usize = 32;

/// The entries at the beginning of the list that are kept in any case: a public chain has no more.
const ALWAYS_SHOWN: usize = 4;

/// A chain that is cross-signed with a root that left the list has two ways.
const WHOLE_WAYS: usize = 2;

/// As many names as a finding lists, and one more.
const SHOWN_NAMES: usize = 5;

/// Longer names of authorities are none that anybody knows.
const SHORT_NAME: usize = 200;

/// A name of more characters is no host name (RFC 1035 §2.3.4).
const HOST_NAME: usize = 253;

/// Enough to recognize a name by.
const SHORT_TEXT: usize = 64;

/// How many issuers that have to be replaced before the end entity are named.
const ENDING_FIRST: usize = 3;
