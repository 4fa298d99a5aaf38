//! What is said beside the answer: what was left out, assumed, or could not be derived.

use std::sync::Arc;

use crate::discovery::Catalogue;
use crate::distribution::Derivation;
use crate::distribution::DomainName;
use crate::distribution::LeftOut;
use crate::distribution::shown;

use super::super::terminal;

/// Says the first notes on standard error, so that standard output holds answers only, and how
/// many more there are.
#[derive(Debug, Default)]
struct Notes {
    said: usize,
    more: usize,
}

impl Notes {
    fn add(&mut self, note: impl FnOnce() -> String) {
        if self.said < MOST_NOTES {
            self.said += 1;
            terminal::say(&note());
        } else {
            self.more += 1;
        }
    }
}

/// Prints the notes, those about what could not be judged first.
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
        for gap in &derivation.gaps {
            notes.add(|| format!("{name}: {gap}"));
        }
    }
    if derivations.iter().any(|derivation| !derivation.gaps.is_empty()) {
        notes
            .add(|| "further outputs are given with --related FILE, names with --host NAME".into());
    }
    for (id, reason) in left_out {
        let name = name(id);
        notes.add(|| format!("{name}: {reason}, and so left out; --include {reason} takes it"));
    }
    for derivation in derivations {
        let name = name(&derivation.distribution);
        for probe_name in &derivation.probe_names {
            let wildcard = shown(&probe_name.wildcard);
            let stand_in = &probe_name.name;
            notes.add(|| format!("{name}: {stand_in} stands for {wildcard}; --host gives another"));
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
        terminal::say(&format!("and {} more notes", notes.more));
    }
}

/// Returns what to call a distribution.
pub(super) fn name(id: &str) -> &str {
    if id.is_empty() { "the distribution" } else { id }
}

/// An account of multi-tenant distributions may have as many as it has tenants.
const MOST_NOTES: usize = 100;
