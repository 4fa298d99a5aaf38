//! Which origin an address means.

use std::sync::Arc;

use origin_probe::origin::Origin;
use origin_probe::report::Reports;

use super::stage::{Site, keeps_to_the_policy, now, words};
use crate::common::desk::Desk;
use crate::common::section::assert_section;
use crate::common::visible::main_of;

fn origin(distribution: &str, id: &str, domain: &str) -> Arc<Origin> {
    let mut origin = Origin::with_defaults(domain.parse().unwrap());
    origin.key.distribution = distribution.into();
    origin.key.id = id.into();
    Arc::new(origin)
}

#[tokio::test]
async fn origins_of_one_id_are_told_apart() {
    let reports = Reports::new([
        origin("E1", "alb", "a.example"),
        origin("E2", "alb", "a.example"),
        origin("", "a/b c<d>", "b.example"),
        origin("", "shop", "shop.example"),
    ]);
    let site = Site::new(Desk::new(now), reports).await;
    let choice = site.get("/origins/alb").await;
    assert_eq!(choice.status, 300);
    let mut all = main_of(&choice.body) + "\n";
    for distribution in ["E1", "E2"] {
        let href = format!("/origins/alb?distribution={distribution}&amp;domain=a.example");
        assert!(choice.body.contains(&format!("href=\"{href}\"")), "{}", choice.body);
        let page = site.page(&href.replace("&amp;", "&")).await;
        assert!(page.contains(&format!("<code>{distribution}</code>")), "{page}");
        assert!(words(&page).contains("a.example:443"), "{page}");
        all.push_str(&(main_of(&page) + "\n"));
    }
    let page = site.page("/origins/a%2Fb%20c%3Cd%3E").await;
    assert!(page.contains("<h1>a/b c&lt;d&gt;</h1>"), "{page}");
    assert!(!page.contains("<ol class=\"history\">"), "{page}");
    all.push_str(&(main_of(&page) + "\n"));
    let unknown = site.get("/origins/shpo").await;
    assert_eq!(unknown.status, 404);
    assert!(words(&unknown.body).contains("shop: shop.example:443"), "{}", unknown.body);
    assert_eq!(unknown.body.matches("href=\"/origins/").count(), 1, "{}", unknown.body);
    all.push_str(&main_of(&unknown.body));
    assert_section("pages", "origin: which one an address means", &all);
    keeps_to_the_policy("/origins/shpo", &unknown.body);
    let elsewhere = site.get("/origins/alb?distribution=E3").await;
    assert_eq!(elsewhere.status, 404);
    assert!(words(&elsewhere.body).contains("E1/alb"), "{}", elsewhere.body);
    let script = site.get("/origins/%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!(script.status, 404);
    assert!(script.body.contains("&lt;script&gt;alert(1)"), "{}", script.body);
    assert_eq!(site.get("/origins/shop?domain=%zz").await.status, 400);
    assert_eq!(site.get("/origins/%ff").await.status, 400);
    let long = format!("/origins/{}", "x".repeat(4_000));
    let answer = site.get(&long).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.len() < 8_000, "what is asked for is not given back at length");
}
