//! Distributions put together by hand.
use origin_probe::distribution::{
    Behavior, CustomOrigin, Distribution, OriginConnection, OriginGroup, OriginSettings,
};
use origin_probe::origin::OriginMtls;

pub const ORIGIN: &str = "origin.shop.example";
pub const ALIAS: &str = "www.shop.example";

/// Returns a distribution with one alias, one https-only origin and its default behavior.
pub fn shop() -> Distribution {
    Distribution {
        id: "E1SHOP".into(),
        aliases: vec![ALIAS.into()],
        is_enabled: true,
        origins: vec![origin("shop", ORIGIN)],
        behaviors: vec![behavior("*", "shop")],
        ..Distribution::default()
    }
}

pub fn origin(id: &str, domain: &str) -> OriginSettings {
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

pub fn custom() -> CustomOrigin {
    CustomOrigin {
        https_port: 443,
        protocol_policy: "https-only".into(),
        ssl_protocols: vec!["TLSv1.2".into()],
        ip_address_type: None,
        origin_mtls: OriginMtls::NotConfigured,
    }
}

pub fn behavior(path_pattern: &str, target: &str) -> Behavior {
    Behavior {
        path_pattern: path_pattern.into(),
        target_origin: target.into(),
        viewer_protocol_policy: "redirect-to-https".into(),
        ..Behavior::default()
    }
}

pub fn group(id: &str, members: &[&str], failover_statuses: &[u16]) -> OriginGroup {
    OriginGroup {
        id: id.into(),
        members: members.iter().map(|member| (*member).into()).collect(),
        failover_statuses: failover_statuses.to_vec(),
    }
}
