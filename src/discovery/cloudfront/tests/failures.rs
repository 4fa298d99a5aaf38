//! What becomes of a refresh that fails, and what is said of it.

use super::Account;
use super::Answer;
use super::ApiDouble;
use super::Reading;
use super::api_documents;
use super::distribution_list;
use super::list;
use super::simple;
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
