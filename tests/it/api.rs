//! The API holds what its document promises: every answer over the demo's origins is held against
//! it, with no field left over.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::common::by_hand::forwarding;
use crate::common::site::{Site, now, origin, refused, report};
use origin_probe::demo::Demo;
use origin_probe::observation::Endpoint;
use origin_probe::origin::{Origin, SslProtocol, SslProtocols};
use origin_probe::probe::ProbeOptions;
use origin_probe::report::{OriginJson, Report, Reports};
use origin_probe::rules::RULES;
use serde_json::{Value, json};

/// The pages over the demo's origins, each probed once, and one that was not.
async fn site() -> Site {
    let demo = Demo::start(now()).await.unwrap();
    let prober =
        crate::common::prober(demo.dns().address(), demo.root_pem(), Duration::from_secs(3));
    let origins = demo.scenarios().map(|scenario| {
        let port = demo.https_port(scenario.id).unwrap();
        let mut origin = crate::common::origin(scenario.domain, port);
        origin.key.id = scenario.id.into();
        if !scenario.viewer_hosts.is_empty() {
            origin.targets = forwarding(scenario.domain, scenario.viewer_hosts).targets;
        }
        Arc::new(origin)
    });
    let unprobed = Arc::new(origin("unprobed"));
    let reports = Reports::new(origins.chain([unprobed]));
    let entries = reports.entries();
    for entry in entries.iter().filter(|entry| *entry.origin.key.id != *"unprobed") {
        let probed = prober.probe(Arc::clone(&entry.origin), &ProbeOptions::default(), now()).await;
        entry.publish(&Report::new(None, Arc::new(probed), now()));
    }
    Site::new(reports).await
}

/// The document of the daemon, and what holds answers against it.
struct Document(Value);

impl Document {
    async fn of(site: &Site) -> Self {
        let (status, head, body) = site.ask("GET", "/api/v1/openapi.json").await;
        assert_eq!(status, 200);
        assert!(head.contains("content-type: application/json"), "{head}");
        Self(serde_json::from_str(&body).unwrap())
    }

    /// Fails unless `answer` is what the document says of that status of that path: nothing that
    /// it does not tell of may be in it, either.
    fn holds(&self, path: &str, status: u16, answer: &Value) {
        let place = ["paths", path, "get", "responses", &status.to_string()];
        let place = place.map(|part| part.replace('~', "~0").replace('/', "~1")).join("/");
        let place = format!("/{place}/content/application~1json/schema");
        let schema = self.0.pointer(&place).unwrap_or_else(|| panic!("{place}")).clone();
        let mut whole = json!({"components": self.0["components"], "allOf": [schema]});
        close(&mut whole["components"]["schemas"]);
        let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(answer)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{path} {status}:\n{}", errors.join("\n"));
    }
}

/// Lets no object have a field that its schema does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if fields.get("properties").is_some_and(Value::is_object) {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[tokio::test]
async fn every_answer_is_what_the_document_says() {
    let site = site().await;
    let document = Document::of(&site).await;
    let (status, all) = site.json("/api/v1/origins").await;
    document.holds("/api/v1/origins", status, &all);
    let origins = all["origins"].as_array().unwrap();
    assert!(origins.len() > 20, "{}", origins.len());
    for origin in origins {
        let path = format!("/api/v1/origins/{}", origin["origin"].as_str().unwrap());
        let (status, one) = site.json(&path).await;
        assert_eq!((status, &one), (200, origin), "{path}");
        document.holds("/api/v1/origins/{id}", status, &one);
    }
    for query in ["?verdict=fails&sort=-first-failure", "?page=2&per_page=5", "?verdict=none"] {
        let (status, answer) = site.json(&format!("/api/v1/origins{query}")).await;
        document.holds("/api/v1/origins", status, &answer);
    }
    for path in ["nothing-here", "healthy?colour=red", "healthy?domain=%ff", "%ff"] {
        let (status, answer) = site.json(&format!("/api/v1/origins/{path}")).await;
        assert!(status >= 400, "{path}");
        document.holds("/api/v1/origins/{id}", status, &answer);
    }
    let (status, targets) = site.json("/api/v1/sd").await;
    document.holds("/api/v1/sd", status, &targets);
}

