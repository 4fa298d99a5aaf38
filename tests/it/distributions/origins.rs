//! Which names and origins follow from a distribution, seen by what is probed.

use serde_json::{Value, json};

use super::{shop, stage};
use crate::common::process::Ran;
use crate::common::stage::{
    ALL_VIEWER, CACHING_DISABLED, CONSOLE_DEFAULT, EXCEPT_HOST, LOAD_BALANCER, SITE, behavior,
    distribution, setting,
};

/// The demo's classic: the origin domain is the load balancer's own name.
const CLASSIC: &str = "load-balancers-own-name";

fn names(origin: &Value) -> Vec<&str> {
    let endpoints = origin["endpoints"].as_array().unwrap();
    endpoints.iter().map(|endpoint| endpoint["server_name"].as_str().unwrap()).collect()
}

/// Returns what is said of viewers.
fn impact(ran: &Ran) -> Vec<&str> {
    ran.out.lines().filter(|line| line.starts_with("E1SHOP: ")).collect()
}

/// `get-distribution-config` tells no id, so that nothing but their place tells two apart.
#[tokio::test(flavor = "multi_thread")]
async fn each_of_two_configurations_without_an_id_has_its_own_remedy() {
    let stage = stage("without-id").await;
    let mut config = shop(&stage, CLASSIC, CACHING_DISABLED, EXCEPT_HOST)["Distribution"].take();
    stage.write("one.json", config["DistributionConfig"].to_string());
    let behavior = &mut config["DistributionConfig"]["DefaultCacheBehavior"];
    behavior.as_object_mut().unwrap().remove("OriginRequestPolicyId");
    stage.write("other.json", config["DistributionConfig"].to_string());
    let files = ["--distribution-config", "one.json", "--distribution-config", "other.json"];
    let ran = stage.check(&files, &["-o", "json"]);
    let policy = "the origin request policy AllViewerExceptHostHeader";
    let origins = ran.origins();
    let remedies = origins.iter().map(|o| o["violations"][0]["remedy"].as_str().unwrap());
    let names_policy: Vec<bool> = remedies.map(|remedy| remedy.contains(policy)).collect();
    assert_eq!(names_policy, [true, false], "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_classic_case_hangs_on_the_policies() {
    let stage = stage("classic").await;
    for (cache, origin_request, code, name) in [
        (CACHING_DISABLED, EXCEPT_HOST, 1, LOAD_BALANCER),
        (CACHING_DISABLED, ALL_VIEWER, 0, SITE),
        // The cache policy's Host goes to the origin although the other policy excludes it.
        (CONSOLE_DEFAULT, EXCEPT_HOST, 0, SITE),
    ] {
        let shop = shop(&stage, CLASSIC, cache, origin_request);
        let ran = stage.check_shop(&shop, &["-o", "json"]);
        assert_eq!(ran.code, code, "{ran:?}");
        let origins = ran.origins();
        assert_eq!(origins.len(), 1);
        assert_eq!(origins[0]["distribution"], "E1SHOP");
        assert_eq!(origins[0]["origin"], CLASSIC);
        assert_eq!(names(&origins[0])[0], name);
        let violations = origins[0]["violations"].as_array().unwrap();
        let failing = violations.iter().filter(|violation| violation["severity"] == "fails");
        let failing: Vec<&Value> = failing.map(|violation| &violation["rule"]).collect();
        assert_eq!(failing.is_empty(), code == 0, "{failing:?}");
        if code == 1 {
            assert_eq!(failing, ["name-not-in-certificate"]);
            let remedy = violations[0]["remedy"].as_str().unwrap();
            let setting = "distribution E1SHOP: its DomainName is shop-alb-";
            assert!(remedy.contains(setting), "{remedy}");
            assert!(remedy.contains("aws cloudfront get-distribution-config --id E1SHOP"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_origin_says_what_it_serves_and_to_whom() {
    let stage = stage("serves").await;
    let origins = [stage.origin("healthy", "https-only"), stage.origin("expired", "http-only")];
    let mut shop = distribution(&origins, behavior("healthy", CACHING_DISABLED, EXCEPT_HOST));
    let mut api = behavior("healthy", CACHING_DISABLED, EXCEPT_HOST);
    api["PathPattern"] = "/api/*".into();
    let mut old = behavior("expired", CONSOLE_DEFAULT, EXCEPT_HOST);
    old["PathPattern"] = "/old/\u{1b}*".into();
    old["FunctionAssociations"] = json!({"Quantity": 1, "Items": [
        {"FunctionARN": "arn:aws:cloudfront::1:function/f", "EventType": "viewer-request"}
    ]});
    *setting(&mut shop, "CacheBehaviors") = json!({"Quantity": 2, "Items": [api, old]});
    let ran = stage.check_shop(&shop, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("E1SHOP/healthy  "), "{}", ran.out);
    let served = "/api/* (Host not forwarded), * (Host not forwarded)";
    assert_eq!(lines[1], format!("  serves {served} for www.shop.example"));
    let why = "not applicable: CloudFront speaks plain HTTP to this origin";
    assert!(lines[2].ends_with(why), "{}", ran.out);
    assert_eq!(
        lines[3],
        "  serves /old/\\u{1b}* (Host forwarded) for www.shop.example; an edge function may select \
         another origin"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_distributions_own_domain_fails_nothing_beside_an_alias() {
    let stage = stage("own-domain").await;
    let mut shop = shop(&stage, "unknown-server-name-refused", CACHING_DISABLED, ALL_VIEWER);
    let ran = stage.check_shop(&shop, &["-o", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let origin = ran.json();
    assert_eq!(names(&origin), [SITE, "d111.cloudfront.net"]);
    assert_eq!(origin["failing_ratio"], 0.0);
    let mut violations = origin["violations"].as_array().unwrap().clone();
    violations.retain(|violation| violation["rule"] == "server-name-refused");
    assert_eq!(violations, [] as [Value; 0]);
    // Without an alias it is the name that viewers use.
    *setting(&mut shop, "Aliases") = json!({"Quantity": 0});
    let ran = stage.check_shop(&shop, &["-o", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(names(&ran.json()), ["d111.cloudfront.net"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_policy_is_undecided_until_it_is_given() {
    let stage = stage("policy").await;
    let shop = shop(&stage, CLASSIC, CACHING_DISABLED, "own-policy");
    let ran = stage.check_shop(&shop, &["-o", "json"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(ran.json()["undecided_reasons"], json!(["policy-unknown"]));
    assert!(ran.err.contains("`own-policy` is unknown"), "{}", ran.err);
    for (header_behavior, code) in [("allViewer", 0), ("none", 1)] {
        let policy = json!({"OriginRequestPolicy": {
            "Id": "own-policy", "OriginRequestPolicyConfig": {
                "Name": "own", "HeadersConfig": {"HeaderBehavior": header_behavior}
            }
        }});
        stage.write("policy.json", policy.to_string());
        let ran = stage.check_shop(&shop, &["--related", "policy.json"]);
        assert_eq!((ran.code, ran.err.as_str()), (code, ""), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wildcard_is_stood_for_by_a_name_that_is_shown_or_given() {
    let stage = stage("wildcard").await;
    let mut shop = shop(&stage, CLASSIC, CACHING_DISABLED, ALL_VIEWER);
    *setting(&mut shop, "Aliases") = json!({"Quantity": 1, "Items": ["*.shop.example"]});
    let ran = stage.check_shop(&shop, &["-o", "json"]);
    assert_eq!(names(&ran.json()), [SITE, "d111.cloudfront.net"]);
    assert_eq!(
        ran.err,
        "origin-probe: E1SHOP: probing www.shop.example for `*.shop.example`; use --host to choose another name\n"
    );
    let given = ["-o", "json", "--host", "old.shop.example", "--host", "other.example"];
    let ran = stage.check_shop(&shop, &given);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(names(&ran.json()), ["old.shop.example", "d111.cloudfront.net"]);
    assert!(ran.err.contains("--host other.example: no distribution serves this name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_and_their_parameters_make_the_origins() {
    let stage = stage("tenants").await;
    let mut shop = shop(&stage, CLASSIC, CACHING_DISABLED, ALL_VIEWER);
    setting(&mut shop, "Origins")["Items"][0]["DomainName"] =
        "shop-alb-{{number}}.eu-west-1.elb.amazonaws.com".into();
    *setting(&mut shop, "ConnectionMode") = "tenant-only".into();
    let ran = stage.check_shop(&shop, &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("multi-tenant distribution without tenants"), "{}", ran.err);
    let tenant = json!({"DistributionTenant": {
        "Id": "dt_1", "DistributionId": "E1SHOP", "Enabled": true,
        "Domains": [{"Domain": SITE, "Status": "active"}],
        "Parameters": [{"Name": "number", "Value": "1234567890"}]
    }});
    stage.write("tenant.json", tenant.to_string());
    let ran = stage.check_shop(&shop, &["--related", "tenant.json", "-o", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert_eq!(ran.json()["domain"], LOAD_BALANCER);
    assert_eq!(names(&ran.json()), [SITE]);
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_are_told_what_they_get_in_words_and_in_json() {
    let stage = stage("viewers").await;
    let origins = [stage.origin("expired", "match-viewer"), stage.origin("healthy", "https-only")];
    let mut shop = distribution(&origins, behavior("both", CACHING_DISABLED, EXCEPT_HOST));
    let mut api = behavior("expired", CACHING_DISABLED, EXCEPT_HOST);
    api["PathPattern"] = "/api/*".into();
    api["ViewerProtocolPolicy"] = "allow-all".into();
    *setting(&mut shop, "CacheBehaviors") = json!({"Quantity": 1, "Items": [api]});
    *setting(&mut shop, "OriginGroups") = json!({"Quantity": 1, "Items": [{
        "Id": "both",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 3, "Items": [502, 503, 504]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "expired"}, {"OriginId": "healthy"}]}
    }]});
    let ran = stage.check_shop(&shop, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(
        impact(&ran),
        [
            "E1SHOP: https viewers of /api/* on www.shop.example will get 502: origin expired \
             fails; http viewers are not affected",
            "E1SHOP: viewers of * on www.shop.example are served only by healthy: expired fails",
        ]
    );
    let ran = stage.check_shop(&shop, &["-o", "json"]);
    let one = |path: &str, protocol: &str, role: &str, outcome: &str, status: Option<u16>| {
        json!({
            "path_pattern": path, "viewer_protocol": protocol, "viewer_hosts": [SITE],
            "role": role, "outcome": outcome, "status": status, "other_methods_status": null,
            "dynamic": false
        })
    };
    let origins = ran.origins();
    let hurt = [
        one("/api/*", "https", "primary", "fails", Some(502)),
        one("/api/*", "http", "primary", "not-applicable", None),
        one("*", "https", "primary", "degraded", None),
    ];
    assert_eq!(origins[0]["impact"], json!(hurt));
    assert_eq!(origins[1]["impact"], json!([one("*", "https", "secondary", "degraded", None)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_will_be_hurt_within_the_time_asked_about_is_said() {
    let stage = stage("within").await;
    let shop = shop(&stage, "expiring-in-ten-days", CACHING_DISABLED, EXCEPT_HOST);
    let hurt = "E1SHOP: viewers of * on www.shop.example will get 502: origin expiring-in-ten-days \
                fails";
    for (within, code, said) in [("9d", 0, &[][..]), ("11d", 1, &[hurt])] {
        let ran = stage.check_shop(&shop, &["--within", within]);
        assert_eq!(ran.code, code, "{ran:?}");
        assert_eq!(impact(&ran), said, "{within}");
    }
    let ran = stage.check_shop(&shop, &["--within", "11d", "-o", "json"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.json()["verdict"], "answers");
    assert_eq!(ran.json()["impact"][0]["outcome"], "answers");
}
