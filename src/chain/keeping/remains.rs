//! The remains of one certificate of a chain that is not kept.

use std::collections::HashSet;
use std::mem::size_of;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::certificate::Certificate;
use super::super::distinguished_name::DistinguishedName;
use super::super::profile::{AuthorityKey, Profile};
use super::super::text::cut;
use super::{ALLOCATION, Validity};

/// The host names that a chain is compared with.
#[derive(Debug)]
pub struct WantedNames<'a> {
    hosts: HashSet<&'a str>,
    /// The part of each host after its first dot: `*.` before it matches.
    of_wildcards: HashSet<&'a str>,
    /// Any label before one of these matches.
    parents: HashSet<&'a str>,
    domain: &'a str,
    /// Whether a name is that of a root that judgements know although it is not a trust anchor.
    is_root: fn(&str) -> bool,
}

impl<'a> WantedNames<'a> {
    /// Collects names in lower case: `hosts`, and `parents`, below which every name matches. The
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

    /// Adds the names of roots, given by a predicate.
    pub fn with_roots(self, is_root: fn(&str) -> bool) -> Self {
        Self { is_root, ..self }
    }

    /// Returns the part of a presented name that identifies the match; each is needed only once.
    fn found<'n>(&self, presented: &'n str) -> Option<&'n str> {
        if self.hosts.contains(presented) {
            return Some(presented);
        }
        let (label, rest) = presented.split_once('.')?;
        // A wildcard above the domain is worth a hint, even if it covers another depth.
        let is_above = || presented.get(1..).is_some_and(|base| self.domain.ends_with(base));
        if label == "*" && (self.of_wildcards.contains(rest) || is_above()) {
            return Some(presented);
        }
        (!label.is_empty() && self.parents.contains(rest)).then_some(rest)
    }

    pub(super) fn is_root(&self, name: &str) -> bool {
        (self.is_root)(name)
    }
}

/// The remains of a certificate that is not kept. Each list may have 32 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    not_before: i64,
    not_after: i64,
    /// The beginning of its SHA-256.
    pub(super) identity: [u8; 16],
}

impl Outline {
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self {
            not_before: certificate.not_before.as_second(),
            not_after: certificate.not_after.as_second(),
            identity: *certificate.sha256.first_chunk().unwrap_or(&[0; 16]),
        }
    }

    pub(super) fn validity(self) -> Option<Validity> {
        let at = |second| Timestamp::from_second(second).ok();
        Some(Validity { not_before: at(self.not_before)?, not_after: at(self.not_after)? })
    }
}

/// How much text of a certificate is kept.
pub(super) struct Texts {
    /// The number of the end entity's names that nothing is compared with.
    names: usize,
    /// The number of names of other certificates.
    of_others: usize,
    /// The bytes of one name.
    name: usize,
    /// The bytes of an authority's name.
    authority: usize,
}

impl Texts {
    /// For a certificate that a judgement refers to.
    pub(super) const NAMED: Self =
        Self { names: SHOWN_NAMES, of_others: SHOWN_NAMES, name: HOST_NAME, authority: SHORT_NAME };
    /// The minimum that a judgement needs.
    pub(super) const LEAST: Self =
        Self { names: 2, of_others: 0, name: SHORT_TEXT, authority: 2 * SHORT_TEXT };
}

impl Certificate {
    pub(super) fn size(&self) -> usize {
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

    /// Returns the certificate without its bytes, its key (except a root's, which distinguishes it
    /// from others of its name) and the names that nothing is compared with.
    pub(super) fn without_bulk(
        &self,
        wanted: &WantedNames<'_>,
        texts: &Texts,
        is_end_entity: bool,
    ) -> Self {
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
            // Not the rest of a clone: the bulk would be copied first, while memory is short.
            spki: if self.is_self_signed { self.spki.clone() } else { Box::default() },
        }
    }
}

/// One more than a finding lists.
const SHOWN_NAMES: usize = 5;

/// No well-known authority has a longer name.
const SHORT_NAME: usize = 200;

/// A longer name is not a host name (RFC 1035 §2.3.4).
const HOST_NAME: usize = 253;

/// Enough to recognize a name.
const SHORT_TEXT: usize = 64;