/// The demo has no distributions; the contract's example has everything.
#[tokio::test]
async fn the_example_of_the_contract_is_what_the_document_says() {
    let site = Site::new(Reports::new([])).await;
    let document = Document::of(&site).await;
    let example: Value = serde_json::from_str(include_str!("../contract/origin.json")).unwrap();
    document.holds("/api/v1/origins/{id}", 200, &example);
    let mut wrong = example;
    wrong["colour"] = json!("red");
    let refused = std::panic::AssertUnwindSafe(|| {
        document.holds("/api/v1/origins/{id}", 200, &wrong);
    });
    assert!(std::panic::catch_unwind(refused).is_err(), "a field too many is found");
}

#[tokio::test]
async fn the_document_names_every_rule() {
    let site = Site::new(Reports::new([])).await;
    let document = Document::of(&site).await;
    let rules = RULES.iter().map(|rule| rule.name).collect::<Vec<_>>();
    assert_eq!(document.0["components"]["schemas"]["Rule"]["enum"], json!(rules));
    let sorts = document.0["components"]["schemas"]["Sort"]["enum"].as_array().unwrap();
    assert!(sorts.contains(&json!("-first-failure")), "{sorts:?}");
    let per_page = &document.0["components"]["parameters"]["PerPage"]["schema"]["anyOf"][0];
    assert_eq!(per_page["maximum"], 1000);
}

#[tokio::test]
async fn an_id_that_several_have_is_told_apart_by_the_rest_of_the_key() {
    let [mut first, mut second, mut third] = ["a", "b", "c"].map(origin);
    for (origin, distribution) in [(&mut first, "E1"), (&mut second, "E2"), (&mut third, "")] {
        origin.key.id = "alb/1".into();
        origin.key.distribution = distribution.into();
    }
    let site = Site::new(Reports::new([first, second, third].map(Arc::new))).await;
    let document = Document::of(&site).await;
    let path = "/api/v1/origins/alb%2F1";
    let (status, answer) = site.json(path).await;
    assert_eq!(status, 409);
    document.holds("/api/v1/origins/{id}", status, &answer);
    let candidates = [
        "/api/v1/origins/alb%2F1?distribution=E1&domain=a.example",
        "/api/v1/origins/alb%2F1?distribution=E2&domain=b.example",
        "/api/v1/origins/alb%2F1?domain=c.example",
    ];
    assert_eq!(answer["candidates"], json!(candidates));
    for (candidate, domain) in candidates.into_iter().zip(["a", "b", "c"]) {
        let (status, answer) = site.json(candidate).await;
        assert_eq!((status, &answer["domain"]), (200, &json!(format!("{domain}.example"))));
    }
    let (status, answer) = site.json(&format!("{path}?distribution=")).await;
    assert_eq!((status, &answer["domain"]), (200, &json!("c.example")));
    assert_eq!(site.json(&format!("{path}?distribution=E3")).await.0, 404);
}

