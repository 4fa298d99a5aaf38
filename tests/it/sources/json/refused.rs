//! What is wrong with a document, wholly or in a place.

use proptest::prelude::any;
use proptest::proptest;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::{configuration, error, faults, places, read};
use crate::common::section::assert_section;
use origin_probe::sources::{Catalogue, LARGEST, MOST_VALUES};

#[test]
fn what_is_broken_is_told_with_its_place_and_the_rest_is_read() {
    let mut said = String::new();
    for (pointer, value, path, origins) in [
        ("/Origins/Items/0/DomainName", json!(7), "Origins.Items[0].DomainName", 3),
        ("/Origins/Items/1/Id", Value::Null, "Origins.Items[1].Id", 3),
        (
            "/Origins/Items/0/CustomOriginConfig/HTTPSPort",
            json!("443"),
            "Origins.Items[0].CustomOriginConfig.HTTPSPort",
            4,
        ),
        ("/Origins/Items", Value::Null, "Origins.Items", 0),
        ("/OriginGroups/Items", json!({}), "OriginGroups.Items", 4),
        ("/CacheBehaviors", json!([]), "CacheBehaviors", 4),
        ("/CacheBehaviors/Items/0/PathPattern", json!(7), "CacheBehaviors.Items[0].PathPattern", 4),
        ("/DefaultCacheBehavior", json!(true), "DefaultCacheBehavior", 4),
        ("/Aliases", json!({"Quantity": "2"}), "Aliases.Quantity", 4),
        ("/TenantConfig", json!(7.5), "TenantConfig", 4),
        (
            "/DefaultCacheBehavior/TargetOriginId",
            Value::Null,
            "DefaultCacheBehavior.TargetOriginId",
            4,
        ),
    ] {
        let mut configuration = configuration();
        *configuration.pointer_mut(pointer).unwrap() = value;
        let catalogue = read(&[json!({"DistributionConfig": configuration})]);
        assert_eq!(places(&catalogue), [format!("DistributionConfig.{path}")]);
        assert_eq!(catalogue.distributions[0].origins.len(), origins, "{pointer}");
        said.push_str(&format!("{}\n", faults(&catalogue).join("\n")));
    }
    assert_section("sources", "JSON: fields that are wrong", &said);
}

#[test]
fn a_distribution_without_origins_is_left_out_and_told_once() {
    for (origins, said) in
        [(Value::Null, "missing"), (json!([]), "expected an object, found a list")]
    {
        let mut configuration = configuration();
        configuration["Origins"] = origins;
        let catalogue = read(&[json!({"DistributionConfig": configuration})]);
        assert_eq!(catalogue.distributions, []);
        assert_eq!(faults(&catalogue), [format!("shop.json: DistributionConfig.Origins: {said}")]);
    }
}

