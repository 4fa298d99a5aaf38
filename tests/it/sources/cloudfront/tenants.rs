//! Tenants of multi-tenant distributions, and VPC origins.

use super::{
    Account, Answer, ApiDouble, Distribution, api_documents, assert_said, list, origin, paths,
    places,
};
use crate::common::api_documents::SECRET;
use crate::common::section::assert_section;
use origin_probe::origin::Shard;

fn multi_tenant(domain: &str) -> String {
    let distribution = Distribution::new("E1", [origin("app", domain)]);
    list(&[Distribution {
        connection_mode: "tenant-only",
        // AllViewer.
        behavior: "<OriginRequestPolicyId>216adef6-5c7f-47e4-b989-5492eafa07d3\
                   </OriginRequestPolicyId>"
            .to_owned(),
        ..distribution
    }])
}

fn config() -> String {
    format!(
        "<DistributionConfig><CallerReference>c</CallerReference><Origins><Quantity>1</Quantity>\
         <Items>{}</Items></Origins><DefaultCacheBehavior><TargetOriginId>app</TargetOriginId>\
         <ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior>\
         <Comment>{SECRET}</Comment><Enabled>true</Enabled><TenantConfig><ParameterDefinitions>\
         <member><Name>name</Name><Definition><StringSchema><Required>false</Required>\
         <DefaultValue>std</DefaultValue></StringSchema></Definition></member>\
         </ParameterDefinitions></TenantConfig></DistributionConfig>",
        origin("app", "{{name}}.example")
    )
}

#[tokio::test]
async fn tenants_parameters_make_domains_and_are_asked_for_once_a_version() {
    let distribution = multi_tenant("{{name}}.example");
    let script = |distribution: String, version: &'static str| {
        move |request: &super::Request| match request.path() {
            "/distribution" => Answer::Xml(distribution.clone()),
            "/distribution/E1/config" => Answer::Xml(config()),
            "/distribution-tenants" => {
                assert!(request.body.contains("<DistributionId>E1</DistributionId>"));
                let both = [("dt_a", "a.shop.example"), ("dt_b", "b.shop.example")];
                Answer::Xml(api_documents::tenants("E1", version, &both))
            }
            "/distribution-tenant/dt_a" => {
                Answer::Xml(api_documents::tenant("dt_a", "name", "alpha"))
            }
            "/distribution-tenant/dt_b" => Answer::Xml(api_documents::tenant("dt_b", "other", "x")),
            other => panic!("{other}"),
        }
    };
    let double = ApiDouble::start(None, script(distribution.clone(), "V1")).await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    assert_eq!(
        account.parts().await,
        ["E1: alpha.example as a.shop.example, std.example as b.shop.example"]
    );
    let of_tenants = |requests: &[super::Request]| {
        paths(requests).iter().filter(|path| path.starts_with("/distribution-tenant/")).count()
    };
    assert_eq!(of_tenants(&double.asked()), 2);
    assert_eq!(account.parts().await, ["E1: unchanged"]);
    assert_eq!(of_tenants(&double.asked()), 0);
    double.now(script(distribution, "V2"));
    assert_eq!(account.parts().await, ["E1: unchanged"]);
    assert_eq!(of_tenants(&double.asked()), 2);
}

#[tokio::test]
async fn parameters_are_asked_for_only_where_a_domain_needs_them() {
    let distribution = multi_tenant("app.example");
    let double = ApiDouble::start(None, move |request| match request.path() {
        "/distribution" => Answer::Xml(distribution.clone()),
        "/distribution-tenants" => {
            Answer::Xml(api_documents::tenants("E1", "V", &[("dt_a", "a.shop.example")]))
        }
        other => panic!("{other}"),
    })
    .await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    assert_eq!(account.parts().await, ["E1: app.example as a.shop.example"]);
}

#[tokio::test]
async fn tenants_that_are_withheld_or_not_wanted_are_done_without() {
    let double = super::double(&[]).await;
    let distribution = multi_tenant("app.example");
    double.now(move |request| match request.path() {
        "/distribution" => Answer::Xml(distribution.clone()),
        _ => Answer::Error(403, "AccessDenied"),
    });
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let problems = account.problems().await;
    assert_eq!(places(&problems), ["E1", "E1"]);
    assert_eq!(account.failures(), [("access-denied".to_owned(), 1)]);
    assert_said("tenants that are withheld", &problems);
    let mut account = Account::new(&double.url(), "tenants: false", Shard::WHOLE);
    assert_eq!(account.problems().await, []);
}

#[tokio::test]
async fn a_distribution_whose_tenants_cannot_be_had_fails_alone() {
    let other = super::simple("E2").summary();
    let distribution = multi_tenant("app.example")
        .replace(
            "<Quantity>1</Quantity><Items><DistributionSummary>",
            "<Quantity>2</Quantity><Items><DistributionSummary>",
        )
        .replace(
            "</DistributionSummary></Items>",
            &format!("</DistributionSummary>{other}</Items>"),
        );
    let double = ApiDouble::start(None, move |request| match request.path() {
        "/distribution" => Answer::Xml(distribution.clone()),
        _ => Answer::Error(400, "Throttling"),
    })
    .await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let parts = account.parts().await;
    assert_eq!(parts.len(), 2, "{parts:?}");
    assert!(parts[0].starts_with("E1: failed, "), "{parts:?}");
    assert_eq!(parts[1], "E2: e2.example as e2.example");
    assert_eq!(account.failures(), [("throttled".to_owned(), 1)]);
    assert_section("sources", "CloudFront: tenants cannot be listed", &parts[0]);
}

#[tokio::test]
async fn settings_of_vpc_origins_count_where_they_can_be_reached() {
    let vpc = "<VpcOriginConfig><VpcOriginId>vo_1</VpcOriginId></VpcOriginConfig>";
    let app = api_documents::origin_with("app", "internal.example", vpc);
    let distribution = list(&[Distribution::new("E1", [app])]);
    let double = ApiDouble::start(None, move |request| match request.path() {
        "/distribution" => Answer::Xml(distribution.clone()),
        "/vpc-origin/vo_1" => Answer::Xml(api_documents::vpc_origin("vo_1", 8443)),
        other => panic!("{other}"),
    })
    .await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    assert!(!account.origins().await[0].is_judged());
    assert_eq!(paths(&double.asked()), ["/distribution"]);
    let mut account = Account::new(&double.url(), "reachable_from_here: yes", Shard::WHOLE);
    let origins = account.origins().await;
    assert!(origins[0].is_judged());
    assert_eq!(origins[0].https_port, 8443);
}