#[tokio::test]
async fn an_id_that_several_have_takes_a_distribution_and_a_domain() {
    let named = |distribution: &str, id: &str, domain: &str| {
        let mut origin = Origin::with_defaults(domain.parse().unwrap());
        (origin.key.distribution, origin.key.id) = (distribution.into(), id.into());
        Arc::new(origin)
    };
    let site = Site::new(Reports::new([
        named("", "shop", "origin.shop.example"),
        named("E1", "alb", "alb.example"),
        named("E2", "alb", "alb.example"),
        named("E2", "alb", "other.example"),
        named("", "a/b ü?#%", "c.example"),
    ]))
    .await;
    let shop = &["shop?distribution=&domain=origin.shop.example"][..];
    let albs = [
        "alb?distribution=E1&domain=alb.example",
        "alb?distribution=E2&domain=alb.example",
        "alb?distribution=E2&domain=other.example",
    ];
    // Each origin's whole name is the address of its page.
    for (path, expected, names) in [
        ("shop", 200, &["origin.shop.example"][..]),
        ("shop?distribution=", 200, &["origin.shop.example"]),
        (shop[0], 200, &["origin.shop.example"]),
        ("shop?distribution=E1", 404, shop),
        ("alb", 300, &albs),
        ("alb?distribution=E1", 200, &["alb.example"]),
        ("alb?distribution=E2&domain=OTHER.example", 200, &["other.example"]),
        ("shpo", 404, shop),
        ("SHOP", 404, shop),
        ("shop.example", 404, shop),
        ("a%2Fb%20%C3%BC", 404, &["a%2Fb%20%C3%BC%3F%23%25?distribution=&domain=c.example"]),
        ("elephant", 404, &[]),
        ("%20", 404, &[]),
    ] {
        let (status, _, page) = site.ask("GET", &format!("/origins/{path}")).await;
        assert_eq!(status, expected, "{path}");
        let links = page.split("<a href=\"/origins/").skip(1);
        let links: Vec<String> =
            links.map(|link| link.split('"').next().unwrap().replace("&amp;", "&")).collect();
        match status {
            200 => assert!(page.contains(&format!("<code>{}:443</code>", names[0])), "{path}"),
            _ => assert_eq!(links, names, "{path}"),
        }
    }
}

#[tokio::test]
async fn each_origin_is_a_target_of_service_discovery() {
    let mut first = Origin { https_port: 8443, ..origin("a") };
    (first.key.distribution, first.key.id) = ("E1".into(), "shop \"1\"".into());
    first.ssl_protocols =
        SslProtocols::new(vec![SslProtocol::TlsV1_2, SslProtocol::TlsV1_1]).unwrap();
    first.labels.insert("team".to_owned(), "shop".to_owned());
    first.targets = forwarding("a.example", &["www.example", "m.example"]).targets;
    let group = |target: &str, labels: &str| {
        let label = |label: &str| {
            let (name, value) = label.split_once('=').unwrap();
            format!("\"__meta_origin_probe_{name}\":{}", json!(value))
        };
        let labels = labels.split("; ").map(label).collect::<Vec<_>>().join(",");
        format!("{{\"targets\":[\"{target}\"],\"labels\":{{{labels}}}}}")
    };
    let expected = [
        group(
            "a.example:8443",
            "distribution=E1; origin=shop \"1\"; domain=a.example; port=8443; \
             server_name=www.example; server_names=,www.example,m.example,; \
             protocol_policy=https-only; ssl_protocols=,TLSv1.1,TLSv1.2,; ip_address_type=ipv4; \
             label_team=shop",
        ),
        group(
            "b.example:443",
            "distribution=; origin=b; domain=b.example; port=443; server_name=b.example; \
             server_names=,b.example,; protocol_policy=https-only; ssl_protocols=,TLSv1.2,; \
             ip_address_type=ipv4",
        ),
    ];
    let site = Site::new(Reports::new([first, origin("b")].map(Arc::new))).await;
    assert_eq!(site.page("/api/v1/sd").await, format!("[{}]\n", expected.join(",")));
    assert_eq!(Site::new(Reports::new([])).await.page("/api/v1/sd").await, "[]\n");
}

