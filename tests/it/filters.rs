//! The list as it is asked for: filters, search, order and pages, the same on the page and by the
//! API.

use std::sync::Arc;

use crate::common::site::{Site, answering, earlier, now, origin, refused, text_of};
use expect_test::expect_file;
use origin_probe::origin::{Origin, ProtocolPolicy, Target};
use origin_probe::report::Reports;
use serde_json::Value;

fn of_distribution(distribution: &str, id: &str) -> Origin {
    let mut origin = origin(id);
    origin.key.distribution = distribution.into();
    origin
}

/// Seven origins, of which each differs from the others in something that can be asked for.
async fn site() -> Site {
    let mut labelled = of_distribution("E2", "Labelled");
    labelled.labels.insert("team".to_owned(), "Checkout".to_owned());
    labelled
        .targets
        .push(Target::forwarded(&"www.shop.example".parse().unwrap(), labelled.domain()));
    let plain = Origin { protocol_policy: ProtocolPolicy::HttpOnly, ..origin("plain") };
    let plays = vec![
        (plain, Some((Vec::new(), now()))),
        (of_distribution("E1", "well"), Some((vec![answering(7)], now()))),
        (of_distribution("E2", "unprobed"), None),
        (of_distribution("E1", "limping"), Some((vec![refused(1), answering(2)], now()))),
        (of_distribution("E1", "dead"), Some((vec![refused(1), refused(2)], now()))),
        (of_distribution("E2", "long-dead"), Some((vec![refused(1)], earlier()))),
        (labelled, Some((vec![answering(8)], now()))),
    ];
    Site::of(plays).await
}

/// Returns the ids in the order of the page's rows, without their distributions.
fn on_page(page: &str) -> Vec<&str> {
    let rows = page.split("<th class=\"who\" scope=\"row\"").skip(1);
    rows.map(|row| row.split("\">").nth(2).unwrap().split('<').next().unwrap())
        .map(|name| name.rsplit('/').next().unwrap())
        .collect()
}

