//! What a distribution has to do with a finding, rule by rule.

use super::ALIAS;
use super::ORIGIN;
use super::behavior;
use super::custom;
use super::origin;
use super::shop;
use crate::distribution::Account;
use crate::distribution::Behavior;
use crate::distribution::CustomOrigin;
use crate::distribution::DerivedOrigin;
use crate::distribution::Distribution;
use crate::distribution::Fault;
use crate::distribution::OriginConnection;
use crate::distribution::Port;
use crate::distribution::Prospect;
use crate::distribution::Prospects;
use crate::distribution::Setting;
use crate::distribution::Standing;
use crate::distribution::Standings;
use crate::distribution::Terms;
use crate::distribution::derive;
use crate::origin::IpAddressType;

const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const CONSOLE_DEFAULT: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";
const BEHAVIORS: &str = "See it with: aws cloudfront get-distribution-config --id E1SHOP --query \
                         \"DistributionConfig.[DefaultCacheBehavior,CacheBehaviors.Items]\"";
const SETTINGS: &str = "See it with: aws cloudfront get-distribution-config --id E1SHOP --query \
                        \"DistributionConfig.Origins.Items[?Id=='shop']\"";

/// Returns the advice where the origin stands as given under its domain and under the alias.
fn judged(
    distribution: &Distribution,
    rule: &str,
    server_name: Option<&str>,
    [domain, alias]: [Standing; 2],
) -> Option<String> {
    let account = Account::default();
    let derivation = derive(distribution, &account, &Terms::default());
    let derived = &derivation.origins[0];
    let setting = Setting { derivation: &derivation, derived };
    let server_name = server_name.map(|name| name.parse().unwrap());
    let standings = |derived: &DerivedOrigin| {
        let hosts = vec![alias; derived.hosts.len()];
        Standings::new(derived, &[vec![domain], hosts.clone(), hosts].concat())
    };
    let prospects = Prospects::of(&derivation, derived, &standings);
    let fault = Fault { rule, server_name: server_name.as_ref(), port: Port::NoTls };
    setting.advice(&fault, &prospects)
}

/// Returns the advice where the names that are sent fail and the others were not probed.
fn advice(distribution: &Distribution, rule: &str, server_name: Option<&str>) -> Option<String> {
    let standings = match server_name {
        Some(ALIAS) => [Standing::Unknown, Standing::Fails],
        _ => [Standing::Fails, Standing::Unknown],
    };
    judged(distribution, rule, server_name, standings)
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
    let because = |rule: &str, distribution: &Distribution, name: &str, expected: &str| {
        let advice = advice(distribution, rule, Some(name)).unwrap();
        assert_eq!(
            advice,
            format!("Origin `shop` of distribution E1SHOP: {expected}. {BEHAVIORS}")
        );
    };
    because(
        "name-not-in-certificate",
        &alike("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", EXCEPT_HOST),
        ORIGIN,
        "its DomainName is origin.shop.example, which is sent for /api/*, *, for which the cache \
         policy CachingDisabled (4135ea2d-6df8-44a3-9df3-4b5a84be39ad) with the origin request \
         policy AllViewerExceptHostHeader (b689b0a8-53d0-40ab-baf2-68738e2966ac) forwards no Host; \
         set it to a domain name of yours that the certificate carries and that leads to this \
         origin, not to CloudFront, or give these behaviors the origin request policy AllViewer \
         (216adef6-5c7f-47e4-b989-5492eafa07d3), which forwards Host, once `origin-probe check \
         origin.shop.example --host www.shop.example` answers, which was not probed",
    );
    because(
        "server-name-refused",
        &alike(CONSOLE_DEFAULT, EXCEPT_HOST),
        ALIAS,
        "Host is forwarded for /api/*, * by the cache policy UseOriginCacheControlHeaders \
         (83da9c7e-98b4-4e11-a168-04f0df8e2c65); have the certificate carry www.shop.example, or \
         give these behaviors a cache policy without Host, such as CachingOptimized or \
         CachingDisabled, for what the cache policy forwards goes to the origin whatever the other \
         excludes, once `origin-probe check origin.shop.example` answers, which was not probed",
    );
    because(
        "name-not-in-certificate",
        &alike(CONSOLE_DEFAULT, ALL_VIEWER),
        ALIAS,
        "Host is forwarded for /api/*, * by the cache policy UseOriginCacheControlHeaders \
         (83da9c7e-98b4-4e11-a168-04f0df8e2c65) and the origin request policy AllViewer \
         (216adef6-5c7f-47e4-b989-5492eafa07d3); have the certificate carry www.shop.example, or \
         give these behaviors the origin request policy AllViewerExceptHostHeader \
         (b689b0a8-53d0-40ab-baf2-68738e2966ac) and a cache policy without Host, such as \
         CachingOptimized or CachingDisabled, for what the cache policy forwards goes to the \
         origin whatever the other excludes, once `origin-probe check origin.shop.example` \
         answers, which was not probed",
    );
}

