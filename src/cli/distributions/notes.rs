//! What is said beside the answer: what was left out, assumed, or could not be derived.

use std::sync::Arc;

use crate::discovery::Catalogue;
use crate::distribution::Derivation;
use crate::distribution::DomainName;
use crate::distribution::LeftOut;
use crate::distribution::shown;

use super::super::terminal;

/// Says everything on standard error, so that standard output holds answers only.
pub(super) fn say(notes: &[String]) {
    notes.iter().take(MOST_NOTES).for_each(|note| terminal::say(note));
    if notes.len() > MOST_NOTES {
        terminal::say(&format!("and {} more notes", notes.len() - MOST_NOTES));
    }
}

/// Returns what there is to say, what could not be judged first.
pub(super) fn notes(
    catalogue: &Catalogue,
    left_out: &[(Box<str>, LeftOut)],
    derivations: &[Arc<Derivation>],
    hosts: &[DomainName],
) -> Vec<String> {
    let mut notes: Vec<String> = catalogue.faults.iter().map(ToString::to_string).collect();
    for derivation in derivations {
        let name = name(&derivation.distribution);
        notes.extend(derivation.gaps.iter().map(|gap| format!("{name}: {gap}")));
    }
    if derivations.iter().any(|derivation| !derivation.gaps.is_empty()) {
        notes.push("further outputs are given with --related FILE, names with --host NAME".into());
    }
    for (id, reason) in left_out {
        let name = name(id);
        notes.push(format!("{name}: {reason}, and so left out; --include {reason} takes it"));
    }
    for derivation in derivations {
        let name = name(&derivation.distribution);
        for probe_name in &derivation.probe_names {
            let wildcard = shown(&probe_name.wildcard);
            let stand_in = &probe_name.name;
            notes.push(format!("{name}: {stand_in} stands for {wildcard}; --host gives another"));
        }
    }
    for host in hosts {
        let serves = |derivation: &Arc<Derivation>| {
            let mut origins = derivation.origins.iter();
            origins.any(|origin| origin.hosts.iter().any(|known| known.name == *host))
        };
        if !derivations.iter().any(serves) {
            notes.push(format!("--host {host}: no distribution serves this name"));
        }
    }
    notes
}

/// Returns what to call a distribution.
pub(super) fn name(id: &str) -> &str {
    if id.is_empty() { "the distribution" } else { id }
}

/// An account of multi-tenant distributions may have as many as it has tenants.
const MOST_NOTES: usize = 100;
