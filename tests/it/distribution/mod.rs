//! Distributions put together by hand.

mod advice;
mod host;
mod issue;
mod kind;
mod origins;
mod protocol;
mod selection;
mod tenants;

use origin_probe::distribution::{
    Account, Derivation, DeriveOptions, DerivedOrigin, Distribution, OriginSettings, derive,
};
use origin_probe::origin::Usage;

use crate::common::section::assert_section;
use crate::common::shop::{ALIAS, ORIGIN, behavior, custom, group, origin, shop};

pub fn derived(distribution: &Distribution) -> Derivation {
    derive(distribution, &Account::default(), &DeriveOptions::default())
}

/// Returns what follows where a distribution has this origin only.
fn derived_from(origin: OriginSettings) -> Derivation {
    derived(&Distribution { origins: vec![origin], ..shop() })
}

/// Compares the issues with a section of the snapshot.
#[track_caller]
fn assert_issues(title: &str, derivation: &Derivation) {
    assert_section("distributions", title, &issues(derivation).join("\n"));
}

/// Returns the issues in words.
fn issues(derivation: &Derivation) -> Vec<String> {
    derivation.issues.iter().map(ToString::to_string).collect()
}

/// Returns `id domain: names`, an uncertain name with its reason.
fn names(derivation: &Derivation) -> Vec<String> {
    let origin = |derived: &DerivedOrigin| {
        let origin = &derived.origin;
        let names = origin.targets.iter().map(|target| match target.usage {
            Usage::Certain => target.server_name.to_string(),
            Usage::PolicyUnknown => format!("{}?", target.server_name),
            Usage::OwnDomain => format!("({})", target.server_name),
        });
        let names: Vec<String> = names.collect();
        format!("{} {}: {}", origin.key.id, origin.domain(), names.join(" "))
    };
    derivation.origins.iter().map(origin).collect()
}
