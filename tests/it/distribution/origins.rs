//! Kinds of origins, and which behaviors lead to each.

use std::time::Duration;

use super::{assert_issues, behavior, custom, derived, derived_from, group, issues, origin, shop};
use origin_probe::distribution::{
    Account, Behavior, CustomOrigin, DeriveOptions, Distribution, EdgeFunction, Failover,
    OriginConnection, OriginKind, OriginSettings, VpcOrigin, derive,
};
use origin_probe::origin::{Exemption, ProtocolPolicy, Reachability};

#[test]
fn what_amazon_manages_is_probed_rarely_and_labelled() {
    use OriginKind::{ApiGateway, Custom, LambdaFunctionUrl, MediaStore, S3Bucket, S3Website, Vpc};
    let (often, rarely) = (Duration::from_secs(300), Duration::from_secs(6 * 3_600));
    for (domain, kind, label, interval) in [
        ("a.example", Custom, None, often),
        ("b.s3.eu-west-1.amazonaws.com", S3Bucket, Some("s3"), rarely),
        ("b.s3-website.eu-west-1.amazonaws.com", S3Website, Some("s3-website"), often),
        ("x.lambda-url.eu-west-1.on.aws", LambdaFunctionUrl, Some("lambda-function-url"), rarely),
        ("x.execute-api.eu-west-1.amazonaws.com", ApiGateway, Some("api-gateway"), rarely),
        ("x.data.mediastore.eu-west-1.amazonaws.com", MediaStore, Some("mediastore"), rarely),
        ("internal.example", Vpc, Some("vpc"), often),
    ] {
        let (connection, exemption) = match kind {
            S3Bucket => (OriginConnection::S3, None),
            Vpc => (OriginConnection::Vpc { id: "vo_1".into() }, Some(Exemption::VpcOrigin)),
            _ => (OriginConnection::Custom(custom()), None),
        };
        let derivation = derived_from(OriginSettings { connection, ..origin("shop", domain) });
        let found = &derivation.origins[0];
        assert_eq!(found.kind, kind, "{domain}");
        assert_eq!(found.origin.labels.get("origin_kind").map(String::as_str), label);
        assert_eq!(found.origin.interval, interval, "{domain}");
        assert_eq!(found.origin.exemption, exemption, "{domain}");
        assert_eq!(issues(&derivation), [""; 0]);
    }
}

#[test]
fn a_bucket_with_origin_access_control_is_not_judged_but_another_kind_is() {
    for (connection, exemption) in [
        (OriginConnection::S3, Some(Exemption::OriginAccessControl)),
        (OriginConnection::Custom(custom()), None),
    ] {
        let settings = OriginSettings {
            connection,
            origin_access_control: Some("E1OAC".into()),
            ..origin("shop", "x.lambda-url.eu-west-1.on.aws")
        };
        let derivation = derived_from(settings);
        assert_eq!(derivation.origins[0].origin.exemption, exemption);
    }
}

#[test]
fn a_vpc_origin_is_judged_only_where_the_prober_reaches_it() {
    let settings = OriginSettings {
        connection: OriginConnection::Vpc { id: "vo_1".into() },
        ..origin("shop", "internal.example")
    };
    let distribution = Distribution { origins: vec![settings], ..shop() };
    let options =
        DeriveOptions { reachable_from_here: Reachability::Reachable, ..DeriveOptions::default() };
    let derivation = derive(&distribution, &Account::default(), &options);
    assert!(derivation.origins.is_empty());
    assert_issues("a vpc origin is judged only where the prober reaches it", &derivation);
    let settings =
        CustomOrigin { https_port: 8443, protocol_policy: "match-viewer".into(), ..custom() };
    let vpc_origins = vec![VpcOrigin { id: "vo_1".into(), settings }];
    let account = Account { vpc_origins, ..Account::default() };
    let derivation = derive(&distribution, &account, &options);
    let origin = &derivation.origins[0].origin;
    assert_eq!((origin.exemption, origin.https_port), (None, 8443));
    assert_eq!(origin.protocol_policy, ProtocolPolicy::MatchViewer);
    let derivation = derive(&distribution, &account, &DeriveOptions::default());
    assert_eq!(derivation.origins[0].origin.exemption, Some(Exemption::VpcOrigin));
}

