//! What is wrong with a document, wholly or in a place.

use proptest::prelude::any;
use proptest::proptest;
use proptest::sample::Index;
use serde_json::Value;
use serde_json::json;

use super::super::Catalogue;
use super::configuration;
use super::error;
use super::faults;
use super::read;

#[test]
fn what_is_broken_is_told_with_its_place_and_the_rest_is_read() {
    for (pointer, value, expected, origins) in [
        (
            "/Origins/Items/0/DomainName",
            json!(7),
            "DistributionConfig.Origins.Items[0].DomainName: is a whole number; a text is expected",
            3,
        ),
        (
            "/Origins/Items/1/Id",
            Value::Null,
            "DistributionConfig.Origins.Items[1].Id: is missing",
            3,
        ),
        (
            "/Origins/Items/0/CustomOriginConfig/HTTPSPort",
            json!("443"),
            "DistributionConfig.Origins.Items[0].CustomOriginConfig.HTTPSPort: is a text; a whole \
             number is expected",
            4,
        ),
        (
            "/Origins/Items",
            Value::Null,
            "DistributionConfig.Origins.Items: Quantity is 4, but there are no Items",
            0,
        ),
        (
            "/OriginGroups/Items",
            json!({}),
            "DistributionConfig.OriginGroups.Items: is an object; a list is expected",
            4,
        ),
        (
            "/CacheBehaviors",
            json!([]),
            "DistributionConfig.CacheBehaviors: is a list; an object is expected",
            4,
        ),
        (
            "/DefaultCacheBehavior/TargetOriginId",
            Value::Null,
            "DistributionConfig.DefaultCacheBehavior.TargetOriginId: is missing",
            4,
        ),
    ] {
        let mut configuration = configuration();
        *configuration.pointer_mut(pointer).unwrap() = value;
        let catalogue = read(&[json!({"DistributionConfig": configuration})]);
        assert_eq!(faults(&catalogue), [format!("shop.json: {expected}")]);
        assert_eq!(catalogue.distributions[0].origins.len(), origins, "{pointer}");
    }
}

#[test]
fn a_list_that_goes_on_elsewhere_is_told() {
    let truncated = json!({"DistributionList": {"IsTruncated": true, "Items": []}});
    let limited = json!({"DistributionList": {"Items": []}, "NextToken": "x"});
    for (document, key) in [(truncated, "DistributionList.IsTruncated"), (limited, "NextToken")] {
        assert_eq!(
            faults(&read(&[document])),
            [format!(
                "shop.json: {key}: more follows on further pages, which are not here; leave out \
                 --max-items and --no-paginate"
            )]
        );
    }
}

#[test]
fn what_is_no_document_of_cloudfronts_is_refused_with_what_would_be_right() {
    for (text, expected) in [
        (&b" \n"[..], "shop.json: is empty; give what"),
        (b"{\"DistributionConfig\": {", "shop.json: line 1, column 24: EOF while parsing"),
        (b"Distribution: E1\n", "shop.json: line 1, column 1: expected value; give the output of"),
        (b"\xff\xfe{\0}\0", "shop.json: is UTF-16"),
        (b"{\"Id\": \"\xff\"}", "shop.json: line 1, column "),
        (b"{}\n {} [1,\n", "shop.json: line 3, column 0: EOF while parsing a value"),
        (b"{}\n {} x", "shop.json: line 2, column 5: expected value"),
        (b"{}", "shop.json: is nothing that is known here; give what get-distribution,"),
        (b"[{}, 1]", "shop.json: [0]: is nothing that is known here"),
        (b"17", "shop.json: is nothing that is known here"),
        (b"[[[[]]]]", "shop.json: [0][0][0]: is nothing that is known here"),
        (b"{\"DistributionIdList\": {\"Items\": [\"E1\"]}}", "shop.json: is a list of ids only"),
        (b"{\"VpcOriginList\": {\"Items\": []}}", "shop.json: does not tell the origins' settings"),
    ] {
        let error = error(text);
        assert!(error.starts_with(expected), "{error}");
    }
    let deep = "[".repeat(100_000);
    assert!(error(&deep).contains("recursion limit"), "{}", error(&deep));
    let many = format!("[{}0]", "0,".repeat(4_000_001));
    assert_eq!(
        error(&many),
        "shop.json: holds more than 4000000 values; give fewer distributions at a time"
    );
    let large = vec![b' '; super::super::LARGEST + 1];
    assert!(error(&large).starts_with("shop.json: is larger than 64 MiB"));
}

#[test]
fn of_many_faults_the_first_are_told_and_the_rest_counted() {
    let items = vec![json!({}); 1_000];
    let document = json!({"DistributionList": {"Items": items}});
    let catalogue = read(&[json!([document])]);
    let (faults, more) = (faults(&catalogue), catalogue.more_faults);
    // Each has neither a default behavior nor origins.
    assert_eq!((faults.len(), more), (100, 1_900));
    assert_eq!(faults[99], "shop.json: [0].DistributionList.Items[49].Origins: is missing");
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
    assert_eq!(
        faults(&catalogue),
        ["shop.json: DistributionConfig.Aliases.Items: holds more than 10000 items and the rest \
          is left out; give fewer at a time"]
    );
    let documents: Vec<Value> = (0..10_001).map(minimal).collect();
    let catalogue = read(&documents);
    assert_eq!(catalogue.distributions.len(), 10_000);
    assert_eq!(
        faults(&catalogue),
        ["shop.json: document 10001: is left out, since there are more than 10000 distributions; \
          give fewer at a time"]
    );
}

#[test]
fn of_a_key_that_is_given_twice_the_last_counts() {
    let text = r#"{"DistributionConfig": 1, "DistributionConfig":
        {"Origins": {}, "DefaultCacheBehavior": {}, "Enabled": true, "Enabled": "\u0061"}} {"DistributionConfig": {}}"#;
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", text.as_bytes()).unwrap();
    let faults = faults(&catalogue);
    assert!(faults.contains(
        &"shop.json: document 1.DistributionConfig.Enabled: is a text; true or false is expected"
            .to_owned()
    ), "{faults:?}");
    let missing = "shop.json: document 2.DistributionConfig.Origins: is missing";
    assert!(faults.contains(&missing.to_owned()), "{faults:?}");
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
            let terms = crate::distribution::Terms::default();
            let derivation =
                crate::distribution::derive(distribution, &catalogue.account, &terms);
            assert!(derivation.origins.len() <= distribution.origins.len());
        }
    }
}
