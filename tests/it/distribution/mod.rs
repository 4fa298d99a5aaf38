//! Distributions put together by hand.

mod advice;
mod host;
mod origins;
mod protocol;
mod tenants;

use origin_probe::distribution::{
    Account, Derivation, DeriveOptions, DerivedOrigin, Distribution, LeftOut, OriginKind,
    OriginSettings, Selection, derive, listed, printable, shown,
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

#[test]
fn what_comes_from_outside_is_short_and_printable() {
    assert_eq!(shown("/a\u{1b}[31m"), "`/a\\u{1b}[31m`");
    assert_eq!(printable(&"é".repeat(5_000)).chars().count(), 256);
    assert_eq!(listed(&["a", "b", "c", "d"]), "a, b, c, d");
    assert_eq!(listed(&["a", "b", "c", "d", "e", "f"]), "a, b, c, d and 2 more");
    assert_eq!(listed::<&str>(&[]), "");
}

#[test]
fn amazons_own_names_are_recognised() {
    use OriginKind::{
        ApiGateway, Custom, LambdaFunctionUrl, MediaPackage, MediaStore, S3Bucket, S3Website,
    };
    for (domain, kind) in [
        ("bucket.s3.amazonaws.com", S3Bucket),
        ("my.bucket.s3.eu-west-1.amazonaws.com", S3Bucket),
        ("bucket.s3-eu-west-1.amazonaws.com", S3Bucket),
        ("bucket.s3.dualstack.eu-west-1.amazonaws.com", S3Bucket),
        ("bucket.s3.cn-north-1.amazonaws.com.cn", S3Bucket),
        ("bucket.s3-website-us-east-1.amazonaws.com", S3Website),
        ("bucket.s3-website.eu-central-1.amazonaws.com", S3Website),
        ("s3.shop.example", Custom),
        ("abc123.lambda-url.eu-west-1.on.aws", LambdaFunctionUrl),
        ("abc123.other.eu-west-1.on.aws", Custom),
        ("abc123.execute-api.eu-west-1.amazonaws.com", ApiGateway),
        ("abc.data.mediastore.eu-west-1.amazonaws.com", MediaStore),
        ("abc.mediapackage.eu-west-1.amazonaws.com", MediaPackage),
        ("abc.egress.x1.mediapackagev2.eu-west-1.amazonaws.com", MediaPackage),
        ("shop-alb-1.eu-west-1.elb.amazonaws.com", Custom),
        ("ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", Custom),
        ("www.shop.example", Custom),
        ("abc123.execute-api.eu-west-1.amazonaws.com.shop.example", Custom),
    ] {
        assert_eq!(OriginKind::of(&domain.parse().unwrap()), kind, "{domain}");
    }
}

#[test]
fn only_what_amazon_renews_is_managed() {
    assert!(OriginKind::S3Bucket.is_managed() && OriginKind::ApiGateway.is_managed());
    assert!(!OriginKind::S3Website.is_managed() && !OriginKind::Custom.is_managed());
}

#[test]
fn disabled_and_staging_distributions_count_only_when_asked_for() {
    let none = Selection::default();
    let disabled = Selection { disabled: true, ..none };
    let both = Selection { staging: true, ..disabled };
    for (is_enabled, is_staging, selection, expected) in [
        (true, false, none, None),
        (false, false, none, Some(LeftOut::Disabled)),
        (true, true, none, Some(LeftOut::Staging)),
        (false, false, disabled, None),
        (false, true, disabled, Some(LeftOut::Staging)),
        (false, true, both, None),
    ] {
        let distribution = Distribution { is_enabled, is_staging, ..Distribution::default() };
        assert_eq!(selection.leaves_out(&distribution), expected);
    }
}
