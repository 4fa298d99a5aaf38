//! When Host is forwarded, row by row, and which server names follow.

use super::{ALIAS, ORIGIN, assert_issues, behavior, derived, issues, names, shop};
use origin_probe::distribution::{
    Account, Behavior, DeriveOptions, Distribution, HostHeader, Policy, PolicyKind, derive,
};

const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const CONSOLE_DEFAULT: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// Returns the server names where a distribution's only behavior has these policies; an id that is
/// not Amazon's says itself what it does: `allExcept Host`.
fn server_names(cache: &str, origin_request: &str, legacy: &[&str]) -> Vec<String> {
    let mut account = Account::default();
    for (kind, id) in [(PolicyKind::Cache, cache), (PolicyKind::OriginRequest, origin_request)] {
        if let Some((behavior, headers)) = id.split_once(' ') {
            let host = HostHeader::of(kind, behavior, headers.split(' ')).unwrap();
            account.policies.add(kind, id, Policy { name: "own".into(), host });
        }
    }
    let given = |id: &str| (!id.is_empty()).then(|| id.into());
    let distribution = Distribution {
        behaviors: vec![Behavior {
            cache_policy: given(cache),
            origin_request_policy: given(origin_request),
            forwarded_headers: legacy.iter().map(|name| (*name).into()).collect(),
            ..behavior("*", "shop")
        }],
        ..shop()
    };
    let derivation = derive(&distribution, &account, &DeriveOptions::default());
    assert_eq!(issues(&derivation), [""; 0]);
    let targets = &derivation.origins[0].origin.targets;
    targets.iter().map(|target| target.server_name.to_string()).collect()
}

#[test]
fn the_host_header_decides_the_server_name() {
    for (cache, origin_request, legacy, expected) in [
        // No policy names Host.
        ("", "", &[][..], ORIGIN),
        (CACHING_OPTIMIZED, "", &[], ORIGIN),
        ("", "", &["Origin", "Accept"], ORIGIN),
        // The origin request policy forwards it.
        (CACHING_OPTIMIZED, ALL_VIEWER, &[], ALIAS),
        (CACHING_OPTIMIZED, "33f36d7e-f396-46d9-90e0-52428a34d9dc", &[], ALIAS),
        (CACHING_OPTIMIZED, "bf0718e1-ba1e-49d1-88b1-f726733018ae", &[], ALIAS),
        (CACHING_OPTIMIZED, "allViewer ", &[], ALIAS),
        (CACHING_OPTIMIZED, "allViewerAndWhitelistCloudFront CloudFront-Viewer-City", &[], ALIAS),
        (CACHING_OPTIMIZED, "whitelist host", &[], ALIAS),
        (CACHING_OPTIMIZED, "allExcept Authorization", &[], ALIAS),
        // It does not.
        (CACHING_OPTIMIZED, EXCEPT_HOST, &[], ORIGIN),
        (CACHING_OPTIMIZED, "59781a5b-3903-41f3-afcb-af62929ccde1", &[], ORIGIN),
        (CACHING_OPTIMIZED, "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", &[], ORIGIN),
        (CACHING_OPTIMIZED, "775133bc-15f2-49f9-abea-afb2e0bf67d2", &[], ORIGIN),
        (CACHING_OPTIMIZED, "acba4595-bd28-49b8-b9fe-13317c0390fa", &[], ORIGIN),
        (CACHING_OPTIMIZED, "allExcept Cookie Host", &[], ORIGIN),
        (CACHING_OPTIMIZED, "none ", &[], ORIGIN),
        (CACHING_OPTIMIZED, "whitelist Origin", &[], ORIGIN),
        // The cache policy forwards it, whatever the origin request policy excludes.
        (CONSOLE_DEFAULT, "", &[], ALIAS),
        (CONSOLE_DEFAULT, EXCEPT_HOST, &[], ALIAS),
        ("4cc15a8a-d715-48a4-82b8-cc0b614638fe", EXCEPT_HOST, &[], ALIAS),
        ("2e54312d-136d-493c-8eb9-b001f22f67d2", EXCEPT_HOST, &[], ALIAS),
        ("whitelist Host", "allExcept Host", &[], ALIAS),
        ("whitelist Host", "none ", &[], ALIAS),
        ("whitelist Host", "whitelist Origin", &[], ALIAS),
        ("none ", EXCEPT_HOST, &[], ORIGIN),
        // Deprecated forwarded values.
        ("", "", &["Origin", "HOST"], ALIAS),
        ("", "", &["*"], ALIAS),
    ] {
        let found = server_names(cache, origin_request, legacy);
        assert_eq!(found, [expected], "{cache} × {origin_request} × {legacy:?}");
    }
}

#[test]
fn a_header_behavior_that_is_not_known_is_not_guessed() {
    assert_eq!(HostHeader::of(PolicyKind::OriginRequest, "allButFew", ["Host"]), None);
    assert_eq!(HostHeader::of(PolicyKind::Cache, "allViewer", [""; 0]), None);
}