#[tokio::test]
async fn characters_that_turn_or_hide_text_are_escaped_in_every_answer() {
    const MARKS: &str = "a\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{feff}\u{e0001}";
    let origins = ["a", "b"].map(|id| {
        let mut origin = origin(id);
        origin.key.id = MARKS.into();
        origin.labels.insert("team".to_owned(), MARKS.to_owned());
        Arc::new(origin)
    });
    let reports = Reports::new(origins.clone());
    // One of them has been probed.
    reports.entries()[0].publish(&report(&origins[0], vec![refused(1)], now()));
    let site = Site::new(reports).await;
    let id = percent_encoding::utf8_percent_encode(MARKS, percent_encoding::NON_ALPHANUMERIC);
    let one = format!("/api/v1/origins/{id}");
    for (path, expected, pointer) in [
        ("/api/v1/origins", 200, "/origins/0/origin"),
        ("/api/v1/origins?sort=-origin", 200, "/origins/1/origin"),
        (&*format!("{one}?domain=a.example"), 200, "/origin"),
        (&*format!("{one}?domain=b.example"), 200, "/origin"),
        (&*one, 409, ""),
        (&*format!("/api/v1/origins?{id}=1"), 400, ""),
        ("/api/v1/sd", 200, "/0/labels/__meta_origin_probe_label_team"),
    ] {
        let (status, _, body) = site.ask("GET", path).await;
        assert_eq!(status, expected, "{path}");
        assert!(body.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        if !pointer.is_empty() {
            assert_eq!(answer.pointer(pointer), Some(&json!(MARKS)), "{path}");
        }
    }
}

#[tokio::test]
async fn endpoints_come_200_at_a_time() {
    let origin = origin("many");
    let endpoint = |n: u16| Endpoint {
        address: IpAddr::from([198, 18, n.to_be_bytes()[0], n.to_be_bytes()[1]]),
        ..refused(1)
    };
    let report = report(&origin, (0..450).map(endpoint).collect(), now());
    let whole = serde_json::to_value(OriginJson::new(&report)).unwrap();
    assert_eq!(whole["endpoints"].as_array().unwrap().len(), 450);
    assert_eq!((&whole["endpoints_total"], &whole["endpoints_next"]), (&json!(450), &Value::Null));
    let reports = Reports::new([Arc::new(origin)]);
    reports.entries()[0].publish(&report);
    let site = Site::new(reports).await;
    let document = Document::of(&site).await;
    let mut endpoints = Vec::new();
    for (after, next) in [(0, json!(200)), (200, json!(400)), (400, Value::Null)] {
        let path = format!("/api/v1/origins/many?endpoints_after={after}");
        let (status, mut page) = site.json(&path).await;
        document.holds("/api/v1/origins/{id}", status, &page);
        let own = page["endpoints"].as_array_mut().unwrap();
        assert_eq!(own.len(), if after == 400 { 50 } else { 200 });
        endpoints.append(own);
        assert_eq!(page["endpoints_next"], next);
        // The rest is the same on every page.
        page["endpoints"] = whole["endpoints"].clone();
        page["endpoints_next"] = Value::Null;
        assert_eq!(page, whole, "{path}");
    }
    assert_eq!(Value::from(endpoints), whole["endpoints"]);
    let (_, first) = site.json("/api/v1/origins/many").await;
    let (_, all) = site.json("/api/v1/origins").await;
    assert_eq!(all["origins"], json!([first]));
    assert_eq!(first["endpoints"].as_array().unwrap().len(), 200);
    let (_, beyond) = site.json("/api/v1/origins/many?endpoints_after=1000000").await;
    assert_eq!((&beyond["endpoints"], &beyond["endpoints_next"]), (&json!([]), &Value::Null));
    for value in
        ["", "-1", "+1", "1.0", "x", "1000001", "99999999999999999999", "1&endpoints_after=1"]
    {
        let path = format!("/api/v1/origins/many?endpoints_after={value}");
        let (status, refusal) = site.json(&path).await;
        assert_eq!(status, 400, "{value}");
        document.holds("/api/v1/origins/{id}", status, &refusal);
        assert!(refusal["error"].as_str().unwrap().contains("endpoints_after"), "{refusal}");
    }
}
