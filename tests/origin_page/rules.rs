//! The pages of the rules.

use origin_probe::report::Reports;
use origin_probe::rules::RULES;

use super::stage::Site;
use super::stage::now;
use super::stage::words;
use crate::desk::Desk;

#[tokio::test]
async fn every_rule_has_a_page_with_each_of_its_parts() {
    let site = Site::new(Desk::new(now), Reports::new([])).await;
    let list = site.page("/rules").await;
    for rule in RULES {
        let href = format!("/rules/{}", rule.id);
        assert!(list.contains(&format!("href=\"{href}\"")), "{href}");
        let page = site.page(&href).await;
        assert!(page.contains(&format!("href=\"{}\"", rule.citation)), "{href}");
        let text = words(&page);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = [rule.title, rule.explanation, rule.remedy, rule.repair.setting];
        let advice = rule.repair.on_servers().map(|(_, advice)| advice);
        let advice: Vec<_> = std::iter::once(rule.repair.first).chain(advice).collect();
        let advice = advice.iter().flat_map(|advice| [advice.text, advice.code]);
        for part in parts.into_iter().chain(advice) {
            let shown = text.replace("&#39;", "'");
            assert!(shown.contains(&squeezed(part)), "{href}: {part}\n{shown}");
        }
        for (server, _) in rule.repair.on_servers() {
            assert!(text.contains(&format!("On {}", server.as_str())), "{href}");
        }
    }
    let unknown = site.get("/rules/not-tsl").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("href=\"/rules/not-tls\""), "{}", unknown.body);
    assert_eq!(site.get("/rules/elephant").await.status, 404);
}
