//! What viewers of a distribution get.

use std::sync::Arc;

use origin_probe::distribution::{DeriveOptions, derive};
use origin_probe::impact::Audience;
use origin_probe::origin::Origin;
use origin_probe::report::Reports;
use origin_probe::sources::Catalogue;
use serde_json::{Value, json};

use super::stage::{now, page, site, words};
use crate::common::section::assert_section;
use crate::common::stage::{
    CACHING_DISABLED, DemoStage, EXCEPT_HOST, behavior, distribution, probed, setting,
};
use crate::common::visible::{between, lines_of};

/// A distribution over the load balancer of the demo and its sound origin, which stands in.
fn shop(stage: &DemoStage) -> Value {
    let ids = ["load-balancers-own-name", "healthy"];
    let [mut api, default] = ids.map(|target| behavior(target, CACHING_DISABLED, EXCEPT_HOST));
    let mut shop = distribution(&ids.map(|id| stage.origin(id, "https-only")), default);
    api["PathPattern"] = "/<api>/*".into();
    *setting(&mut shop, "CacheBehaviors") = json!({"Quantity": 1, "Items": [api]});
    shop
}

#[tokio::test]
async fn viewers_of_each_path_pattern_are_told_what_they_get() {
    let stage = DemoStage::new("origin-page-viewers", now()).await;
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", shop(&stage).to_string().as_bytes()).unwrap();
    catalogue.settle();
    assert_eq!(catalogue.faults.len(), 0);
    let derivation =
        derive(&catalogue.distributions[0], &catalogue.account, &DeriveOptions::default());
    let origins: Vec<Arc<Origin>> =
        derivation.origins.iter().map(|derived| Arc::clone(&derived.origin)).collect();
    let audience = Audience::new(Arc::new(derivation));
    let reports = Reports::with_audiences(origins.clone(), vec![audience]);
    for (entry, origin) in reports.entries().iter().zip(origins) {
        entry.publish(&probed(&stage.prober(), origin, now()).await);
    }
    let site = site(reports).await;
    let hurt_page = page(&site, "/origins/load-balancers-own-name").await;
    let hurt = viewers(&hurt_page);
    assert_eq!(hurt.matches("<li>").count(), 1, "{hurt}");
    // Not those of the other origin.
    assert_eq!(hurt.matches("<th scope=\"row\"").count(), 1, "{hurt}");
    assert!(hurt.contains("<code>/&lt;api&gt;/*</code>"), "{hurt}");
    let text = words(hurt);
    assert!(text.contains("/<api>/* www.shop.example (https) 502 "), "{text}");
    assert_eq!(text.matches("www.shop.example").count(), 2, "{text}");
    // The remedy knows the distribution's setting and its present value.
    assert!(words(&hurt_page).contains("AllViewerExceptHostHeader"), "{hurt_page}");
    let page = page(&site, "/origins/healthy?distribution=E1SHOP").await;
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
