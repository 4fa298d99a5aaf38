//! Protocol policies, ports and the other settings of a connection.

use std::time::Duration;

use crate::common::section::assert_section;

use super::{custom, derived, derived_from, issues, origin, shop};
use origin_probe::distribution::{
    CustomOrigin, Distribution, OriginConnection, OriginSettings, ViewerProtocolPolicy,
};
use origin_probe::origin::{IpAddressType, Origin, OriginMtls, ProtocolPolicy, SslProtocol};

fn custom_origin(custom: CustomOrigin) -> OriginSettings {
    OriginSettings { connection: OriginConnection::Custom(custom), ..origin("shop", super::ORIGIN) }
}

/// Returns the only origin, and what was assumed for it.
fn one(settings: OriginSettings) -> (Origin, Vec<String>) {
    let derivation = derived_from(settings);
    let [derived] = derivation.origins.as_slice() else { panic!("{derivation:?}") };
    (Origin::clone(&derived.origin), issues(&derivation))
}

#[test]
fn each_protocol_policy_says_whether_there_is_tls() {
    for (written, policy, is_judged) in [
        ("http-only", ProtocolPolicy::HttpOnly, false),
        ("match-viewer", ProtocolPolicy::MatchViewer, true),
        ("https-only", ProtocolPolicy::HttpsOnly, true),
    ] {
        let settings = CustomOrigin { protocol_policy: written.into(), ..custom() };
        let (origin, assumed) = one(custom_origin(settings));
        assert_eq!(origin.protocol_policy, policy);
        assert_eq!(origin.is_judged(), is_judged, "{written}");
        assert_eq!(assumed, [""; 0]);
    }
}

#[test]
fn behaviors_say_which_viewers_there_are() {
    let mut said = Vec::new();
    for (written, policy, assumed) in [
        ("allow-all", ViewerProtocolPolicy::AllowAll, 0),
        ("https-only", ViewerProtocolPolicy::HttpsOnly, 0),
        ("redirect-to-https", ViewerProtocolPolicy::RedirectToHttps, 0),
        ("quic-only", ViewerProtocolPolicy::HttpsOnly, 1),
    ] {
        let mut distribution = shop();
        distribution.behaviors[0].viewer_protocol_policy = written.into();
        let derivation = derived(&distribution);
        assert_eq!(derivation.routes[0].viewer_protocol_policy, policy);
        assert_eq!(derivation.issues.len(), assumed, "{written}");
        said.extend(issues(&derivation));
    }
    assert_section("distributions", "an unknown viewer protocol policy", &said.join("\n"));
}

#[test]
fn every_setting_of_the_connection_is_taken() {
    let settings = OriginSettings {
        connection_attempts: Some(1),
        connection_timeout: Some(4),
        ..custom_origin(CustomOrigin {
            https_port: 8443,
            ssl_protocols: vec!["TLSv1.2".into(), "TLSv1".into()],
            ip_address_type: Some("dualstack".into()),
            origin_mtls: OriginMtls::Configured,
            ..custom()
        })
    };
    let (origin, assumed) = one(settings);
    assert_eq!(assumed, [""; 0]);
    assert_eq!(&*origin.key.distribution, "E1SHOP");
    assert_eq!(origin.https_port, 8443);
    assert_eq!(origin.ssl_protocols.listed(), [SslProtocol::TlsV1, SslProtocol::TlsV1_2]);
    assert_eq!(origin.ip_address_type, IpAddressType::Dualstack);
    assert_eq!(origin.connection_attempts, 1);
    assert_eq!(origin.connection_timeout, Duration::from_secs(4));
    assert_eq!(origin.origin_mtls, OriginMtls::Configured);
    assert_eq!(origin.interval, Duration::from_secs(300));
    assert!(origin.labels.is_empty());
}

#[test]
fn what_is_not_said_is_cloudfronts_default() {
    let (origin, assumed) = one(custom_origin(CustomOrigin { ssl_protocols: vec![], ..custom() }));
    let defaults = Origin::with_defaults(super::ORIGIN.parse().unwrap());
    let key = origin.key.clone();
    let viewer_alias = Some("www.shop.example".parse().unwrap());
    assert_eq!(origin, Origin { key, viewer_alias, ..defaults });
    assert_eq!(assumed, [""; 0]);
}

#[test]
fn a_value_that_is_not_known_is_replaced_and_said_so() {
    let settings = OriginSettings {
        connection_attempts: Some(9),
        connection_timeout: Some(-1),
        ..custom_origin(CustomOrigin {
            ssl_protocols: vec!["TLSv1.3".into(), "TLSv1.1".into()],
            ip_address_type: Some("ipv8".into()),
            ..custom()
        })
    };
    let (origin, assumed) = one(settings);
    assert_eq!(origin.ssl_protocols.listed(), [SslProtocol::TlsV1_1]);
    assert_eq!(origin.ip_address_type, IpAddressType::Ipv4);
    assert_eq!((origin.connection_attempts, origin.connection_timeout.as_secs()), (3, 10));
    assert_eq!(assumed.len(), 4);
    assert_section("distributions", "settings that are not known", &assumed.join("\n"));
}

#[test]
fn one_broken_origin_does_not_lose_the_others() {
    let plain = custom_origin(custom());
    let mut said = Vec::new();
    for broken in [
        custom_origin(CustomOrigin { https_port: 22, ..custom() }),
        custom_origin(CustomOrigin { https_port: 70_000, ..custom() }),
        custom_origin(CustomOrigin { protocol_policy: "quic\u{1b}".into(), ..custom() }),
        OriginSettings { connection: OriginConnection::Unstated, ..plain.clone() },
        OriginSettings { domain_name: "192.0.2.1".into(), ..plain },
    ] {
        let broken = OriginSettings { id: "broken".into(), ..broken };
        let origins = vec![broken, origin("shop", super::ORIGIN)];
        let derivation = derived(&Distribution { origins, ..shop() });
        assert_eq!(super::names(&derivation), ["shop origin.shop.example: origin.shop.example"]);
        assert_eq!(derivation.issues.len(), 1);
        said.extend(issues(&derivation));
        assert!(derivation.issues[0].is_loss());
    }
    assert_section("distributions", "origins that cannot be used", &said.join("\n"));
}
