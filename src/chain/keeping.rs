//! The memory that a chain takes, and the summary that remains of a chain that is not kept.

use std::any::Any;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::fmt;
use std::mem::size_of;
use std::sync::Arc;

use super::ChainFacts;
use super::Gap;
use super::Order;
use super::PublicSign;
use super::Served;
use super::certificate::Certificate;
use super::first_fit::Fits;
use super::path::Path;
use super::profile::AuthorityKey;
use super::profile::Profile;
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
#[derive(Debug, Default)]
pub struct WantedNames<'a> {
    hosts: HashSet<&'a str>,
    /// The part of each host after its first dot: `*.` before it is a match.
    of_wildcards: HashSet<&'a str>,
    /// Any label before one of these is a match.
    parents: HashSet<&'a str>,
    domain: &'a str,
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
        Self { hosts, of_wildcards, parents: parents.collect(), domain }
    }

    fn finds(&self, presented: &str) -> bool {
        if self.hosts.contains(presented) {
            return true;
        }
        let Some((label, rest)) = presented.split_once('.') else { return false };
        // A wildcard above the domain is worth a remark, even if it covers another depth.
        let is_above = || presented.get(1..).is_some_and(|base| self.domain.ends_with(base));
        !label.is_empty() && self.parents.contains(rest)
            || label == "*" && (self.of_wildcards.contains(rest) || is_above())
    }
}

impl ChainFacts {
    /// Returns about how many bytes of memory the chain takes: the DER of its certificates, and what
    /// was read from them, with the overhead of each allocation.
    pub fn size(&self) -> usize {
        let lists = self.served.capacity() * size_of::<Served>()
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

    /// Returns what judgements rest on, without the bytes of the certificates and without names
    /// that are not among the `wanted` ones.
    ///
    /// Certificates that no judgement looks at are left out, so that a list of any length becomes
    /// small.
    pub fn without_bulk(&self, wanted: &WantedNames<'_>) -> Self {
        let needed = self.needed_positions();
        let length = needed.last().map_or(0, |last| last + 1).min(self.served.len());
        let served =
            self.served.iter().take(length).enumerate().map(|(position, served)| match served {
                _ if !needed.contains(&position) => Served::NotKept { length: served.length() },
                Served::Certificate(certificate) => {
                    Served::Certificate(Arc::new(certificate.without_bulk(wanted)))
                }
                other => other.clone(),
            });
        let served: Box<[Served]> = served.collect();
        let first_malformed = self.entries().find(|(_, served)| served.is_malformed());
        Self {
            served: served.into(),
            beyond: first_malformed
                .filter(|(position, _)| *position >= length)
                .map(|(position, served)| Box::new((position, served.clone()))),
            related: self.related.iter().take(length).copied().collect(),
            repeated: self.repeated.iter().take(length).copied().collect(),
            served_anchors: {
                let shown = self.served_anchors.iter().copied().filter(|at| *at < length);
                shown.collect()
            },
            fits: self.fits.iter().take(length).cloned().collect(),
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

    /// Returns the positions that a judgement looks at, or that a reader looks at first.
    fn needed_positions(&self) -> BTreeSet<usize> {
        let mut needed: BTreeSet<usize> = (0..self.served.len().min(ALWAYS_SHOWN)).collect();
        needed.extend(self.end_entity);
        if let Order::OutOfOrder { position, .. } = self.order {
            needed.insert(position);
        }
        match &self.gap {
            Some(Gap::SelfSignedIssuer { position, .. }) => needed.extend([*position]),
            Some(Gap::SignatureInvalid { position, issuer }) => {
                needed.insert(*position);
                needed.extend(issuer);
            }
            Some(Gap::IssuerNotServed { position, sign }) => {
                needed.insert(*position);
                if let Some(PublicSign::ServedCaReachesAnchor { position }) = sign {
                    needed.insert(*position);
                }
            }
            Some(Gap::EndEntitySelfSigned) | None => {}
        }
        for path in &self.paths {
            needed.extend(path.certificates.iter().chain(&path.culprit));
        }
        for (number, way) in self.ways.iter().enumerate() {
            // Only a way to a former root is judged as a whole, and there are one or two of those.
            let judged = if number < WHOLE_WAYS { way.certificates.len() } else { 0 };
            needed.extend(way.certificates.iter().take(judged));
            needed.extend(way.end().iter().chain(&way.culprit));
        }
        needed.extend(self.fits.iter().flat_map(Fits::positions));
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
            all().find(is_repeated),
            all().find(repeats_it),
            all().find(|at| is_unrelated(at) && self.certificate(*at).is_some()),
            all().find(is_irregular),
            self.served_anchors.iter().copied().find(|at| Some(*at) != self.end_entity),
        ];
        needed.extend(first.into_iter().flatten());
        needed.retain(|position| *position < MOST_POSITIONS);
        needed
    }
}

impl Served {
    /// Returns how many bytes were served.
    pub fn length(&self) -> usize {
        match self {
            Self::Certificate(certificate) => certificate.length,
            Self::Malformed { length, .. } | Self::NotKept { length } => *length,
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
    fn without_bulk(&self, wanted: &WantedNames<'_>) -> Self {
        let mut found = HashSet::new();
        let mut has_plain_name = false;
        let mut is_needed = |place: usize, name: &str| {
            let is_first_plain = !has_plain_name && !name.starts_with("*.");
            has_plain_name |= is_first_plain;
            let name = name.to_ascii_lowercase();
            // Once is enough, however often it is presented.
            let is_found = wanted.finds(&name) && found.insert(name);
            place < SHOWN_NAMES || is_first_plain || is_found
        };
        let names = self.dns_names.iter().enumerate();
        let dns_names: Box<[Box<str>]> =
            names.filter(|(place, name)| is_needed(*place, name)).map(|(_, n)| cut(n)).collect();
        Self {
            der: Arc::default(),
            sha256: self.sha256,
            serial: self.serial.clone(),
            subject: self.subject.shortened(SHORT_NAME),
            issuer: self.issuer.shortened(SHORT_NAME),
            not_before: self.not_before,
            not_after: self.not_after,
            names_left_out: self.names_left_out + self.dns_names.len() - dns_names.len(),
            dns_names: dns_names.into(),
            ip_addresses: Vec::new(),
            common_name: self.common_name.as_deref().map(cut),
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

/// A name of more characters is no host name (RFC 1035 §2.3.4).
fn cut(name: &str) -> Box<str> {
    name.chars().take(253).collect::<String>().into()
}

/// About as many bytes as an allocation takes beside its content.
pub(super) const ALLOCATION: usize = 32;

/// The entries at the beginning of the list that are kept in any case: a public chain has no more.
const ALWAYS_SHOWN: usize = 4;

/// Entries beyond this are not linked, and findings name none of them but the first malformed one.
const MOST_POSITIONS: usize = 64;

/// A chain that is cross-signed with a root that left the list has two ways.
const WHOLE_WAYS: usize = 2;

/// As many names as a finding lists, and one more.
const SHOWN_NAMES: usize = 5;

/// Longer names of authorities are none that anybody knows.
const SHORT_NAME: usize = 200;
