//! Whom a failure hurts, as the page and the API tell it.

use std::sync::Arc;

use crate::common::site::{Site, answering, now, refused, report, text_of};
use origin_probe::distribution::{DeriveOptions, derive};
use origin_probe::impact::Audience;
use origin_probe::report::Reports;
use origin_probe::sources::Catalogue;
use serde_json::{Value, json};

/// A distribution as `aws cloudfront get-distribution` prints it: `/api/*` is served by `alb` alone,
/// `/img/*` by `spare` where `alb` fails, everything else by `site`.
fn shop() -> Value {
    let origin = |id: &str| {
        json!({
            "Id": id, "DomainName": format!("{id}.shop.example"), "OriginPath": "",
            "CustomOriginConfig": {
                "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only",
                "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}
            },
            "ConnectionAttempts": 3, "ConnectionTimeout": 10
        })
    };
    let behavior = |target: &str| {
        json!({
            "TargetOriginId": target, "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        })
    };
    let of_path = |path: &str, target: &str| {
        let mut behavior = behavior(target);
        behavior["PathPattern"] = path.into();
        behavior
    };
    json!({"Distribution": {
        "Id": "E1SHOP", "DomainName": "d111111abcdef8.cloudfront.net",
        "DistributionConfig": {
            "Enabled": true, "Staging": false,
            "Aliases": {"Quantity": 1, "Items": ["www.shop.example"]},
            "Origins": {"Quantity": 3, "Items": [origin("alb"), origin("spare"), origin("site")]},
            "OriginGroups": {"Quantity": 1, "Items": [{
                "Id": "alb-or-spare",
                "FailoverCriteria": {"StatusCodes": {"Quantity": 3, "Items": [502, 503, 504]}},
                "Members": {"Quantity": 2, "Items": [{"OriginId": "alb"}, {"OriginId": "spare"}]}
            }]},
            "DefaultCacheBehavior": behavior("site"),
            "CacheBehaviors": {"Quantity": 2, "Items": [
                of_path("/api/*", "alb"), of_path("/img/*", "alb-or-spare")
            ]}
        }
    }})
}

async fn site() -> Site {
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", shop().to_string().as_bytes()).unwrap();
    catalogue.settle();
    let derived =
        derive(&catalogue.distributions[0], &catalogue.account, &DeriveOptions::default());
    assert!(derived.issues.is_empty(), "{:?}", derived.issues);
    let origins: Vec<_> = derived.origins.iter().map(|each| Arc::clone(&each.origin)).collect();
    let audience = Audience::new(Arc::new(derived));
    let reports = Reports::with_audiences(origins, vec![audience]);
    for entry in reports.entries().iter() {
        let endpoints = match &*entry.origin.key.id {
            "alb" => vec![refused(1)],
            _ => vec![answering(2)],
        };
        entry.publish(&report(&entry.origin, endpoints, now()));
    }
    Site::new(reports).await
}

#[tokio::test]
async fn the_page_says_which_path_patterns_are_hit() {
    let page = site().await.ask("GET", "/").await.2;
    let text = text_of(&page);
    let sentence = "Viewers of 1 path pattern of 1 distribution get errors; 1 more is served only \
                    by a secondary origin.";
    assert!(text.contains(sentence), "{text}");
    let cells: Vec<String> = page
        .split("<td class=\"whom\"")
        .skip(1)
        .map(|cell| text_of(&format!("<td{}", cell.split("</td>").next().unwrap())))
        .collect();
    assert_eq!(
        cells,
        [
            "/api/* get 502 /img/* served by secondary on www.shop.example",
            "* on www.shop.example",
            "/img/* served by secondary on www.shop.example",
        ]
    );
}

#[tokio::test]
async fn the_api_says_it_with_and_without_a_filter() {
    let site = site().await;
    for path in ["/api/v1/origins", "/api/v1/origins?verdict=fails", "/api/v1/origins/alb"] {
        let (_, answer) = site.json(path).await;
        let origin = if path.ends_with("/alb") { &answer } else { &answer["origins"][0] };
        let impact: Vec<[&str; 3]> = origin["impact"]
            .as_array()
            .unwrap()
            .iter()
            .map(|each| {
                ["path_pattern", "role", "outcome"].map(|name| each[name].as_str().unwrap())
            })
            .collect();
        assert_eq!(
            impact,
            [["/api/*", "primary", "fails"], ["/img/*", "primary", "degraded"]],
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_distributions_there_is_no_column_for_viewers() {
    let site = Site::new(Reports::new([Arc::new(crate::common::site::origin("a"))])).await;
    let page = site.ask("GET", "/").await.2;
    assert!(!page.contains("Path patterns"), "{page}");
}