#[test]
fn a_policy_is_advised_as_far_as_the_names_behind_it_answer() {
    use Standing::Answers;
    use Standing::Fails;
    use Standing::FailsPartly;
    use Standing::Unknown;
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
        let advice = judged(&distribution, "name-not-in-certificate", Some(name), standings);
        let advice = advice.unwrap();
        let offer = advice.split_once("; ").unwrap().1;
        assert_eq!(offer.contains(wanted), is_advised, "{standings:?}: {advice}");
        assert_eq!(
            is_advised && !offer.contains("not probed"),
            is_proven,
            "{standings:?}: {advice}"
        );
    }
}

#[test]
fn a_domain_is_kept_where_a_certificate_for_viewers_hangs_on_it() {
    let account = Account::default();
    let distribution = forwarding(CONSOLE_DEFAULT, EXCEPT_HOST);
    let derivation = derive(&distribution, &account, &Terms::default());
    let derived = &derivation.origins[0];
    for (alone, expected) in
        [(Standing::Answers, Prospect::Unproven), (Standing::Fails, Prospect::Bad)]
    {
        let standings = |derived: &DerivedOrigin| {
            Standings::new(derived, &[Standing::Fails, Standing::Answers, alone])
        };
        assert_eq!(Prospects::of(&derivation, derived, &standings).renaming, expected);
    }
}

#[test]
fn no_certificate_for_the_distributions_own_domain_is_advised() {
    let own = "d111111abcdef8.cloudfront.net";
    let mut distribution = alike("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", ALL_VIEWER);
    distribution.aliases.clear();
    distribution.domain_name = Some(own.into());
    let standings = [Standing::Unknown, Standing::Fails];
    let advice = judged(&distribution, "server-name-refused", Some(own), standings).unwrap();
    assert!(!advice.contains("carry d111"), "{advice}");
    assert!(advice.contains("an alternate domain name"), "{advice}");
}

#[test]
fn a_port_that_speaks_tls_elsewhere_is_kept() {
    let account = Account::default();
    let derivation = derive(&shop(), &account, &Terms::default());
    let derived = &derivation.origins[0];
    let setting = Setting { derivation: &derivation, derived };
    let standings = |derived: &DerivedOrigin| Standings::new(derived, &[Standing::FailsPartly]);
    let prospects = Prospects::of(&derivation, derived, &standings);
    let of = |port| {
        setting.advice(&Fault { rule: "connection-refused", server_name: None, port }, &prospects)
    };
    assert!(of(Port::NoTls).unwrap().contains("set HTTPSPort"));
    assert_eq!(of(Port::SpeaksTls), None);
    let family = of(Port::OneFamily(IpAddressType::Ipv4)).unwrap();
    assert!(family.contains("set it to ipv4") && !family.contains("HTTPSPort"), "{family}");
}

#[test]
fn each_setting_is_named_with_its_value_and_the_change() {
    for (rule, expected) in [
        (
            "origin-domain-unresolvable",
            "its DomainName is origin.shop.example; change it, if another name is meant",
        ),
        (
            "no-usable-address",
            "its IpAddressType is ipv4; set it to the kind of address that the domain has, or to \
             dualstack",
        ),
        (
            "connection-refused",
            "its HTTPSPort is 443 and its OriginProtocolPolicy https-only; set HTTPSPort to the \
             port on which the origin speaks TLS",
        ),
        (
            "no-shared-protocol-version",
            "its OriginSslProtocols are TLSv1.2; add one that the origin speaks; best, have it \
             speak TLSv1.2",
        ),
        (
            "client-certificate-required",
            "its CustomOriginConfig has no OriginMtlsConfig; give it the ARN of a client \
             certificate that the origin accepts",
        ),
    ] {
        assert_eq!(
            advice(&shop(), rule, None),
            Some(format!("Origin `shop` of distribution E1SHOP: {expected}. {SETTINGS}")),
            "{rule}"
        );
    }
    assert_eq!(advice(&shop(), "certificate-expired", Some(ORIGIN)), None);
}

#[test]
fn an_s3_website_speaks_no_tls() {
    let website = origin("shop", "b.s3-website.eu-west-1.amazonaws.com");
    let distribution = Distribution { origins: vec![website], ..shop() };
    let advice = advice(&distribution, "connection-timed-out", None).unwrap();
    assert!(
        advice.contains(
            "its OriginProtocolPolicy is https-only, but it is an S3 website, and those speak \
             plain HTTP only; set it to http-only, or use the bucket itself"
        ),
        "{advice}"
    );
}

#[test]
fn no_call_holds_what_a_shell_might_read_otherwise() {
    let id = "x'\"; rm -rf $HOME #";
    let origins = vec![origin(id, ORIGIN)];
    let distribution =
        Distribution { id: "`id`".into(), origins, behaviors: vec![behavior("*", id)], ..shop() };
    let advice = advice(&distribution, "not-tls", None).unwrap();
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
    for rule in ["name-not-in-certificate", "not-tls", "no-usable-address", "sslv3-not-offered"] {
        for name in [ORIGIN, ALIAS] {
            let advice = advice(&distribution, rule, Some(name)).unwrap();
            let calls: Vec<&str> = advice.split("aws ").skip(1).collect();
            assert_eq!(calls.len(), 1);
            assert!(calls[0].starts_with("cloudfront get-distribution-config "), "{advice}");
        }
    }
}
