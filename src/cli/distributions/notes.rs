//! Notes beside the results: what was skipped, assumed, or could not be derived.

use std::sync::Arc;

use crate::distribution::{Derivation, LeftOut, shown};
use crate::origin::DomainName;
use crate::sources::Catalogue;

use super::super::terminal;

/// Prints the first notes to standard error, so that standard output holds only results, and counts
/// the others.
#[derive(Debug, Default)]
struct Notes {
    said: usize,
    more: usize,
}

impl Notes {
    fn add(&mut self, note: impl FnOnce() -> String) {
        if self.said < MOST_NOTES {
            self.said += 1;
            terminal::note(&note());
        } else {
            self.more += 1;
        }
    }
}

/// Prints the notes. Those about origins that could not be checked come first.
pub(super) fn say(
    catalogue: &Catalogue,
    left_out: &[(Box<str>, LeftOut)],
    derivations: &[Arc<Derivation>],
    hosts: &[DomainName],
) {
    let mut notes = Notes::default();
    for fault in &catalogue.faults {
        notes.add(|| fault.to_string());
    }
    notes.more += catalogue.more_faults;
    for derivation in derivations {
        let name = name(&derivation.distribution);
        for issue in &derivation.issues {
            notes.add(|| format!("{name}: {issue}"));
        }
    }
    if derivations.iter().any(|derivation| !derivation.issues.is_empty()) {
        notes.add(|| "use --related FILE for more AWS output, --host NAME for viewer hosts".into());
    }
    for (id, reason) in left_out {
        let name = name(id);
        notes.add(|| format!("{name}: {reason}, skipped; use --include {reason} to check it"));
    }
    for derivation in derivations {
        let name = name(&derivation.distribution);
        for probe_name in &derivation.probe_names {
            let wildcard = shown(&probe_name.wildcard);
            let stand_in = &probe_name.name;
            notes.add(|| {
                format!(
                    "{name}: probing {stand_in} for {wildcard}; use --host to choose another name"
                )
            });
        }
    }
    for host in hosts {
        let serves = |derivation: &Arc<Derivation>| {
            let mut origins = derivation.origins.iter();
            origins.any(|origin| origin.hosts.iter().any(|known| known.name == *host))
        };
        if !derivations.iter().any(serves) {
            notes.add(|| format!("--host {host}: no distribution serves this name"));
        }
    }
    if notes.more > 0 {
        terminal::note(&format!("{} more notes not shown", notes.more));
    }
}

/// Returns the name of a distribution in messages.
pub(super) fn name(id: &str) -> &str {
    if id.is_empty() { "the distribution" } else { id }
}

/// An account with multi-tenant distributions may have one note per tenant.
const MOST_NOTES: usize = 100;