#[test]
fn a_bad_item_costs_only_itself() {
    let mut configuration = configuration();
    for (pointer, bad, good) in [
        ("/Aliases/Items", json!(1), json!("good.example")),
        ("/Origins/Items", json!("bad"), json!({"Id": "good", "DomainName": "good.example"})),
        ("/OriginGroups/Items", json!({"Id": {}}), json!({"Id": "good"})),
        ("/OriginGroups/Items/0/Members/Items", json!({}), json!({"OriginId": "good"})),
        ("/OriginGroups/Items/0/FailoverCriteria/StatusCodes/Items", json!("5xx"), json!(504)),
        (
            "/CacheBehaviors/Items",
            json!({"PathPattern": "/bad", "TargetOriginId": []}),
            json!({"PathPattern": "/good", "TargetOriginId": "a", "ViewerProtocolPolicy": "b"}),
        ),
        ("/TenantConfig/ParameterDefinitions", json!({"Name": 1}), json!({"Name": "good"})),
    ] {
        let items = configuration.pointer_mut(pointer).and_then(Value::as_array_mut).unwrap();
        items.extend([json!([]), bad, good]);
    }
    configuration["Id"] = "E1".into();
    // It is not needed where there are items.
    configuration["Origins"]["Quantity"] = "many".into();
    let distributions = json!({"DistributionList": {"Items": [null, [], configuration]}});
    let tenant =
        |id: Value| json!({"Id": id, "DistributionId": "E1", "Domains": [{}, {"Domain": "a"}]});
    let tenants = json!({"DistributionTenantList": [[], tenant(json!(7)), tenant(json!("good"))]});
    let catalogue = read(&[distributions, tenants]);
    let [found] = catalogue.distributions.as_slice() else { panic!("{catalogue:?}") };
    assert_eq!(found.aliases.last().map(|alias| &**alias), Some("good.example"));
    assert_eq!((found.aliases.len(), found.origins.len(), found.origin_groups.len()), (3, 5, 2));
    assert_eq!(&*found.origins[4].id, "good");
    assert_eq!(found.origin_groups[0].members.last().map(|id| &**id), Some("good"));
    assert_eq!(found.origin_groups[0].failover_statuses, [502, 503, 504]);
    let patterns: Vec<&str> = found.behaviors.iter().map(|one| &*one.path_pattern).collect();
    assert_eq!(patterns, ["/api/*", "/good", "*"]);
    assert_eq!((found.parameters.len(), &*found.parameters[1].name), (2, "good"));
    assert_eq!((found.tenants.len(), &*found.tenants[0].id), (1, "good"));
    assert_eq!(found.tenants[0].domains, [Box::<str>::from("a")]);
    let list = "document 1.DistributionList.Items";
    let mut places = places(&catalogue);
    places.sort();
    assert_eq!(
        places,
        [
            format!("{list}[0]"),
            format!("{list}[1]"),
            format!("{list}[2].Aliases.Items[2]"),
            format!("{list}[2].Aliases.Items[3]"),
            format!("{list}[2].CacheBehaviors.Items[1]"),
            format!("{list}[2].CacheBehaviors.Items[2].TargetOriginId"),
            format!("{list}[2].OriginGroups.Items[0].FailoverCriteria.StatusCodes.Items[2]"),
            format!("{list}[2].OriginGroups.Items[0].FailoverCriteria.StatusCodes.Items[3]"),
            format!("{list}[2].OriginGroups.Items[0].Members.Items[2]"),
            format!("{list}[2].OriginGroups.Items[0].Members.Items[3].OriginId"),
            format!("{list}[2].OriginGroups.Items[1]"),
            format!("{list}[2].OriginGroups.Items[2].Id"),
            format!("{list}[2].Origins.Items[4]"),
            format!("{list}[2].Origins.Items[5]"),
            format!("{list}[2].TenantConfig.ParameterDefinitions[1]"),
            format!("{list}[2].TenantConfig.ParameterDefinitions[2].Name"),
            "document 2.DistributionTenantList[0]".to_owned(),
            "document 2.DistributionTenantList[1].Id".to_owned(),
            "document 2.DistributionTenantList[2].Domains[0].Domain".to_owned(),
        ]
    );
    assert_section("sources", "JSON: items that are wrong", &faults(&catalogue).join("\n"));
}

#[test]
fn a_value_that_is_no_rust_value_costs_only_itself() {
    let mut configuration = configuration().to_string();
    for (good, bad) in [
        ("8443", "8443.5"),
        ("\"match-viewer\"", "\"\\ud800\""),
        ("\"ConnectionTimeout\":5", "\"ConnectionTimeout\":1e999"),
        ("\"ConnectionAttempts\":2", "\"ConnectionAttempts\":99999999999999999999"),
    ] {
        assert_eq!(configuration.matches(good).count(), 1, "{good}");
        configuration = configuration.replace(good, bad);
    }
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", configuration.as_bytes()).unwrap();
    assert_eq!(catalogue.distributions[0].origins.len(), 3);
    assert_section("sources", "JSON: values out of range", &faults(&catalogue).join("\n"));
}

#[test]
fn a_list_that_goes_on_elsewhere_is_told() {
    let truncated = json!({"DistributionList": {"IsTruncated": true, "Items": []}});
    let limited = json!({"DistributionList": {"Items": []}, "NextToken": "x"});
    let mut said = String::new();
    for (document, key) in [(truncated, "DistributionList.IsTruncated"), (limited, "NextToken")] {
        let catalogue = read(&[document]);
        assert_eq!(places(&catalogue), [key]);
        said.push_str(&format!("{}\n", faults(&catalogue).join("\n")));
    }
    assert_section("sources", "JSON: lists that go on elsewhere", &said);
}

#[test]
fn what_is_no_document_of_cloudfronts_is_refused_with_what_would_be_right() {
    let mut said = String::new();
    for (text, place) in [
        (&b" \n"[..], ""),
        (b"{\"DistributionConfig\": {", "line 1, column 24: "),
        (b"Distribution: E1\n", "line 1, column 1: "),
        (b"\xff\xfe{\0}\0", ""),
        (b"{\"Id\": \"\xff\"}", "line 1, column "),
        (b"{}\n {} [1,\n", "line 3, column 0: "),
        (b"{}\n {} x", "line 2, column 5: "),
        (b"{}", ""),
        (b"[{}, 1]", "[0]: "),
        (b"17", ""),
        (b"[[[[]]]]", "[0][0][0]: "),
        (b"{\"DistributionIdList\": {\"Items\": [\"E1\"]}}", ""),
        (b"{\"VpcOriginList\": {\"Items\": []}}", ""),
    ] {
        let error = error(text);
        assert!(error.starts_with(&format!("shop.json: {place}")), "{error}");
        said.push_str(&format!("{}\n    {error}\n", text.escape_ascii()));
    }
    let many = format!("[{}0]", "0,".repeat(4_000_001));
    let large = vec![b' '; LARGEST + 1];
    for (name, text) in [
        ("100000 lists in each other", "[".repeat(100_000).as_bytes()),
        ("4000002 numbers", many.as_bytes()),
        ("64 MiB of spaces and one", &large),
    ] {
        let error = error(text);
        assert!(error.starts_with("shop.json: "), "{error}");
        said.push_str(&format!("{name}\n    {error}\n"));
    }
    assert_section("sources", "JSON: documents that are refused", &said);
}

