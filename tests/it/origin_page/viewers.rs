//! What viewers of a distribution get.

use std::sync::Arc;
use std::time::Duration;

use origin_probe::demo::Demo;
use origin_probe::distribution::{DeriveOptions, derive};
use origin_probe::impact::Audience;
use origin_probe::origin::Origin;
use origin_probe::probe::ProbeOptions;
use origin_probe::report::{Report, Reports};
use origin_probe::sources::Catalogue;

use super::stage::{Site, now, words};
use crate::common::desk::Desk;
use crate::common::section::assert_section;
use crate::common::visible::{between, lines_of};

/// A distribution over the load balancer of the demo and its sound origin, which stands in.
fn distribution(demo: &Demo) -> serde_json::Value {
    let origin = |scenario: &str| {
        let domain = demo.scenarios().find(|s| s.id == scenario).unwrap().domain;
        serde_json::json!({
            "Id": scenario, "DomainName": domain, "OriginPath": "", "CustomHeaders": {"Quantity": 0},
            "CustomOriginConfig": {
                "HTTPPort": 80, "HTTPSPort": demo.https_port(scenario).unwrap(),
                "OriginProtocolPolicy": "https-only",
                "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}
            },
            "ConnectionAttempts": 1, "ConnectionTimeout": 2
        })
    };
    let behavior = |target: &str| {
        serde_json::json!({
            "TargetOriginId": target, "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
            // CachingDisabled and AllViewerExceptHostHeader.
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac"
        })
    };
    let mut api = behavior("load-balancers-own-name");
    api["PathPattern"] = "/<api>/*".into();
    serde_json::json!({"ETag": "E3", "Distribution": {
        "Id": "E1SHOP", "DomainName": "d111.cloudfront.net",
        "DistributionConfig": {
            "Aliases": {"Quantity": 1, "Items": ["www.shop.example"]},
            "Origins": {"Quantity": 2, "Items": [origin("load-balancers-own-name"), origin("healthy")]},
            "OriginGroups": {"Quantity": 0},
            "DefaultCacheBehavior": behavior("healthy"),
            "CacheBehaviors": {"Quantity": 1, "Items": [api]},
            "Comment": "", "Enabled": true, "Staging": false
        }
    }})
}

#[tokio::test]
async fn viewers_of_each_path_pattern_are_told_what_they_get() {
    let demo = Demo::start(now()).await.unwrap();
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", distribution(&demo).to_string().as_bytes()).unwrap();
    catalogue.settle();
    assert_eq!(catalogue.faults.len(), 0);
    let derivation =
        derive(&catalogue.distributions[0], &catalogue.account, &DeriveOptions::default());
    let prober =
        crate::common::prober(demo.dns().address(), demo.root_pem(), Duration::from_secs(2));
    let origins: Vec<Arc<Origin>> =
        derivation.origins.iter().map(|derived| Arc::clone(&derived.origin)).collect();
    let audience = Audience::new(Arc::new(derivation));
    let reports = Reports::with_audiences(origins.clone(), vec![audience]);
    for (entry, origin) in reports.entries().iter().zip(origins) {
        let observation = prober.probe(origin, &ProbeOptions::default(), now()).await;
        entry.publish(Arc::new(Report::new(None, Arc::new(observation), now())));
    }
    let site = Site::new(Desk::new(now), reports).await;
    let page = site.page("/origins/load-balancers-own-name").await;
    let hurt = viewers(&page);
    assert_eq!(hurt.matches("<li>").count(), 1, "{hurt}");
    // Not those of the other origin.
    assert_eq!(hurt.matches("<th scope=\"row\"").count(), 1, "{hurt}");
    assert!(hurt.contains("<code>/&lt;api&gt;/*</code>"), "{hurt}");
    let text = words(hurt);
    assert!(text.contains("/<api>/* www.shop.example (https) 502 "), "{text}");
    assert_eq!(text.matches("www.shop.example").count(), 2, "{text}");
    // The remedy knows the distribution's setting and its present value.
    assert!(words(&page).contains("AllViewerExceptHostHeader"), "{page}");
    let page = site.page("/origins/healthy?distribution=E1SHOP").await;
    let unhurt = viewers(&page);
    assert_eq!(unhurt.matches("<li>").count(), 0, "{unhurt}");
    let all = format!("{}\n{}", lines_of(hurt), lines_of(unhurt));
    assert_section("pages", "origin: viewers", &all);
}

/// Returns the section of a page that is about viewers.
fn viewers(page: &str) -> &str {
    let sections =
        page.split("<section>").filter(|one| one.contains("aria-label=\"Path patterns\""));
    let [one] = sections.collect::<Vec<_>>()[..] else { panic!("{page}") };
    between(one, "", "</section>")
}
