//! Which origin an address means.

use std::sync::Arc;

use origin_probe::origin::Origin;
use origin_probe::report::Reports;

use super::stage::Site;
use super::stage::keeps_to_the_policy;
use super::stage::now;
use super::stage::words;
use crate::desk::Desk;

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
    for distribution in ["E1", "E2"] {
        let href = format!("/origins/alb?distribution={distribution}&amp;domain=a.example");
        assert!(choice.body.contains(&format!("href=\"{href}\"")), "{}", choice.body);
        let page = site.page(&href.replace("&amp;", "&")).await;
        assert!(words(&page).contains(&format!("a.example:443 of distribution {distribution}")));
    }
    let page = site.page("/origins/a%2Fb%20c%3Cd%3E").await;
    assert!(page.contains("<h1>a/b c&lt;d&gt;</h1>"), "{page}");
    assert!(words(&page).contains("not probed yet"), "{page}");
    let unknown = site.get("/origins/shpo").await;
    assert_eq!(unknown.status, 404);
    assert!(words(&unknown.body).contains("Was one of these meant? shop: shop.example:443"));
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
