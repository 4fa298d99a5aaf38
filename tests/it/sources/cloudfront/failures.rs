//! What becomes of a refresh that fails, and what is said of it.

use std::collections::BTreeSet;

use super::{
    Account, Answer, ApiDouble, SourceUpdate, api_documents, assert_said, distribution_list, list,
    places, simple,
};
use crate::common::section::assert_section;
use origin_probe::origin::Shard;

/// Nothing of an answer is repeated: it names an account, and whatever else.
#[tokio::test]
async fn what_fails_is_said_in_our_own_words_and_counted() {
    let one = simple("E1").summary();
    let half = distribution_list(std::slice::from_ref(&one), None).replace(
        "<Quantity>1</Quantity><Items><DistributionSummary>",
        "<Quantity>2</Quantity><Items><DistributionSummary>",
    );
    let endless = distribution_list(std::slice::from_ref(&one), Some("again"));
    let no_marker = endless.replace("<NextMarker>again</NextMarker>", "");
    let cut = list(&[simple("E1"), simple("E2")]);
    // In the midst of the one distribution's origins: what is there would do.
    let whole = list(&[super::Distribution::new(
        "E1",
        [super::origin("app", "a.example"), super::origin("b", "b.example")],
    )]);
    let (cut_xml, _) = whole.split_once("<Origin><Id>b").unwrap();
    let cut_xml = cut_xml.to_owned();
    let mut said = String::new();
    for (answer, fault) in [
        (Answer::Error(403, "AccessDenied"), "access-denied"),
        (Answer::Error(403, "ExpiredToken"), "expired-credentials"),
        (Answer::Error(403, "InvalidClientTokenId"), "refused-credentials"),
        (Answer::Error(400, "Throttling"), "throttled"),
        (Answer::Error(400, "InvalidArgument"), "refused"),
        (Answer::Error(503, "x y"), "server-fault"),
        (Answer::Silence, "timed-out"),
        (Answer::Xml(half), "malformed"),
        (Answer::Xml(endless), "malformed"),
        (Answer::Xml(no_marker), "malformed"),
        (Answer::CutShort(cut), "malformed"),
        (Answer::Xml(cut_xml), "malformed"),
        (Answer::Xml("{}".to_owned()), "malformed"),
        (Answer::Xml(String::new()), "malformed"),
        (Answer::Xml("<html><body>Please log in</body></html>".to_owned()), "malformed"),
    ] {
        let shown = format!("{answer:?}");
        let double = ApiDouble::start(None, move |_| answer.clone()).await;
        let mut account = Account::new(&double.url(), "", Shard::WHOLE);
        let SourceUpdate::Failed(found) = account.read().await else { panic!("{shown}") };
        let series = format!("origin_probe_discovery_api_errors_total{{reason=\"{fault}\"}}");
        assert_eq!(account.metric(&series), "1", "{shown}");
        said.push_str(&format!("{fault}\n    {found}\n"));
    }
    assert_section("sources", "CloudFront: a refresh that fails", &said);
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_unreachable() {
    let mut account = Account::new("http://127.0.0.1:1", "", Shard::WHOLE);
    let SourceUpdate::Failed(reason) = account.read().await else { panic!() };
    assert_eq!(account.failures(), [("unreachable".to_owned(), 1)]);
    assert_section("sources", "CloudFront: nobody at the endpoint", &reason);
}

#[tokio::test]
async fn one_bad_origin_never_loses_the_others() {
    let with = |id: &str, settings: &str| api_documents::origin_with(id, "b.example", settings);
    let origins = [
        super::origin("app", "app.example"),
        with("none", ""),
        with("gopher", &api_documents::custom_origin(443, "gopher-only", "TLSv1.2")),
        with("future", &api_documents::custom_origin(443, "https-only", "TLSv9")),
        with("port", &api_documents::custom_origin(22, "https-only", "TLSv1.2")),
        super::origin("address", "192.0.2.1"),
        super::origin("evil", "a\u{1b}[31m.example"),
    ];
    // An escape character is not even XML.
    let document = list(&[super::Distribution::new("E1", origins), simple("E2")])
        .replace('\u{1b}', "&#x202e;")
        .replace("redirect-to-https", "carrier-pigeon");
    let double = ApiDouble::start(None, move |_| Answer::Xml(document.clone())).await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let domains: Vec<String> =
        account.origins().await.iter().map(|origin| origin.domain().to_string()).collect();
    assert_eq!(domains, ["app.example", "b.example", "e2.example"]);
    // What another reading would leave out is told anew.
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let problems = account.problems().await;
    assert_eq!(places(&problems), ["E1", "E1", "E1", "E1", "E1", "E1", "E1", "E2"]);
    for (problem, value) in problems[1..7].iter().zip([
        "none",
        "gopher-only",
        "TLSv9",
        "22",
        "192.0.2.1",
        "a\\u{202e}[31m.example",
    ]) {
        assert!(problem.1.contains(value), "{problem:?}");
    }
    assert_said("settings that are not understood", &problems);
}

#[tokio::test]
async fn a_missing_field_makes_a_list_malformed_and_the_account_never_empty() {
    let settings = api_documents::custom_origin(443, "https-only", "TLSv1.2");
    let mtls = "<OriginMtlsConfig><ClientCertificateArn>x</ClientCertificateArn>\
                </OriginMtlsConfig></CustomOriginConfig>";
    let custom = settings.replace("</CustomOriginConfig>", mtls);
    let vpc = "<VpcOriginConfig><VpcOriginId>vo_1</VpcOriginId></VpcOriginConfig>";
    let origins = [
        api_documents::origin_with("app", "a.example", &custom),
        api_documents::origin_with("inside", "b.example", vpc),
    ];
    let group = "<OriginGroups><Quantity>1</Quantity><Items><OriginGroup><Id>g</Id>\
                 <FailoverCriteria><StatusCodes><Quantity>1</Quantity><Items><StatusCode>502\
                 </StatusCode></Items></StatusCodes></FailoverCriteria><Members><Quantity>2\
                 </Quantity><Items><OriginGroupMember><OriginId>app</OriginId></OriginGroupMember>\
                 <OriginGroupMember><OriginId>inside</OriginId></OriginGroupMember></Items>\
                 </Members></OriginGroup></Items></OriginGroups>";
    let behavior = "<CacheBehaviors><Quantity>1</Quantity><Items><CacheBehavior>\
                    <PathPattern>/a</PathPattern><TargetOriginId>app</TargetOriginId>\
                    <ViewerProtocolPolicy>https-only</ViewerProtocolPolicy><AllowedMethods>\
                    <Quantity>1</Quantity><Items><Method>GET</Method></Items></AllowedMethods>\
                    <ForwardedValues><Headers><Quantity>1</Quantity><Items><Name>Host</Name></Items>\
                    </Headers></ForwardedValues><FunctionAssociations><Quantity>1</Quantity><Items>\
                    <FunctionAssociation><EventType>viewer-request</EventType>\
                    </FunctionAssociation></Items></FunctionAssociations><GrpcConfig><Enabled>false\
                    </Enabled></GrpcConfig></CacheBehavior></Items></CacheBehaviors>";
    let distribution = super::Distribution {
        aliases: vec!["www.example".to_owned()],
        ..super::Distribution::new("E1", origins)
    };
    let whole = list(&[distribution])
        .replace("<OriginGroups><Quantity>0</Quantity></OriginGroups>", group)
        .replace("<CacheBehaviors><Quantity>0</Quantity></CacheBehaviors>", behavior);
    let double = super::double(&[]).await;
    let answer = whole.clone();
    double.now(move |_| Answer::Xml(answer.clone()));
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    assert!(matches!(account.read().await, SourceUpdate::Parts(parts) if !parts.is_empty()));
    let (mut said, mut count) = (String::new(), 0);
    for (element, fields) in [
        ("MaxItems>100</MaxItems", &["IsTruncated", "Quantity"][..]),
        (
            "DistributionSummary",
            &["Id", "ARN", "DomainName", "Aliases", "Origins", "DefaultCacheBehavior"],
        ),
        ("DistributionSummary", &["CacheBehaviors", "Enabled"]),
        ("Aliases", &["Quantity", "Items", "CNAME"]),
        ("Origins", &["Quantity", "Items", "Origin"]),
        ("Origin", &["Id", "DomainName"]),
        ("CustomOriginConfig", &["HTTPSPort", "OriginProtocolPolicy"]),
        ("OriginSslProtocols", &["Quantity", "Items", "SslProtocol"]),
        ("OriginMtlsConfig", &["ClientCertificateArn"]),
        ("VpcOriginConfig", &["VpcOriginId"]),
        ("OriginGroups", &["Quantity", "Items"]),
        ("OriginGroup", &["Id", "FailoverCriteria", "Members"]),
        ("FailoverCriteria", &["StatusCodes"]),
        ("StatusCodes", &["Quantity", "Items"]),
        ("Members", &["Quantity", "Items", "OriginId"]),
        ("DefaultCacheBehavior", &["TargetOriginId", "ViewerProtocolPolicy"]),
        ("CacheBehaviors", &["Quantity", "Items"]),
        ("CacheBehavior", &["PathPattern", "TargetOriginId", "ViewerProtocolPolicy"]),
        ("AllowedMethods", &["Quantity", "Items"]),
        ("Headers", &["Quantity", "Items"]),
        ("FunctionAssociations", &["Quantity", "Items", "EventType"]),
        ("GrpcConfig", &["Enabled"]),
    ] {
        for field in fields {
            let document = api_documents::without(&whole, element, field);
            double.now(move |_| Answer::Xml(document.clone()));
            let SourceUpdate::Failed(reason) = account.read().await else {
                panic!("{element} {field}")
            };
            count += 1;
            let expected = [("malformed".to_owned(), count)];
            assert_eq!(account.failures(), expected, "{element} {field}: {reason}");
            said.push_str(&format!("{element}, {field}\n    {reason}\n"));
        }
    }
    assert_section("sources", "CloudFront: a list without a field", &said);
}

#[tokio::test]
async fn a_page_with_more_items_than_any_is_refused_before_it_is_read() {
    let mut said = String::new();
    for items in ["<X/>".repeat(900_000), "<X/>".repeat(9 << 20)] {
        let document = distribution_list(&[items], None);
        let double = ApiDouble::start(None, move |_| Answer::Xml(document.clone())).await;
        let mut account = Account::new(&double.url(), "", Shard::WHOLE);
        let SourceUpdate::Failed(reason) = account.read().await else { panic!() };
        assert_eq!(account.failures()[0].0, "malformed", "{reason}");
        said.push_str(&format!("{reason}\n"));
    }
    assert_section("sources", "CloudFront: a page of too many items, and a larger one", &said);
}

#[tokio::test]
async fn a_list_that_is_too_large_is_asked_for_in_smaller_pages() {
    let (one, two) = (simple("E1").summary(), simple("E2").summary());
    let double = ApiDouble::start(None, move |request| {
        let is_small = request.query("MaxItems") == Some("10");
        let document = match (is_small, request.query("Marker")) {
            (false, _) => distribution_list(&["<X/>".repeat(9 << 20)], None),
            (true, None) => distribution_list(std::slice::from_ref(&one), Some("next")),
            (true, Some(_)) => distribution_list(std::slice::from_ref(&two), None),
        };
        Answer::Xml(document)
    })
    .await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let domains: Vec<String> =
        account.origins().await.iter().map(|origin| origin.domain().to_string()).collect();
    assert_eq!(domains, ["e1.example", "e2.example"]);
    let calls = "origin_probe_discovery_api_calls_total{operation=\"ListDistributions\"}";
    assert_eq!(account.metric(calls), "3");
}

#[tokio::test]
async fn an_answer_that_says_it_is_larger_than_any_is_refused_before_it_comes() {
    let mut said = BTreeSet::new();
    for status in ["200 OK", "403 Forbidden", "503 Service Unavailable"] {
        // More than there is memory, more than a vector holds, and the most that HTTP takes.
        for length in ["33554433", "1000000000000000", "18446744073709551613"] {
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
            let double = ApiDouble::start(None, move |_| Answer::Raw(head.clone())).await;
            let mut account = Account::new(&double.url(), "", Shard::WHOLE);
            let SourceUpdate::Failed(reason) = account.read().await else {
                panic!("{status} {length}")
            };
            let expected = [("malformed".to_owned(), 1)];
            assert_eq!(account.failures(), expected, "{status} {length}: {reason}");
            said.insert(reason.to_string());
        }
    }
    let said: Vec<String> = said.into_iter().collect();
    assert_section("sources", "CloudFront: an answer that is too large", &said.join("\n"));
}
