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
use crate::distribution::Distribution;
use crate::distribution::OriginConnection;
use crate::distribution::Setting;
use crate::distribution::Terms;
use crate::distribution::derive;

const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const CONSOLE_DEFAULT: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";
const BEHAVIORS: &str = "See it with: aws cloudfront get-distribution-config --id E1SHOP --query \
                         \"DistributionConfig.[DefaultCacheBehavior,CacheBehaviors.Items]\"";
const SETTINGS: &str = "See it with: aws cloudfront get-distribution-config --id E1SHOP --query \
                        \"DistributionConfig.Origins.Items[?Id=='shop']\"";

fn advice(distribution: &Distribution, rule: &str, server_name: Option<&str>) -> Option<String> {
    let account = Account::default();
    let derivation = derive(distribution, &account, &Terms::default());
    let derived = &derivation.origins[0];
    let setting = Setting { derivation: &derivation, derived };
    let server_name = server_name.map(|name| name.parse().unwrap());
    setting.advice(rule, server_name.as_ref())
}

fn forwarding(cache: &str, origin_request: &str) -> Distribution {
    let with = |path: &str| Behavior {
        cache_policy: Some(cache.into()),
        origin_request_policy: Some(origin_request.into()),
        ..behavior(path, "shop")
    };
    Distribution { behaviors: vec![with("/api/*"), behavior("*", "shop")], ..shop() }
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
        &forwarding(CONSOLE_DEFAULT, EXCEPT_HOST),
        ORIGIN,
        "its DomainName is origin.shop.example, which is sent for *, no policy of which forwards \
         Host; set it to a name that the certificate carries, or give these behaviors the \
         origin request policy AllViewer (216adef6-5c7f-47e4-b989-5492eafa07d3), which forwards \
         Host",
    );
    because(
        "name-not-in-certificate",
        &forwarding("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", EXCEPT_HOST),
        ORIGIN,
        "its DomainName is origin.shop.example, which is sent for /api/*, *, for which the cache \
         policy CachingDisabled (4135ea2d-6df8-44a3-9df3-4b5a84be39ad) with the origin request \
         policy AllViewerExceptHostHeader (b689b0a8-53d0-40ab-baf2-68738e2966ac) forwards no Host; \
         set it to a name that the certificate carries, or give these behaviors the origin request \
         policy AllViewer (216adef6-5c7f-47e4-b989-5492eafa07d3), which forwards Host",
    );
    because(
        "server-name-refused",
        &forwarding(CONSOLE_DEFAULT, EXCEPT_HOST),
        ALIAS,
        "Host is forwarded for /api/* by the cache policy UseOriginCacheControlHeaders \
         (83da9c7e-98b4-4e11-a168-04f0df8e2c65); have the certificate carry www.shop.example, or \
         give these behaviors a cache policy without Host, such as CachingOptimized or \
         CachingDisabled, for what the cache policy forwards goes to the origin whatever the other \
         excludes",
    );
    because(
        "name-not-in-certificate",
        &forwarding(CONSOLE_DEFAULT, ALL_VIEWER),
        ALIAS,
        "Host is forwarded for /api/* by the cache policy UseOriginCacheControlHeaders \
         (83da9c7e-98b4-4e11-a168-04f0df8e2c65) and the origin request policy AllViewer \
         (216adef6-5c7f-47e4-b989-5492eafa07d3); have the certificate carry www.shop.example, or \
         give these behaviors the origin request policy AllViewerExceptHostHeader \
         (b689b0a8-53d0-40ab-baf2-68738e2966ac) and a cache policy without Host, such as \
         CachingOptimized or CachingDisabled, for what the cache policy forwards goes to the \
         origin whatever the other excludes",
    );
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
            "its OriginSslProtocols are TLSv1.2; list those that the origin speaks; best, have it \
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