#[test]
fn as_many_values_as_are_allowed_are_read_and_one_more_is_not() {
    let refused = |text: &str| error(text).contains("values");
    let numbers = |count: usize| format!("[0{}]", ",0".repeat(count - 1));
    assert!(!refused(&numbers(MOST_VALUES - 1)));
    assert!(refused(&numbers(MOST_VALUES)));
    let lists = |count: usize| format!("[0{}]", ",[ ]".repeat(count - 1));
    assert!(!refused(&lists(MOST_VALUES - 1)));
    assert!(refused(&lists(MOST_VALUES)));
    // What is in a text is none.
    for text in [",".repeat(2 * MOST_VALUES), "\\\",".repeat(MOST_VALUES)] {
        assert!(!refused(&format!("[\"{text}\"]")));
    }
}

#[test]
fn of_many_faults_the_first_are_told_and_the_rest_counted() {
    let items = vec![json!({}); 1_000];
    let document = json!({"DistributionList": {"Items": items}});
    let catalogue = read(&[json!([document])]);
    let (places, more) = (places(&catalogue), catalogue.more_faults);
    // Each has neither a default behavior nor origins.
    assert_eq!((places.len(), more), (100, 1_900));
    assert_eq!(places[99], "[0].DistributionList.Items[49].Origins");
}

#[test]
fn more_than_any_account_has_is_left_out_and_told() {
    let minimal = |id: usize| {
        json!({"Id": format!("E{id}"), "Origins": {}, "DefaultCacheBehavior":
            {"TargetOriginId": "a", "ViewerProtocolPolicy": "https-only"}})
    };
    let mut configuration = configuration();
    configuration["Aliases"] = json!({"Items": vec!["www.shop.example"; 10_001]});
    let catalogue = read(&[json!({"DistributionConfig": configuration})]);
    assert_eq!(catalogue.distributions[0].aliases.len(), 10_000);
    assert_eq!(places(&catalogue), ["DistributionConfig.Aliases.Items"]);
    let aliases = faults(&catalogue).join("\n");
    let documents: Vec<Value> = (0..10_001).map(minimal).collect();
    let catalogue = read(&documents);
    assert_eq!(catalogue.distributions.len(), 10_000);
    assert_eq!(places(&catalogue), ["document 10001"]);
    let said = format!("{aliases}\n{}", faults(&catalogue).join("\n"));
    assert_section("sources", "JSON: more than any account has", &said);
}

#[test]
fn of_a_key_that_is_given_twice_the_last_counts() {
    let text = r#"{"DistributionConfig": 1, "DistributionConfig":
        {"Origins": {}, "DefaultCacheBehavior": {}, "Enabled": true, "Enabled": "\u0061"}} {"DistributionConfig": {}}"#;
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", text.as_bytes()).unwrap();
    let found = places(&catalogue);
    for place in ["document 1.DistributionConfig.Enabled", "document 2.DistributionConfig.Origins"]
    {
        assert!(found.iter().any(|one| one == place), "{place}: {found:?}");
    }
    assert_section("sources", "JSON: keys given twice", &faults(&catalogue).join("\n"));
}

proptest! {
    #[test]
    fn whatever_becomes_of_a_document_it_is_read_or_refused(
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..8),
        end in any::<Index>(),
    ) {
        let mut bytes = json!({"DistributionConfig": configuration()}).to_string().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.truncate(end.index(bytes.len() * 2).max(1));
        let mut catalogue = Catalogue::default();
        if let Err(error) = catalogue.read("shop.json", &bytes) {
            assert!(error.to_string().len() < 600);
        }
        catalogue.settle();
        for distribution in &catalogue.distributions {
            let options = origin_probe::distribution::DeriveOptions::default();
            let derivation =
                origin_probe::distribution::derive(distribution, &catalogue.account, &options);
            assert!(derivation.origins.len() <= distribution.origins.len());
        }
    }
}
