//! Which origin an address means, the pages of the rules, and certificates made to harm.

use std::sync::Arc;

use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::origin::Origin;
use origin_probe::report::{Report, Reports};
use origin_probe::rules::RULES;
use rustls_pki_types::CertificateDer;

use super::stage::{keeps_to_the_policy, now, page, site, words};
use crate::common::by_hand::observation;
use crate::common::hostile::{DOMAIN, Hostile};
use crate::common::section::assert_section;
use crate::common::visible::{between, lines_of, main_of};

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
    let site = site(reports).await;
    let choice = site.get("/origins/alb").await;
    assert_eq!(choice.status, 300);
    let mut all = main_of(&choice.body) + "\n";
    for distribution in ["E1", "E2"] {
        let href = format!("/origins/alb?distribution={distribution}&amp;domain=a.example");
        assert!(choice.body.contains(&format!("href=\"{href}\"")), "{}", choice.body);
        let page = page(&site, &href.replace("&amp;", "&")).await;
        assert!(page.contains(&format!("<code>{distribution}</code>")), "{page}");
        assert!(words(&page).contains("a.example:443"), "{page}");
        all.push_str(&(main_of(&page) + "\n"));
    }
    let page = page(&site, "/origins/a%2Fb%20c%3Cd%3E").await;
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

#[tokio::test]
async fn every_rule_has_a_page_with_each_of_its_parts() {
    let site = site(Reports::new([])).await;
    let list = page(&site, "/rules").await;
    for rule in RULES {
        let href = format!("/rules/{}", rule.name);
        assert!(list.contains(&format!("href=\"{href}\"")), "{href}");
        let page = page(&site, &href).await;
        assert!(page.contains(&format!("href=\"{}\"", rule.citation)), "{href}");
        let text = words(&page);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = [rule.title, rule.explanation, rule.remedy, rule.repair.setting()];
        let on_servers = rule.repair.on_servers().map(|(_, advice)| advice);
        let advice: Vec<_> = std::iter::once(rule.repair.first()).chain(on_servers).collect();
        let changes = advice.iter().filter_map(|advice| advice.change.as_ref());
        let changes = changes.flat_map(|change| [&*change.before, &change.after]);
        let advice = advice.iter().flat_map(|advice| [&*advice.text, &advice.commands]);
        let advice = advice.chain(changes).chain([rule.since]);
        for part in parts.into_iter().chain(advice) {
            // Backticks become markup, except in commands.
            let shown = text.replace("&#39;", "'").replace('`', "");
            assert!(shown.contains(&squeezed(part).replace('`', "")), "{href}: {part}\n{shown}");
        }
        for (server, _) in rule.repair.on_servers() {
            let heading = format!("<h3 id=\"{}\">", server.anchor);
            assert!(between(&page, &heading, "</h3>").ends_with(&server.name), "{href}");
        }
    }
    let unknown = site.get("/rules/not-tsl").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("href=\"/rules/not-tls\""), "{}", unknown.body);
    let none = site.get("/rules/elephant").await;
    assert_eq!(none.status, 404);
    // What rules say has a snapshot of its own.
    let list = between(&list, "<main", "<tbody");
    let list = lines_of(list.split_once('>').unwrap().1);
    let all = [list, main_of(&unknown.body), main_of(&none.body)].join("\n");
    assert_section("pages", "rules", &all);
}

#[tokio::test]
async fn no_hostile_certificate_reaches_the_page_as_it_is() {
    let Hostile { chains, root } = Hostile::new();
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from(root)).unwrap();
    for (story, served) in chains {
        let chain = Arc::new(ChainFacts::analyse(&served, &anchors));
        let observation = Arc::new(observation(DOMAIN, vec![chain], now()));
        let report = Arc::new(Report::new(None, observation, now()));
        let reports = Reports::new([Arc::clone(&report.origin)]);
        reports.entries()[0].publish(&report);
        let site = site(reports).await;
        let page = page(&site, "/origins/origin.example.com").await;
        let is_ugly = |c: char| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let page = page.replace("\r\n", "\n");
        assert_eq!(page.chars().find(|c| is_ugly(*c)), None, "{story}");
        assert!(page.len() < 400_000, "{story}: {} bytes", page.len());
        let pem = site.get("/origins/origin.example.com/chain.pem").await;
        assert_eq!(pem.status, 200, "{story}");
        assert_eq!(pem.body.chars().find(|c| is_ugly(*c) && *c != '\r'), None, "{story}");
    }
}
