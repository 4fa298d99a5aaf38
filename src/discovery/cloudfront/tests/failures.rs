//! What becomes of a refresh that fails, and what is said of it.

use super::Account;
use super::Answer;
use super::ApiDouble;
use super::Reading;
use super::api_documents;
use super::distribution_list;
use super::list;
use super::simple;
use crate::discovery::cloudfront::answer::AnswerFault;
use crate::discovery::cloudfront::answer::check;
use crate::origin::Shard;

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
    for (answer, reason, fault) in [
        (
            Answer::Error(403, "AccessDenied"),
            "ListDistributions: access-denied; allow the action cloudfront:ListDistributions",
            "access-denied",
        ),
        (
            Answer::Error(403, "ExpiredToken"),
            "ListDistributions: expired-credentials; renew them, or correct the clock here",
            "expired-credentials",
        ),
        (
            Answer::Error(403, "InvalidClientTokenId"),
            "ListDistributions: refused-credentials; AWS does not know them: see that they are of this partition",
            "refused-credentials",
        ),
        (
            Answer::Error(400, "Throttling"),
            "ListDistributions: throttled; the next refresh comes later",
            "throttled",
        ),
        (
            Answer::Error(400, "InvalidArgument"),
            "ListDistributions: refused (InvalidArgument, status 400)",
            "refused",
        ),
        (Answer::Error(503, "x y"), "ListDistributions: server-fault (status 503)", "server-fault"),
        (
            Answer::Silence,
            "ListDistributions: timed-out; see that the endpoint can be reached from here",
            "timed-out",
        ),
        (
            Answer::Xml(half),
            "ListDistributions: malformed (page 1 holds 1 of 2 items)",
            "malformed",
        ),
        (
            Answer::Xml(endless),
            "ListDistributions: malformed (the list does not end within 10000 items)",
            "malformed",
        ),
        (
            Answer::Xml(no_marker),
            "ListDistributions: malformed (page 1 does not say where the next begins)",
            "malformed",
        ),
        (Answer::CutShort(cut), "ListDistributions: malformed", "malformed"),
        (Answer::Xml(cut_xml), "ListDistributions: malformed (the answer has no end)", "malformed"),
        (
            Answer::Xml("{}".to_owned()),
            "ListDistributions: malformed (the answer has no end)",
            "malformed",
        ),
        (
            Answer::Xml(String::new()),
            "ListDistributions: malformed (the answer has no end)",
            "malformed",
        ),
        (
            Answer::Xml("<html><body>Please log in</body></html>".to_owned()),
            "ListDistributions: malformed (status 200)",
            "malformed",
        ),
    ] {
        let said = format!("{answer:?}");
        let double = ApiDouble::start(None, move |_| answer.clone()).await;
        let mut account = Account::new(&double.url(), "", Shard::WHOLE);
        let Reading::Failed(found) = account.read().await else { panic!("{said}") };
        assert_eq!(found, reason, "{said}");
        let series = format!("origin_probe_discovery_api_errors_total{{reason=\"{fault}\"}}");
        assert_eq!(account.metric(&series), "1", "{said}");
    }
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_unreachable() {
    let mut account = Account::new("http://127.0.0.1:1", "", Shard::WHOLE);
    let Reading::Failed(reason) = account.read().await else { panic!() };
    assert_eq!(
        reason,
        "ListDistributions: unreachable; see that the endpoint can be reached from here"
    );
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
    account.cloudfront.delivered.clear();
    let problems = account.problems().await;
    assert_eq!(
        problems,
        [
            "E1: behavior `*`: ViewerProtocolPolicy `carrier-pigeon` is not known here; https-only is assumed",
            "E1: origin `none`: it has no CustomOriginConfig, S3OriginConfig or VpcOriginConfig; it is left out",
            "E1: origin `gopher`: OriginProtocolPolicy `gopher-only` is not known here; it is left out",
            "E1: origin `future`: OriginSslProtocols `TLSv9` is not known here; the rest of the list, or else TLSv1.2, is assumed",
            "E1: origin `port`: HTTPS port 22 is no port CloudFront takes; it is left out",
            "E1: origin `address`: the domain name `192.0.2.1` is an IP address; CloudFront takes only DNS names as Origin Domain; it is left out",
            "E1: origin `evil`: the domain name `a\\u{202e}[31m.example` is no valid internationalised domain name; it is left out",
            "E2: behavior `*`: ViewerProtocolPolicy `carrier-pigeon` is not known here; https-only is assumed",
        ]
    );
}