fn with_policy(path_pattern: &str, origin_request: &str) -> Behavior {
    Behavior {
        cache_policy: Some(CACHING_OPTIMIZED.into()),
        origin_request_policy: Some(origin_request.into()),
        ..behavior(path_pattern, "shop")
    }
}

#[test]
fn behaviors_that_differ_make_both_kinds_of_name() {
    let aliases = vec![ALIAS.into(), "shop.example".into()];
    let behaviors = vec![with_policy("/api/*", ALL_VIEWER), with_policy("*", EXCEPT_HOST)];
    let distribution = Distribution { aliases, behaviors, ..shop() };
    let derivation = derived(&distribution);
    assert_eq!(
        names(&derivation),
        ["shop origin.shop.example: origin.shop.example www.shop.example shop.example"]
    );
}

#[test]
fn an_unknown_policy_makes_both_kinds_of_name_uncertain() {
    let behaviors = vec![with_policy("/api/*", "11111111-own"), with_policy("*", EXCEPT_HOST)];
    let derivation = derived(&Distribution { behaviors, ..shop() });
    assert_eq!(
        names(&derivation),
        ["shop origin.shop.example: origin.shop.example www.shop.example?"]
    );
    assert_issues("an unknown policy makes both kinds of name uncertain", &derivation);
    // What the other policy forwards is forwarded all the same.
    let mut behavior = with_policy("*", "11111111-own");
    behavior.cache_policy = Some(CONSOLE_DEFAULT.into());
    let derivation = derived(&Distribution { behaviors: vec![behavior], ..shop() });
    assert_eq!(names(&derivation), ["shop origin.shop.example: www.shop.example"]);
    assert_eq!(issues(&derivation), [""; 0]);
}

#[test]
fn the_distributions_own_domain_counts_only_without_aliases() {
    let own = Distribution {
        domain_name: Some("d111.cloudfront.net".into()),
        behaviors: vec![with_policy("*", ALL_VIEWER)],
        ..shop()
    };
    assert_eq!(
        names(&derived(&own)),
        ["shop origin.shop.example: www.shop.example (d111.cloudfront.net)"]
    );
    let own = Distribution { aliases: Vec::new(), ..own };
    assert_eq!(names(&derived(&own)), ["shop origin.shop.example: d111.cloudfront.net"]);
}

#[test]
fn without_any_name_of_viewers_nothing_is_guessed() {
    let behaviors = vec![with_policy("*", ALL_VIEWER)];
    let nameless = Distribution { aliases: Vec::new(), behaviors, ..shop() };
    let derivation = derived(&nameless);
    assert_eq!(names(&derivation), [""; 0]);
    assert_issues("without any name of viewers nothing is guessed", &derivation);
    let options = DeriveOptions {
        hosts: vec!["new.shop.example".parse().unwrap()],
        ..DeriveOptions::default()
    };
    let derivation = derive(&nameless, &Account::default(), &options);
    assert_eq!(names(&derivation), ["shop origin.shop.example: new.shop.example"]);
    assert_eq!(issues(&derivation), [""; 0]);
}

#[test]
fn a_wildcard_is_represented_by_names_that_it_covers() {
    for (aliases, given, expected) in [
        (&["WWW.a.example", "a.example", "www.a.example"][..], &[][..], "www.a.example a.example"),
        (&["*.a.example"], &[], "www.a.example"),
        (&["*.a.example", "shop.a.example"], &[], "shop.a.example"),
        (
            &["*.a.example", "shop.a.example"],
            &["x.y.a.example", "b.example"],
            "shop.a.example x.y.a.example",
        ),
        (&["*.a.example", "a.example", "ba.example"], &[], "a.example ba.example www.a.example"),
    ] {
        let aliases = aliases.iter().map(|name| Box::from(*name)).collect();
        let behaviors = vec![with_policy("*", ALL_VIEWER)];
        let distribution = Distribution { aliases, behaviors, ..shop() };
        let hosts = given.iter().map(|name| name.parse().unwrap()).collect();
        let options = DeriveOptions { hosts, ..DeriveOptions::default() };
        let derivation = derive(&distribution, &Account::default(), &options);
        assert_eq!(names(&derivation), [format!("shop origin.shop.example: {expected}")]);
        assert_eq!(issues(&derivation), [""; 0]);
    }
}

#[test]
fn an_alias_that_is_no_name_does_not_lose_the_others() {
    let derivation = derived(&Distribution {
        domain_name: Some("192.0.2.1".into()),
        aliases: vec!["a..example".into(), "www.a.example".into()],
        behaviors: vec![with_policy("*", ALL_VIEWER)],
        ..shop()
    });
    assert_eq!(names(&derivation), ["shop origin.shop.example: www.a.example"]);
    assert_eq!(
        issues(&derivation),
        [
            "alias `a..example`: domain name `a..example` has an empty label (two dots in a row, \
             or a leading dot); ignored",
            "distribution: domain name `192.0.2.1` is an IP address; CloudFront accepts only DNS \
             names as Origin Domain; ignored",
        ]
    );
}
