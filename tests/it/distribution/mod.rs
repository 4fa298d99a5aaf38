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
    Account, Behavior, CustomOrigin, Derivation, DeriveOptions, DerivedOrigin, Distribution,
    OriginConnection, OriginGroup, OriginSettings, derive,
};
use origin_probe::origin::{OriginMtls, Usage};

pub(super) const ORIGIN: &str = "origin.shop.example";
pub(super) const ALIAS: &str = "www.shop.example";

/// Returns a distribution with one alias, one https-only origin and its default behavior.
pub(super) fn shop() -> Distribution {
    Distribution {
        id: "E1SHOP".into(),
        aliases: vec![ALIAS.into()],
        is_enabled: true,
        origins: vec![origin("shop", ORIGIN)],
        behaviors: vec![behavior("*", "shop")],
        ..Distribution::default()
    }
}

pub(super) fn origin(id: &str, domain: &str) -> OriginSettings {
    OriginSettings {
        id: id.into(),
        domain_name: domain.into(),
        connection: OriginConnection::Custom(custom()),
        connection_attempts: None,
        connection_timeout: None,
        origin_access_control: None,
        unknown_members: Vec::new(),
    }
}

pub(super) fn custom() -> CustomOrigin {
    CustomOrigin {
        https_port: 443,
        protocol_policy: "https-only".into(),
        ssl_protocols: vec!["TLSv1.2".into()],
        ip_address_type: None,
        origin_mtls: OriginMtls::NotConfigured,
    }
}

pub(super) fn behavior(path_pattern: &str, target: &str) -> Behavior {
    Behavior {
        path_pattern: path_pattern.into(),
        target_origin: target.into(),
        viewer_protocol_policy: "redirect-to-https".into(),
        ..Behavior::default()
    }
}

pub(super) fn group(id: &str, members: &[&str], failover_statuses: &[u16]) -> OriginGroup {
    OriginGroup {
        id: id.into(),
        members: members.iter().map(|member| (*member).into()).collect(),
        failover_statuses: failover_statuses.to_vec(),
    }
}

pub(super) fn derived(distribution: &Distribution) -> Derivation {
    derive(distribution, &Account::default(), &DeriveOptions::default())
}

/// Returns the issues in words.
pub(super) fn issues(derivation: &Derivation) -> Vec<String> {
    derivation.issues.iter().map(ToString::to_string).collect()
}

/// Returns `id domain: names`, an uncertain name with its reason.
pub(super) fn names(derivation: &Derivation) -> Vec<String> {
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