/// Returns a document without the first `field` within the first `element`.
fn without(document: &str, element: &str, field: &str) -> String {
    let (start, end) = (format!("<{field}>"), format!("</{field}>"));
    let (before, rest) = document.split_once(&format!("<{element}>")).unwrap();
    if let Some((head, tail)) = rest.split_once(&format!("<{field}/>")) {
        return format!("{before}<{element}>{head}{tail}");
    }
    let (head, mut tail) = rest.split_once(&start).unwrap();
    let mut depth = 1;
    while depth > 0 {
        let (inner, outer) = tail.split_once(&end).unwrap();
        depth += inner.matches(&start).count();
        depth -= 1;
        tail = outer;
    }
    format!("{before}<{element}>{head}{tail}")
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
    assert!(matches!(account.read().await, Reading::Parts(parts) if !parts.is_empty()));
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
            let document = without(&whole, element, field);
            double.now(move |_| Answer::Xml(document.clone()));
            let Reading::Failed(reason) = account.read().await else { panic!("{element} {field}") };
            assert!(reason.starts_with("ListDistributions: malformed ("), "{reason}");
        }
    }
}

#[test]
fn a_missing_field_makes_every_other_answer_malformed() {
    let parameters = "<DistributionConfig><Enabled>true</Enabled><TenantConfig>\
                      <ParameterDefinitions><member><Name>a</Name><Definition/></member>\
                      </ParameterDefinitions></TenantConfig></DistributionConfig>";
    for (document, element, fields) in [
        (
            api_documents::origin_request_policies("p", "whitelist", &["Host"]),
            "OriginRequestPolicyList",
            &["Quantity", "OriginRequestPolicy", "Id", "OriginRequestPolicyConfig"][..],
        ),
        (
            api_documents::origin_request_policies("p", "whitelist", &["Host"]),
            "OriginRequestPolicyConfig",
            &["Name", "HeadersConfig", "HeaderBehavior"],
        ),
        (
            api_documents::cache_policies("p", "whitelist", &["Host"]),
            "CachePolicyList",
            &["Quantity", "CachePolicy", "Id", "CachePolicyConfig"],
        ),
        (
            api_documents::cache_policies("p", "whitelist", &["Host"]),
            "CachePolicyConfig",
            &["Name", "HeadersConfig", "HeaderBehavior"],
        ),
        (
            api_documents::tenants("E1", "v", &[("t", "t.example")]),
            "DistributionTenantSummary",
            &["Id", "Domains", "ETag", "Domain"],
        ),
        (api_documents::tenant("t", "a", "b"), "member", &["Name", "Value"]),
        (
            api_documents::vpc_origin("vo_1", 443),
            "VpcOrigin",
            &["Id", "VpcOriginEndpointConfig", "HTTPSPort", "OriginProtocolPolicy"],
        ),
        (api_documents::tags(&[("a", "b")]), "Tag", &["Key"]),
        (parameters.to_owned(), "DistributionConfig", &["Enabled", "Name", "Definition"]),
    ] {
        assert_eq!(check(document.as_bytes()), Ok(()), "{document}");
        for field in fields {
            let document = without(&document, element, field);
            let outcome = check(document.as_bytes());
            assert_eq!(outcome, Err(AnswerFault::Missing { field }), "{element} {field}");
        }
    }
}

#[tokio::test]
async fn a_page_with_more_items_than_any_is_refused_before_it_is_read() {
    for (items, said) in [
        ("<X/>".repeat(900_000), "more than 10000 items on a page"),
        ("<X/>".repeat(9 << 20), "larger than 32 MiB"),
    ] {
        let document = distribution_list(&[items], None);
        let double = ApiDouble::start(None, move |_| Answer::Xml(document.clone())).await;
        let mut account = Account::new(&double.url(), "", Shard::WHOLE);
        let Reading::Failed(reason) = account.read().await else { panic!() };
        assert!(reason.contains(said), "{reason}");
    }
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
    for status in ["200 OK", "403 Forbidden", "503 Service Unavailable"] {
        // More than there is memory, more than a vector holds, and the most that HTTP takes.
        for length in ["33554433", "1000000000000000", "18446744073709551613"] {
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
            let double = ApiDouble::start(None, move |_| Answer::Raw(head.clone())).await;
            let mut account = Account::new(&double.url(), "", Shard::WHOLE);
            let Reading::Failed(reason) = account.read().await else { panic!("{status} {length}") };
            assert_eq!(
                reason, "ListDistributions: malformed (the answer is larger than 32 MiB)",
                "{status} {length}"
            );
        }
    }
}
