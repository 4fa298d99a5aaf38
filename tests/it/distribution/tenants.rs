//! Multi-tenant distributions.

use crate::common::section::assert_section;

use super::{assert_issues, behavior, derived, issues, names, origin, shop};
use origin_probe::distribution::{Behavior, Distribution, ParameterDefinition, Tenant};

fn tenant(id: &str, domains: &[&str], parameters: &[(&str, &str)]) -> Tenant {
    let parameters = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Tenant {
        id: id.into(),
        distribution_id: "E1SHOP".into(),
        is_enabled: true,
        domains: domains.iter().map(|domain| (*domain).into()).collect(),
        parameters: Some(parameters.collect()),
    }
}

fn multi(tenants: Vec<Tenant>) -> Distribution {
    Distribution {
        connection_mode: Some("tenant-only".into()),
        domain_name: Some("d111.cloudfront.net".into()),
        aliases: Vec::new(),
        origins: vec![origin("own", "{{shop}}.origin.example"), origin("all", "all.example")],
        behaviors: vec![
            Behavior { forwarded_headers: vec!["Host".into()], ..behavior("/api/*", "own") },
            Behavior { forwarded_headers: vec!["*".into()], ..behavior("*", "all") },
        ],
        parameters: vec![ParameterDefinition { name: "shop".into(), default_value: None }],
        tenants,
        ..shop()
    }
}

#[test]
fn each_tenant_has_its_own_origin_under_its_own_domains() {
    let derivation = derived(&multi(vec![
        tenant("dt_a", &["a.example", "www.a.example"], &[("shop", "x")]),
        tenant("dt_b", &["b.example"], &[("shop", "y")]),
        tenant("dt_c", &["*.c.example"], &[("shop", "x")]),
        Tenant { is_enabled: false, ..tenant("dt_d", &["d.example"], &[("shop", "z")]) },
    ]));
    assert_eq!(issues(&derivation), [""; 0]);
    assert_eq!(
        names(&derivation),
        [
            "own x.origin.example: a.example www.a.example www.c.example",
            "own y.origin.example: b.example",
            "all all.example: a.example www.a.example b.example www.c.example",
        ]
    );
    let targets = derivation.origins.iter().flat_map(|derived| &derived.origin.targets);
    let stand_ins: Vec<(&str, &str)> = targets
        .filter_map(|target| Some((target.server_name.as_str(), target.stands_for.as_deref()?)))
        .collect();
    assert_eq!(stand_ins, [("www.c.example", "*.c.example"); 2]);
}

#[test]
fn a_tenant_without_its_parameter_does_not_lose_the_others() {
    let unknown = Tenant { parameters: None, ..tenant("dt_b", &["b.example"], &[]) };
    let mut distribution = multi(vec![tenant("dt_a", &["a.example"], &[("shop", "x y")]), unknown]);
    let derivation = derived(&distribution);
    assert_eq!(names(&derivation), ["all all.example: a.example b.example"]);
    assert_issues("a tenant without its parameter does not lose the others", &derivation);
    distribution.parameters[0].default_value = Some("std".into());
    assert_eq!(names(&derived(&distribution))[0], "own std.origin.example: b.example");
}

#[test]
fn tenants_without_the_same_parameter_are_counted() {
    let tenants = (0..500).map(|n| tenant(&format!("dt_{n}"), &[], &[])).collect();
    let issues = issues(&derived(&multi(tenants)))[1..].join("\n");
    let title = "tenants without the same parameter are counted";
    assert_section("distributions", title, &issues);
}

#[test]
fn without_tenants_there_are_no_names() {
    let derivation = derived(&multi(Vec::new()));
    assert_eq!(names(&derivation), [""; 0]);
    assert_issues("without tenants there are no names", &derivation);
}

#[test]
fn ten_thousand_tenants_are_one_origin_with_as_many_names() {
    let tenants = (0..10_000)
        .map(|n| tenant(&format!("dt_{n}"), &[&format!("shop-{n}.example")], &[("shop", "x")]));
    let derivation = derived(&multi(tenants.collect()));
    let counts: Vec<usize> =
        derivation.origins.iter().map(|derived| derived.origin.targets.len()).collect();
    assert_eq!(counts, [10_000, 10_000]);
}

#[test]
fn a_tenants_value_goes_before_the_default_and_is_not_expanded_again() {
    let mut distribution =
        multi(vec![tenant("dt_1", &["a.example"], &[("shop", "x"), ("odd", "{{region}}a")])]);
    for (name, value) in [("region", "eu"), ("shop", "std")] {
        let default_value = Some(value.into());
        distribution.parameters.push(ParameterDefinition { name: name.into(), default_value });
    }
    for (template, expected) in [
        ("origin.example.com", "own origin.example.com: a.example"),
        ("{{region}}.example.com", "own eu.example.com: a.example"),
        ("{{ region }}.{{shop}}.example", "own eu.x.example: a.example"),
        (
            "{{odd}}-{{region}}.example",
            "origin `own`: domain name `{{region}}a-eu.example` contains '{'; use letters, digits, \
             hyphens, underscores and dots only; ignored",
        ),
        (
            "{{zone}}.example.com",
            "origin `own`: tenant `dt_1` has no value for parameter `zone`; add the output of \
             get-distribution-tenant",
        ),
        (
            "{{shop.example.com",
            "origin `own`: parameter in `{{shop.example.com` is not closed with `}}`; origin \
             ignored",
        ),
    ] {
        distribution.origins[0] = origin("own", template);
        let derivation = derived(&distribution);
        let found = issues(&derivation).into_iter().chain(names(&derivation)).next();
        assert_eq!(found.as_deref(), Some(expected));
    }
}
