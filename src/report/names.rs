//! Compares the names on a certificate with the names that must match.

use crate::chain::{Certificate, presents_below, presents_host};
use crate::origin::{Origin, ReferenceId};

/// Both sides of the comparison (RFC 9525 §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameComparison {
    /// The names in the certificate, matching ones first, at most 50.
    pub presented: Vec<PresentedName>,
    /// How many more names it has.
    pub left_out: usize,
    /// Whether the names are its common name, because it has no subject alternative names.
    pub is_common_name: bool,
    /// The names that CloudFront compares with, one entry per server name.
    pub wanted: Vec<WantedName>,
}

/// One name on the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedName {
    pub name: String,
    /// The wanted names that it matches.
    pub matches: Vec<String>,
}

/// The names that the certificate must match for one server name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedName {
    pub server_name: String,
    /// The wildcard alias that the name is an instance of.
    pub stands_for: Option<String>,
    /// The reference identifiers, each with whether the certificate has it. One match is enough.
    pub any_of: Vec<(String, bool)>,
}

impl WantedName {
    /// Returns whether the certificate matches.
    pub fn is_met(&self) -> bool {
        self.any_of.iter().any(|(_, found)| *found)
    }
}

impl NameComparison {
    /// Compares a certificate with the reference identifiers of the given targets of an origin.
    pub fn new(
        certificate: &Certificate,
        origin: &Origin,
        targets: impl Iterator<Item = usize>,
    ) -> Self {
        let targets: Vec<_> = targets.filter_map(|target| origin.targets.get(target)).collect();
        let wanted = targets
            .iter()
            .map(|target| WantedName {
                server_name: target.server_name.to_string(),
                stands_for: target.stands_for.as_deref().map(str::to_owned),
                any_of: target
                    .reference_ids
                    .iter()
                    .map(|id| {
                        let found = certificate.presented_ids().any(|name| matches(name, id));
                        (id.to_string(), found)
                    })
                    .collect(),
            })
            .collect();
        let mut ids: Vec<&ReferenceId> =
            targets.iter().flat_map(|target| &target.reference_ids).collect();
        ids.sort_unstable();
        ids.dedup();
        let all = certificate.presented_ids().map(|name| PresentedName {
            name: name.to_owned(),
            matches: ids.iter().filter(|id| matches(name, id)).map(ToString::to_string).collect(),
        });
        let mut presented: Vec<PresentedName> = all.collect();
        presented.sort_by_key(|name| name.matches.is_empty());
        let left_out = presented.len().saturating_sub(SHOWN) + certificate.names_left_out;
        presented.truncate(SHOWN);
        let is_common_name = certificate.dns_names.is_empty();
        Self { presented, left_out, is_common_name, wanted }
    }
}

fn matches(presented: &str, id: &ReferenceId) -> bool {
    match id {
        ReferenceId::Name(name) => presents_host(presented, name.as_str()),
        ReferenceId::Wildcard(name) => presents_below(presented, name.as_str()),
    }
}

/// A readable number; a certificate may have thousands.
const SHOWN: usize = 50;
