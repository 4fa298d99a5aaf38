//! The pages of the rules.

use origin_probe::report::Reports;
use origin_probe::rules::RULES;

use super::stage::{Site, now, words};
use crate::common::desk::Desk;
use crate::common::section::assert_section;
use crate::common::visible::{lines_of, main_of};

#[tokio::test]
async fn every_rule_has_a_page_with_each_of_its_parts() {
    let site = Site::new(Desk::new(now), Reports::new([])).await;
    let list = site.page("/rules").await;
    for rule in RULES {
        let href = format!("/rules/{}", rule.name);
        assert!(list.contains(&format!("href=\"{href}\"")), "{href}");
        let page = site.page(&href).await;
        assert!(page.contains(&format!("href=\"{}\"", rule.citation)), "{href}");
        let text = words(&page);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = [rule.title, rule.explanation, rule.remedy, rule.repair.setting()];
        let advice = rule.repair.on_servers().map(|(_, advice)| advice);
        let advice: Vec<_> = std::iter::once(rule.repair.first()).chain(advice).collect();
        let changes = advice.iter().filter_map(|advice| advice.change);
        let changes = changes.flat_map(|change| [change.before, change.after]);
        let advice = advice.iter().flat_map(|advice| [advice.text, advice.commands]);
        let advice = advice.chain(changes).chain([rule.since]);
        for part in parts.into_iter().chain(advice) {
            // Backticks become markup, except in commands.
            let shown = text.replace("&#39;", "'").replace('`', "");
            assert!(shown.contains(&squeezed(part).replace('`', "")), "{href}: {part}\n{shown}");
        }
        for (server, _) in rule.repair.on_servers() {
            let heading = format!("<h3 id=\"{}\">", server.anchor);
            let (_, rest) = page.split_once(&heading).unwrap();
            assert!(rest.split_once("</h3>").unwrap().0.ends_with(server.name), "{href}");
        }
    }
    let unknown = site.get("/rules/not-tsl").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("href=\"/rules/not-tls\""), "{}", unknown.body);
    let none = site.get("/rules/elephant").await;
    assert_eq!(none.status, 404);
    // What rules say has a snapshot of its own.
    let list = list.split_once("<tbody").unwrap().0.split_once("<main").unwrap().1;
    let list = lines_of(list.split_once('>').unwrap().1);
    let all = [list, main_of(&unknown.body), main_of(&none.body)].join("\n");
    assert_section("pages", "rules", &all);
}
