//! The advice for a distribution on a finding, setting by setting.

use crate::common::section::assert_section;

use super::{ALIAS, ORIGIN, behavior, custom, derived, origin, shop};
use origin_probe::distribution::{
    Behavior, CustomOrigin, DerivedOrigin, Distribution, Fault, OriginConnection, Port, Prospect,
    Prospects, Setting, Standing, Standings,
};
use origin_probe::origin::{IpAddressType, OriginSetting};

const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const CONSOLE_DEFAULT: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";
const BEHAVIORS: &str = "See it with: aws cloudfront get-distribution-config --id E1SHOP --query \
                         \"DistributionConfig.[DefaultCacheBehavior,CacheBehaviors.Items]\"";
const SETTINGS: &str = "See it with: aws cloudfront get-distribution-config --id E1SHOP --query \
                        \"DistributionConfig.Origins.Items[?Id=='shop']\"";

/// Calls `with` with the only origin, which stands as `standings` says.
fn judging<T>(
    distribution: &Distribution,
    standings: &dyn Fn(&DerivedOrigin) -> Standings,
    with: impl FnOnce(Setting<'_>, Prospects) -> T,
) -> T {
    let derivation = derived(distribution);
    let derived = &derivation.origins[0];
    let prospects = Prospects::of(&derivation, derived, &standings);
    with(Setting { derivation: &derivation, derived }, prospects)
}

/// Returns the advice where the origin stands as given under its domain and under the alias.
fn judged(
    distribution: &Distribution,
    setting: OriginSetting,
    server_name: Option<&str>,
    [domain, alias]: [Standing; 2],
) -> Option<String> {
    let server_name = server_name.map(|name| name.parse().unwrap());
    let standings = |derived: &DerivedOrigin| {
        let hosts = vec![alias; derived.hosts.len()];
        Standings::new(derived, &[vec![domain], hosts.clone(), hosts].concat())
    };
    let fault = Fault { setting, server_name: server_name.as_ref(), port: Port::NoTls };
    judging(distribution, &standings, |setting, prospects| setting.advice(&fault, &prospects))
}

/// Returns the advice where the names that are sent fail and the others were not probed.
fn advice(
    distribution: &Distribution,
    which: OriginSetting,
    server_name: Option<&str>,
) -> Option<String> {
    let standings = match server_name {
        Some(ALIAS) => [Standing::Unknown, Standing::Fails],
        _ => [Standing::Fails, Standing::Unknown],
    };
    judged(distribution, which, server_name, standings)
}

fn forwarding(cache: &str, origin_request: &str) -> Distribution {
    let with = |path: &str| Behavior {
        cache_policy: Some(cache.into()),
        origin_request_policy: Some(origin_request.into()),
        ..behavior(path, "shop")
    };
    Distribution { behaviors: vec![with("/api/*"), behavior("*", "shop")], ..shop() }
}

/// Both behaviors have the same policies.
fn alike(cache: &str, origin_request: &str) -> Distribution {
    let mut distribution = forwarding(cache, origin_request);
    let first = distribution.behaviors[0].clone();
    distribution.behaviors[1] = Behavior { path_pattern: "*".into(), ..first };
    distribution
}

#[test]
fn a_name_hangs_on_the_policies_that_forward_host() {
    let mut said = Vec::new();
    let mut because = |distribution: &Distribution, name: &str| {
        let advice = advice(distribution, OriginSetting::ServerName, Some(name)).unwrap();
        assert!(advice.ends_with(BEHAVIORS), "{advice}");
        said.push(advice);
    };
    because(&alike("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", EXCEPT_HOST), ORIGIN);
    because(&alike(CONSOLE_DEFAULT, EXCEPT_HOST), ALIAS);
    because(&alike(CONSOLE_DEFAULT, ALL_VIEWER), ALIAS);
    assert_section("distributions", "advice on a server name", &said.join("\n"));
}

#[test]
fn a_policy_is_advised_as_far_as_the_names_behind_it_answer() {
    use Standing::{Answers, Fails, FailsPartly, Unknown};
    let (to_alias, to_domain) = ("policy AllViewer (", "policy AllViewerExceptHostHeader (");
    let caching = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
    for (policy, name, standings, wanted, is_advised, is_proven) in [
        (EXCEPT_HOST, ORIGIN, [Fails, Answers], to_alias, true, true),
        (EXCEPT_HOST, ORIGIN, [Fails, Unknown], to_alias, true, false),
        (EXCEPT_HOST, ORIGIN, [Fails, Fails], to_alias, false, false),
        // Some addresses serve viewers today.
        (EXCEPT_HOST, ORIGIN, [FailsPartly, Unknown], to_alias, false, false),
        (EXCEPT_HOST, ORIGIN, [FailsPartly, Answers], to_alias, true, true),
        (EXCEPT_HOST, ORIGIN, [Fails, FailsPartly], to_alias, false, false),
        (ALL_VIEWER, ALIAS, [Answers, Fails], to_domain, true, true),
        (ALL_VIEWER, ALIAS, [Unknown, Fails], to_domain, true, false),
        (ALL_VIEWER, ALIAS, [Unknown, Answers], to_domain, false, false),
        (ALL_VIEWER, ALIAS, [Fails, Fails], to_domain, false, false),
    ] {
        let distribution = alike(caching, policy);
        let advice = judged(&distribution, OriginSetting::ServerName, Some(name), standings);
        let advice = advice.unwrap();
        // The policies of today come first.
        let starts = [". Either ", ". Set ", ". Get ", ". Give "].into_iter();
        let start = starts.filter_map(|start| advice.find(start)).min().unwrap();
        let offer = &advice[start..];
        assert_eq!(offer.contains(wanted), is_advised, "{standings:?}: {advice}");
        let is_sure = is_advised && !offer.contains("not probed");
        assert_eq!(is_sure, is_proven, "{standings:?}: {advice}");
    }
}

#[test]
fn a_domain_is_kept_where_a_certificate_for_viewers_hangs_on_it() {
    let distribution = forwarding(CONSOLE_DEFAULT, EXCEPT_HOST);
    for (alone, expected) in
        [(Standing::Answers, Prospect::Unproven), (Standing::Fails, Prospect::Bad)]
    {
        let standings = |derived: &DerivedOrigin| {
            Standings::new(derived, &[Standing::Fails, Standing::Answers, alone])
        };
        let renaming = judging(&distribution, &standings, |_, prospects| prospects.renaming);
        assert_eq!(renaming, expected);
    }
}

#[test]
fn no_certificate_for_the_distributions_own_domain_is_advised() {
    let own = "d111111abcdef8.cloudfront.net";
    let mut distribution = alike("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", ALL_VIEWER);
    distribution.aliases.clear();
    distribution.domain_name = Some(own.into());
    let standings = [Standing::Unknown, Standing::Fails];
    let advice = judged(&distribution, OriginSetting::ServerName, Some(own), standings).unwrap();
    assert!(!advice.contains("contains d111"), "{advice}");
    assert!(advice.contains("an alternate domain name"), "{advice}");
}

#[test]
fn a_port_that_speaks_tls_elsewhere_is_kept() {
    let standings = |derived: &DerivedOrigin| Standings::new(derived, &[Standing::FailsPartly]);
    let of = |port| {
        let fault = Fault { setting: OriginSetting::HttpsPort, server_name: None, port };
        judging(&shop(), &standings, |setting, prospects| setting.advice(&fault, &prospects))
    };
    assert!(of(Port::NoTls).unwrap().contains("Set HTTPSPort"));
    assert_eq!(of(Port::SpeaksTls), None);
    let family = of(Port::OneFamily(IpAddressType::Ipv4)).unwrap();
    assert!(family.contains("set it to ipv4") && !family.contains("HTTPSPort"), "{family}");
}

#[test]
fn each_setting_is_named_with_its_value_and_the_change() {
    let mut said = Vec::new();
    for (which, name, value) in [
        (OriginSetting::OriginDomain, "DomainName", ORIGIN),
        (OriginSetting::AddressType, "IpAddressType", "ipv4"),
        (OriginSetting::HttpsPort, "HTTPSPort", "443"),
        (OriginSetting::SslProtocols, "OriginSslProtocols", "TLSv1.2"),
        (OriginSetting::ClientCertificate, "OriginMtlsConfig", "CustomOriginConfig"),
    ] {
        let advice = advice(&shop(), which, None).unwrap();
        assert!(advice.contains(name) && advice.contains(value), "{advice}");
        assert!(advice.ends_with(SETTINGS), "{advice}");
        said.push(advice);
    }
    assert_section("distributions", "advice on each setting", &said.join("\n"));
}

#[test]
fn an_s3_website_speaks_no_tls() {
    let website = origin("shop", "b.s3-website.eu-west-1.amazonaws.com");
    let distribution = Distribution { origins: vec![website], ..shop() };
    let advice = advice(&distribution, OriginSetting::HttpsPort, None).unwrap();
    assert!(advice.contains("OriginProtocolPolicy"), "{advice}");
    assert_section("distributions", "advice for an S3 website", &advice);
}

#[test]
fn no_call_holds_what_a_shell_might_read_otherwise() {
    let id = "x'\"; rm -rf $HOME #";
    let origins = vec![origin(id, ORIGIN)];
    let distribution =
        Distribution { id: "`id`".into(), origins, behaviors: vec![behavior("*", id)], ..shop() };
    let advice = advice(&distribution, OriginSetting::HttpsPort, None).unwrap();
    let call = advice.split_once("See it with: ").unwrap().1;
    assert_eq!(
        call,
        "aws cloudfront get-distribution-config --id ID --query \
         \"DistributionConfig.Origins.Items\""
    );
}

#[test]
fn every_call_only_shows() {
    let settings = CustomOrigin { protocol_policy: "match-viewer".into(), ..custom() };
    let mut distribution = forwarding(CONSOLE_DEFAULT, ALL_VIEWER);
    distribution.origins[0].connection = OriginConnection::Custom(settings);
    for which in [
        OriginSetting::ServerName,
        OriginSetting::HttpsPort,
        OriginSetting::AddressType,
        OriginSetting::SslProtocols,
    ] {
        for name in [ORIGIN, ALIAS] {
            let advice = advice(&distribution, which, Some(name)).unwrap();
            let calls: Vec<&str> = advice.split("aws ").skip(1).collect();
            assert_eq!(calls.len(), 1);
            assert!(calls[0].starts_with("cloudfront get-distribution-config "), "{advice}");
        }
    }
}