/// Returns the ids in the order of the API's answer.
fn in_answer(answer: &Value) -> Vec<String> {
    let origins = answer["origins"].as_array().unwrap();
    origins.iter().map(|origin| origin["origin"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn page_and_api_answer_the_same_question_alike() {
    let site = site().await;
    for (query, expected) in [
        ("verdict=fails", "dead long-dead"),
        ("verdict=undecided", "limping unprobed"),
        ("verdict=answers&verdict=not-applicable", "well Labelled plain"),
        ("verdict=fails-next", ""),
        ("rule=connection-refused", "dead long-dead limping"),
        ("rule=connection-refused&verdict=undecided", "limping"),
        ("rule=certificate-expired", ""),
        ("distribution=E1", "dead limping well"),
        ("distribution=E1&distribution=none", "dead limping well plain"),
        ("distribution=E9", ""),
        ("search=DEAD", "dead long-dead"),
        ("search=dead+long", "long-dead"),
        ("search=checkout", "Labelled"),
        ("search=team%3Dcheckout", "Labelled"),
        ("search=www.shop", "Labelled"),
        ("search=203.0.114.7", "well"),
        ("search=%3Cscript%3E", ""),
        ("sort=origin", "dead Labelled limping long-dead plain unprobed well"),
        ("sort=-origin", "well unprobed plain long-dead limping Labelled dead"),
        // What has none comes last, either way.
        ("sort=distribution", "dead limping well Labelled long-dead unprobed plain"),
        ("sort=-distribution", "Labelled long-dead unprobed dead limping well plain"),
        ("sort=-addresses&distribution=E1", "dead limping well"),
        ("sort=first-failure", "long-dead dead plain limping well Labelled unprobed"),
        ("sort=probed&search=dead", "long-dead dead"),
        ("sort=origin&per_page=3", "dead Labelled limping"),
        ("sort=origin&per_page=3&page=3", "well"),
        ("sort=origin&per_page=3&page=4", ""),
    ] {
        let expected: Vec<&str> = expected.split_whitespace().collect();
        let (status, _, page) = site.ask("GET", &format!("/?{query}")).await;
        assert_eq!((status, on_page(&page)), (200, expected.clone()), "{query}");
        let sorted = if query.contains("sort") { query } else { &format!("{query}&sort=urgency") };
        let (status, answer) = site.json(&format!("/api/v1/origins?{sorted}")).await;
        assert_eq!(status, 200, "{query}");
        assert_eq!(in_answer(&answer), expected, "{query}");
    }
}

#[tokio::test]
async fn the_api_keeps_the_order_of_the_configuration_unless_asked() {
    let site = site().await;
    let all = ["plain", "well", "unprobed", "limping", "dead", "long-dead", "Labelled"];
    for (query, expected) in [
        ("", &all[..]),
        ("?verdict=&rule=&distribution=&search=&sort=&page=&per_page=", &all),
        ("?distribution=E1", &["well", "limping", "dead"]),
        ("?page=2&per_page=5", &["long-dead", "Labelled"]),
    ] {
        let (_, answer) = site.json(&format!("/api/v1/origins{query}")).await;
        assert_eq!(in_answer(&answer), expected, "{query}");
    }
}

#[tokio::test]
async fn an_answer_says_how_much_there_is() {
    let site = site().await;
    for (query, expected) in [
        ("", [7, 1, 1]),
        ("?verdict=fails", [2, 1, 1]),
        ("?per_page=3", [7, 1, 3]),
        ("?per_page=3&page=9", [7, 9, 3]),
        ("?page=1", [7, 1, 1]),
        ("?search=nothing&per_page=1", [0, 1, 1]),
    ] {
        let (_, answer) = site.json(&format!("/api/v1/origins{query}")).await;
        let found = ["total", "page", "pages"].map(|name| answer[name].as_u64().unwrap());
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused_in_words() {
    let site = site().await;
    for (query, expected) in [
        ("verdict=broken", "verdict: `broken` is not known; use fails, fails-next, undecided"),
        ("rule=expired", "rule: unknown rule `expired`"),
        ("sort=%3Cb%3E", "sort: `&lt;b&gt;` is not known; use urgency"),
        ("page=two", "page: `two` is not a page number"),
        ("per_page=0", "per_page: `0` is not a valid page size"),
        ("colour=red", "unknown parameter `colour`"),
        ("search=%ff", "the query is not percent-encoded UTF-8"),
    ] {
        let (status, _, page) = site.ask("GET", &format!("/?{query}")).await;
        assert_eq!(status, 400, "{query}");
        assert!(page.contains(expected), "{query}: {page}");
        let (status, head, body) = site.ask("GET", &format!("/api/v1/origins?{query}")).await;
        assert_eq!(status, 400, "{query}");
        assert!(head.contains("content-type: application/json"), "{head}");
        let error: Value = serde_json::from_str(&body).unwrap();
        let unescaped = expected.replace("&lt;", "<").replace("&gt;", ">");
        assert!(error["error"].as_str().unwrap().starts_with(&unescaped), "{body}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_refused_with_what_is() {
    let site = Site::new(Reports::new([])).await;
    let long = format!("search={}", "a".repeat(257));
    let mut refused = Vec::new();
    for query in [
        "verdict=broken",
        "rule=certificate-expird",
        "rule=x",
        "sort=size",
        "page=0",
        "page=%2B1",
        "page=99999999999999999999",
        "per_page=1001",
        "sort=origin&sort=domain",
        "verdct=fails",
        "search=%ff",
        &long,
    ] {
        let (status, answer) = site.json(&format!("/api/v1/origins?{query}")).await;
        assert_eq!(status, 400, "{query}");
        refused.push(format!("# {query:.30}\n{}\n", answer["error"].as_str().unwrap()));
    }
    expect_file!["../snapshots/queries.txt"].assert_eq(&refused.join("\n"));
}

#[tokio::test]
async fn a_query_is_written_as_it_was_read() {
    let site = site().await;
    for (query, written) in [
        (
            "verdict=fails&verdict=fails-next&rule=certificate-expired&distribution=E1&\
             search=+www.shop%20&sort=-origin&page=3&per_page=50",
            "/?verdict=fails&verdict=fails-next&rule=certificate-expired&distribution=E1&\
             search=www.shop&sort=-origin&per_page=50",
        ),
        (
            "verdict=fails&rule=not-tls&distribution=E1&distribution=none&\
             search=a%26b%3D%25%20%22%C3%A9%22&sort=-first-failure&page=3&per_page=10",
            "/?verdict=fails&rule=not-tls&distribution=E1&distribution=none&\
             search=a%26b%3D%25%20%22%C3%A9%22&sort=-first-failure&per_page=10",
        ),
        // The same value twice is one, and what a form leaves empty is not asked for.
        ("verdict=fails&verdict=fails&page=3", "/?verdict=fails"),
        ("verdict=&rule=&distribution=&search=&sort=&page=3&per_page=", "/"),
    ] {
        let page = site.page(&format!("/?{query}")).await;
        assert!(page.contains("Page 3 does not exist"), "{query}");
        let link = format!("<a href=\"{}\">Show the first page", written.replace('&', "&amp;"));
        assert!(page.contains(&link), "{query}: {page}");
    }
}

#[tokio::test]
async fn a_large_fleet_comes_in_pages_that_lead_to_each_other() {
    let origins = (0..1001).map(|number| Arc::new(origin(&format!("origin-{number:04}"))));
    let site = Site::new(Reports::new(origins)).await;
    let mut path = "/?sort=origin".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = site.page(&path).await;
        let ids = on_page(&page);
        assert!(ids.len() <= 100, "{path}");
        seen.extend(ids.iter().map(|id| (*id).to_owned()));
        let Some(link) = page.split("<a ").find(|link| link.contains("rel=\"next\"")) else {
            break;
        };
        path = link.split('"').nth(1).unwrap().replace("&amp;", "&");
    }
    let expected: Vec<String> = (0..1001).map(|number| format!("origin-{number:04}")).collect();
    assert_eq!(seen, expected);
    let page = site.page("/?page=12").await;
    assert!(page.contains("Page 12 does not exist; the last page is 11."), "{page}");
}

#[tokio::test]
async fn links_keep_what_was_asked_for_and_change_one_thing() {
    let site = site().await;
    let page = site.page("/?verdict=fails&search=dead+e&sort=origin").await;
    for link in [
        // Another verdict, another order, the other direction.
        "href=\"/?verdict=undecided&amp;search=dead%20e&amp;sort=origin\"",
        "href=\"/?verdict=fails&amp;search=dead%20e\"",
        "href=\"/?verdict=fails&amp;search=dead%20e&amp;sort=-origin\"",
        "href=\"/?verdict=fails&amp;search=dead%20e&amp;sort=-addresses\"",
        // Without filters, in the same order.
        "href=\"/?sort=origin\"",
    ] {
        assert!(page.contains(link), "{link}\n{page}");
    }
    assert!(page.contains("<input type=\"hidden\" name=\"verdict\" value=\"fails\">"), "{page}");
    assert!(page.contains("value=\"dead e\""), "{page}");
}

#[tokio::test]
async fn names_from_outside_are_text_and_nothing_else() {
    let id = "<img src=x onerror=alert(1)>\"'&\u{202e}evil\u{200b}";
    let mut hostile = origin("hostile");
    hostile.key.id = id.into();
    hostile.key.distribution = "<b>E1</b>".into();
    let mut long = origin("long");
    long.key.id = "x".repeat(8192).into();
    let site = Site::new(Reports::new([Arc::new(hostile), Arc::new(long)])).await;
    for path in ["/", "/?search=%3Cimg", "/?distribution=%3Cb%3EE1%3C%2Fb%3E"] {
        let (status, _, page) = site.ask("GET", path).await;
        assert_eq!(status, 200, "{path}");
        assert!(!page.contains("<img") && !page.contains("<b>E1"), "{path}");
        assert!(!page.contains('\u{202e}') && !page.contains('\u{200b}'), "{path}");
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"), "{path}");
    }
    // Whole in addresses alone.
    let text = text_of(&site.ask("GET", "/").await.2);
    assert!(text.contains(&"x".repeat(128)) && !text.contains(&"x".repeat(129)), "{text}");
}