#[test]
fn an_origin_that_no_behavior_leads_to_is_not_judged() {
    let mut distribution = shop();
    distribution.origins.push(origin("spare", "spare.example"));
    let exempt = |distribution: &Distribution| -> Vec<Option<Exemption>> {
        derived(distribution).origins.iter().map(|derived| derived.origin.exemption).collect()
    };
    assert_eq!(exempt(&distribution), [None, Some(Exemption::Unused)]);
    distribution.origin_groups = vec![group("both", &["shop", "spare"], &[502])];
    assert_eq!(exempt(&distribution), [None, Some(Exemption::Unused)]);
    distribution.behaviors = vec![behavior("*", "both")];
    assert_eq!(exempt(&distribution), [None, None]);
    distribution.behaviors[0].is_grpc = true;
    assert_eq!(exempt(&distribution), [None, Some(Exemption::Unused)]);
}

#[test]
fn a_group_leads_to_its_primary_and_then_its_secondary() {
    let distribution = Distribution {
        origins: vec![origin("shop", "a.example"), origin("spare", "b.example")],
        origin_groups: vec![group("both", &["shop", "spare"], &[502, 503, 504])],
        behaviors: vec![behavior("/spare/*", "spare"), behavior("*", "both")],
        ..shop()
    };
    let derivation = derived(&distribution);
    let patterns = |id: &str| -> Vec<String> {
        derivation.routes_to(id).map(|route| route.path_pattern.to_string()).collect()
    };
    assert_eq!(patterns("shop"), ["*"]);
    assert_eq!(patterns("spare"), ["/spare/*", "*"]);
    let (group, secondary, statuses) = ("both".into(), "spare".into(), vec![502, 503, 504]);
    assert_eq!(derivation.routes[1].failover, Some(Failover { group, secondary, statuses }));
}

#[test]
fn a_behavior_that_leads_nowhere_is_told() {
    let distribution = Distribution {
        origin_groups: vec![group("empty", &[], &[502]), group("half", &["shop", "gone"], &[502])],
        behaviors: vec![
            behavior("/a/*", "nobody"),
            behavior("/b/*", "empty"),
            behavior("/c/*", "half"),
            behavior("*", "shop"),
        ],
        ..shop()
    };
    let derivation = derived(&distribution);
    assert_issues("a behavior that leads nowhere is told", &derivation);
    let routes: Vec<(&str, &str)> =
        derivation.routes.iter().map(|route| (&*route.path_pattern, &*route.primary)).collect();
    assert_eq!(routes, [("/a/*", "nobody"), ("/c/*", "shop"), ("*", "shop")]);
}

#[test]
fn the_other_origin_of_a_group_counts_where_one_is_unknown() {
    let distribution = Distribution {
        origin_groups: vec![group("half", &["gone", "shop"], &[502])],
        behaviors: vec![behavior("*", "half")],
        ..shop()
    };
    let derivation = derived(&distribution);
    assert_eq!(derivation.origins[0].origin.exemption, None);
    assert!(derivation.issues[0].is_loss());
}

#[test]
fn a_function_that_may_change_the_origin_makes_it_dynamic() {
    let event = |name: &str| Box::from(name);
    for (function, is_dynamic) in [
        (EdgeFunction::Function(event("viewer-request")), true),
        (EdgeFunction::Function(event("viewer-response")), false),
        (EdgeFunction::Lambda(event("viewer-request")), false),
        (EdgeFunction::Lambda(event("origin-request")), true),
        (EdgeFunction::Lambda(event("origin-response")), false),
    ] {
        let edge_functions = vec![function.clone()];
        let behaviors = vec![Behavior { edge_functions, ..behavior("*", "shop") }];
        let derivation = derived(&Distribution { behaviors, ..shop() });
        assert_eq!(derivation.routes[0].is_dynamic, is_dynamic, "{function:?}");
        let label = derivation.origins[0].origin.labels.contains_key("dynamic");
        assert_eq!(label, is_dynamic, "{function:?}");
    }
}
